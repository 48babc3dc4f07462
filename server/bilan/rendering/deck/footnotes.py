"""Footnotes of a slide: what its signs mean, what it leaves out, what else is to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bilan.rendering.deck.words import height_of

SIZES = (12, 11, 10, 9)
TALL = 0.9
"""Inches that footnotes may take before they become smaller."""
GAP = 0.03


@dataclass(frozen=True, slots=True)
class Footnote:
    """A sentence at the foot of a slide."""

    text: str
    alert: bool = False


def measured(footnotes: Sequence[Footnote], room: float) -> tuple[float, float]:
    """How tall the footnotes are in inches, and in which size, where a line has so many inches."""
    tall = {size: sum(height_of(one.text, room, size) + GAP for one in footnotes) for size in SIZES}
    size = next((size for size, needed in tall.items() if needed <= TALL), SIZES[-1])
    return tall[size], size
