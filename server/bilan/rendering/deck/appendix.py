"""Appendix, the last slides: what the report was asked, what its figures mean, where they came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bilan.rendering.about import Terms, about
from bilan.rendering.deck import geometry as g
from bilan.rendering.deck.deck import Deck, described
from bilan.rendering.deck.grid import Filled, add_grid
from bilan.rendering.deck.words import Run, lines_of
from bilan.rendering.tables import rows_within
from bilan.rendering.views import shown_table
from bilan.sdk.document import Paragraph, Table, Text
from bilan.sdk.textdomain import _

SIZE = 12
HEAD = 0.34
LINE = SIZE * 1.2 / 72
PADDING = 0.14
GAP = 0.45
ROOM = 4.75
"""Inches of a slide's body, below a title of one line."""


def add_notes(deck: Deck, sentences: Sequence[str]) -> None:
    """What must be known before the figures are trusted, on a slide of its own behind the cover."""
    if sentences:
        page = deck.slide(deck.text(_("Please note")))
        deck.box(
            page.slide, page.body, [[Run(note, 18)] for note in sentences], deck.text(_("Notes")), gap=12
        )


def add_appendix(deck: Deck) -> None:
    """Settings, definitions and sources, as far as there are any."""
    message = ""
    for block in about(deck.document, deck.context.formatter):
        match block:
            case Paragraph():
                message = deck.text(block.text)
            case Terms(key="definitions"):
                rows = [(term.label, term.text) for term in block.terms]
                said, keys = (
                    deck.text(_("The formulas are in the notes.")),
                    [term.key for term in block.terms],
                )
                _prose(
                    deck, block.title, block.heads, rows, (1.9, 3.89), keys=keys, side_by_side=True,
                    message=said,
                )  # fmt: skip
            case Terms():
                rows = [(term.label, term.text) for term in block.terms]
                _prose(deck, block.title, block.heads, rows, (4.0, 8.03), message=message)
            case Table():
                shown = shown_table(block, deck.context, rows_within, limit=len(block.rows))
                heads = [column.label for column in block.columns]
                sources = [[cell.text for cell in row] for row in shown.rows]
                _prose(deck, block.title, heads, sources, (4.0, 3.4, 1.6, 3.03), ends=(2,))


def _prose(
    deck: Deck, name: Text, heads: Sequence[Text], rows: Sequence[Sequence[str]],
    widths: Sequence[float], *, keys: Sequence[str] = (), message: str = "", ends: Sequence[int] = (),
    side_by_side: bool = False,
) -> None:  # fmt: skip
    """Tables of sentences: as many rows a slide as there is room for their lines."""
    title, tables = deck.text(name), list(_tables(rows, widths))
    each = 2 if side_by_side and len(tables) > 1 else 1
    slides = [tables[start : start + each] for start in range(0, len(tables), each)]
    head = [Filled(deck.text(text), end=place in ends, size=SIZE) for place, text in enumerate(heads)]
    if side_by_side and len(tables) == 1:
        widths = [width * g.ROOM / sum(widths) for width in widths]
    for number, some in enumerate(slides, 1):
        start, end = some[0][0], some[-1][0] + len(some[-1][1])
        page = deck.slide(
            deck.continued(title, number, len(slides)), message=message, metrics=keys[start:end]
        )
        for place, (_start, lines, tall) in enumerate(some):
            filled = [
                [
                    Filled(text, strong=n == 0, wrapped=True, end=n in ends, size=SIZE)
                    for n, text in enumerate(row)
                ]
                for row in lines
            ]
            left = g.MARGIN + place * (sum(widths) + GAP)
            where = g.frame(left, page.body.y / g.INCH, sum(widths), 0)
            shape = add_grid(deck, page.slide, where, widths, (HEAD, *tall), head, filled)
            described(shape, title, f"{title}. {', '.join(row[0] for row in lines)}")


def _tables(
    rows: Sequence[Sequence[str]], widths: Sequence[float]
) -> Iterator[tuple[int, list[Sequence[str]], list[float]]]:
    """The rows of each table, where they start and how tall they are: about as many in each."""
    tall = [
        max(
            lines_of(text, width - 0.24, SIZE, strong=place == 0)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        * LINE
        + PADDING
        for row in rows
    ]
    pages = _filled_up(tall, ROOM - HEAD)
    even = sum(tall) / max(len(pages), 1)
    while even < ROOM - HEAD:
        if len(tried := _filled_up(tall, even)) == len(pages):
            pages = tried
            break
        even += 0.1
    for start, end in pages:
        yield start, list(rows[start:end]), tall[start:end]


def _filled_up(tall: Sequence[float], room: float) -> list[tuple[int, int]]:
    pages: list[tuple[int, int]] = []
    start, used = 0, 0.0
    for place, height in enumerate(tall):
        if place > start and used + height > room:
            pages.append((start, place))
            start, used = place, 0.0
        used += height
    return [*pages, (start, len(tall))] if tall else []
