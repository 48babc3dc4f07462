"""How the columns of a table find room: across the page, across a wide page, or in several bands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bilan.rendering.pdf.texts import UNBROKEN
from bilan.rendering.svg.measure import width
from bilan.rendering.views import ShownCell, ShownTable

PAGES = {"a4": (595.3, 841.9), "us-letter": (612.0, 792.0)}
MARGINS = 2 * 53.9
SIZE, SMALL = 8.0, 7.2
GAP = 4.0
"""On each side of a cell."""
WIDEST = 150.0
"""The most that a text takes before it goes over several lines."""
WRAPPED = 76.0
"""What is no wider stays on one line, dates and short names above all."""
REPEATED = 0.4
"""How much of the width the first columns may take that every band repeats."""
LOOKED_AT = 200
"""How many rows say how wide a column is."""


@dataclass(frozen=True, slots=True)
class Band:
    """Some of a table's columns, by their places, and how wide each is."""

    places: tuple[int, ...]
    widths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a table goes: on a page turned on its side or not, in how many bands, in which size."""

    flipped: bool
    size: float
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class _Need:
    least: float
    wanted: float
    figure: bool


def laid_out(table: ShownTable, paper: str) -> Layout:
    """The calmest layout that is still legible: upright, upright and small, on its side, in bands."""
    short, long = PAGES[paper]
    for flipped, size in ((False, SIZE), (False, SMALL), (True, SIZE), (True, SMALL)):
        room = (long if flipped else short) - MARGINS
        needs = [_need(table, place, size) for place in range(len(table.columns))]
        if sum(need.least for need in needs) <= room:
            places = tuple(range(len(needs)))
            return Layout(flipped, size, (Band(places, _shared(needs, places, room)),))
    room = long - MARGINS
    return Layout(True, SMALL, tuple(_bands(needs, room)))


def _need(table: ShownTable, place: int, size: float) -> _Need:
    head = table.columns[place]
    rows = (*table.rows[:LOOKED_AT], *((table.totals,) if table.totals else ()))
    cells = [_cell_width(row[place], size) for row in rows]
    longest_word = max((width(word, size, strong=True) for word in _words(head.label)), default=0)
    # A head may take three lines, so that a long name does not widen figures.
    label = max(longest_word, width(head.label, size, strong=True) / 3 + size)
    inset = 2 * GAP
    if head.figure:
        need = max(label, *cells, 0.0) + inset
        return _Need(need, need, True)
    wanted = min(max(label, *cells, 0.0), WIDEST) + inset
    words = max((width(word, size) for row in rows for word in _words(row[place].text)), default=0)
    return _Need(min(wanted, max(label, words, min(wanted, WRAPPED)) + inset), wanted, False)


def _cell_width(cell: ShownCell, size: float) -> float:
    return width(cell.text, size, strong=cell.alert) + sum(width(sign, size) for sign in cell.signs)


def _words(text: str) -> list[str]:
    return [word[:UNBROKEN] for word in text.split()]


def _shared(needs: Sequence[_Need], places: Sequence[int], room: float) -> tuple[float, ...]:
    """Every column gets what it needs; what is left goes to texts first, then to all."""
    chosen = [needs[place] for place in places]
    left = room - sum(need.least for need in chosen)
    wishes = [need.wanted - need.least for need in chosen]
    granted = min(left / wished, 1.0) if (wished := sum(wishes)) else 0.0
    widths = [need.least + wish * granted for need, wish in zip(chosen, wishes, strict=True)]
    left = room - sum(widths)
    weights = _weights(chosen, widths)
    return tuple(
        round(own + left * weight / sum(weights), 2) for own, weight in zip(widths, weights, strict=True)
    )


def _weights(chosen: Sequence[_Need], widths: Sequence[float]) -> list[float]:
    return [one if need.figure else 2.2 * one for need, one in zip(chosen, widths, strict=True)]


def _bands(needs: Sequence[_Need], room: float) -> Iterable[Band]:
    """The first columns say which row it is, and every band begins with them."""
    repeated: list[int] = []
    for place, need in enumerate(needs):
        taken = sum(needs[one].least for one in repeated) + need.least
        if need.figure or (repeated and taken > room * REPEATED):
            break
        repeated.append(place)
    repeated = repeated or [0]
    base = room - sum(needs[place].least for place in repeated)
    others = range(len(repeated), len(needs))
    fewest = _split(needs, others, base)
    # As few bands as there can be, and of like width: the last one is no leftover.
    share = sum(needs[place].least for place in others) / max(len(fewest), 1)
    capacities = (share + (base - share) * step / 8 for step in range(8))
    split = next(
        (one for room in capacities if len(one := _split(needs, others, room)) == len(fewest)), fewest
    )
    for band in split:
        places = (*repeated, *band)
        yield Band(places, _shared(needs, places, room))


def _split(needs: Sequence[_Need], places: Iterable[int], capacity: float) -> list[list[int]]:
    bands: list[list[int]] = [[]]
    taken = 0.0
    for place in places:
        if bands[-1] and taken + needs[place].least > capacity:
            bands.append([])
            taken = 0.0
        bands[-1].append(place)
        taken += needs[place].least
    return bands
