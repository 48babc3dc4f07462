"""KPI tables: the figures that do not lead, side by side, each with its change and what it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from bilan.rendering.deck.deck import Deck
from bilan.rendering.deck.figures import Figure, colour_of, signs_of
from bilan.rendering.deck.grid import PAGE, Frame
from bilan.rendering.deck.native_table import INSET, Filled, add_native_table
from bilan.rendering.deck.words import LEADING, height_of, wide
from bilan.sdk.textdomain import _

SIZES = ((20, 0.3), (18, 0.2), (16, 0.16), (14, 0.13), (12, 0.07))
"""Sizes of text with the room above and below it, in inches: as large as there is room for."""
SINGLE = 2
"""So few figures stand in one table."""
BESIDE_NAMES = 0.06
"""Inches above and below a name together."""
NARROW = 8
"""Up to so many figures that are compared with nothing stand in one pair of tables, more in three."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a list of figures is set: in how many tables, of how many rows, in which size."""

    columns: int
    rows: int
    size: float
    head: float
    row: float

    @property
    def tall(self) -> float:
        """How tall it stands, in inches."""
        return self.head + self.rows * self.row


def plan(deck: Deck, figures: Sequence[Figure], room: float) -> Plan | None:
    """The largest setting that has room in so many inches, if any has."""
    found = (
        one
        for size, padding in SIZES
        for columns in range(_columns(figures), 0, -1)
        if (one := _plan(figures, columns, size, padding)).tall <= room and _fits(deck, figures, one)
    )
    return next(found, None)


def tightest(figures: Sequence[Figure]) -> Plan:
    """The smallest setting, for what fits in none: names take two lines there."""
    size, padding = SIZES[-1]
    return _plan(figures, _columns(figures), size, padding)


def _plan(figures: Sequence[Figure], columns: int, size: float, padding: float) -> Plan:
    row = size * LEADING + padding
    return Plan(columns, ceil(len(figures) / columns), size, row, row)


def capacity(figures: Sequence[Figure], room: float) -> int:
    """How many figures have room in so many inches, in the smallest size."""
    size, padding = SIZES[-1]
    row = size * LEADING + padding
    return _columns(figures) * max(int((room - row) / row), 1)


def add_kpi_table(deck: Deck, slide: Any, figures: Sequence[Figure], room: Frame, how: Plan) -> None:
    """Render the figures in a frame, down one table and then the next."""
    signs = signs_of(figures)
    parts = [figures[start : start + how.rows] for start in range(0, len(figures), how.rows)]
    for where, some in zip(room.columns(*[1] * how.columns), parts, strict=False):
        add_figures(deck, slide, some, where, how, signs)


def add_figures(
    deck: Deck, slide: Any, figures: Sequence[Figure], where: Frame, how: Plan,
    signs: dict[tuple[str, ...], str], marks: Sequence[str] = (),
) -> None:  # fmt: skip
    """One table of figures as wide as a frame; ``marks`` are the colours of the series they belong to."""
    widths = _widths(deck, figures, where.width, how.size)
    compared = len(widths) > 2
    heads = _heads(deck, figures)
    head = [Filled(one, end=place > 0, size=how.size - 1) for place, one in enumerate(heads)]
    rows = [
        _row(deck, one, how, signs.get(one.shown.remarks, ""), marks[place] if marks else "", compared)
        for place, one in enumerate(figures)
    ]
    add_native_table(
        deck, slide, where, widths, [head, *rows], (how.head, how.row),
        name=deck.text(_("Figures")), description="; ".join(one.alt_text for one in figures),
    )  # fmt: skip


def height_in(deck: Deck, figures: Sequence[Figure], room: float, how: Plan) -> float:
    """How tall a table of figures is that is so many inches wide; names take the lines they need."""
    names = _widths(deck, figures, room, how.size)[0] - INSET
    lines = (height_of(f"■ {one.shown.label}", names, how.size) + BESIDE_NAMES for one in figures)
    return how.head + sum(max(tall, how.row) for tall in lines)


def _row(deck: Deck, one: Figure, how: Plan, sign: str, mark: str, compared: bool) -> list[Filled]:
    shown, size = one.shown, how.size
    cells = [
        Filled(shown.label, size=size, mark=mark),
        Filled(
            shown.value, signs=f" {sign}" if sign else "", end=True, alert=shown.alert, strong=True, size=size
        ),
    ]
    if compared:
        colour = colour_of(deck, shown)
        cells[1] = replace(cells[1], across=shown.words)
        cells += [
            Filled(one.change, end=True, colour=colour, size=size),
            Filled(one.before or ("" if shown.words else "–"), end=True, colour="tx2", size=size),
        ]
    return cells


def _columns(figures: Sequence[Figure]) -> int:
    """In how many tables beside each other the figures stand at most."""
    if len(figures) <= SINGLE:
        return 1
    return 2 if _compared(figures) or len(figures) <= NARROW else 3


def _compared(figures: Sequence[Figure]) -> bool:
    return any(one.before for one in figures)


def _heads(deck: Deck, figures: Sequence[Figure]) -> list[str]:
    heads = [_("Figure"), _("Value"), *([_("Change"), _("Before")] if _compared(figures) else [])]
    return [deck.text(one) for one in heads]


def _widths(deck: Deck, figures: Sequence[Figure], room: float, size: float) -> list[float]:
    """What the figures need, and the rest for their names; words may stand across all figures' columns."""
    flag = " ⚑" if any(one.shown.remarks for one in figures) else ""
    columns = [
        [f"{one.shown.value}{flag}" for one in figures if not (one.shown.words and _compared(figures))]
    ]
    if _compared(figures):
        columns += [[f"{one.change} " for one in figures], [one.before for one in figures]]
    others = [
        max([wide(head, size - 1, strong=True), *(wide(one, size, strong=True) for one in column)]) + INSET
        for head, column in zip(_heads(deck, figures)[1:], columns, strict=True)
    ]
    words = [wide(one.shown.value, size, strong=True) + INSET for one in figures if one.shown.words]
    others[-1] += max(max(words, default=0) - sum(others), 0)
    # No word of a name is broken.
    longest = max(wide(word, size) for one in figures for word in one.shown.label.split() or [""]) + INSET
    return [max(room - sum(others), room * 0.25, longest), *others]


def _fits(deck: Deck, figures: Sequence[Figure], how: Plan) -> bool:
    """Whether every name has room in one line."""
    each = PAGE.columns(*[1] * how.columns)[0].width
    widths = _widths(deck, figures, each, how.size)
    names = all(wide(one.shown.label, how.size) <= widths[0] - INSET for one in figures)
    return names and sum(widths) <= each + 0.01
