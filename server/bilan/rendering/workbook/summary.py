"""The first sheet: what the report is about, its figures with their changes, and where everything is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bilan.rendering.marks import MARKS
from bilan.rendering.tiles import welcome
from bilan.rendering.wording import shown_parameter
from bilan.rendering.workbook.book import Book, Sheet
from bilan.rendering.workbook.cells import cut, put, put_texts, typed
from bilan.sdk.document import Document, Kpi, Kpis, Mark, Notice, Paragraph
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
        self._settings(document)
        self._sources(document)

    def _cover(self, document: Document) -> None:
        text, context = self._formatter.text, self._book.context
        if context.workspace:
            self._line(context.workspace, style=self._styles.soft)
        self._sheet.set_row(self._row, 28)
        self._line(text(document.title), style=self._styles.title)
        if document.subtitle:
            self._line(text(document.subtitle), style=self._styles.soft)
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

    def _settings(self, document: Document) -> None:
        if document.parameters:
            self._heads([self._formatter.text(_("Settings"))])
            for parameter in document.parameters:
                self._fact(
                    self._formatter.text(parameter.label), cut(shown_parameter(parameter, self._formatter))
                )

    def _sources(self, document: Document) -> None:
        formatter, styles = self._formatter, self._styles
        if not document.provenance:
            return
        until = formatter.text(_("{column} ({what})", column=_("Reported until"), what=formatter.zone))
        self._heads([*(formatter.text(one) for one in (_("Source"), _("Data"), _("Facts"))), until])
        for origin in document.provenance:
            put_texts(self._sheet, self._row, (origin.source, origin.dataset))
            put(self._sheet, self._row, 2, origin.rows, styles.of(Unit.COUNT))
            until = typed(origin.watermark, Unit.INSTANT, formatter)
            put(self._sheet, self._row, 3, until, styles.of(Unit.INSTANT))
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
    if not isinstance(tile.value, int | float) or tile.previous is None:
        return None
    if tile.unit is Unit.PROPORTION:
        return (tile.value - tile.previous) * 100
    return (tile.value - tile.previous) / abs(tile.previous) if tile.previous else None
