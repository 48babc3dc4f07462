"""Which columns of a wide table stand on which slide: those that say what a row is about stand on each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from bilan.rendering.deck.grid import evenly, filled_up
from bilan.rendering.deck.words import lines_of, wide
from bilan.rendering.views import ShownTable
from bilan.sdk.units import Unit

NARROWEST, WIDEST = 0.62, 2.9
SMALLEST = 10.5
SIZES = ((16, inf), (14, inf), (12, inf), (12, WIDEST), (SMALLEST, WIDEST))
"""Sizes of text with the widest column: the first in which all fit beside each other. Text is cut last."""
SLIDES = 2
"""So many slides beside each other show the leading columns of a wide table; the others are in the files."""
PADDING = 0.23
IDENTITY_SHARE = 0.5
_IDENTIFYING = frozenset({Unit.TEXT, Unit.DATE, Unit.INSTANT, Unit.WEEKDAY, Unit.HOUR})


@dataclass(frozen=True, slots=True)
class Split:
    """The columns of one slide, by their places in the table, and their widths in inches."""

    places: tuple[int, ...]
    widths: tuple[float, ...]
    size: float


def split(table: ShownTable, units: Sequence[Unit], room: float) -> list[Split]:
    """The columns, slide by slide, so that none is squeezed; those past the second slide are left out."""
    every = tuple(range(len(table.columns)))
    widths: list[float] = []
    for size, most in SIZES:
        widths = [_width(table, place, size, most) for place in every]
        if sum(widths) <= room:
            return [_spread(every, widths, room, size)]
    identity = identifying(table, units, widths, room * IDENTITY_SHARE)
    left = room - sum(widths[place] for place in identity)
    # Two slides are for figures; what else is said about the rows comes behind them.
    others = [place for place in every if place not in identity]
    others.sort(key=lambda place: not table.columns[place].figure)
    shown = filled_up([widths[place] for place in others], left)[:SLIDES][-1].stop
    groups = evenly([widths[place] for place in others[:shown]], left)
    return [
        _spread(tuple(sorted((*identity, *(others[n] for n in group)))), widths, room, SMALLEST)
        for group in groups
    ]


def identifying(table: ShownTable, units: Sequence[Unit], widths: Sequence[float], room: float) -> list[int]:
    """The fewest leading columns that tell the rows apart, as far as there is room for them.

    A name is among them, where names differ: a day may tell all rows apart, and
    still nobody knows what they are about.
    """
    leading = [place for place, unit in enumerate(units[: _first_figure(table)]) if unit in _IDENTIFYING]
    chosen: list[int] = []
    while leading:
        told = _told_apart(table, chosen)
        gains = {place: _told_apart(table, [*chosen, place]) - told for place in leading}
        # A name says more than the key before it, and the first day more than the last.
        best = max(leading, key=lambda place: (gains[place], units[place] is Unit.TEXT, _rank(units, place)))
        if chosen and (not gains[best] or sum(widths[one] for one in (*chosen, best)) > room):
            break
        chosen.append(best)
        leading.remove(best)
    named = [place for place in leading if units[place] is Unit.TEXT and _told_apart(table, [place]) > 1]
    if named and not any(units[place] is Unit.TEXT for place in chosen):
        best = max(named, key=lambda place: (_told_apart(table, [place]), place))
        # A name that is too long for its share of the room is cut; without it the figures are nobody's.
        chosen.append(best)
    return sorted(chosen) or [0]


def _rank(units: Sequence[Unit], place: int) -> int:
    return place if units[place] is Unit.TEXT else -place


def _first_figure(table: ShownTable) -> int:
    return next((place for place, column in enumerate(table.columns) if column.figure), len(table.columns))


def _told_apart(table: ShownTable, places: Sequence[int]) -> int:
    return len({tuple(row[place].text for place in places) for row in table.rows})


def _width(table: ShownTable, place: int, size: float, most: float) -> float:
    cells: list[Any] = [row[place] for row in table.rows]
    cells += [table.totals[place]] if table.totals else []
    texts = [cell.text + "".join(f" {sign}" for sign in cell.signs) for cell in cells]
    widest = max((wide(text, size) for text in texts), default=0)
    needed = max(widest, _head(table.columns[place].label, size)) + PADDING
    return min(needed, most)


def _head(label: str, size: float) -> float:
    """How wide a head must be to stand in two lines."""
    words = max((wide(word, size, strong=True) for word in label.split()), default=0)
    room = max(words, NARROWEST - PADDING)
    while room < WIDEST and lines_of(label, room / 1.1, size) > 2:
        room += 0.1
    return room


def _spread(places: tuple[int, ...], widths: Sequence[float], room: float, size: float) -> Split:
    """Give what is left over to the columns, so that the table is as wide as the slide's text."""
    taken = [widths[place] for place in places]
    return Split(places, tuple(width * room / sum(taken) for width in taken), size)
