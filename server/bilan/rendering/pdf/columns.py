"""How the columns of a table find room: across the page, across a wide page, or in several bands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bilan.rendering.pdf.texts import UNBROKEN
from bilan.rendering.text_width import embedded_width
from bilan.rendering.views import ShownCell, ShownTable

PAGES = {"a4": (595.3, 841.9), "us-letter": (612.0, 792.0)}
MARGINS = 2 * 53.9
SIZE, SMALL = 8.0, 7.2
GAP = 4.0
"""On each side of a cell."""
HIGH, LOW = 4.2, 3.0
"""Above and below a cell, in either size."""
WIDEST = 150.0
"""The most that a text takes before it goes over several lines."""
WRAPPED = 76.0
"""What is no wider stays on one line, dates and short names above all."""
REPEATED = 0.4
"""How much of the width the columns may take that every band repeats."""
LOOKED_AT = 200
"""How many rows say how wide a column is."""


@dataclass(frozen=True, slots=True)
class Band:
    """Some of a table's columns, by their places, and how wide each is. ``repeated`` of them are repeated."""

    places: tuple[int, ...]
    widths: tuple[float, ...]
    repeated: int = 0


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
    return Layout(True, SMALL, tuple(_bands(needs, _telling(table, needs, room), room)))


def _need(table: ShownTable, place: int, size: float) -> _Need:
    head = table.columns[place]
    rows = (*table.rows[:LOOKED_AT], *((table.totals,) if table.totals else ()))
    cells = [_cell_width(row[place], size) for row in rows]
    longest_word = max((embedded_width(word, size, strong=True) for word in _words(head.label)), default=0)
    # A head may take three lines, so that a long name does not widen figures.
    label = max(longest_word, embedded_width(head.label, size, strong=True) / 3 + size)
    inset = 2 * GAP
    if head.figure:
        need = max(label, *cells, 0.0) + inset
        return _Need(need, need, True)
    wanted = min(max(label, *cells, 0.0), WIDEST) + inset
    words = max((embedded_width(word, size) for row in rows for word in _words(row[place].text)), default=0)
    return _Need(min(wanted, max(label, words, min(wanted, WRAPPED)) + inset), wanted, False)


def _cell_width(cell: ShownCell, size: float) -> float:
    return embedded_width(cell.text, size, strong=cell.alert) + sum(
        embedded_width(sign, size) for sign in cell.signs
    )


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


def _telling(table: ShownTable, needs: Sequence[_Need], room: float) -> tuple[int, ...]:
    """Which of the first columns say which row it is.

    One that says the same in every row, or the same as one before it, tells no rows apart. Two are
    enough if they tell all rows apart: one alone may be a date that says nothing of what the row is about.
    """
    rows = table.rows[:LOOKED_AT]
    seen: list[list[str]] = []
    found: list[int] = []
    before = taken = 0.0
    for place, need in enumerate(needs):
        before += need.least
        if need.figure or before > room or taken + need.least > room * REPEATED:
            break
        texts = [row[place].text for row in rows]
        if texts in seen or (len(rows) > 1 and len(set(texts)) == 1):
            continue
        seen.append(texts)
        found.append(place)
        taken += need.least
        if len(found) > 1 and len(set(zip(*seen, strict=True))) == len(rows):
            break
    return tuple(found) or (0,)


def _bands(needs: Sequence[_Need], repeated: tuple[int, ...], room: float) -> Iterable[Band]:
    """Bands of columns in their order. All but the first begin with those that say which row it is."""
    base = room - sum(needs[place].least for place in repeated)
    fewest = _split(needs, room, base)
    # As few bands as there can be, and of like width: the last one is no leftover.
    shares = (share / 16 for share in range(8, 16))
    splits = (_split(needs, room * share, base * share) for share in shares)
    split = next((one for one in splits if len(one) == len(fewest) and repeated[-1] in one[0]), fewest)
    for number, band in enumerate(split):
        places = (*repeated, *band) if number else tuple(band)
        yield Band(places, _shared(needs, places, room), len(repeated) if number else 0)


def _split(needs: Sequence[_Need], first: float, others: float) -> list[list[int]]:
    bands: list[list[int]] = [[]]
    taken, capacity = 0.0, first
    for place, need in enumerate(needs):
        if bands[-1] and taken + need.least > capacity:
            bands.append([])
            taken, capacity = 0.0, others
        bands[-1].append(place)
        taken += need.least
    return bands
