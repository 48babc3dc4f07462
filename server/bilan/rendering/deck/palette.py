"""The colours of a deck: the workspace's accent, and calm greys around it."""

from __future__ import annotations

from dataclasses import dataclass

from bilan.rendering.colours import readable, tint
from bilan.rendering.svg.paint import COLOURS
from bilan.sdk.rendering import Brand

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
    like it makes room, and each next one is the one least like those before it.
    """
    accent = readable(brand.colour, "#0e6377")[1:].upper()
    nearest = min(_SERIES, key=lambda one: _distance(one, accent))
    series, others = [accent], [one for one in _SERIES if one != nearest]
    while others:
        series.append(max(others, key=lambda one: min(_distance(one, known) for known in series)))
        others.remove(series[-1])
    return Palette(accent, tint(f"#{accent}", 0.08)[1:].upper(), tuple(series))


def _distance(one: str, other: str) -> float:
    """How different two colours look: squared, weighted by how red they are ("redmean", CompuPhase)."""
    (red, green, blue), (red_2, green_2, blue_2) = _parts(one), _parts(other)
    mean = (red + red_2) / 2 / 256
    return (2 + mean) * (red - red_2) ** 2 + 4 * (green - green_2) ** 2 + (3 - mean) * (blue - blue_2) ** 2


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[:2], 16), int(colour[2:4], 16), int(colour[4:], 16)
