"""The first slide, and those that begin a part."""

from __future__ import annotations

import io
from typing import Any

from pptx.util import Emu

from bilan.rendering.deck import geometry as g
from bilan.rendering.deck.deck import Deck, described
from bilan.rendering.deck.geometry import Frame
from bilan.rendering.deck.master import COVER, SECTION, fitted, logo_of
from bilan.rendering.deck.words import Line, Run, fitting
from bilan.sdk.messages import messages
from bilan.sdk.units import Unit

_, _n = messages("bilan")

SIZES = (40, 34, 28, 24)


def add_cover(deck: Deck) -> None:
    """Whose report it is, what about, of which days, and as of when."""
    document = deck.document
    slide = deck.slide(deck.text(document.title), layout=COVER)
    title = slide.shapes.title
    shown = title.text_frame.text
    size = fitting(shown, 2 * g.COVER_TITLE.width / g.INCH - 2, SIZES, strong=True)
    title.text_frame.clear()
    deck.writer.fill(title.text_frame, [[Run(shown, size, strong=True)]])
    _subtitle(deck, slide)
    if deck.look.workspace:
        _workspace(deck, slide)
    deck.box(slide, g.COVER_FACTS, _facts(deck), deck.text(_("About this report")), gap=5)


def add_section(deck: Deck, title: str, text: str) -> None:
    """The beginning of a part, with what there is to say about it."""
    deck.slide(title, text, layout=SECTION)


def _subtitle(deck: Deck, slide: Any) -> None:
    place = next(one for one in slide.placeholders if one.placeholder_format.idx == 1)
    subtitle = deck.text(deck.document.subtitle)
    if subtitle:
        deck.writer.fill(place.text_frame, [[Run(subtitle, 20, "tx2")]])
    else:
        place._element.getparent().remove(place._element)


def _workspace(deck: Deck, slide: Any) -> None:
    room, name = g.COVER_LOGO, deck.look.workspace
    if logo := logo_of(deck.look.brand):
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
    deck.box(slide, room, [[Run(name, 16, deck.palette.accent, strong=True)]], "Workspace")


def _facts(deck: Deck) -> list[Line]:
    document, formatter = deck.document, deck.look.formatter
    facts: list[tuple[str, str]] = []
    if document.period:
        facts.append((deck.text(_("Period")), formatter.period(*document.period)))
    if document.compared:
        facts.append((deck.text(_("Compared with")), formatter.period(*document.compared)))
    facts.append((deck.text(_("Figures as of")), formatter.value(document.as_of, Unit.INSTANT)))
    facts.append((deck.text(_("Time zone")), document.zone))
    return [[Run(name, 13, "tx2"), Run("   ", 13), Run(value, 13, strong=True)] for name, value in facts]
