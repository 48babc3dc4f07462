"""The colours and the typeface of a deck: the workspace's accent, and calm greys around it."""

from __future__ import annotations

from dataclasses import dataclass

from bilan.rendering.colours import readable, tint
from bilan.rendering.svg.elements import COLOURS
from bilan.sdk.rendering import Brand

TYPEFACE = "Arial"
"""On every system with an office suite, or there with something of exactly its widths."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by what they are for, ``RRGGBB``."""

    accent: str
    soft_accent: str
    ink: str = "1C2430"
    soft: str = "566072"
    line: str = "E4E7EC"
    paper: str = "FFFFFF"
    before: str = "98A1AF"
    good: str = "0A6E4B"
    bad: str = "B3261E"
    series: tuple[str, ...] = tuple(colour[1:].upper() for colour in COLOURS)


def palette_of(brand: Brand) -> Palette:
    """The palette of a workspace: its colour, darkened until it can be read."""
    accent = readable(brand.colour, "#0e6377")
    return Palette(accent[1:].upper(), tint(accent, 0.1)[1:].upper())
