"""Blocks as the template sets them: plain data, one item after the other, on pages of two kinds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bilan.rendering.about import Term, Terms
from bilan.rendering.cards import shown_gallery
from bilan.rendering.drawn_blocks import drawn_svg
from bilan.rendering.pdf.cards import cards_item
from bilan.rendering.pdf.columns import laid_out
from bilan.rendering.pdf.options import CELLS, ROWS, Wishes
from bilan.rendering.pdf.sheets import sheet_item
from bilan.rendering.pdf.summary import leads
from bilan.rendering.pdf.texts import Writing, writing
from bilan.rendering.pdf.tiles import tiles_item
from bilan.rendering.pictures import still
from bilan.rendering.tables import read_columns, row_count, rows_within
from bilan.rendering.tiles import shown_kpis
from bilan.rendering.views import ShownTable, shown_chart, shown_table
from bilan.sdk.document import (
    Block,
    Chart,
    Custom,
    Document,
    Gallery,
    Kpis,
    Notice,
    Paragraph,
    Section,
    Table,
)
from bilan.sdk.messages import Message
from bilan.sdk.rendering import RenderContext, Rows
from bilan.sdk.textdomain import _
from bilan.sdk.walk import leaves, tables_of

Item = dict[str, Any]
_LEVELS = {"error": _("Error"), "warning": _("Caution"), "info": _("Note")}
_DEEPEST = 3
_TILES_BESIDE, _BLOCKS_BESIDE = 12, 4
"""How much stands on one page with a chart."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An item and the page it needs: upright, on its side, or whichever comes next."""

    item: Item
    flipped: bool | None = False


class PdfBlockDrawer:
    """Makes items of blocks."""

    def __init__(self, document: Document, context: RenderContext, rows: Rows, wanted: Wishes) -> None:
        self._context, self._rows, self._wanted = context, rows, wanted
        self._text = context.formatter.text
        self._write: Writing = writing(context.formatter)
        self._limit = _rows_of_each(document, wanted)
        self._led = any(leads(block) for _within, block in leaves(document.blocks))
        self._drawn = set[int]()
        """The plugins' blocks that are shown as pictures."""
        self.cells = 0
        """How many cells the tables have so far."""

    def render(self, block: Block, level: int = 1, heading: str = "") -> Iterator[Placed]:
        """The items of one block; ``heading`` stands above it."""
        match block:
            case Section():
                yield from self._section(block, level)
            case Kpis():
                yield from self._headline(block)
                yield Placed(tiles_item(shown_kpis(block, self._context), self._write, headline=self._led))
            case Chart():
                yield from self._titled(self._text(block.title), level, heading, outlined=False)
                yield from self._headline(block)
                yield Placed(self._chart(block))
            case Table():
                if not block.hidden:
                    yield from self.table(self._shown(block), level, heading, block.headline)
            case Gallery():
                yield from self._gallery(block, level, heading)
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

    def about(self, block: Paragraph | Terms | Table) -> Iterator[Placed]:
        """The items of one block about the report."""
        match block:
            case Paragraph():
                yield Placed({"type": "small", "text": self._write(self._text(block.text))})
            case Table():
                shown = shown_table(block, self._context, rows_within, limit=len(block.rows))
                yield from self.table(shown, 2, "")
            case Terms():
                yield self.heading(self._text(block.title), 2)
                yield Placed({"type": block.key, block.key: [self._term(term) for term in block.terms]})

    def _term(self, term: Term) -> Item:
        formula = f"{term.formula} · {term.version}" if term.formula else ""
        return {
            "label": self._write(term.label), "text": self._write(term.text), "formula": self._write(formula),
        }  # fmt: skip

    def figures(self, blocks: Iterable[Block]) -> Iterator[Placed]:
        """The figures of every chart as tables, and the tables behind what is shown in another way."""
        for _within, block in leaves(blocks):
            if isinstance(block, Chart):
                yield from self.table(shown_chart(block, self._context), 2, "")
            elif isinstance(block, Gallery | Custom) and self._has_table_behind(block):
                yield from self.table(self._shown(block.table), 2, "")

    def _has_table_behind(self, block: Gallery | Custom) -> bool:
        return not block.table.hidden and (isinstance(block, Gallery) or id(block) in self._drawn)

    def table(
        self, table: ShownTable, level: int, heading: str, headline: Message | None = None
    ) -> Iterator[Placed]:
        """A table under its title, unless the heading above says the same, and under what it says."""
        layout = laid_out(table, self._wanted.paper)
        for title in self._titled(table.title, level, heading):
            yield Placed(title.item, layout.flipped)
        if headline:
            yield Placed(self._finding(headline), layout.flipped)
        self.cells += sum(len(band.places) for band in layout.bands) * (len(table.rows) + 1)
        yield Placed(sheet_item(table, layout, self._context.formatter, self._write), layout.flipped)

    def _gallery(self, gallery: Gallery, level: int, heading: str) -> Iterator[Placed]:
        shown = shown_gallery(gallery, self._context, self._rows)
        yield from self._titled(shown.title, level, heading)
        if gallery.table.headline:
            yield Placed(self._finding(gallery.table.headline), None)
        yield Placed(cards_item(shown, self._context, self._write, self._wanted.paper))

    def _section(self, section: Section, level: int) -> Iterator[Placed]:
        title = self._text(section.title)
        placed = [self.heading(title, level)]
        for inner in section.blocks:
            placed += self.render(inner, level + 1, title)
        if _short(section):
            # Figures and the chart of them are read together.
            yield Placed({"type": "together", "items": [one.item for one in placed]})
        else:
            yield from placed

    def _headline(self, block: Kpis | Chart) -> Iterator[Placed]:
        if block.headline:
            yield Placed(self._finding(block.headline), None)

    def _finding(self, headline: Message) -> Item:
        return {"type": "headline", "text": self._write(self._text(headline))}

    def _titled(self, title: str, level: int, heading: str, *, outlined: bool = True) -> Iterator[Placed]:
        if title and title != heading:
            yield self.heading(title, level, outlined=outlined)

    def _shown(self, table: Table) -> ShownTable:
        return shown_table(table, self._context, self._rows, limit=self._limit)

    def _chart(self, chart: Chart) -> Item:
        described = f"{self._text(chart.title)}. {self._text(chart.description)}"
        return {"type": "chart", "svg": still(chart, self._context.formatter), "alt": described}

    def _custom(self, block: Custom, level: int, heading: str) -> Iterator[Placed]:
        if not (svg := drawn_svg(block, self._context)):
            yield from self.render(block.table, level, heading)
            return
        self._drawn.add(id(block))
        title = self._text(block.table.title)
        yield from self._titled(title, level, heading)
        if block.table.headline:
            yield Placed(self._finding(block.table.headline), None)
        yield Placed({"type": "chart", "svg": svg, "alt": title})


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
        len(read_columns(table))
        for table in tables_of(document.blocks)
        if row_count(table) and not table.hidden
    ]
    return min(ROWS, CELLS // max(sum(widths), 1))
