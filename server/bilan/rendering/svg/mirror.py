"""The same picture from right to left: shapes change sides, letters stay readable.

Coordinates are turned round one by one, rather than the whole by a transform,
so that programs that read the picture find things where they are seen.
"""

from __future__ import annotations

import re
import unicodedata
from html import unescape

from bilan.rendering.svg.elements import number

RIGHT_TO_LEFT_MARK = "\u200f"
_OPENING = re.compile(r"<(rect|line|circle|path|text) [^>]*>")
_TEXT = re.compile(r"(<text [^>]*>)([^<]*)(</text>)")
_PLACE = re.compile(r' (x|x1|x2|cx)="([^"]*)"')
_WIDTH = re.compile(r' width="([^"]*)"')
_ANCHOR = re.compile(r' text-anchor="(\w+)"')
_PATH = re.compile(r' d="([^"]*)"')
_ARC = re.compile(r"A([\d.]+) ([\d.]+) (\d) (\d) (\d) (-?[\d.]+) (-?[\d.]+)")
_POINT = re.compile(r"([ML])(-?[\d.]+) (-?[\d.]+)")
_ACROSS = re.compile(r"h(-?[\d.]+)")


def mirrored(part: str, width: float) -> str:
    """An element of this module's making, seen from the other side of a picture this wide."""
    part = _OPENING.sub(lambda found: _turned(found[0], found[1], width), part)
    return _TEXT.sub(lambda found: f"{found[1]}{_kept(found[2])}{found[3]}", part)


def _turned(tag: str, name: str, width: float) -> str:
    if name == "path":
        return _PATH.sub(lambda found: f' d="{_path(found[1], width)}"', tag)
    wide = float(found[1]) if name == "rect" and (found := _WIDTH.search(tag)) else 0.0

    def place(found: re.Match[str]) -> str:
        return f' {found[1]}="{number(width - float(found[2]) - wide)}"'

    tag = _PLACE.sub(place, tag)
    return _anchored(tag) if name == "text" else tag


def _anchored(tag: str) -> str:
    """What began at a place ends there now. The SVG says ``direction="ltr"``: anchors mean left and right."""
    found = _ANCHOR.search(tag)
    if found is None:
        return tag[:-1] + ' text-anchor="end">'
    return tag.replace(found[0], "") if found[1] == "end" else tag


def _path(path: str, width: float) -> str:
    def point(found: re.Match[str]) -> str:
        return f"{found[1]}{_exact(width - float(found[2]))} {found[3]}"

    def arc(found: re.Match[str]) -> str:
        rx, ry, turned, large, sweep, x, y = found.groups()
        return f"A{rx} {ry} {turned} {large} {1 - int(sweep)} {_exact(width - float(x))} {y}"

    path = _ARC.sub(arc, _POINT.sub(point, path))
    return _ACROSS.sub(lambda found: f"h{number(-float(found[1]))}", path)


def _exact(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _kept(content: str) -> str:
    """A text that holds right-to-left letters, marked so that all of it runs from right to left."""
    if any(unicodedata.bidirectional(char) in ("R", "AL") for char in unescape(content)):
        return f"{RIGHT_TO_LEFT_MARK}{content}{RIGHT_TO_LEFT_MARK}"
    return content
