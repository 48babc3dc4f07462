"""What stands at the top of a slide: one sentence of its own, in one or two lines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from bilan.rendering.deck.grid import TITLE
from bilan.rendering.deck.words import LEADING, clean, lines_of, one_line
from bilan.sdk.document import Chart, Document, Gallery, Table
from bilan.sdk.rendering import Formatter
from bilan.sdk.walk import leaves

SIZES = (26, 24, 22, 20, 18)
LINES = 2
LONGEST = 400
"""Characters of a title that are looked at; two lines hold fewer."""
ROOM = TITLE.width - 0.1


@dataclass(frozen=True, slots=True)
class Title:
    """A title as it is shown. ``whole`` is the sentence where the slide has no room for all of it."""

    text: str
    size: float
    lines: int
    whole: str = ""

    @property
    def tall(self) -> float:
        """Its height in inches."""
        return self.lines * self.size * LEADING


@dataclass
class Titles:
    """Gives every slide a title that no other slide has."""

    _taken: set[str] = field(default_factory=set[str])

    def title(self, text: str) -> Title:
        """The title for a sentence, with a number behind it where another slide has it."""
        text = one_line(clean(text)) or "–"
        found, again = fitted(text), 2
        while found.text.casefold() in self._taken:
            found, again = fitted(text, f" ({again})"), again + 1
        self._taken.add(found.text.casefold())
        return found


def fitted(text: str, ending: str = "") -> Title:
    """The title in the largest size that it fits in, else cut behind a word; the ending stays whole."""
    for size in SIZES:
        if (lines := lines_of(text + ending, ROOM, size, strong=True)) <= LINES:
            return Title(text + ending, size, lines)
    words = text[:LONGEST].split(" ")
    while len(words) > 1 and not _fits(f"{' '.join(words)} …{ending}"):
        words.pop()
    short = f"{' '.join(words)} …"
    while not _fits(short + ending):
        short = f"{short[:-3]}…" if short.endswith(" …") else f"{short[:-2]}…"
    return Title(short + ending, SIZES[-1], LINES, text)


def _fits(text: str) -> bool:
    return lines_of(text, ROOM, SIZES[-1], strong=True) <= LINES


def repeated(document: Document, formatter: Formatter) -> frozenset[str]:
    """The titles that several charts or tables have: alone they do not say which one it is."""
    named = Counter(
        formatter.text(block.table.title if isinstance(block, Gallery) else block.title).casefold()
        for _part, block in leaves(document.blocks)
        if isinstance(block, Chart | Gallery) or (isinstance(block, Table) and not block.hidden)
    )
    return frozenset(title for title, count in named.items() if count > 1)
