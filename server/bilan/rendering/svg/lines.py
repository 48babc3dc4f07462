"""Lines over time, named where they end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby

from bilan.rendering.svg.axes import GAP, TOP, Plot, category_axis, legend, spread, value_axis
from bilan.rendering.svg.canvas import WIDTH, Canvas, Point
from bilan.rendering.svg.paint import GREY, PREVIOUS, Attributes
from bilan.rendering.svg.scale import scale_for
from bilan.rendering.text_width import shortened, width

NAMED_AT_END = 6
"""Up to so many lines are named where they end; more get a legend."""
LABEL_ROOM = 170.0
LABEL_HEIGHT = 15.0
KEY_ROOM = 20.0
"""For the piece of a line before its name."""
STROKE = {"fill": "none", "stroke-width": "2.2", "stroke-linejoin": "round", "stroke-linecap": "round"}

Values = Sequence[float | None]


def draw_lines(canvas: Canvas) -> None:
    """Draw every series as a line; gaps stay gaps."""
    chart, paint = canvas.chart, canvas.paint
    scale = scale_for((v for s in (*chart.series, *chart.previous) for v in s.values), chart.unit)
    names = _end_names(canvas)
    right = max((width(name, strong=True) + KEY_ROOM + GAP for name in names), default=GAP)
    many = len(chart.series) > NAMED_AT_END
    top = legend(canvas, canvas.names(), partial(_swatch, canvas)) if many else TOP
    plot = value_axis(canvas, scale, right=right, top=top)
    x = _across(plot, len(chart.categories))
    category_axis(canvas, plot, x)

    def traced(values: Values) -> list[list[Point]]:
        return stretches(values, lambda category, value: (x(category), plot.y(scale, value)))

    for series in chart.previous:
        _line(canvas, traced(series.values), paint.line(PREVIOUS), {"fill": GREY})
    if len(chart.series) == 1 and not chart.previous:
        _ground(canvas, traced(chart.series[0].values), plot.y(scale, 0))
    for number, series in enumerate(chart.series):
        _line(canvas, traced(series.values), paint.line(number), paint.plain(number))
    if names:
        lines = (*chart.series, *chart.previous[:1])
        _name_ends(canvas, names, [_end(traced(one.values), plot) for one in lines], plot)
    _hits(canvas, plot, x)


def stretches(values: Values, point: Callable[[int, float], Point]) -> list[list[Point]]:
    """The unbroken stretches of a line; a point between two gaps is one too."""
    grouped = groupby(enumerate(values), lambda numbered: numbered[1] is None)
    return [[point(n, value) for n, value in some if value is not None] for gap, some in grouped if not gap]


def _end_names(canvas: Canvas) -> list[str]:
    chart = canvas.chart
    if len(chart.series) > NAMED_AT_END or not (len(chart.series) > 1 or chart.previous):
        return []
    names = canvas.names() + ([canvas.previous_name()] if chart.previous else [])
    return [shortened(name, LABEL_ROOM) for name in names]


def _across(plot: Plot, count: int) -> Callable[[int], float]:
    step = plot.width / (count - 1) if count > 1 else 0.0
    start = plot.left if count > 1 else plot.left + plot.width / 2
    return lambda category: start + step * category


def _line(canvas: Canvas, runs: list[list[Point]], line: Attributes, dot: Attributes) -> None:
    if long := [run for run in runs if len(run) > 1]:
        canvas.path(long, STROKE | line)
    for run in runs:
        if len(run) == 1:  # a lone figure between gaps would not be seen as a line
            canvas.circle(*run[0], 3, dot)


def _ground(canvas: Canvas, runs: list[list[Point]], zero: float) -> None:
    for run in runs:
        if len(run) > 1:
            outline = [(run[0][0], zero), *run, (run[-1][0], zero)]
            canvas.path([outline], {"fill-opacity": "0.07"} | canvas.paint.plain(0), closed=True)


def _name_ends(canvas: Canvas, names: Sequence[str], ends: Sequence[Point], plot: Plot) -> None:
    heights = spread([y for _x, y in ends], LABEL_HEIGHT, plot.bottom)
    for number, (name, end, y) in enumerate(zip(names, ends, heights, strict=True)):
        current = number < len(canvas.chart.series)
        if current:
            canvas.circle(*end, 3.2, canvas.paint.plain(number))
        # The line's own colour and dashes: ends that meet cannot tell which is which.
        line = canvas.paint.line(number if current else PREVIOUS)
        x = plot.right + 9
        canvas.segment(x, y, x + 14, y, {"stroke-width": "2.2"} | line)
        canvas.text(x + KEY_ROOM, y + 4, name, strong=current)


def _end(runs: list[list[Point]], plot: Plot) -> Point:
    return runs[-1][-1] if runs else (plot.right, plot.bottom)


def _swatch(canvas: Canvas, series: int, x: float, y: float) -> None:
    canvas.path([[(x, y), (x + 14, y)]], {"fill": "none", "stroke-width": "2.2"} | canvas.paint.line(series))


def _hits(canvas: Canvas, plot: Plot, x: Callable[[int], float]) -> None:
    count = len(canvas.chart.categories)
    half = plot.width / (count - 1) / 2 if count > 1 else plot.width / 2
    for category in range(count):
        left, right = max(x(category) - half, plot.left), min(x(category) + half, WIDTH)
        canvas.hit(left, plot.top, right - left, plot.height, category)
