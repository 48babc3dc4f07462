"""Slide master: ``master.pptx`` with its three layouts, in a workspace's colours, with its name and logo."""

from __future__ import annotations

import io
from dataclasses import replace
from importlib import resources
from typing import Any

from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.opc.oxml import serialize_part_xml
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.util import Emu

from bilan.rendering.deck.grid import LOGO, WIDTH, Frame, emu
from bilan.rendering.deck.palette import Palette
from bilan.rendering.deck.words import Writer, clean
from bilan.sdk.rendering import Brand

COVER, SECTION, CONTENT = "Cover", "Section", "One message"
"""The layouts by their names."""
MESSAGE_IDX, KICKER_IDX = 13, 14
"""The places of the sentence under a title, which is a section's text, and of the part's name above it."""


def open_master(palette: Palette, writer: Writer, brand: Brand, workspace: str, title: str) -> Any:
    """A presentation without slides: whose it is, and what it is about, stands on its layouts."""
    file = resources.files("bilan.rendering.deck") / "master.pptx"
    deck: Any = Presentation(io.BytesIO(file.read_bytes()))
    _colour(deck, palette)
    content = layout_of(deck, CONTENT)
    report = next(shape for shape in content.shapes if shape.name == "Report")
    report.text_frame.paragraphs[0].runs[0].text = clean(" · ".join(filter(None, (workspace, title))))
    for run in content._element.iter(qn("a:rPr")):
        if run.get("lang"):
            run.set("lang", writer.tag)
    if writer.direction == "rtl":
        for holder in (deck.slide_master, *deck.slide_layouts):
            _mirror(holder)
    if logo := logo_of(brand):
        _add_logo(content, logo, workspace, writer.direction)
    return deck


def layout_of(deck: Any, name: str) -> Any:
    """A layout by its name."""
    return deck.slide_layouts.get_by_name(name)


def logo_of(brand: Brand) -> bytes | None:
    """The logo, where it is one that slides can show."""
    return brand.logo if brand.logo and brand.logo_type in ("image/png", "image/jpeg") else None


def fitted(size: tuple[int, int], room: Frame) -> Frame:
    """A picture of this size as large as fits into the room, at its start."""
    wide, high = size
    scale = min(room.width / max(wide, 1), room.height / max(high, 1))
    return Frame(room.x, room.y, wide * scale, high * scale)


def _colour(deck: Any, palette: Palette) -> None:
    part = deck.slide_master.part.part_related_by(RT.THEME)
    theme: Any = parse_xml(part.blob)
    colours = {
        "dk1": palette.ink, "lt1": palette.paper, "dk2": palette.soft, "lt2": palette.soft_accent,
        **{f"accent{number}": colour for number, colour in enumerate(palette.series[:6], 1)},
        "hlink": palette.accent, "folHlink": palette.soft,
    }  # fmt: skip
    for name, colour in colours.items():
        theme.find(f".//{qn('a:clrScheme')}/{qn(f'a:{name}')}/{qn('a:srgbClr')}").set("val", colour)
    part._blob = serialize_part_xml(theme)


def _mirror(holder: Any) -> None:
    """Change the sides of whatever a master or a layout holds."""
    for shape in holder.shapes:
        shape.left = Emu(emu(WIDTH) - shape.left - shape.width)
    for properties in holder._element.iter():
        if side := properties.get("algn"):
            properties.set("algn", {"l": "r", "r": "l"}[side])
            properties.set("rtl", "1")


def _add_logo(layout: Any, logo: bytes, workspace: str, direction: str) -> None:
    """Put the logo at the end of the title's line."""
    image, relation = layout.part.get_or_add_image_part(io.BytesIO(logo))
    size = fitted(image._px_size, LOGO)
    place = replace(size, x=LOGO.x + LOGO.width - size.width).place(direction)
    description = clean(workspace) or "Logo"
    tree = layout.shapes._spTree
    tree.add_pic(9, "Logo", description, relation, *place)
    tree[-1].find(f".//{qn('p:nvPr')}").set("userRendered", "1")
