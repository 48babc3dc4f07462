"""Text width, measured in the typefaces that come with the server: what a label, a tile or a title takes."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from importlib import resources

from PIL import ImageFont

FONT = 12
"""The size of text in charts."""
EM = 1000


@lru_cache(maxsize=4096)
def width(content: str, size: float = FONT, *, strong: bool = False) -> float:
    """The width of a line of text at a font size, with room for readers without these typefaces.

    The margins are what letters and other signs of DejaVu Sans need, the widest
    of the usual ones: a label is better given too much room than cut.
    """
    letter, sign = (1.13, 1.22) if strong else (1.1, 1.11)
    margins = (letter if char.isalpha() else sign for char in content)
    return sum(_advance(char, strong) * margin for char, margin in zip(content, margins, strict=True)) * size


@lru_cache(maxsize=4096)
def embedded_width(content: str, size: float, *, strong: bool = False) -> float:
    """The width of a line of text in a file that brings the typefaces along, and a hair more."""
    return sum(_advance(char, strong) for char in content) * size * 1.02


def shortened(content: str, room: float, size: float = FONT) -> str:
    """The text, cut with an ellipsis where it would be wider than ``room``."""
    if width(content, size) <= room:
        return content
    while content and width(content + "…", size) > room:
        content = content[:-1]
    return content.rstrip() + "…"


@lru_cache(maxsize=4096)
def _advance(char: str, strong: bool) -> float:
    """How far a letter reaches, for each unit of its size."""
    if unicodedata.east_asian_width(char) in "WF":
        return 1  # such a typeface is the system's, and sets all of them in a square
    script = "Arabic" if unicodedata.bidirectional(char) == "AL" else ""
    return _typeface(f"NotoSans{script}-{'Bold' if strong else 'Regular'}.ttf").getlength(char) / EM


@cache
def _typeface(name: str) -> ImageFont.FreeTypeFont:
    file = resources.files("bilan.rendering.typesetting") / "typefaces" / name
    return ImageFont.truetype(str(file), EM, layout_engine=ImageFont.Layout.BASIC)
