"""A heat map as a table of the office program's own, its cells shaded, which people can change."""

from __future__ import annotations

from typing import Any

from bilan.rendering.colours import tint
from bilan.rendering.deck.deck import Deck
from bilan.rendering.deck.grid import Frame
from bilan.rendering.deck.native_table import INSET, Filled, add_native_table
from bilan.rendering.deck.words import wide
from bilan.rendering.series import at, categories_of, category_name
from bilan.rendering.svg.heatmap import DARKEST, FAINTEST
from bilan.sdk.document import Chart

ROWS = 14
"""More rows than this have no room on a slide."""
HEAD, TALLEST = 0.5, 0.5
"""Inches of the heads, which may take two lines, and of a row at most."""
NAMES = 2.2
"""Inches that the names of the rows take at most."""
SIZE, SMALL = 10.5, 8.5
FEW = 14
"""Up to so many columns have room for letters of the usual size."""


def add_heatmap(deck: Deck, slide: Any, room: Frame, chart: Chart, description: str) -> None:
    """Draw the table as wide as the room."""
    formatter = deck.context.formatter
    names = [deck.text(one.label) for one in chart.series]
    heads = formatter.labels(categories_of(chart, formatter), chart.category_unit)
    size = SIZE if len(heads) <= FEW else SMALL
    values = [value for one in chart.series for value in one.values if value is not None]
    low, high = min(0, *values), max(0, *values)
    first = min(max(wide(name, SIZE) for name in names) + INSET, NAMES)
    spans = [first, *[(room.width - first) / len(heads)] * len(heads)]
    rows = [[Filled(deck.text(category_name(chart))), *(Filled(one, size=size, tight=True) for one in heads)]]
    for name, series in zip(names, chart.series, strict=True):
        cells = (at(series.values, place) for place in range(len(heads)))
        rows.append(
            [
                Filled(name, strong=True),
                *(
                    Filled(
                        formatter.value(value, chart.unit) if value else "",
                        size=size, tight=True, fill=_shade(deck, value, low, high),
                    )
                    for value in cells
                ),
            ]
        )  # fmt: skip
    height = min((room.height - HEAD) / len(names), TALLEST)
    add_native_table(
        deck, slide, room, spans, rows, (HEAD, height), name=deck.text(chart.title), description=description
    )


def _shade(deck: Deck, value: float | None, low: float, high: float) -> str:
    """The colour below a figure, as in the picture; none where nothing happened."""
    if not value and not low:
        return ""
    share = ((value or 0) - low) / (high - low)
    return tint(f"#{deck.palette.accent}", FAINTEST + (DARKEST - FAINTEST) * share)[1:].upper()
