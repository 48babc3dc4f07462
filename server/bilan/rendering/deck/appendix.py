"""Appendix, the last slides: what the report was asked, what its figures mean, where they came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bilan.rendering.deck import geometry as g
from bilan.rendering.deck.deck import Deck, described
from bilan.rendering.deck.grid import Filled, add_grid
from bilan.rendering.deck.words import Run, lines_of
from bilan.rendering.wording import shown_parameter
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _
from bilan.sdk.units import Unit

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
    """Definitions, settings and sources, as far as there are any."""
    document, formatter = deck.document, deck.context.formatter
    definitions = [(deck.text(one.label), deck.text(one.description)) for one in document.definitions]
    _prose(
        deck, _("What the figures mean"), (_("Figure"), _("Meaning")), definitions, (1.9, 3.89),
        keys=[one.key for one in document.definitions], side_by_side=True,
        message=deck.text(_("The formulas are in the notes.")),
    )  # fmt: skip
    settings = [(deck.text(one.label), shown_parameter(one, formatter)) for one in document.parameters]
    zone = deck.text(_("Days, weeks and months are cut in the time zone {zone}.", zone=document.zone))
    _prose(deck, _("What was asked"), (_("Setting"), _("Value")), settings, (4.0, 8.03), message=zone)
    sources = [
        (
            one.source,
            one.dataset,
            formatter.value(one.rows, Unit.COUNT),
            formatter.value(one.watermark, Unit.INSTANT),
        )
        for one in document.provenance
    ]
    heads = (_("Source"), _("Data"), _("Facts"), _("Reported until"))
    _prose(deck, _("Where the figures come from"), heads, sources, (4.0, 3.4, 1.6, 3.03), ends=(2,))


def _prose(
    deck: Deck, name: Message, heads: Sequence[Message], rows: Sequence[Sequence[str]],
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
