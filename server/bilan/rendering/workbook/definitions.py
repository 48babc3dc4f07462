"""The last sheet: what the figures mean."""

from __future__ import annotations

from bilan.rendering.workbook.book import Book
from bilan.rendering.workbook.cells import cut, put
from bilan.rendering.workbook.tables import Head, begin
from bilan.sdk.document import Document
from bilan.sdk.textdomain import _
from bilan.sdk.units import Unit

WIDTHS = (30, 70, 60, 10, 32)


def write_definitions(book: Book, document: Document, name: str) -> None:
    """Write a line for each metric of the report."""
    text, sheet, styles = book.context.formatter.text, book.sheet(name), book.styles
    names = (_("Figure"), _("Meaning"), _("Formula"), _("Version"), _("Key"))
    heads = [Head(text(one)) for one in names]
    heads[3] = Head(heads[3].label, Unit.COUNT)
    begin(book, sheet, heads)
    for place, width in enumerate(WIDTHS):
        sheet.set_column(place, place, width)
    for row, one in enumerate(document.definitions, 1):
        put(sheet, row, 0, cut(text(one.label)), styles.term)
        put(sheet, row, 1, cut(text(one.description)), styles.prose)
        put(sheet, row, 2, cut(text(one.formula)), styles.prose)
        put(sheet, row, 3, one.version, styles.of(Unit.COUNT))
        put(sheet, row, 4, one.key, styles.soft)
