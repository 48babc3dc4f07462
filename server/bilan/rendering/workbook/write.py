"""Renders a document as a workbook."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from bilan.rendering.about import subtitle
from bilan.rendering.workbook.book import Book
from bilan.rendering.workbook.charts import write_chart
from bilan.rendering.workbook.definitions import write_definitions
from bilan.rendering.workbook.summary import Entry, Summary
from bilan.rendering.workbook.tables import Written, write_table
from bilan.sdk.document import Chart, Custom, Document, Gallery, Table
from bilan.sdk.rendering import RenderContext, Rows
from bilan.sdk.textdomain import _
from bilan.sdk.walk import leaves


def write(document: Document, context: RenderContext, rows: Rows, out: BinaryIO) -> None:
    """Write the workbook, dated by the moment of its figures: the same bytes each time."""
    text = context.formatter.text
    properties = {
        "title": text(document.title),
        "subject": subtitle(document, context.formatter),
        "author": context.workspace,
        "company": context.workspace,
        "created": datetime.fromisoformat(document.as_of),
    }
    with Book(out, context, properties) as book:
        # The names at the front and the back are taken before those of tables can be.
        front, back = book.name(text(_("Summary"))), book.name(text(_("Definitions")))
        summary = Summary(book, book.sheet(front))
        contents = [*_sheets(book, document, rows)]
        if document.definitions:
            write_definitions(book, document, back)
            contents.append(Entry("", back, len(document.definitions)))
        summary.write(document, contents)


def _sheets(book: Book, document: Document, rows: Rows) -> Iterator[Entry]:
    text = book.context.formatter.text
    for title, block in leaves(document.blocks):
        part = text(title)
        written: list[Written] = []
        match block:
            case Chart():
                written = [write_chart(book, block, part)]
            case Table():
                written = write_table(book, block, rows, part)
            case Custom() | Gallery():
                written = write_table(book, block.table, rows, part)
            case _:
                pass
        for one in written:
            yield Entry(part, one.name, one.rows)
