"""Bars, standing or lying, beside each other or stacked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bilan.rendering.svg.elements import FONT, GREY, box, hit, rule, text
from bilan.rendering.svg.frame import (
    GAP,
    TOP,
    WIDTH,
    Canvas,
    at,
    category_axis,
    legend,
    value_axis,
)
from bilan.rendering.svg.measure import shortened, width
from bilan.rendering.svg.scale import Scale, scale_for
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
_PREVIOUS = -1


@dataclass(frozen=True)
class Piece:
    """A bar: in which lane of its category, of which series, from which figure to which."""

    lane: int
    series: int
    start: float
    end: float


def draw_bars(canvas: Canvas, *, stacked: bool) -> None:
    """Draw bars: standing along time, lying where the categories' names need the room."""
    chart = canvas.chart
    pieces = [list(_pieces(chart, place, stacked)) for place in range(len(chart.categories))]
    scale = scale_for(
        (end for piled in pieces for piece in piled for end in (piece.start, piece.end)), chart.unit
    )
    names = canvas.names() + ([canvas.previous_name()] if chart.previous else [])
    top = legend(canvas, names, lambda place, x, y: _swatch(canvas, place, x, y)) if len(names) > 1 else TOP
    lanes = max((piece.lane for piled in pieces for piece in piled), default=0) + 1
    if _lying(canvas):
        _draw_lying(canvas, pieces, scale, lanes, top)
    else:
        _draw_standing(canvas, pieces, scale, lanes, top)


def _pieces(chart: Chart, place: int, stacked: bool) -> Iterator[Piece]:
    if not stacked:
        for number, series in enumerate(chart.series):
            if (value := at(series.values, place)) is not None:
                yield Piece(number, number, 0, value)
        lanes = len(chart.series)
        for number, series in enumerate(chart.previous):
            if (value := at(series.values, place)) is not None:
                yield Piece(lanes + number, _PREVIOUS, 0, value)
        return
    up = down = 0.0
    for number, series in enumerate(chart.series):
        value = at(series.values, place) or 0
        if value > 0:
            yield Piece(0, number, up, up + value)
            up += value
        elif value < 0:
            yield Piece(0, number, down, down + value)
            down += value
    if before := [v for s in chart.previous if (v := at(s.values, place)) is not None]:
        yield Piece(1, _PREVIOUS, 0, sum(before))


def _lying(canvas: Canvas) -> bool:
    chart = canvas.chart
    if chart.category_unit in _ALONG_TIME:
        return False
    labels = canvas.formatter.labels(chart.categories, chart.category_unit)
    slot = (WIDTH - 60) / len(labels)
    return any(width(label) + GAP > slot for label in labels)


def _draw_standing(canvas: Canvas, pieces: list[list[Piece]], scale: Scale, lanes: int, top: float) -> None:
    plot = value_axis(canvas, scale, right=GAP, top=top)
    slot = plot.width / len(pieces)
    bar = min(slot * 0.72 / lanes, WIDEST)
    category_axis(canvas, plot, lambda place: plot.left + slot * (place + 0.5))
    for place, piled in enumerate(pieces):
        start = plot.left + slot * (place + 0.5) - bar * lanes / 2
        for piece in piled:
            y1, y2 = sorted((plot.y(scale, piece.start), plot.y(scale, piece.end)))
            thin = 1 if lanes > 1 and bar > 4 else 0
            x = start + bar * piece.lane
            canvas.add(box(x, y1, bar - thin, y2 - y1 - _seam(piece), _fill(canvas, piece)))
            if lanes == 1 and len(piled) == 1 and _room_for_values(canvas, slot):
                canvas.add(_standing_value(canvas, piece, x + bar / 2, y1, y2))
        canvas.add(hit(plot.left + slot * place, plot.top, slot, plot.height, canvas.figures(place)))
    canvas.add(rule(plot.left, plot.y(scale, 0), plot.right, plot.y(scale, 0), strong=True))


def _standing_value(canvas: Canvas, piece: Piece, x: float, y1: float, y2: float) -> str:
    y = y1 - 5 if piece.end >= 0 else y2 + FONT + 2
    return text(x, y, canvas.value(piece.end), anchor="middle")


def _room_for_values(canvas: Canvas, slot: float) -> bool:
    values = [value for series in canvas.chart.series for value in series.values]
    return len(values) <= 14 and all(width(canvas.value(value)) + 4 <= slot for value in values)


def _draw_lying(canvas: Canvas, pieces: list[list[Piece]], scale: Scale, lanes: int, top: float) -> None:
    chart = canvas.chart
    labels = canvas.formatter.labels(chart.categories, chart.category_unit)[:LYING]
    ends = [canvas.value(_last(piled)) for piled in pieces[:LYING]]
    left = min(max(map(width, labels)), LABEL_ROOM) + GAP
    room = max(map(width, ends)) + GAP
    # Figures left of zero stand left of their bars.
    start = left + (room if scale.low < 0 else 0)
    length = WIDTH - room - start
    row = ROW * lanes + (13 if lanes > 1 else 15)
    y = top
    zero = start + scale.share(0) * length
    for place, (label, piled) in enumerate(zip(labels, pieces, strict=False)):
        middle = y + row / 2
        canvas.add(text(left - GAP, middle + 4, shortened(label, LABEL_ROOM), anchor="end"))
        bar = row - 11 if lanes == 1 else ROW
        for piece in piled:
            x1, x2 = sorted(start + scale.share(end) * length for end in (piece.start, piece.end))
            at_y = middle - bar * lanes / 2 + bar * piece.lane
            thin = 1 if lanes > 1 else 0
            canvas.add(box(x1, at_y, x2 - x1 - _seam(piece), bar - thin, _fill(canvas, piece)))
            if lanes > 1:
                canvas.add(_lying_value(canvas, piece.end, x1, x2, at_y + bar - 4))
        if lanes == 1 and piled:
            edges = [start + scale.share(end) * length for p in piled for end in (p.start, p.end)]
            canvas.add(_lying_value(canvas, _last(piled) or 0, min(edges), max(edges), middle + 4))
        canvas.add(hit(0, y, WIDTH, row, canvas.figures(place)))
        y += row
    canvas.add(rule(zero, top, zero, y, strong=True))
    if left_out := len(pieces) - len(labels):
        sentence = ngettext("and {count} more in the table", "and {count} more in the table", count=left_out)
        canvas.add(text(start, y + 16, canvas.formatter.text(sentence)))
        y += 22
    canvas.height = y + 6


def _lying_value(canvas: Canvas, value: float, x1: float, x2: float, y: float) -> str:
    if value < 0:
        return text(x1 - 6, y, canvas.value(value), anchor="end")
    return text(x2 + 6, y, canvas.value(value))


def _last(piled: list[Piece]) -> float | None:
    """The figure written at the end of a row: the bar's, or the sum of a stack."""
    current = [piece for piece in piled if piece.series != _PREVIOUS]
    return sum(piece.end - piece.start for piece in current) if current else None


def _seam(piece: Piece) -> float:
    """A sliver between stacked pieces, so that they are told apart without their colours."""
    return 1.0 if piece.start else 0.0


def _fill(canvas: Canvas, piece: Piece) -> str:
    if piece.series == _PREVIOUS:
        return f'class="previous-bar" fill="{GREY}" fill-opacity=".45"'
    return canvas.paint.fill(piece.series)


def _swatch(canvas: Canvas, place: int, x: float, y: float) -> str:
    series = place if place < len(canvas.chart.series) else _PREVIOUS
    return box(x, y - 6, 12, 12, _fill(canvas, Piece(0, series, 0, 0)), radius=3)
