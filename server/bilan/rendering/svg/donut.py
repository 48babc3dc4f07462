"""A ring of shares with their names and figures beside it."""

from __future__ import annotations

import math

from bilan.rendering.svg.canvas import Arc, Canvas, Point
from bilan.rendering.svg.paint import PAPER
from bilan.rendering.text_width import FONT, shortened, width
from bilan.sdk.textdomain import _
from bilan.sdk.units import Unit

SLICES = 8
"""Smaller shares than the seven largest become one slice."""
OUTER, INNER = 104.0, 68.0
ROW = 27.0
NAMES = 300.0
NAME_ROOM = 250.0
_ADDS_UP = frozenset({Unit.COUNT, Unit.NUMBER, Unit.BYTES, Unit.SECONDS})

Slice = tuple[str, float]


def slices_of(canvas: Canvas) -> list[Slice]:
    """Names and figures: of the categories, or of the series where there is one category."""
    chart = canvas.chart
    if len(chart.series) > 1:
        named = zip(canvas.names(), chart.series, strict=True)
        slices = [(name, float(series.values[0] or 0)) for name, series in named if series.values]
    else:
        values = chart.series[0].values if chart.series else []
        slices = [(label, float(value or 0)) for label, value in zip(canvas.labels, values, strict=False)]
    return [(name, value) for name, value in slices if value]


def draw_donut(canvas: Canvas, slices: list[Slice]) -> None:
    """Draw the ring, clockwise from the top, and the list that names its slices."""
    slices = _few(canvas, slices)
    total = math.fsum(value for _name, value in slices)
    canvas.height = max(2 * OUTER + 20, ROW * len(slices) + 20)
    centre = canvas.height / 2
    turn = 0.0
    for series, (name, value) in enumerate(slices):
        share = value / total
        paint = canvas.paint.fill(series)
        # The gap between slices has the paper's colour, which a stylesheet may change.
        paint |= {"class": f"slice {paint.get('class', '')}".strip(), "stroke": PAPER, "stroke-width": "2"}
        paint["fill-rule"] = "evenodd"
        ring = _ring(OUTER + 6, centre, turn, turn + share)
        canvas.path(ring, paint, closed=True, title=canvas.paired(name, value))
        turn += share
    if canvas.chart.unit in _ADDS_UP:
        canvas.text(OUTER + 6, centre + 4, canvas.value(total), anchor="middle", strong=True, size=FONT + 8)
        canvas.text(OUTER + 6, centre + 22, canvas.formatter.text(_("Total")), anchor="middle")
    _list(canvas, slices, total, centre)


def _few(canvas: Canvas, slices: list[Slice]) -> list[Slice]:
    if len(slices) <= SLICES:
        return slices
    ranked = sorted(slices, key=lambda named: -named[1])
    rest = math.fsum(value for _name, value in ranked[SLICES - 1 :])
    return [*ranked[: SLICES - 1], (canvas.formatter.text(_("Other")), rest)]


def _list(canvas: Canvas, slices: list[Slice], total: float, centre: float) -> None:
    widest = max(width(shortened(name, NAME_ROOM)) for name, _value in slices)
    figures = NAMES + 22 + widest + 24 + max(width(canvas.value(value), strong=True) for _n, value in slices)
    y = centre - ROW * len(slices) / 2 + ROW / 2
    for series, (name, value) in enumerate(slices):
        canvas.box(NAMES, y - 6, 12, 12, canvas.paint.fill(series), radius=3)
        canvas.text(NAMES + 22, y + 4, shortened(name, NAME_ROOM))
        canvas.text(figures, y + 4, canvas.value(value), anchor="end", strong=True)
        canvas.text(figures + 72, y + 4, canvas.formatter.value(value / total, Unit.PROPORTION), anchor="end")
        y += ROW


def _ring(x: float, y: float, start: float, end: float) -> list[list[Point | Arc]]:
    """A part of the ring between two shares of a turn; a whole one as two circles."""
    if end - start > 0.9999:
        return [[(x, y - r), (r, 1, 1, x, y + r), (r, 1, 1, x, y - r)] for r in (OUTER, INNER)]
    large = int(end - start > 0.5)
    arcs = (OUTER, large, 1, *_on(x, y, OUTER, end)), (INNER, large, 0, *_on(x, y, INNER, start))
    return [[_on(x, y, OUTER, start), arcs[0], _on(x, y, INNER, end), arcs[1]]]


def _on(x: float, y: float, radius: float, turn: float) -> Point:
    angle = 2 * math.pi * turn - math.pi / 2
    return x + radius * math.cos(angle), y + radius * math.sin(angle)
