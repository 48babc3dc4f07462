"""Bars, standing or lying, beside each other or stacked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from bilan.rendering.series import at
from bilan.rendering.svg.axes import GAP, TOP, category_axis, legend, value_axis
from bilan.rendering.svg.canvas import WIDTH, Canvas
from bilan.rendering.svg.paint import PREVIOUS
from bilan.rendering.svg.scale import Scale, scale_for
from bilan.rendering.text_width import FONT, shortened, width
from bilan.sdk.document import Chart
from bilan.sdk.textdomain import ngettext
from bilan.sdk.units import Unit

WIDEST = 56.0
"""The widest a standing bar gets."""
LYING = 24
"""How many lying bars are drawn at most; the table below the chart has all."""
LABEL_ROOM = 240.0
ROW = 15.0
_ALONG_TIME = frozenset({Unit.DATE, Unit.INSTANT})


@dataclass(frozen=True)
class Bar:
    """A bar: in which lane of its category, of which series, from which figure to which."""

    lane: int
    series: int
    start: float
    end: float

    @property
    def seam(self) -> float:
        """A sliver between stacked bars, so that they are told apart without their colours."""
        return 1.0 if self.start else 0.0


def draw_bars(canvas: Canvas, *, stacked: bool) -> None:
    """Draw bars: standing along time, lying where the categories' names need the room."""
    chart = canvas.chart
    bars = [list((_stacked if stacked else _beside)(chart, n)) for n in range(len(chart.categories))]
    scale = scale_for((end for some in bars for bar in some for end in (bar.start, bar.end)), chart.unit)
    names = canvas.names() + ([canvas.previous_name()] if chart.previous else [])
    top = legend(canvas, names, partial(_swatch, canvas)) if len(names) > 1 else TOP
    lanes = max((bar.lane for some in bars for bar in some), default=0) + 1
    (_draw_lying if _lying(canvas) else _draw_standing)(canvas, bars, scale, lanes, top)


def _beside(chart: Chart, category: int) -> Iterator[Bar]:
    for lane, series in enumerate((*chart.series, *chart.previous)):
        if (value := at(series.values, category)) is not None:
            yield Bar(lane, lane if lane < len(chart.series) else PREVIOUS, 0, value)


def _stacked(chart: Chart, category: int) -> Iterator[Bar]:
    ends = {True: 0.0, False: 0.0}
    for number, series in enumerate(chart.series):
        if value := at(series.values, category) or 0:
            start = ends[value > 0]
            ends[value > 0] += value
            yield Bar(0, number, start, ends[value > 0])
    if before := [v for s in chart.previous if (v := at(s.values, category)) is not None]:
        yield Bar(1, PREVIOUS, 0, sum(before))


def _lying(canvas: Canvas) -> bool:
    slot = (WIDTH - 60) / len(canvas.labels)
    along_time = canvas.chart.category_unit in _ALONG_TIME
    return not along_time and any(width(label) + GAP > slot for label in canvas.labels)


def _draw_standing(canvas: Canvas, bars: list[list[Bar]], scale: Scale, lanes: int, top: float) -> None:
    plot = value_axis(canvas, scale, right=GAP, top=top)
    slot = plot.width / len(bars)
    wide = min(slot * 0.72 / lanes, WIDEST)
    thin = 1 if lanes > 1 and wide > 4 else 0
    category_axis(canvas, plot, lambda category: plot.left + slot * (category + 0.5))
    for category, some in enumerate(bars):
        start = plot.left + slot * (category + 0.5) - wide * lanes / 2
        for bar in some:
            y1, y2 = sorted((plot.y(scale, bar.start), plot.y(scale, bar.end)))
            x = start + wide * bar.lane
            canvas.box(x, y1, wide - thin, y2 - y1 - bar.seam, canvas.paint.fill(bar.series))
            if lanes == 1 and len(some) == 1 and _room_for_values(canvas, slot):
                y = y1 - 5 if bar.end >= 0 else y2 + FONT + 2
                canvas.text(x + wide / 2, y, canvas.value(bar.end), anchor="middle")
        canvas.hit(plot.left + slot * category, plot.top, slot, plot.height, category)
    canvas.rule(plot.left, plot.y(scale, 0), plot.right, plot.y(scale, 0), strong=True)


def _room_for_values(canvas: Canvas, slot: float) -> bool:
    values = [value for series in canvas.chart.series for value in series.values]
    return len(values) <= 14 and all(width(canvas.value(value)) + 4 <= slot for value in values)


def _draw_lying(canvas: Canvas, bars: list[list[Bar]], scale: Scale, lanes: int, top: float) -> None:
    labels = canvas.labels[:LYING]
    left = min(max(map(width, labels)), LABEL_ROOM) + GAP
    room = max(width(canvas.value(_last(some))) for some in bars[:LYING]) + GAP
    # Figures left of zero stand left of their bars.
    start = left + (room if scale.low < 0 else 0)
    length = WIDTH - room - start
    row = ROW * lanes + (13 if lanes > 1 else 15)
    tall, thin = (row - 11, 0) if lanes == 1 else (ROW, 1)
    y = top
    for category, (label, some) in enumerate(zip(labels, bars, strict=False)):
        middle = y + row / 2
        canvas.text(left - GAP, middle + 4, shortened(label, LABEL_ROOM), anchor="end")
        edges: list[float] = []
        for bar in some:
            x1, x2 = sorted(start + scale.share(end) * length for end in (bar.start, bar.end))
            edges += (x1, x2)
            at_y = middle - tall * lanes / 2 + tall * bar.lane
            canvas.box(x1, at_y, x2 - x1 - bar.seam, tall - thin, canvas.paint.fill(bar.series))
            if lanes > 1:
                _lying_value(canvas, bar.end, x1, x2, at_y + tall - 4)
        if lanes == 1 and some:
            _lying_value(canvas, _last(some) or 0, min(edges), max(edges), middle + 4)
        canvas.hit(0, y, WIDTH, row, category)
        y += row
    zero = start + scale.share(0) * length
    canvas.rule(zero, top, zero, y, strong=True)
    if left_out := len(bars) - len(labels):
        sentence = ngettext("and {count} more in the table", "and {count} more in the table", count=left_out)
        canvas.text(start, y + 16, canvas.formatter.text(sentence))
        y += 22
    canvas.height = y + 6


def _lying_value(canvas: Canvas, value: float, x1: float, x2: float, y: float) -> None:
    if value < 0:
        canvas.text(x1 - 6, y, canvas.value(value), anchor="end")
    else:
        canvas.text(x2 + 6, y, canvas.value(value))


def _last(bars: list[Bar]) -> float | None:
    """The figure written at the end of a row: the bar's, or the sum of a stack."""
    current = [bar.end - bar.start for bar in bars if bar.series != PREVIOUS]
    return sum(current) if current else None


def _swatch(canvas: Canvas, number: int, x: float, y: float) -> None:
    series = number if number < len(canvas.chart.series) else PREVIOUS
    canvas.box(x, y - 6, 12, 12, canvas.paint.fill(series), radius=3)
