"""A table as sheets: typed cells under a head that stays, on as many sheets as its rows need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from bilan.rendering.marks import MARKS
from bilan.rendering.remarks import BASIS, NOTE, beside, remarked
from bilan.rendering.tables import worded
from bilan.rendering.workbook import book as books
from bilan.rendering.workbook.book import Book, Sheet
from bilan.rendering.workbook.cells import cut, put, shown_width, typed
from bilan.sdk.document import Cell, Mark, Table, TableColumn
from bilan.sdk.rendering import Formatter, Rows
from bilan.sdk.textdomain import _
from bilan.sdk.units import Unit

NARROWEST, WIDEST = 9, 48
MEASURED = 500
"""Rows that decide about the widths of columns."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a written column, and what its cells are: a unit, or a remark."""

    label: str
    unit: Unit = Unit.TEXT


@dataclass(frozen=True, slots=True)
class Written:
    """A sheet that was written: its name and how many rows of the table it holds."""

    name: str
    rows: int


def write_table(book: Book, table: Table, rows: Rows, within: str = "") -> list[Written]:
    """Write all rows of a table; gives the sheets. Reads the rows twice, to know which have remarks."""
    marked, noted = remarked(chain(rows(table), [table.totals] if table.totals else []))
    lines = Lines(book, table, marked, noted)
    title = book.context.formatter.text(table.title)
    return Writing(book, lines, title, within).run(rows(table), table.totals)


class Lines:
    """Makes the lines of one table's sheets."""

    def __init__(self, book: Book, table: Table, marked: frozenset[int], noted: frozenset[int]) -> None:
        self._styles, self._formatter = book.styles, book.context.formatter
        self._columns, self._marked, self._noted = table.columns, marked, noted
        self.heads = tuple(self._heads())

    def _heads(self) -> Iterator[Head]:
        for place, column in enumerate(self._columns):
            yield Head(head(column, self._formatter), column.unit)
            if place in self._marked:
                yield Head(beside(column.label, BASIS, self._formatter))
            if place in self._noted:
                yield Head(beside(column.label, NOTE, self._formatter))

    def cells(self, row: Sequence[Any], *, total: bool = False) -> Iterator[tuple[Any, Any]]:
        """Each typed value of a line with its style, remarks beside their figures."""
        formatter, styles = self._formatter, self._styles
        for place, (value, column) in enumerate(zip(row, self._columns, strict=True)):
            cell = value if isinstance(value, Cell) else Cell(value)
            alert = cell.mark is Mark.RED_FLAG
            shown = worded(value, column, formatter.text)
            yield typed(shown, column.unit, formatter), styles.of(column.unit, total=total, alert=alert)
            if place in self._marked:
                meaning = formatter.text(MARKS[cell.mark].short) if cell.mark else None
                yield meaning, styles.of(total=total)
            if place in self._noted:
                yield (formatter.text(cell.note) if cell.note else None), styles.of(total=total)


@dataclass
class Writing:
    """Writes one table; starts a further sheet where one is full."""

    book: Book
    lines: Lines
    title: str
    within: str

    def run(self, rows: Iterator[list[Any]], totals: Sequence[Any] | None) -> list[Written]:
        """Write the rows and what they sum up to, below the last of them."""
        written: list[Written] = []
        # A line stays free for the totals.
        room = books.LAST_ROW - 1
        sheet, widths, count = self._begin(written)
        for row in rows:
            if count == room:
                self._finish(sheet, widths, written, count)
                sheet, widths, count = self._begin(written)
            count += 1
            self._line(sheet, count, self.lines.cells(row), widths)
        if totals and any(value is not None for value in totals):
            self._line(sheet, count + 1, self.lines.cells(totals, total=True), widths)
        self._finish(sheet, widths, written, count)
        return written

    def _begin(self, written: list[Written]) -> tuple[Sheet, list[int], int]:
        name = self.book.name(self.title, self.within)
        written.append(Written(name, 0))
        sheet = self.book.sheet(name)
        return sheet, begin(self.book, sheet, self.lines.heads), 0

    def _finish(self, sheet: Sheet, widths: list[int], written: list[Written], count: int) -> None:
        written[-1] = Written(written[-1].name, count)
        finish(sheet, widths, count)

    def _line(self, sheet: Sheet, row: int, cells: Iterator[tuple[Any, Any]], widths: list[int]) -> None:
        for place, (value, style) in enumerate(cells):
            put(sheet, row, place, value, style)
            if row <= MEASURED:
                widths[place] = max(widths[place], shown_width(value))


def head(column: TableColumn, formatter: Formatter) -> str:
    """A column's label; instants say whose time they are in, bytes that they are bytes."""
    label = formatter.text(column.label)
    match column.unit:
        case Unit.INSTANT:
            return beside(label, formatter.zone, formatter)
        case Unit.BYTES:
            return beside(label, _("bytes"), formatter)
        case _:
            return label


def begin(book: Book, sheet: Sheet, heads: Sequence[Head]) -> list[int]:
    """Write the heads, which stay in sight; gives the widths to begin with."""
    sheet.freeze_panes(1, 0)
    # Two lines: long names of figures are broken rather than making their columns wide.
    sheet.set_row(0, 32)
    for place, one in enumerate(heads):
        sheet.write_string(0, place, cut(one.label), book.styles.head(one.unit))
    return [max(NARROWEST, min(len(one.label) * 2 // 3 + 2, 20)) for one in heads]


def finish(sheet: Sheet, widths: Sequence[int], rows: int) -> None:
    """Set the widths, and let people filter; totals stay outside of the filter."""
    for place, width in enumerate(widths):
        sheet.set_column(place, place, min(width, WIDEST) + 2)
    if widths:
        sheet.autofilter(0, 0, rows, len(widths) - 1)
