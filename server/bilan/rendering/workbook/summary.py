"""The first sheet: what the report is about, its figures with their changes, and where everything is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bilan.rendering.about import Terms, about, subtitle
from bilan.rendering.marks import MARKS
from bilan.rendering.tiles import welcome
from bilan.rendering.workbook.book import Book, Sheet
from bilan.rendering.workbook.cells import cut, put, put_texts, typed
from bilan.sdk.document import Document, Kpi, Kpis, Mark, Notice, Paragraph, Table, TableColumn
from bilan.sdk.textdomain import _
from bilan.sdk.units import Unit
from bilan.sdk.walk import leaves

WIDTHS = (30, 32, 22, 18, 18, 60)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents."""

    part: str
    sheet: str
    rows: int


class Summary:
    """Writes the summary line by line."""

    def __init__(self, book: Book, sheet: Sheet) -> None:
        self._book, self._sheet, self._row = book, sheet, 0
        self._styles, self._formatter = book.styles, book.context.formatter
        for place, width in enumerate(WIDTHS):
            sheet.set_column(place, place, width)

    def write(self, document: Document, contents: Sequence[Entry]) -> None:
        """Everything, from the title down to the contents."""
        self._cover(document)
        self._figures(document)
        self._sentences(document)
        self._contents(contents)
        self._about(document)

    def _cover(self, document: Document) -> None:
        text, context = self._formatter.text, self._book.context
        if context.workspace:
            self._line(context.workspace, style=self._styles.soft)
        self._sheet.set_row(self._row, 28)
        self._line(text(document.title), style=self._styles.title)
        if below := subtitle(document, context.formatter):
            self._line(below, style=self._styles.soft)
        self._row += 1
        if document.period:
            self._days(text(_("Period")), document.period)
        if document.compared:
            self._days(text(_("Compared with")), document.compared)
        as_of = text(_("{column} ({what})", column=_("Figures as of"), what=self._formatter.zone))
        self._fact(as_of, typed(document.as_of, Unit.INSTANT, self._formatter), Unit.INSTANT)
        self._fact(text(_("Time zone")), document.zone)

    def _days(self, name: str, days: tuple[str, str]) -> None:
        self._fact(name, typed(days[0], Unit.DATE, self._formatter), Unit.DATE)
        last = typed(days[1], Unit.DATE, self._formatter)
        put(self._sheet, self._row - 1, 2, last, self._styles.of(Unit.DATE))

    def _figures(self, document: Document) -> None:
        tiles = [
            (self._formatter.text(part), tile)
            for part, block in leaves(document.blocks)
            if isinstance(block, Kpis)
            for tile in block.tiles
        ]
        if not tiles:
            return
        names = (_("Part"), _("Figure"), _("Value"), _("Change"), _("Previously"), _("Remarks"))
        self._heads([self._formatter.text(name) for name in names])
        for part, tile in tiles:
            self._tile(part, tile)

    def _tile(self, part: str, tile: Kpi) -> None:
        sheet, styles, formatter = self._sheet, self._styles, self._formatter
        put(sheet, self._row, 0, part or None)
        put(sheet, self._row, 1, formatter.text(tile.label))
        alert = tile.mark is Mark.RED_FLAG
        put(sheet, self._row, 2, typed(tile.value, tile.unit, formatter), styles.of(tile.unit, alert=alert))
        put(sheet, self._row, 3, changed(tile), styles.change(tile.unit, good=welcome(tile)))
        put(sheet, self._row, 4, typed(tile.previous, tile.unit, formatter), styles.of(tile.unit))
        remarks = [formatter.text(MARKS[tile.mark].short)] if tile.mark else []
        remarks += [formatter.text(tile.note)] if tile.note else []
        put(sheet, self._row, 5, "; ".join(remarks) or None)
        self._row += 1
        if tile.beside is not None:
            self._tile(part, tile.beside)

    def _sentences(self, document: Document) -> None:
        text = self._formatter.text
        sentences = [("", text(note)) for note in document.notes]
        sentences += [
            (text(part), text(block.text))
            for part, block in leaves(document.blocks)
            if isinstance(block, Notice | Paragraph)
        ]
        if sentences:
            self._heads([text(_("Notes"))])
            for part, sentence in sentences:
                put_texts(self._sheet, self._row, (part, sentence))
                self._row += 1

    def _contents(self, contents: Sequence[Entry]) -> None:
        text = self._formatter.text
        self._heads([text(one) for one in (_("Part"), _("Sheet"), _("Rows"))])
        for entry in contents:
            put(self._sheet, self._row, 0, entry.part or None)
            target = entry.sheet.replace("'", "''")
            self._sheet.write_url(self._row, 1, f"internal:'{target}'!A1", self._styles.link, entry.sheet)
            put(self._sheet, self._row, 2, entry.rows, self._styles.of(Unit.COUNT))
            self._row += 1

    def _about(self, document: Document) -> None:
        text = self._formatter.text
        for block in about(document, self._formatter):
            match block:
                case Terms(key="settings"):
                    self._heads([text(block.title)])
                    for term in block.terms:
                        self._fact(term.label, cut(term.text))
                case Table():
                    self._heads([self._head(column) for column in block.columns])
                    for row in block.rows:
                        self._typed(row, [column.unit for column in block.columns])
                case _:
                    pass  # the zone stands above, and the definitions have a sheet

    def _head(self, column: TableColumn) -> str:
        zoned = _("{column} ({what})", column=column.label, what=self._formatter.zone)
        return self._formatter.text(zoned if column.unit is Unit.INSTANT else column.label)

    def _typed(self, row: Sequence[Any], units: Sequence[Unit]) -> None:
        for position, (value, unit) in enumerate(zip(row, units, strict=True)):
            if unit is Unit.TEXT:
                put(self._sheet, self._row, position, value)
            else:
                shown = typed(value, unit, self._formatter)
                put(self._sheet, self._row, position, shown, self._styles.of(unit))
        self._row += 1

    def _heads(self, names: Sequence[str]) -> None:
        self._row += 1
        put_texts(self._sheet, self._row, names, self._styles.heading)
        self._row += 1

    def _line(self, content: str, style: Any) -> None:
        put_texts(self._sheet, self._row, (content,), style)
        self._row += 1

    def _fact(self, name: str, value: Any, unit: Unit = Unit.TEXT) -> None:
        put_texts(self._sheet, self._row, (name,), self._styles.soft)
        put(self._sheet, self._row, 1, value, self._styles.of(unit))
        self._row += 1


def changed(tile: Kpi) -> float | None:
    """The change of a tile: in points between shares, else as a ratio of what was before."""
    if tile.held is None or tile.previous is None:
        return None
    if tile.unit is Unit.PROPORTION:
        return (tile.held - tile.previous) * 100
    return (tile.held - tile.previous) / abs(tile.previous) if tile.previous else None
