"""The PPTX format: slides for a meeting, with charts that can be changed."""

from __future__ import annotations

from typing import BinaryIO

from bilan.rendering.options import option
from bilan.sdk.document import Document
from bilan.sdk.errors import Invalid
from bilan.sdk.parameters import Parameter, ParameterKind
from bilan.sdk.rendering import RenderContext, Renderer, Rows
from bilan.sdk.textdomain import _

TABLE_ROWS, MOST_ROWS = 28, 600

OPTIONS = (
    Parameter(
        "table_rows", _("Rows shown of a table"), ParameterKind.NUMBER, default=TABLE_ROWS, advanced=True,
        help=_("At most 600. Longer tables say how many rows they leave out; the CSV has all."),
    ),
)  # fmt: skip


def render(document: Document, context: RenderContext, rows: Rows, out: BinaryIO) -> None:
    """Write the document as slides. Raises ``Invalid`` for more rows than slides hold."""
    from bilan.rendering.deck.write import write  # noqa: PLC0415 - loads python-pptx, for what renders alone

    asked = option(document, context, "table_rows")
    write(
        document,
        context,
        rows,
        out,
        table_rows=_rows(int(TABLE_ROWS if asked is None else asked)),
        details=asked is not None,
    )


def _rows(asked: int) -> int:
    if not 1 <= asked <= MOST_ROWS:
        raise Invalid(
            _("A table on slides shows from 1 to {count} rows; the CSV has all.", count=MOST_ROWS),
            ("table_rows",),
        )
    return asked


PPTX = Renderer(
    format="pptx",
    label=_("PowerPoint"),
    media_type=lambda _document, _context: (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    ),
    extension=lambda _document, _context: "pptx",
    render=render,
    options=OPTIONS,
)
"""Slides."""
