"""Appendix, the last slides: what the report was asked, what its figures mean, where they came from."""

from __future__ import annotations

from collections.abc import Sequence

from bilan.rendering.about import Terms, about
from bilan.rendering.deck.deck import Deck
from bilan.rendering.deck.grid import PAGE, evenly
from bilan.rendering.deck.native_table import Filled, add_native_table, height_of_row, shares
from bilan.rendering.deck.words import Run, height_of
from bilan.rendering.tables import row_count, rows_within
from bilan.rendering.views import shown_table
from bilan.sdk.document import Paragraph, Table, Text
from bilan.sdk.textdomain import _
from bilan.sdk.units import Unit

SIZE = 11
HEAD, PADDING = 0.34, 0.1
ROOM = 4.75
"""Inches of a slide's body, below a title of one line."""
NOTES = (18, 16, 14, 12, 11, 10)
"""Sizes of notes: the first in which all have room, with half as much between them."""


def add_notes(deck: Deck, sentences: Sequence[str]) -> None:
    """What must be known before the figures are trusted, on a slide of its own, or as many as it takes."""
    tall = {size: [height_of(note, PAGE.width, size) + size / 144 for note in sentences] for size in NOTES}
    size = next((size for size, needed in tall.items() if sum(needed) <= ROOM), NOTES[-1])
    slides = evenly(tall[size], ROOM)
    for number, places in enumerate(slides, 1):
        page = deck.slide(deck.continued(deck.text(_("Please note")), number, len(slides)))
        lines = [[Run(note, size)] for note in sentences[places.start : places.stop]]
        deck.box(page.slide, page.body, lines, deck.text(_("Notes")), gap=size / 2)


def add_left_to_files(deck: Deck, tables: Sequence[tuple[str, Table]]) -> None:
    """Which tables no slide shows, with their parts and rows."""
    value, text = deck.context.formatter.value, deck.text
    rows = [
        (text(table.title), "" if part == text(table.title) else part, value(row_count(table), Unit.COUNT))
        for part, table in tables
        if row_count(table)
    ]
    if rows:
        _prose(
            deck, _("More in the Excel and CSV files"), (_("Table"), _("Part"), _("Rows")), rows, (6, 5, 2),
            ends=(2,),
        )  # fmt: skip


def add_appendix(deck: Deck) -> None:
    """Settings, definitions and sources, as far as there are any."""
    message = ""
    for block in about(deck.document, deck.context.formatter):
        match block:
            case Paragraph():
                message = deck.text(block.text)
            case Terms():
                defined = block.key == "definitions"
                said = deck.text(_("The formulas are in the notes.")) if defined else message
                rows = [(term.label, term.text) for term in block.terms]
                keys = [term.key for term in block.terms]
                _prose(deck, block.title, block.heads, rows, (1, 2), keys=keys, message=said, beside=defined)
            case Table():
                shown = shown_table(block, deck.context, rows_within, limit=len(block.rows))
                heads = [column.label for column in block.columns]
                sources = [[cell.text for cell in row] for row in shown.rows]
                _prose(deck, block.title, heads, sources, (8, 7, 3, 6), ends=(2,))


def _prose(
    deck: Deck, name: Text, heads: Sequence[Text], rows: Sequence[Sequence[str]], spans: Sequence[int], *,
    keys: Sequence[str] = (), message: str = "", ends: Sequence[int] = (), beside: bool = False,
) -> None:  # fmt: skip
    """Tables of sentences: as many rows a slide as there is room for, ``beside`` in two tables."""
    title = deck.text(name)
    head = [Filled(deck.text(text), end=place in ends, size=SIZE) for place, text in enumerate(heads)]
    filled = [
        [Filled(text, strong=n == 0, wrapped=True, end=n in ends, size=SIZE) for n, text in enumerate(row)]
        for row in rows
    ]
    frames = PAGE.columns(*[1] * (2 if beside else 1))
    widths = shares(spans, frames[0].width)
    tall = [height_of_row(row, widths, PADDING) for row in filled]
    tables = evenly(tall, ROOM - HEAD)
    slides = [tables[start : start + len(frames)] for start in range(0, len(tables), len(frames))]
    for number, some in enumerate(slides, 1):
        seen = keys[some[0].start : some[-1].stop]
        page = deck.slide(deck.continued(title, number, len(slides)), message=message, metrics=seen)
        beside_each_other = page.body.columns(*[1] * min(len(frames), len(tables)))
        for where, places in zip(beside_each_other, some, strict=False):
            lines = filled[places.start : places.stop]
            add_native_table(
                deck, page.slide, where, spans, [head, *lines], (HEAD, *tall[places.start : places.stop]),
                name=title, description=f"{title}. {', '.join(row[0].text for row in lines)}",
            )  # fmt: skip
