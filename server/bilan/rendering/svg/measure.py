"""How wide a text will be, near enough to place labels without asking a font."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from bilan.rendering.svg.elements import FONT

# Thousandths of the font size, as in Helvetica and its kin. Readers have other fonts, some of them wider:
# a label is better given too much room than cut.
_CLASSES = {
    "ijl|'.,:;!": 260,
    'ftrI ()[]{}-/\\·`"': 330,
    "Jsxyzckv": 500,
    "abdeghnopqu0123456789+=<>~$#?*_€ôéèà": 560,
    "ABEKPSVXYFTLZ&": 660,
    "CDHNRUwGOQ": 730,
    "mM%W@–—…": 870,
}
_WIDTHS = {char: width for chars, width in _CLASSES.items() for char in chars}
_SAFETY = 1.14
_STRONG = 1.1


@lru_cache(maxsize=4096)
def width(content: str, size: float = FONT, *, strong: bool = False) -> float:
    """The width of a line of text at a font size."""
    return sum(map(_char, content)) * size * (_SAFETY * _STRONG if strong else _SAFETY) / 1000


def shortened(content: str, room: float, size: float = FONT) -> str:
    """The text, cut with an ellipsis where it would be wider than ``room``."""
    if width(content, size) <= room:
        return content
    while content and width(content + "…", size) > room:
        content = content[:-1]
    return content.rstrip() + "…"


def _char(char: str) -> int:
    if char in _WIDTHS:
        return _WIDTHS[char]
    if unicodedata.east_asian_width(char) in "WF":
        return 1000
    if unicodedata.combining(char):
        return 0
    base = unicodedata.normalize("NFD", char)[0]
    return _WIDTHS.get(base, 600)
