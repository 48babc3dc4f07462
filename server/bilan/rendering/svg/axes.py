"""Axes, grid and legend: what charts share."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bilan.rendering.svg.canvas import WIDTH, Canvas
from bilan.rendering.svg.scale import Scale
from bilan.rendering.text_width import shortened, width

TOP = 14.0
BOTTOM = 30.0
GAP = 12.0
_EVERY = (1, 2, 3, 4, 5, 6, 7, 10, 14, 15, 20, 30, 50, 60, 90, 100, 180, 365)


@dataclass(frozen=True)
class Plot:
    """The area inside the axes."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def y(self, scale: Scale, value: float) -> float:
        """How far down a value lies."""
        return self.bottom - scale.share(value) * self.height


def value_axis(canvas: Canvas, scale: Scale, *, right: float, top: float = TOP) -> Plot:
    """Draw the grid with its labels; what is left is the plot. ``right`` is kept free at the end."""
    labels = canvas.formatter.labels(scale.ticks, canvas.chart.unit)
    plot = Plot(max(map(width, labels)) + GAP, top, WIDTH - right, canvas.height - BOTTOM)
    for tick, label in zip(scale.ticks, labels, strict=True):
        y = plot.y(scale, tick)
        canvas.rule(plot.left, y, plot.right, y, strong=tick == 0)
        canvas.text(plot.left - 8, y + 4, label, anchor="end")
    return plot


def category_axis(canvas: Canvas, plot: Plot, x: Callable[[int], float]) -> None:
    """Write as many categories below the plot as fit, all of them inside the picture."""
    labels = canvas.labels
    slot = plot.width / max(len(labels), 1)
    widest = max(map(width, labels))
    fits = (every for every in _EVERY if every * slot >= widest + 2 * GAP)
    every = next(fits, max(len(labels), 1))
    room = max(every * slot - 6, 40)
    for category in range(0, len(labels), every):
        label = shortened(labels[category], room)
        half = width(label) / 2
        middle = min(max(x(category), half), WIDTH - half)
        canvas.text(middle, canvas.height - 10, label, anchor="middle")


def legend(canvas: Canvas, names: Sequence[str], swatch: Callable[[int, float, float], None]) -> float:
    """Name the series above the plot, in as many rows as it takes. Returns where the plot may start."""
    x, y = 0.0, 10.0
    for series, name in enumerate(names):
        name = shortened(name, WIDTH / 2)
        wide = 18 + width(name) + 18
        if x and x + wide > WIDTH:
            x, y = 0.0, y + 20
        swatch(series, x, y)
        canvas.text(x + 18, y + 4, name)
        x += wide
    return y + 22


def spread(wanted: Sequence[float], least: float, lowest: float) -> list[float]:
    """Positions near the wanted ones, at least ``least`` apart and none past ``lowest``."""
    order = sorted(range(len(wanted)), key=lambda position: wanted[position])
    placed = list(wanted)
    for before, position in itertools.pairwise(order):
        placed[position] = max(placed[position], placed[before] + least)
    limit = lowest
    for position in reversed(order):
        placed[position] = min(placed[position], limit)
        limit = placed[position] - least
    return placed
