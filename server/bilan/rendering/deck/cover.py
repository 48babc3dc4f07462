"""The first slide, and those that begin a part."""

from __future__ import annotations

import io
from typing import Any

from bilan.rendering.about import facts, subtitle
from bilan.rendering.deck.deck import Deck, described
from bilan.rendering.deck.grid import BRAND, FACTS, PAGE
from bilan.rendering.deck.master import COVER, SECTION, fitted, logo_of
from bilan.rendering.deck.words import Run, fitting, height_of, lines_of

SIZES = (44, 40, 34, 28, 24, 20)
SUBTITLE_SIZES = (20, 18, 16, 14)
FACT_SIZES = (16, 15, 14, 13)
SECTION_SIZES = (36, 32, 28, 24, 20)
SECTION_WIDTH, SECTION_HEIGHT = 9.9, 1.1
"""Inches that the layout has for the title of a part."""


def add_cover(deck: Deck) -> None:
    """Whose report it is, what about, of which days, and as of when."""
    title = deck.text(deck.document.title)
    room = PAGE.width - 0.4
    size = next((one for one in SIZES if lines_of(title, room, one, strong=True) <= 2), SIZES[-1])
    slide = deck.plain_slide(title, COVER, size)
    _subtitle(deck, slide)
    if deck.context.workspace:
        _workspace(deck, slide)
    _facts(deck, slide)


def add_section(deck: Deck, title: str, text: str) -> None:
    """The beginning of a part, with what there is to say about it."""
    tall = ((size, height_of(title, SECTION_WIDTH, size, strong=True)) for size in SECTION_SIZES)
    size = next((size for size, needed in tall if needed <= SECTION_HEIGHT), SECTION_SIZES[-1])
    deck.plain_slide(title, SECTION, size, text)


def _subtitle(deck: Deck, slide: Any) -> None:
    place = next(one for one in slide.placeholders if one.placeholder_format.idx == 1)
    below = subtitle(deck.document, deck.context.formatter)
    if below:
        size = fitting(below, 2 * PAGE.width - 2, SUBTITLE_SIZES)
        deck.writer.fill(place.text_frame, [[Run(below, size, "tx2")]])
    else:
        place._element.getparent().remove(place._element)


def _workspace(deck: Deck, slide: Any) -> None:
    where, name = PAGE.under(BRAND.y - PAGE.y), deck.context.workspace
    if logo := logo_of(deck.context.brand):
        picture = slide.shapes.add_picture(io.BytesIO(logo), 0, 0)
        size = fitted(picture.image.size, BRAND)
        deck.put(picture, size)
        described(picture, "Logo", name)
        where = where.under(size.height + 0.12)
    deck.box(slide, where.rows(0.4)[0], [[Run(name, 16, "accent1", strong=True)]], "Workspace")


def _facts(deck: Deck, slide: Any) -> None:
    """The days and the moment of the figures, side by side in the band."""
    shown = list(facts(deck.document, deck.context.formatter))
    size = min(fitting(value, FACTS[0].width, FACT_SIZES, strong=True) for _name, value in shown)
    for where, (name, value) in zip(FACTS, shown, strict=False):
        lines = [[Run(name, 12, "bg1")], [Run(value, size, "bg1", strong=True)]]
        deck.box(slide, where, lines, name, gap=4)
