"""Text width, measured in the typefaces that come with the server: what a label, a tile or a title takes."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache, partial
from importlib import resources

from PIL import ImageFont

FONT = 12
"""The size of text in charts."""
EM = 1000
EMBEDDED = 1.02
"""A hair more than the letters take, where their typeface is at hand."""


@lru_cache(maxsize=4096)
def width(content: str, size: float = FONT, *, strong: bool = False) -> float:
    """The width of a line of text at a font size, with room for readers without these typefaces.

    The margins are what letters and other signs of DejaVu Sans need, the widest
    of the usual ones: a label is better given too much room than cut.
    """
    return sum(_roomy(char, strong) for char in content) * size


@lru_cache(maxsize=4096)
def embedded_width(content: str, size: float, *, strong: bool = False) -> float:
    """The width of a line of text in a file that brings the typefaces along, and a hair more."""
    return sum(_advance(char, strong) for char in content) * size * EMBEDDED


def shortened(content: str, room: float, size: float = FONT) -> str:
    """The text, cut with an ellipsis where it would be wider than ``room``."""
    return _cut(content, room / size, partial(_roomy, strong=False))


def embedded_shortened(content: str, room: float, size: float, *, strong: bool = False) -> str:
    """The text, cut where it would be wider than ``room`` in a file that brings the typefaces along."""
    return _cut(content, room / size / EMBEDDED, partial(_advance, strong=strong))


def _cut(content: str, room: float, advance: Callable[[str], float]) -> str:
    """Looks at no more letters than there is room for, however long the text is."""
    reached, fits = 0.0, 0
    for place, char in enumerate(content):
        reached += advance(char)
        if reached > room:
            return content[:fits].rstrip() + "…"
        if reached + advance("…") <= room:
            fits = place + 1
    return content


@lru_cache(maxsize=4096)
def _roomy(char: str, strong: bool) -> float:
    letter, sign = (1.13, 1.22) if strong else (1.1, 1.11)
    return _advance(char, strong) * (letter if char.isalpha() else sign)


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
