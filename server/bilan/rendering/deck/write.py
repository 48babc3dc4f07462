"""Renders a document as slides. See docs/decisions/032."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby, takewhile
from typing import BinaryIO

from msgspec import structs

from bilan.rendering.about import subtitle
from bilan.rendering.deck.agenda import begin_agenda, fill_agenda, wanted
from bilan.rendering.deck.appendix import add_appendix, add_left_to_files, add_notes
from bilan.rendering.deck.cards import add_gallery
from bilan.rendering.deck.charts import add_chart
from bilan.rendering.deck.cover import add_cover, add_section
from bilan.rendering.deck.deck import Deck
from bilan.rendering.deck.figures import Figure, figures_of
from bilan.rendering.deck.footnotes import Footnote, measured
from bilan.rendering.deck.grid import PAGE
from bilan.rendering.deck.looks import add_look
from bilan.rendering.deck.packing import pack
from bilan.rendering.deck.tables import add_table
from bilan.rendering.deck.tiles import add_tiles
from bilan.rendering.deck.topics import Pair, Topic, topics
from bilan.rendering.deck.words import clean
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
from bilan.sdk.rendering import RenderContext, Rows
from bilan.sdk.textdomain import _

LEGIBLE = 11
"""Points of notes at the foot of the agenda; where they need less, they have a slide behind the parts."""
BRIEF = 320
"""Characters of a part's sentences that stand at the foot of a slide; more have a slide of their own."""


def write(
    document: Document, context: RenderContext, rows: Rows, out: BinaryIO, *, table_rows: int,
    details: bool = True,
) -> None:  # fmt: skip
    """Write the slides; without ``details``, tables to be looked up are named behind the last part."""
    deck = Deck(document, context)
    add_cover(deck)
    blocks = list(document.blocks)
    leading = list(takewhile(lambda block: isinstance(block, Notice | Paragraph), blocks))
    said = _said(deck, leading)
    notes = [Footnote(deck.text(note)) for note in document.notes]
    late = wanted(document) and bool(notes) and measured([*notes, *said], PAGE.width - 0.1)[1] < LEGIBLE
    first = said if late else [*notes, *said]
    agenda = begin_agenda(deck, first) if wanted(document) else None
    if agenda is None:
        add_notes(deck, [note.text for note in first])
    rendering = Rendering(deck, rows, table_rows, details=details)
    rendering.blocks(blocks[len(leading) :])
    if late:
        add_notes(deck, [note.text for note in notes])
    add_left_to_files(deck, rendering.left_to_files)
    if agenda is not None:
        fill_agenda(deck, agenda, rendering.parts)
    add_appendix(deck)
    deck.in_reading_order()
    _describe(deck)
    package = io.BytesIO()
    deck.presentation.save(package)
    moment = datetime.fromisoformat(document.as_of).astimezone(UTC)
    pack(package.getvalue(), moment.strftime("%Y-%m-%dT%H:%M:%SZ"), out)


def _describe(deck: Deck) -> None:
    properties, context = deck.presentation.core_properties, deck.context
    properties.title = clean(deck.text(deck.document.title))[:255]
    properties.subject = clean(subtitle(deck.document, deck.context.formatter))[:255]
    properties.author = properties.last_modified_by = clean(context.workspace)[:255]
    properties.language = deck.writer.tag
    properties.keywords = properties.comments = properties.category = ""
    properties.revision = 1


class Rendering:
    """Renders the blocks of a document in reading order."""

    def __init__(self, deck: Deck, rows: Rows, table_rows: int, *, details: bool) -> None:
        self._deck, self._rows, self._limit, self._details = deck, rows, table_rows, details
        self.left_to_files: list[tuple[str, Table]] = []
        """The tables that no slide shows, with the titles of their parts."""
        self.parts: list[tuple[Section, int]] = []
        """The outermost parts with the numbers of the slides they begin with; those without any are none."""

    def blocks(self, blocks: Sequence[Block]) -> None:
        """The outermost blocks; sentences beside each other share a slide."""
        for sentences, run in groupby(blocks, lambda block: isinstance(block, Notice | Paragraph)):
            if sentences:
                said = "\n".join(remark.text for remark in _said(self._deck, run))
                add_section(self._deck, self._deck.text(_("Please note")), said)
                continue
            for topic in topics(self._presented(run, "")):
                match topic:
                    case Section():
                        before = len(self._deck.presentation.slides)
                        self._section(topic)
                        if len(self._deck.presentation.slides) > before:
                            self.parts.append((topic, before + 1))
                    case _:
                        self._topic(topic, "", {}, ())

    def _section(self, section: Section, within: str = "") -> None:
        """A part. What it says in sentences stands at the foot of its first slide, or begins it.

        ``within`` is the part around it, whose name stands before its own.
        """
        deck = self._deck
        title = deck.within(within, deck.text(section.title))
        said = _said(deck, section.blocks)
        shown = self._presented(section.blocks, title)
        figures = {
            one.shown.definition: one
            for one in figures_of(deck, [one for one in shown if isinstance(one, Kpis)])
            if one.shown.definition
        }
        if said and (not shown or sum(len(one.text) for one in said) > BRIEF):
            add_section(deck, title, "\n".join(one.text for one in said))
            said = []
        for topic in topics(shown):
            if isinstance(topic, Section):
                self._section(topic, title)
            else:
                self._topic(topic, title, figures, said)
                said = []

    def _presented(self, blocks: Iterable[Block], section: str) -> list[Block]:
        """The blocks that are no sentences and have slides."""
        shown = list[Block]()
        for block in blocks:
            match block:
                case Notice() | Paragraph():
                    pass
                case Table(hidden=True):
                    pass
                case Table(detail=True) if not self._details:
                    self.left_to_files.append((section, block))
                case _:
                    shown.append(block)
        return shown

    def _topic(
        self, topic: Topic, section: str, figures: Mapping[str, Figure], said: Sequence[Footnote]
    ) -> None:
        deck = self._deck
        match topic:
            case tuple():
                add_tiles(deck, topic, section, said)
            case Pair():
                add_chart(deck, topic.chart, section, figures, said, topic.kpis)
            case Chart():
                add_chart(deck, topic, section, figures, said)
            case Table():
                add_table(deck, topic, self._rows, section, self._limit, said)
            case Gallery():
                add_gallery(deck, topic, self._rows, section, said)
            case Custom():
                self._own(topic, section, said)
            case _:
                pass

    def _own(self, block: Custom, section: str, said: Sequence[Footnote]) -> None:
        """A plugin's block: as it draws it, then its table."""
        deck, table = self._deck, block.table
        if add_look(deck, block, section, said):
            title = deck.text(_("{title} in detail", title=deck.text(table.title)))
            table, said = structs.replace(table, title=title, headline=None), ()
        add_table(deck, table, self._rows, section, self._limit, said)


def _said(deck: Deck, blocks: Iterable[Block]) -> list[Footnote]:
    return [
        Footnote(deck.text(one.text), alert=isinstance(one, Notice) and one.level == "error")
        for one in blocks
        if isinstance(one, Notice | Paragraph)
    ]
