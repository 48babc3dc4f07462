"""The parts of a letter, worded: what a mailbox can show of blocks, and what it leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar

from msgspec.structs import replace

from bilan.delivery.email.order import Summary, in_reading_order
from bilan.rendering.cards import Card, shown_gallery
from bilan.rendering.tables import read_columns, row_count
from bilan.rendering.tiles import ShownKpi
from bilan.rendering.views import ShownTable, shown_chart, shown_table
from bilan.sdk.channels import OutgoingReport
from bilan.sdk.document import (
    Block,
    Chart,
    Custom,
    Gallery,
    Kpis,
    Notice,
    Paragraph,
    Section,
    Table,
    TableColumn,
)
from bilan.sdk.messages import Message
from bilan.sdk.rendering import Rows
from bilan.sdk.textdomain import _, ngettext
from bilan.sdk.units import FIGURES, Unit

ROWS = 10
"""How many rows of a table a letter holds."""
COLUMNS = 5
"""How many columns: more cannot be read on a phone."""
NAMES = 2
"""How many of them may say what the row is about."""
POINTS = 100
"""How many categories of a chart are listed."""
LISTED = 400
"""How many figures of all charts are listed: large mailboxes cut a letter off after 102 KB."""
MOST_CARDS, MOST_FIGURES, BRIEF = 4, 3, 120
"""How many things of a gallery a letter holds, with how many figures and characters of their text each."""
FEW = 8
"""So many stand below their chart; more come at the end of the HTML, behind everything else."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a section."""

    kind: ClassVar[str] = "heading"
    text: str
    level: int


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence. ``level`` is that of a notice, with its name in ``label``."""

    kind: ClassVar[str] = "words"
    text: str
    level: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Tiles:
    """Figures with their changes, and what they say."""

    kind: ClassVar[str] = "tiles"
    tiles: tuple[ShownKpi, ...]
    finding: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart and the figures behind it. ``note`` says which of them are not listed."""

    kind: ClassVar[str] = "picture"
    chart: Chart
    title: str
    description: str
    figures: ShownTable
    note: str = ""
    finding: str = ""

    @property
    def long(self) -> bool:
        """Whether its figures would push apart what belongs together."""
        return len(self.figures.rows) > FEW


@dataclass(frozen=True, slots=True)
class Grid:
    """The beginning of a table. ``note`` says what is not in it."""

    kind: ClassVar[str] = "grid"
    table: ShownTable
    note: str = ""
    finding: str = ""


@dataclass(frozen=True, slots=True)
class Cards:
    """The first things of a gallery, one below the other. ``note`` says what is not among them."""

    kind: ClassVar[str] = "cards"
    title: str
    cards: tuple[Card, ...]
    footnotes: tuple[tuple[str, str], ...] = ()
    note: str = ""
    finding: str = ""


LetterPart = Heading | Words | Tiles | Picture | Grid | Cards


class Parts:
    """Words blocks as parts. ``figures`` is how many figures of each chart are listed."""

    def __init__(self, outgoing: OutgoingReport, first: Summary, figures: int) -> None:
        self._outgoing, self._first, self._figures = outgoing, first, figures
        self._say = outgoing.render_context.formatter.text

    def of(self, blocks: tuple[Block, ...], level: int, heading: str) -> Iterator[LetterPart]:
        """The parts of these blocks; ``heading`` stands above them."""
        say = self._say
        for block in in_reading_order(blocks):
            match block:
                case Section():
                    title = say(block.title)
                    # A section whose figures the letter has begun with has nothing left to say.
                    if parts := list(self.of(block.blocks, level + 1, title)):
                        yield Heading(title, level)
                        yield from parts
                case Kpis():
                    yield from self._tiles(block)
                case Chart():
                    yield self._picture(block, heading)
                case Table():
                    yield from _grid(self._outgoing, block, heading)
                case Paragraph():
                    yield Words(say(block.text))
                case Gallery() | Custom():
                    yield from self._own(block, heading)
                case Notice():
                    label = say(_NOTICES.get(block.level, _NOTICES["info"]))
                    yield Words(say(block.text), block.level, label)

    def _tiles(self, block: Kpis) -> Iterator[Tiles]:
        tiles = self._first.rest(block, self._outgoing.render_context)
        finding = "" if self._first.says(block) else self._finding(block.headline)
        if tiles or finding:
            yield Tiles(tiles, finding)

    def _finding(self, headline: Message | None) -> str:
        return self._say(headline) if headline else ""

    def _own(self, block: Gallery | Custom, heading: str) -> Iterator[LetterPart]:
        """What has more than a table to show, as far as a letter can show it."""
        if isinstance(block, Gallery) and row_count(block.table):
            yield self._cards(block, heading)
        else:
            yield from _grid(self._outgoing, block.table, heading)

    def _cards(self, gallery: Gallery, heading: str) -> Cards:
        outgoing, table = self._outgoing, gallery.table
        few = replace(gallery, figures=gallery.figures[:MOST_FIGURES])
        shown = shown_gallery(few, outgoing.render_context, outgoing.rows, limit=MOST_CARDS, longest=BRIEF)
        left_out = row_count(table) - len(shown.cards)
        note = _more(outgoing, left_out)
        title = "" if shown.title == heading else shown.title
        said = self._say(note) if left_out > 0 else ""
        return Cards(title, shown.cards, shown.footnotes, said, shown.headline)

    def _picture(self, chart: Chart, heading: str) -> Picture:
        say = self._say
        figures, note = shown_chart(chart, self._outgoing.render_context).abridged(), ""
        most = min(POINTS, max(self._figures // len(figures.columns), 1))
        left_out = len(figures.rows) - most
        if left_out > 0:
            figures = ShownTable(title=figures.title, columns=figures.columns, rows=figures.rows[:most])
            note = say(_more(self._outgoing, left_out))
        title = say(chart.title)
        return Picture(
            chart, "" if title == heading else title, say(chart.description), figures, note,
            self._finding(chart.headline),
        )  # fmt: skip


_NOTICES = {"info": _("Note"), "warning": _("Caution"), "error": _("Error")}


def _grid(outgoing: OutgoingReport, table: Table, heading: str) -> Iterator[Grid]:
    if table.hidden:
        return
    indexes = _essential(read_columns(table))
    narrow = replace(
        table,
        title="" if outgoing.render_context.formatter.text(table.title) == heading else table.title,
        columns=tuple(table.columns[index] for index in indexes),
        totals=None if table.totals is None else [table.totals[index] for index in indexes],
        file=None,
    )
    shown = shown_table(narrow, outgoing.render_context, _narrowed(table, outgoing.rows, indexes), limit=ROWS)
    finding = outgoing.render_context.formatter.text(table.headline) if table.headline else ""
    yield Grid(shown.abridged(), _left_out(outgoing, table, len(shown.rows), len(indexes)), finding)


def _narrowed(table: Table, rows: Rows, indexes: tuple[int, ...]) -> Rows:
    def narrowed(_table: Table) -> Iterator[list[Any]]:
        # One more than is shown, so that a long table is not read to its end.
        for row in islice(rows(table), ROWS + 1):
            yield [row[index] for index in indexes]

    return narrowed


def _essential(read: list[tuple[int, TableColumn]]) -> tuple[int, ...]:
    """What the rows are about, then figures, then whatever else there is room for; in the table's order."""
    columns = dict(read)
    indexes = list(columns)
    figures = [index for index in indexes if columns[index].unit in FIGURES]
    texts = [index for index in indexes if columns[index].unit is Unit.TEXT]
    # A name often needs what stands beside it: a campaign its source.
    about = [index for index in texts if not figures or index < figures[0]][:NAMES] or indexes[:1]
    others = [index for index in indexes if index not in figures]
    order = dict.fromkeys((*about, *figures, *others))
    return tuple(sorted(list(order)[:COLUMNS]))


def _left_out(outgoing: OutgoingReport, table: Table, rows: int, columns: int) -> str:
    formatter = outgoing.render_context.formatter
    all_rows, all_columns = row_count(table), len(read_columns(table))
    sentences: list[Message] = []
    if rows < all_rows:
        sentences.append(
            _("These are the first {shown} of {all} rows.", shown=rows, all=all_rows),
        )
    if columns < all_columns:
        sentences.append(
            _("These are {shown} of {all} columns.", shown=columns, all=all_columns),
        )
    if not sentences:
        return ""
    if outgoing.page:
        sentences.append(_("The page of the report shows everything."))
    return " ".join(map(formatter.text, sentences))


def _more(outgoing: OutgoingReport, count: int) -> Message:
    """What is left out, and where it is for those who have an account."""
    if outgoing.page:
        return ngettext(
            "{count} more is on the page of the report.",
            "{count} more are on the page of the report.",
            count=count,
        )
    return ngettext("{count} more is not listed here.", "{count} more are not listed here.", count=count)
