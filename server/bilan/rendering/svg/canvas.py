"""The canvas that a chart is drawn on: elements of SVG, mirrored where the language runs from right to left.

Coordinates are turned round one by one, rather than the whole by a transform,
so that programs that read the picture find things where they are seen.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal
from xml.etree.ElementTree import Element, SubElement

from bilan.rendering.series import at, categories_of
from bilan.rendering.svg.paint import GREY, GRID, STRONG, TEXT, Attributes, Paint
from bilan.rendering.text_width import FONT
from bilan.sdk.document import Chart
from bilan.sdk.rendering import Formatter
from bilan.sdk.textdomain import _
from bilan.sdk.units import Unit

WIDTH = 840.0
HEIGHT = 280.0
RIGHT_TO_LEFT_MARK = "\u200f"

Anchor = Literal["start", "middle", "end"]
Point = tuple[float, float]
Arc = tuple[float, int, int, float, float]
"""Radius, whether it is the large one, whether it runs clockwise, and where it ends."""
_OPPOSITE: dict[Anchor, Anchor] = {"start": "end", "end": "start", "middle": "middle"}


def number(value: float, digits: int = 1) -> str:
    """A coordinate with as few decimals as it needs."""
    return f"{value:.{digits}f}".rstrip("0").rstrip(".")


@dataclass
class Canvas:
    """What one chart is drawn with and onto. ``elements`` stand back to front; ``still`` without areas to
    point at."""

    chart: Chart
    formatter: Formatter
    paint: Paint
    still: bool = False
    height: float = HEIGHT
    elements: list[Element] = field(default_factory=list[Element])

    def text(
        self, x: float, y: float, content: str, *, anchor: Anchor = "start", strong: bool = False,
        size: int = FONT, ink: bool = False,
    ) -> None:  # fmt: skip
        """A line of text; in ``ink`` where it stands on a colour."""
        if self._mirrored:
            anchor = _OPPOSITE[anchor]
            if any(unicodedata.bidirectional(char) in ("R", "AL") for char in content):
                content = f"{RIGHT_TO_LEFT_MARK}{content}{RIGHT_TO_LEFT_MARK}"
        attributes = {"x": self._x(x), "y": number(y), "class": "ts" if strong or ink else "t"}
        attributes |= {"fill": STRONG if strong or ink else TEXT}
        attributes |= {"font-weight": "600"} if strong else {}
        attributes |= {} if anchor == "start" else {"text-anchor": anchor}
        self._add("text", attributes | ({} if size == FONT else {"font-size": str(size)})).text = content

    def rule(self, x1: float, y1: float, x2: float, y2: float, *, strong: bool = False) -> None:
        """A line of the grid, or the strong one that bars stand on."""
        kind, colour = ("axis", GREY) if strong else ("grid", GRID)
        self.segment(x1, y1, x2, y2, {"class": kind, "stroke": colour})

    def segment(self, x1: float, y1: float, x2: float, y2: float, paint: Attributes) -> None:
        """A straight line."""
        ends = {"x1": self._x(x1), "y1": number(y1), "x2": self._x(x2), "y2": number(y2)}
        self._add("line", ends | paint)

    def circle(self, x: float, y: float, radius: float, paint: Attributes) -> None:
        """A dot."""
        self._add("circle", {"cx": self._x(x), "cy": number(y), "r": number(radius)} | paint)

    def box(self, x: float, y: float, wide: float, tall: float, paint: Attributes, radius: float = 2) -> None:
        """A rectangle; never thinner than half a unit, so that a small figure is still seen."""
        self._rectangle(x, y, max(wide, 0.5), max(tall, 0.5), {"rx": number(radius)} | paint)

    def hit(
        self, x: float, y: float, wide: float, tall: float, category: int, series: int | None = None
    ) -> None:
        """An invisible area whose title says a category's figures, or one of them, when it is pointed at."""
        if not self.still:
            ground = {"class": "hit", "fill": "#000", "fill-opacity": "0"}
            area = self._rectangle(x, y, wide, tall, ground)
            SubElement(area, "title").text = (
                self._figures(category) if series is None else self._figure(category, series)
            )

    def path(
        self, runs: Sequence[Sequence[Point | Arc]], paint: Attributes, *, closed: bool = False,
        title: str = "",
    ) -> None:  # fmt: skip
        """Lines and arcs, one run of them after the other."""
        ending = "Z" if closed else ""
        drawn = "".join("M" + "".join(map(self._step, run)).removeprefix("L") + ending for run in runs)
        path = self._add("path", {"d": drawn} | paint)
        if title:
            SubElement(path, "title").text = title

    def names(self) -> list[str]:
        """The names of the series."""
        return [self.formatter.text(series.label) for series in self.chart.series]

    @cached_property
    def categories(self) -> Sequence[str]:
        """The categories, those that are codes in words."""
        return categories_of(self.chart, self.formatter)

    @cached_property
    def labels(self) -> Sequence[str]:
        """The categories in words."""
        return self.formatter.labels(self.categories, self.chart.category_unit)

    def previous_name(self) -> str:
        """What the comparison is called in the picture."""
        return self.formatter.text(_("Previous period"))

    def value(self, value: float | None) -> str:
        """A figure in words."""
        return self.formatter.value(value, self.chart.unit)

    def paired(self, name: str, value: float | None) -> str:
        """A figure after its name."""
        return self._pair.format(name, self.value(value))

    @cached_property
    def _pair(self) -> str:
        # Asked for once: it is filled in for every figure that can be pointed at.
        return self.formatter.text(_("{series}: {figure}", series="{0}", figure="{1}"))

    def _figure(self, category: int, series: int) -> str:
        """One figure of a category, below what both are called."""
        label = self.formatter.value(self.categories[category], self.chart.category_unit)
        name = self.formatter.text(self.chart.series[series].label)
        return f"{name}, {label}\n{self.value(at(self.chart.series[series].values, category))}"

    def _figures(self, category: int) -> str:
        """All figures of a category, a line each."""
        label = self.formatter.value(self.categories[category], self.chart.category_unit)
        named = [(self.formatter.text(s.label), s.values) for s in self.chart.series]
        before = [
            (f"{self.formatter.text(s.label)} – {self.previous_name()}", s.values)
            for s in self.chart.previous
        ]
        figures = [self.paired(name, at(values, category)) for name, values in named + before]
        for one in self.chart.beside:
            counted = self.formatter.value(at(one.values, category), Unit.COUNT)
            figures.append(self._pair.format(self.formatter.text(one.label), counted))
        return "\n".join((label, *figures))

    @cached_property
    def _mirrored(self) -> bool:
        return self.formatter.direction == "rtl"

    def _x(self, x: float, digits: int = 1) -> str:
        return number(WIDTH - x if self._mirrored else x, digits)

    def _step(self, step: Point | Arc) -> str:
        if len(step) == 2:
            return f"L{self._x(step[0])} {number(step[1])}"
        radius, large, clockwise, x, y = step
        turn = 1 - clockwise if self._mirrored else clockwise
        return f"A{number(radius)} {number(radius)} 0 {large} {turn} {self._x(x, 2)} {number(y, 2)}"

    def _rectangle(self, x: float, y: float, wide: float, tall: float, paint: Attributes) -> Element:
        left = x + wide if self._mirrored else x
        place = {"x": self._x(left), "y": number(y), "width": number(wide), "height": number(tall)}
        return self._add("rect", place | paint)

    def _add(self, tag: str, attributes: Attributes) -> Element:
        self.elements.append(Element(tag, attributes))
        return self.elements[-1]
