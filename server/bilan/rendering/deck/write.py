"""Draws a document as slides."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import BinaryIO

from bilan.rendering.deck.charts import add_chart
from bilan.rendering.deck.closing import add_closing, add_notes
from bilan.rendering.deck.cover import add_cover, add_section
from bilan.rendering.deck.deck import Deck
from bilan.rendering.deck.packing import pack
from bilan.rendering.deck.tables import add_table
from bilan.rendering.deck.tiles import add_tiles
from bilan.rendering.deck.words import clean
from bilan.sdk.document import Block, Chart, Custom, Document, Kpis, Notice, Paragraph, Section, Table
from bilan.sdk.messages import messages
from bilan.sdk.rendering import Look, Rows

_, _n = messages("bilan")


def write(document: Document, look: Look, rows: Rows, out: BinaryIO, *, table_rows: int) -> None:
    """Write the slides."""
    deck = Deck(document, look)
    add_cover(deck)
    add_notes(deck)
    Drawing(deck, rows, table_rows).blocks(document.blocks)
    add_closing(deck)
    _describe(deck)
    package = io.BytesIO()
    deck.presentation.save(package)
    moment = datetime.fromisoformat(document.as_of).astimezone(UTC)
    pack(package.getvalue(), moment.strftime("%Y-%m-%dT%H:%M:%SZ"), out)


def _describe(deck: Deck) -> None:
    properties, look = deck.presentation.core_properties, deck.look
    properties.title = clean(deck.text(deck.document.title))[:255]
    properties.subject = clean(deck.text(deck.document.subtitle))[:255]
    properties.author = properties.last_modified_by = clean(look.workspace)[:255]
    properties.language = deck.writer.tag
    properties.keywords = properties.comments = properties.category = ""
    properties.revision = 1


class Drawing:
    """Draws the blocks of a document in reading order."""

    def __init__(self, deck: Deck, rows: Rows, table_rows: int) -> None:
        self._deck, self._rows, self._limit = deck, rows, table_rows

    def blocks(self, blocks: Iterable[Block], section: str = "") -> None:
        """A slide or more for each block; sentences beside each other share one."""
        sentences: list[str] = []
        for block in blocks:
            if isinstance(block, Notice | Paragraph):
                sentences.append(self._deck.text(block.text))
                continue
            self._said(sentences, section)
            sentences = []
            self._block(block, section)
        self._said(sentences, section)

    def _said(self, sentences: Sequence[str], section: str) -> None:
        if sentences:
            title = section or self._deck.text(_("Please note"))
            add_section(self._deck, title, "\n".join(sentences))

    def _block(self, block: Block, section: str) -> None:
        match block:
            case Section():
                self._section(block)
            case Kpis():
                add_tiles(self._deck, block, section)
            case Chart():
                add_chart(self._deck, block, section)
            case Table():
                add_table(self._deck, block, self._rows, section, self._limit)
            case Custom():
                add_table(self._deck, block.table, self._rows, section, self._limit)
            case _:
                pass

    def _section(self, section: Section) -> None:
        """A part with several things to show begins with a slide of its own and what there is to say."""
        title = self._deck.text(section.title)
        said = [self._deck.text(one.text) for one in section.blocks if isinstance(one, Notice | Paragraph)]
        shown = [one for one in section.blocks if not isinstance(one, Notice | Paragraph)]
        if said or _things(shown) > 1:
            add_section(self._deck, title, "\n".join(said))
        self.blocks(shown, title)


def _things(blocks: Sequence[Block]) -> int:
    """How many things there are to show; tiles after tiles are one."""
    seen = [one for one in blocks if not (isinstance(one, Table) and one.hidden)]
    after = pairwise([None, *seen])
    return sum(1 for before, one in after if not (isinstance(one, Kpis) and isinstance(before, Kpis)))
