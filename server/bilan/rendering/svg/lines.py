"""Lines over time, named where they end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bilan.rendering.svg.elements import GREY, hit, number, text
from bilan.rendering.svg.frame import (
    GAP,
    TOP,
    WIDTH,
    Canvas,
    Plot,
    at,
    category_axis,
    legend,
    points,
    spread,
    value_axis,
)
from bilan.rendering.svg.measure import shortened, width
from bilan.rendering.svg.scale import Scale, scale_for
from bilan.sdk.document import Series

NAMED_AT_END = 6
"""Up to so many lines are named where they end; more get a legend."""
LABEL_ROOM = 170.0
LABEL_HEIGHT = 15.0
KEY_ROOM = 20.0
"""For the piece of a line before its name."""
GROUND = 0.07

Point = tuple[float, float]


def draw_lines(canvas: Canvas) -> None:
    """Draw every series as a line; gaps stay gaps."""
    chart = canvas.chart
    scale = scale_for((v for s in (*chart.series, *chart.previous) for v in s.values), chart.unit)
    names = _end_names(canvas)
    right = max((width(name, strong=True) + KEY_ROOM + GAP for name in names), default=GAP)
    top = TOP
    if len(chart.series) > NAMED_AT_END:
        top = legend(canvas, canvas.names(), lambda place, x, y: _swatch(canvas, place, x, y))
    plot = value_axis(canvas, scale, right=right, top=top)
    x = _across(plot, len(chart.categories))
    category_axis(canvas, plot, x)
    for series in chart.previous:
        canvas.add(*_line(series, plot, scale, x, _previous_pen()))
    if len(chart.series) == 1 and not chart.previous:
        canvas.add(*_grounds(canvas, chart.series[0], plot, scale, x))
    for place, series in enumerate(chart.series):
        canvas.add(*_line(series, plot, scale, x, canvas.paint.line(place), canvas.paint.plain(place)))
    _name_ends(canvas, names, plot, scale, x)
    _hits(canvas, plot, x)


def _end_names(canvas: Canvas) -> list[str]:
    named = 1 < len(canvas.chart.series) <= NAMED_AT_END or bool(canvas.chart.previous)
    if not named or len(canvas.chart.series) > NAMED_AT_END:
        return []
    names = canvas.names() + ([canvas.previous_name()] if canvas.chart.previous else [])
    return [shortened(name, LABEL_ROOM) for name in names]


def _across(plot: Plot, count: int) -> Callable[[int], float]:
    step = plot.width / (count - 1) if count > 1 else 0.0
    start = plot.left if count > 1 else plot.left + plot.width / 2
    return lambda place: start + step * place


def _runs(series: Series, plot: Plot, scale: Scale, x: Callable[[int], float]) -> Iterator[list[Point]]:
    """The unbroken stretches of a line."""
    run: list[Point] = []
    for place, value in enumerate(series.values):
        if value is not None:
            run.append((x(place), plot.y(scale, value)))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _line(
    series: Series, plot: Plot, scale: Scale, x: Callable[[int], float], pen: str, dot: str = f'fill="{GREY}"'
) -> Iterator[str]:
    runs = list(_runs(series, plot, scale, x))
    if long := [points(run) for run in runs if len(run) > 1]:
        yield (
            f'<path d="{"".join(long)}" fill="none" stroke-width="2.2" stroke-linejoin="round"'
            f' stroke-linecap="round" {pen}/>'
        )
    for run in runs:
        if len(run) == 1:  # a lone figure between gaps would not be seen as a line
            yield f'<circle cx="{number(run[0][0])}" cy="{number(run[0][1])}" r="3" {dot}/>'


def _previous_pen() -> str:
    return f'class="previous" stroke="{GREY}" stroke-dasharray="3 4"'


def _grounds(
    canvas: Canvas, series: Series, plot: Plot, scale: Scale, x: Callable[[int], float]
) -> Iterator[str]:
    zero = plot.y(scale, 0)
    for run in _runs(series, plot, scale, x):
        if len(run) > 1:
            outline = [(run[0][0], zero), *run, (run[-1][0], zero)]
            yield f'<path d="{points(outline)}Z" fill-opacity="{GROUND}" {canvas.paint.plain(0)}/>'


def _name_ends(
    canvas: Canvas, names: Sequence[str], plot: Plot, scale: Scale, x: Callable[[int], float]
) -> None:
    if not names:
        return
    lines = [*canvas.chart.series, *canvas.chart.previous[:1]]
    ends = [_end(series, plot, scale, x) for series in lines]
    heights = spread([y for _x, y in ends], LABEL_HEIGHT, plot.bottom)
    for place, (name, end, y) in enumerate(zip(names, ends, heights, strict=True)):
        if place < len(canvas.chart.series):
            canvas.add(
                f'<circle cx="{number(end[0])}" cy="{number(end[1])}" r="3.2" {canvas.paint.plain(place)}/>'
            )
        canvas.add(_key(canvas, place, plot.right + 9, y))
        kind = "ts" if place < len(canvas.chart.series) else "t"
        canvas.add(text(plot.right + 9 + KEY_ROOM, y + 4, name, kind=kind))


def _key(canvas: Canvas, place: int, x: float, y: float) -> str:
    """The line's own colour and dashes before its name: ends that meet cannot tell which is which."""
    pen = canvas.paint.line(place) if place < len(canvas.chart.series) else _previous_pen()
    level = number(y)
    return (
        f'<line x1="{number(x)}" x2="{number(x + 14)}" y1="{level}" y2="{level}" stroke-width="2.2" {pen}/>'
    )


def _end(series: Series, plot: Plot, scale: Scale, x: Callable[[int], float]) -> Point:
    for place in range(len(series.values) - 1, -1, -1):
        if (value := at(series.values, place)) is not None:
            return x(place), plot.y(scale, value)
    return plot.right, plot.bottom


def _swatch(canvas: Canvas, place: int, x: float, y: float) -> str:
    return (
        f'<path d="M{number(x)} {number(y)}h14" fill="none" stroke-width="2.2" {canvas.paint.line(place)}/>'
    )


def _hits(canvas: Canvas, plot: Plot, x: Callable[[int], float]) -> None:
    count = len(canvas.chart.categories)
    half = plot.width / (count - 1) / 2 if count > 1 else plot.width / 2
    for place in range(count):
        left, right = max(x(place) - half, plot.left), min(x(place) + half, WIDTH)
        canvas.add(hit(left, plot.top, right - left, plot.height, canvas.figures(place)))
