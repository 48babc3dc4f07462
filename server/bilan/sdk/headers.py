"""The header of a table among its first rows: title lines may stand before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

TITLE_LINES = 30
"""The most rows before a header."""


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the columns, the position of their row among all rows, and the titles before it."""

    columns: tuple[str, ...]
    row: int
    skipped: tuple[str, ...] = ()


def header_of(rows: Sequence[Sequence[str]]) -> Header:
    """The header of a table that begins with these rows.

    It is the first row, unless that is narrower than most and a later one is
    as wide as most and consists of words alone.
    """
    widths = [_width(row) for row in rows]
    filled = [place for place, width in enumerate(widths) if width]
    if not filled:
        return Header((), 0)
    counted = Counter(widths[place] for place in filled)
    usual = max(counted, key=lambda width: (counted[width], width))
    first = filled[0]
    if widths[first] < usual:
        for place in filled[:TITLE_LINES]:
            if widths[place] >= usual and _is_header(rows[place]):
                first = place
                break
    titles = [" ".join(filter(None, rows[place])) for place in filled if place < first]
    return Header(unique(rows[first]), first, tuple(titles))


def _width(row: Sequence[str]) -> int:
    """How far the row is filled."""
    return max((place for place, cell in enumerate(row, start=1) if cell.strip()), default=0)


def _is_header(row: Sequence[str]) -> bool:
    cells = [cell.strip() for cell in row[: _width(row)]]
    return len(set(cells)) == len(cells) and all(_is_words(cell) for cell in cells)


def _is_words(cell: str) -> bool:
    return any(sign.isalpha() for sign in cell) and not cell[0].isdigit() and "@" not in cell


def unique(header: Sequence[str]) -> tuple[str, ...]:
    """Names for all columns, none of them twice."""
    names: list[str] = []
    for place, cell in enumerate(header, start=1):
        name = cell.strip() or f"column {place}"
        names.append(name if name not in names else f"{name} ({place})")
    return tuple(names)
