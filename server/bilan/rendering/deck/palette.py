"""The colours and the typeface of a deck: the workspace's accent, and calm greys around it."""

from __future__ import annotations

from dataclasses import dataclass

from bilan.rendering.colours import readable, tint
from bilan.rendering.svg.elements import COLOURS
from bilan.sdk.rendering import Brand

TYPEFACE = "Arial"
"""On every system with an office suite, or there with something of exactly its widths."""


_SERIES = tuple(colour[1:].upper() for colour in COLOURS)


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by what they are for, ``RRGGBB``; ``series`` are those of charts, the workspace's own first."""

    accent: str
    soft_accent: str
    series: tuple[str, ...]
    ink: str = "1C2430"
    soft: str = "566072"
    line: str = "E4E7EC"
    paper: str = "FFFFFF"
    before: str = "98A1AF"
    good: str = "0A6E4B"
    bad: str = "B3261E"


def palette_of(brand: Brand) -> Palette:
    """The palette of a workspace: its colour, darkened until it can be read.

    Charts begin with that colour. The one of their usual colours that is most
    like it makes room, so that no two lines look the same.
    """
    accent = readable(brand.colour, "#0e6377")[1:].upper()
    nearest = min(_SERIES, key=lambda colour: _distance(colour, accent))
    others = tuple(colour for colour in _SERIES if colour != nearest)
    return Palette(accent, tint(f"#{accent}", 0.08)[1:].upper(), (accent, *others))


def _distance(one: str, other: str) -> int:
    pairs = ((int(one[n : n + 2], 16), int(other[n : n + 2], 16)) for n in (0, 2, 4))
    return sum((left - right) ** 2 for left, right in pairs)
