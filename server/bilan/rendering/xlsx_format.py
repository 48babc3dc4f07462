"""The XLSX format: typed cells, a sheet for each table and chart, a summary and the definitions."""

from __future__ import annotations

from typing import BinaryIO

from bilan.sdk.document import Document
from bilan.sdk.rendering import RenderContext, Renderer, Rows
from bilan.sdk.textdomain import _


def render(document: Document, context: RenderContext, rows: Rows, out: BinaryIO) -> None:
    """Write the document as a workbook, its tables a row at a time."""
    from bilan.rendering.workbook.write import write  # noqa: PLC0415 - loads XlsxWriter, for what renders alone

    write(document, context, rows, out)


XLSX = Renderer(
    format="xlsx",
    label=_("Workbook (XLSX)"),
    media_type=lambda _document, _context: (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    ),
    extension=lambda _document, _context: "xlsx",
    render=render,
    data=True,
)
