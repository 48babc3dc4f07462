"""The last slides: what the report was asked, what its figures mean, where they came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bilan.rendering.deck import geometry as g
from bilan.rendering.deck.deck import Deck, described
from bilan.rendering.deck.grid import Filled, add_grid
from bilan.rendering.deck.words import Run, lines_of
from bilan.rendering.wording import shown_parameter
from bilan.sdk.messages import messages
from bilan.sdk.units import Unit

_, _n = messages("bilan")

SIZE = 10.5
HEAD = 0.34
LINE = SIZE * 1.2 / 72
PADDING = 0.12
ROOM = 4.9


def add_notes(deck: Deck) -> None:
    """What must be known before the figures are trusted, right behind the cover."""
    notes = [deck.text(note) for note in deck.document.notes]
    if notes:
        slide = deck.slide(deck.text(_("Please note")))
        deck.box(slide, g.BODY, [[Run(note, 16)] for note in notes], deck.text(_("Notes")), gap=10)


def add_closing(deck: Deck) -> None:
    """Definitions, settings and sources, as far as there are any."""
    document, formatter = deck.document, deck.look.formatter
    definitions = [
        (
            deck.text(one.label),
            deck.text(one.description),
            deck.text(_("{formula} (version {number})", formula=one.formula, number=str(one.version))),
        )
        for one in document.definitions
    ]
    heads = (_("Figure"), _("Meaning"), _("Formula"))
    _prose(deck, deck.text(_("What the figures mean")), [deck.text(one) for one in heads], definitions,
           (2.5, 4.9, 4.63), [one.key for one in document.definitions])  # fmt: skip
    settings = [(deck.text(one.label), shown_parameter(one, formatter)) for one in document.parameters]
    zone = deck.text(_("Days, weeks and months are cut in the time zone {zone}.", zone=document.zone))
    _prose(deck, deck.text(_("What was asked")), [deck.text(_("Setting")), deck.text(_("Value"))], settings,
           (4.0, 8.03), message=zone)  # fmt: skip
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
    _prose(deck, deck.text(_("Where the figures come from")), [deck.text(one) for one in heads], sources,
           (4.0, 3.4, 1.6, 3.03), ends=(2,))  # fmt: skip


def _prose(
    deck: Deck, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float],
    keys: Sequence[str] = (), *, message: str = "", ends: Sequence[int] = (),
) -> None:  # fmt: skip
    """Tables of sentences: as many rows a slide as there is room for their lines."""
    pages = list(_pages(rows, widths))
    for number, (start, some, tall) in enumerate(pages, 1):
        name = title
        if len(pages) > 1:
            name = deck.text(_("{title} ({number} of {count})", title=title, number=number, count=len(pages)))
        slide = deck.slide(name, message, metrics=keys[start : start + len(some)])
        filled = [
            [
                Filled(text, strong=place == 0, wrapped=True, end=place in ends)
                for place, text in enumerate(row)
            ]
            for row in some
        ]
        head = [Filled(text, end=place in ends) for place, text in enumerate(heads)]
        shape = add_grid(deck, slide, g.BODY, widths, (HEAD, *tall), head, filled)
        described(shape, name, f"{name}. {', '.join(row[0] for row in some)}")


def _pages(
    rows: Sequence[Sequence[str]], widths: Sequence[float]
) -> Iterator[tuple[int, list[Sequence[str]], list[float]]]:
    """The rows of each slide, where they start and how tall they are: about as many on each."""
    tall = [
        max(lines_of(text, width - 0.24, SIZE) for text, width in zip(row, widths, strict=True)) * LINE
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
