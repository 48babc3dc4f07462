"""The parts that charts with axes share: the canvas, the grid, the labels, the legend."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bilan.rendering.svg.elements import FONT, Paint, number, rule, text
from bilan.rendering.svg.measure import shortened, width
from bilan.rendering.svg.scale import Scale
from bilan.sdk.document import Chart
from bilan.sdk.rendering import Formatter
from bilan.sdk.textdomain import _

WIDTH = 840.0
HEIGHT = 280.0
TOP = 14.0
BOTTOM = 30.0
GAP = 12.0
_EVERY = (1, 2, 3, 4, 5, 6, 7, 10, 14, 15, 20, 30, 50, 60, 90, 100, 180, 365)


@dataclass
class Canvas:
    """What one chart is drawn with and onto. ``parts`` are elements, back to front."""

    chart: Chart
    formatter: Formatter
    paint: Paint
    height: float = HEIGHT
    parts: list[str] = field(default_factory=list[str])

    @cached_property
    def _pair(self) -> str:
        # Asked for once: it is filled in for every figure that can be pointed at.
        return self.formatter.text(_("{series}: {figure}", series="{0}", figure="{1}"))

    def paired(self, name: str, value: float | None) -> str:
        """A figure after its name."""
        return self._pair.format(name, self.value(value))

    def add(self, *elements: str) -> None:
        """Put elements in front of what is there."""
        self.parts += elements

    def names(self) -> list[str]:
        """The names of the series."""
        return [self.formatter.text(series.label) for series in self.chart.series]

    def previous_name(self) -> str:
        """What the comparison is called in the picture."""
        return self.formatter.text(_("Previous period"))

    def value(self, value: float | None) -> str:
        """A figure in words."""
        return self.formatter.value(value, self.chart.unit)

    def figures(self, place: int) -> str:
        """All figures of a category in one line, for its hover title."""
        label = self.formatter.value(self.chart.categories[place], self.chart.category_unit)
        named = [(self.formatter.text(s.label), s.values) for s in self.chart.series]
        named += [
            (f"{self.formatter.text(s.label)} – {self.previous_name()}", s.values)
            for s in self.chart.previous
        ]
        figures = (self.paired(name, at(values, place)) for name, values in named)
        return f"{label}\n" + "\n".join(figures)


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


def at(values: Sequence[float | None], place: int) -> float | None:
    """A series' value for a category; ``None`` past its end."""
    return values[place] if place < len(values) else None


def value_axis(canvas: Canvas, scale: Scale, *, right: float, top: float = TOP) -> Plot:
    """Draw the grid with its labels; what is left is the plot. ``right`` is kept free at the end."""
    labels = canvas.formatter.labels(scale.ticks, canvas.chart.unit)
    plot = Plot(max(map(width, labels)) + GAP, top, WIDTH - right, canvas.height - BOTTOM)
    for tick, label in zip(scale.ticks, labels, strict=True):
        y = plot.y(scale, tick)
        canvas.add(rule(plot.left, y, plot.right, y, strong=tick == 0))
        canvas.add(text(plot.left - 8, y + 4, label, anchor="end"))
    return plot


def category_axis(canvas: Canvas, plot: Plot, x: Callable[[int], float]) -> None:
    """Write as many categories below the plot as fit, all of them inside the picture."""
    chart = canvas.chart
    labels = canvas.formatter.labels(chart.categories, chart.category_unit)
    slot = plot.width / max(len(labels), 1)
    widest = max(map(width, labels))
    fits = (every for every in _EVERY if every * slot >= widest + 2 * GAP)
    every = next(fits, max(len(labels), 1))
    room = max(every * slot - 6, 40)
    for place in range(0, len(labels), every):
        label = shortened(labels[place], room)
        half = width(label) / 2
        middle = min(max(x(place), half), WIDTH - half)
        canvas.add(text(middle, canvas.height - 10, label, anchor="middle"))


def legend(canvas: Canvas, names: Sequence[str], swatch: Callable[[int, float, float], str]) -> float:
    """Name the series above the plot, in as many rows as it takes. Returns where the plot may start."""
    x, y = 0.0, 10.0
    for place, name in enumerate(names):
        name = shortened(name, WIDTH / 2)
        wide = 18 + width(name) + 18
        if x and x + wide > WIDTH:
            x, y = 0.0, y + 20
        canvas.add(swatch(place, x, y), text(x + 18, y + 4, name))
        x += wide
    return y + 22


def spread(wanted: Sequence[float], least: float, lowest: float) -> list[float]:
    """Positions near the wanted ones, at least ``least`` apart and none past ``lowest``."""
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    placed = list(wanted)
    for before, place in itertools.pairwise(order):
        placed[place] = max(placed[place], placed[before] + least)
    limit = lowest
    for place in reversed(order):
        placed[place] = min(placed[place], limit)
        limit = placed[place] - least
    return placed


def nothing(canvas: Canvas) -> None:
    """Say calmly that there is nothing to draw."""
    canvas.height = 120
    sentence = canvas.formatter.text(_("No figures in this period"))
    canvas.add(text(WIDTH / 2, canvas.height / 2, sentence, anchor="middle", size=FONT + 2))


def points(pairs: Sequence[tuple[float, float]]) -> str:
    """A path through points."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in pairs)
