"""Blocks as the template sets them: plain data, one item after the other, on pages of two kinds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from bilan.rendering.pdf.columns import GAP, Band, laid_out
from bilan.rendering.pdf.options import CELLS, ROWS, Wishes
from bilan.rendering.pdf.texts import Writing, writing
from bilan.rendering.pictures import still
from bilan.rendering.svg.measure import width
from bilan.rendering.tables import row_count, tables_of
from bilan.rendering.tiles import ShownKpi, shown_kpis
from bilan.rendering.typesetting import drawable
from bilan.rendering.views import ShownCell, ShownTable, shown_chart, shown_table
from bilan.sdk.document import Block, Chart, Custom, Document, Kpis, Notice, Paragraph, Section, Table
from bilan.sdk.messages import Message, messages
from bilan.sdk.rendering import Look, Rows

_, _n = messages("bilan")
_log = structlog.get_logger(__name__)

Item = dict[str, Any]
TILES = 4
"""How many tiles stand beside each other at most."""
_LEVELS = {"error": _("Error"), "warning": _("Caution"), "info": _("Note")}
_DEEPEST = 3
_TILES_BESIDE, _BLOCKS_BESIDE = 12, 4
"""How much stands on one page with a chart."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An item and the page it needs: upright, on its side, or whichever comes next."""

    item: Item
    flipped: bool | None = False


class Pen:
    """Makes items of blocks."""

    def __init__(self, document: Document, look: Look, rows: Rows, wanted: Wishes) -> None:
        self._look, self._rows, self._wanted = look, rows, wanted
        self._text = look.formatter.text
        self._write: Writing = writing(look.formatter)
        self._limit = _rows_of_each(document, wanted)
        self.cells = 0
        """How many cells the tables have so far."""

    def draw(self, block: Block, level: int = 1, heading: str = "") -> Iterator[Placed]:
        """The items of one block; ``heading`` stands above it."""
        match block:
            case Section():
                yield from self._section(block, level)
            case Kpis():
                yield Placed(self._kpis(shown_kpis(block, self._look)))
            case Chart():
                yield from self._titled(self._text(block.title), level, heading, outlined=False)
                yield Placed(self._chart(block))
            case Table():
                if not block.hidden:
                    yield from self.table(self._shown(block), level, heading)
            case Custom():
                yield from self._custom(block, level, heading)
            case Paragraph():
                yield Placed({"type": "paragraph", "text": self._write(self._text(block.text))}, None)
            case Notice():
                yield Placed(self.notice(block.text, block.level), None)

    def heading(self, title: str, level: int, *, outlined: bool = True) -> Placed:
        """A heading; the page of what follows is its own. ``outlined``: whether the contents list it."""
        level = min(level, _DEEPEST)
        listed = outlined and level <= 2
        return Placed(
            {"type": "heading", "level": level, "text": self._write(title), "outlined": listed}, None
        )

    def notice(self, text: Message, level: str) -> Item:
        """What a reader must know."""
        level = level if level in _LEVELS else "info"
        return {
            "type": "notice", "level": level, "word": self._write(self._text(_LEVELS[level])),
            "text": self._write(self._text(text)),
        }  # fmt: skip

    def figures(self, blocks: Iterable[Block]) -> Iterator[Placed]:
        """The figures of every chart as tables."""
        for block in blocks:
            if isinstance(block, Section):
                yield from self.figures(block.blocks)
            elif isinstance(block, Chart):
                yield from self.table(shown_chart(block, self._look), 2, "")

    def table(self, table: ShownTable, level: int, heading: str) -> Iterator[Placed]:
        """A table under its title, unless the heading above says the same."""
        layout = laid_out(table, self._wanted.paper)
        for title in self._titled(table.title, level, heading):
            yield Placed(title.item, layout.flipped)
        self.cells += sum(len(band.places) for band in layout.bands) * (len(table.rows) + 1)
        write = self._write
        yield Placed(
            {
                "type": "table",
                "bands": [
                    self._band(table, band, layout.size, self._named(table, place, layout.bands))
                    for place, band in enumerate(layout.bands)
                ],
                "left_out": write(table.left_out),
                "remarks": [[sign, write(sentence)] for sign, sentence in table.remarks],
            },
            layout.flipped,
        )  # fmt: skip

    def _section(self, section: Section, level: int) -> Iterator[Placed]:
        title = self._text(section.title)
        placed = [self.heading(title, level)]
        for inner in section.blocks:
            placed += self.draw(inner, level + 1, title)
        if _short(section):
            # Figures and the chart of them are read together.
            yield Placed({"type": "together", "items": [one.item for one in placed]})
        else:
            yield from placed

    def _titled(self, title: str, level: int, heading: str, *, outlined: bool = True) -> Iterator[Placed]:
        if title and title != heading:
            yield self.heading(title, level, outlined=outlined)

    def _shown(self, table: Table) -> ShownTable:
        return shown_table(table, self._look, self._rows, limit=self._limit)

    def _named(self, table: ShownTable, place: int, bands: Sequence[Band]) -> str:
        if len(bands) == 1:
            return ""
        sentence = _("{title}: part {part} of {parts}", title=table.title, part=place + 1, parts=len(bands))
        return self._write(self._text(sentence))

    def _band(self, table: ShownTable, band: Band, size: float, title: str) -> Item:
        places = band.places
        return {
            "title": title,
            "size": size,
            "gap": GAP,
            "widths": band.widths,
            "heads": [self._write(table.columns[place].label) for place in places],
            "figures": [table.columns[place].figure for place in places],
            "rows": [[self._cell(row[place]) for place in places] for row in table.rows],
            "totals": [self._cell(table.totals[place]) for place in places] if table.totals else [],
            "empty": self._write(self._text(_("No rows in this period"))),
        }

    def _cell(self, cell: ShownCell) -> str | Item:
        text = self._write(cell.text)
        if not cell.signs and not cell.alert:
            return text
        return {"text": text, "signs": cell.signs, "alert": cell.alert}

    def _chart(self, chart: Chart) -> Item:
        described = f"{self._text(chart.title)}. {self._text(chart.description)}"
        return {"type": "chart", "svg": still(chart, self._look.formatter), "alt": described}

    def _custom(self, block: Custom, level: int, heading: str) -> Iterator[Placed]:
        if block.kind in self._look.blocks:
            svg = self._drawn(block)
            if svg:
                title = self._text(block.table.title)
                yield from self._titled(title, level, heading)
                yield Placed({"type": "chart", "svg": svg, "alt": title})
                return
        yield from self.draw(block.table, level, heading)

    def _drawn(self, block: Custom) -> str:
        """The plugin's picture, if it makes one that can be set."""
        try:
            svg = str(self._look.blocks[block.kind](block, self._look))
            if drawable(svg.encode(), "svg"):
                return svg
            _log.warning("block_not_drawn", kind=block.kind, key=block.key, reason="no SVG")
        except Exception:
            _log.exception("block_not_drawn", kind=block.kind, key=block.key)
        return ""

    def _kpis(self, tiles: tuple[ShownKpi, ...]) -> Item:
        columns = TILES if len(tiles) not in (1, 2, 3, 5, 6, 9) else min(len(tiles), 3)
        return {"type": "kpis", "columns": columns, "tiles": [self._tile(tile, columns) for tile in tiles]}

    def _tile(self, tile: ShownKpi, columns: int) -> Item:
        write = self._write
        room = 480 / columns - 22
        return {
            "label": write(tile.label),
            "value": write(tile.value),
            "size": max(min(17.0, 17 * room / max(width(tile.value, 17, strong=True), 1)), 9.0),
            "change": write(tile.change or tile.spoken) if tile.trend else "",
            "trend": tile.trend,
            "tone": "neutral" if tile.good is None else "good" if tile.good else "bad",
            "previous": write(tile.previous),
            "remarks": [write(remark) for remark in tile.remarks],
            "alert": tile.alert,
        }


def _short(section: Section) -> bool:
    """Whether all of a section goes on one page: some tiles and one chart."""
    charts = sum(isinstance(block, Chart) for block in section.blocks)
    tiles = sum(len(block.tiles) for block in section.blocks if isinstance(block, Kpis))
    known = all(isinstance(block, Chart | Kpis | Paragraph | Notice) for block in section.blocks)
    return known and charts == 1 and tiles <= _TILES_BESIDE and len(section.blocks) <= _BLOCKS_BESIDE


def runs(placed: Iterable[Placed]) -> list[Item]:
    """The items by the pages they stand on. What may stand on either goes with what follows it."""
    found: list[Item] = []
    waiting: list[Item] = []
    for one in placed:
        waiting.append(one.item)
        if one.flipped is not None:
            _put(found, one.flipped, waiting)
            waiting = []
    if waiting:
        _put(found, found[-1]["flipped"] if found else False, waiting)
    return found


def _put(found: list[Item], flipped: bool, items: list[Item]) -> None:
    if not found or found[-1]["flipped"] != flipped:
        found.append({"flipped": flipped, "items": []})
    found[-1]["items"] += items


def _rows_of_each(document: Document, wanted: Wishes) -> int:
    """How many rows a table shows: as many as were asked for, or what stays readable and small."""
    if wanted.table_rows is not None:
        return wanted.table_rows
    widths = [
        len(table.columns) for table in tables_of(document.blocks) if row_count(table) and not table.hidden
    ]
    return min(ROWS, CELLS // max(sum(widths), 1))
