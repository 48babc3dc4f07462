"""Renders decks of single blocks."""

from __future__ import annotations

import io
from typing import Any

from bilan.rendering.pptx_format import PPTX
from bilan.rendering.tables import rows_within
from bilan.sdk.document import Chart, Document, Table, TableColumn
from bilan.sdk.rendering import RenderContext
from bilan.sdk.units import Unit
from fixtures.documents import report
from support.slides import Slide, presentation, read


def rendered(document: Document, context: RenderContext) -> bytes:
    """The deck as a file."""
    out = io.BytesIO()
    PPTX.render(document, context, rows_within, out)
    return out.getvalue()


def deck(context: RenderContext, *blocks: Any, **changes: Any) -> bytes:
    """A deck of these blocks behind a cover, with nothing that closes it."""
    fields = {"definitions": (), "parameters": (), "provenance": (), "notes": ()}
    return rendered(report(blocks=blocks, **{**fields, **changes}), context)


def slides(context: RenderContext, *blocks: Any, **changes: Any) -> list[Slide]:
    """The slides of these blocks, without the cover."""
    return read(deck(context, *blocks, **changes))[1:]


def only_chart(context: RenderContext, chart: Chart) -> Any:
    """The native chart of a deck that holds one."""
    shown = presentation(rendered(report(blocks=(chart,)), context))
    return next(shape.chart for slide in shown.slides for shape in slide.shapes if shape.has_chart)


def numbers(count: int, columns: int = 2, **changes: Any) -> Table:
    """A table of as many rows and columns of figures, behind a name."""
    fields: dict[str, Any] = {
        "key": "t",
        "title": "Table",
        "file": "t",
        "columns": (
            TableColumn(key="name", label="Name"),
            *(TableColumn(key=f"n{n}", label=f"Figure number {n}", unit=Unit.COUNT) for n in range(columns)),
        ),
        "rows": [[f"Row {row}", *(1000 * row + n for n in range(columns))] for row in range(1, count + 1)],
    }
    return Table(**{**fields, **changes})
