"""Galleries as the template sets them: cards beside each other, with pictures or what stands for them."""

from __future__ import annotations

from typing import Any

from bilan.rendering.cards import Card, ShownGallery
from bilan.rendering.pdf.columns import MARGINS, PAGES
from bilan.rendering.pdf.texts import Writing
from bilan.rendering.picture_files import SHAPE, card_picture, media_type
from bilan.rendering.views import ShownCell
from bilan.sdk.rendering import RenderContext
from bilan.sdk.textdomain import _

BESIDE = 3
"""How many cards stand beside each other."""
GAP = 12.0
"""Points between them."""
PIXELS = 480
"""Across a picture: 220 for each inch of paper."""


def cards_item(shown: ShownGallery, context: RenderContext, write: Writing, paper: str) -> dict[str, Any]:
    """A gallery's cards, and what is to know about them."""
    width = (PAGES[paper][0] - MARGINS - GAP * (BESIDE - 1)) / BESIDE
    return {
        "type": "gallery",
        "beside": BESIDE,
        "gap": GAP,
        "tall": round(width * SHAPE[1] / SHAPE[0], 2),
        "cards": [_card(card, context, write) for card in shown.cards],
        "empty": write(context.formatter.text(_("No rows in this period"))),
        "left_out": write(shown.left_out),
        "remarks": [[sign, write(sentence)] for sign, sentence in shown.footnotes],
    }


def _card(card: Card, context: RenderContext, write: Writing) -> dict[str, Any]:
    return {
        "picture": _picture(card, context),
        "blank": write(card.blank),
        "caption": write(card.caption),
        "time": write(card.time),
        "text": write(card.text),
        "href": card.href,
        "figures": [[write(one.label), _cell(one.cell, write)] for one in card.figures],
    }


def _picture(card: Card, context: RenderContext) -> dict[str, Any] | None:
    content = card_picture(context, card.picture, PIXELS)
    if content is None:
        return None
    kind = "jpg" if media_type(content) == "image/jpeg" else "png"
    return {"format": kind, "alt": card.alt, "bytes": list(content)}


def _cell(cell: ShownCell, write: Writing) -> dict[str, Any]:
    return {"text": write(cell.text), "signs": cell.signs, "alert": cell.alert}
