"""Plugins' own blocks on slides: the picture with its title, and behind it the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO

from PIL import Image

from bilan.rendering.deck.deck import Deck, described
from bilan.rendering.deck.footnotes import Footnote
from bilan.rendering.drawn_blocks import drawn_svg
from bilan.rendering.typesetting import picture
from bilan.sdk.document import Custom

WIDTH, SCALE = 840, 3
"""The units of its width that a picture is drawn with, and pixels for each."""


def add_look(deck: Deck, block: Custom, section: str, footnotes: Sequence[Footnote] = ()) -> bool:
    """The slide with a block's picture; whether it has one."""
    if not (svg := drawn_svg(block, deck.context)):
        return False
    png = picture("typesetting/chart.typ", {"svg": svg, "width": str(WIDTH)}, scale=SCALE)
    title, headline = deck.named(section, deck.text(block.table.title)), deck.text(block.table.headline)
    page = deck.slide(
        headline or title, section=section, message=title if headline else "", footnotes=footnotes
    )  # fmt: skip
    with Image.open(BytesIO(png)) as drawn:
        ratio = drawn.width / drawn.height
    width = min(page.body.width, page.body.height * ratio)
    where = replace(
        page.body, x=page.body.x + (page.body.width - width) / 2, width=width, height=width / ratio
    )
    described(page.slide.shapes.add_picture(BytesIO(png), *deck.place(where)), title, title)
    return True
