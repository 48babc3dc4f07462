"""The first slide, and those that begin a part."""

from __future__ import annotations

import io
from typing import Any

from pptx.util import Emu

from bilan.rendering.deck import geometry as g
from bilan.rendering.deck.deck import Deck, described
from bilan.rendering.deck.geometry import Frame
from bilan.rendering.deck.master import COVER, SECTION, fitted, logo_of
from bilan.rendering.deck.words import Run, fitting, lines_of
from bilan.sdk.textdomain import _
from bilan.sdk.units import Unit

SIZES = (44, 40, 34, 28, 24, 20)
SUBTITLE_SIZES = (20, 18, 16, 14)
FACT_SIZES = (16, 15, 14, 13)


def add_cover(deck: Deck) -> None:
    """Whose report it is, what about, of which days, and as of when."""
    title = deck.text(deck.document.title)
    room = g.COVER_TITLE.wide - 0.4
    size = next((one for one in SIZES if lines_of(title, room, one, strong=True) <= 2), SIZES[-1])
    slide = deck.plain_slide(title, COVER, size)
    _subtitle(deck, slide)
    if deck.context.workspace:
        _workspace(deck, slide)
    _facts(deck, slide)


def add_section(deck: Deck, title: str, text: str) -> None:
    """The beginning of a part, with what there is to say about it."""
    deck.plain_slide(title, SECTION, 36, text)


def _subtitle(deck: Deck, slide: Any) -> None:
    place = next(one for one in slide.placeholders if one.placeholder_format.idx == 1)
    subtitle = deck.text(deck.document.subtitle)
    if subtitle:
        size = fitting(subtitle, 2 * g.COVER_SUBTITLE.wide - 2, SUBTITLE_SIZES)
        deck.writer.fill(place.text_frame, [[Run(subtitle, size, "tx2")]])
    else:
        place._element.getparent().remove(place._element)


def _workspace(deck: Deck, slide: Any) -> None:
    room, name = g.COVER_LOGO, deck.context.workspace
    if logo := logo_of(deck.context.brand):
        picture = slide.shapes.add_picture(io.BytesIO(logo), 0, 0)
        size = fitted(picture.image.size, room)
        where = deck.place(size)
        picture.left, picture.top, picture.width, picture.height = map(
            Emu, (where.x, where.y, where.width, where.height)
        )
        described(picture, "Logo", name)
        room = Frame(room.x, room.y + room.height + g.inches(0.12), g.inches(10), g.inches(0.4))
    else:
        room = Frame(room.x, room.y, g.inches(10), g.inches(0.4))
    deck.box(slide, room, [[Run(name, 16, "accent1", strong=True)]], "Workspace")


def _facts(deck: Deck, slide: Any) -> None:
    """The days and the moment of the figures, side by side in the band."""
    document, formatter = deck.document, deck.context.formatter
    facts: list[tuple[str, str]] = []
    if document.period:
        facts.append((deck.text(_("Period")), formatter.period(*document.period)))
    if document.compared:
        facts.append((deck.text(_("Compared with")), formatter.period(*document.compared)))
    facts.append((deck.text(_("Figures as of")), formatter.value(document.as_of, Unit.INSTANT)))
    facts.append((deck.text(_("Time zone")), document.zone))
    wide = g.COVER_FACTS.wide / 4
    size = min(fitting(value, wide - 0.3, FACT_SIZES, strong=True) for _name, value in facts)
    for place, (name, value) in enumerate(facts):
        where = g.frame(g.MARGIN + place * wide, g.COVER_FACTS.y / g.INCH, wide - 0.25, g.COVER_FACTS.tall)
        lines = [[Run(name, 12, "bg1")], [Run(value, size, "bg1", strong=True)]]
        deck.box(slide, where, lines, name, gap=4)
