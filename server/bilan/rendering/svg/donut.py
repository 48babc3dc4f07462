"""A ring of shares with their names and figures beside it."""

from __future__ import annotations

import math

from bilan.rendering.svg.elements import FONT, PAPER, box, number, text
from bilan.rendering.svg.frame import Canvas
from bilan.rendering.svg.measure import shortened, width
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
        found = [
            (n, float(s.values[0] or 0))
            for n, s in zip(canvas.names(), chart.series, strict=True)
            if s.values
        ]
    else:
        labels = canvas.formatter.labels(chart.categories, chart.category_unit)
        values = chart.series[0].values if chart.series else []
        found = [(label, float(value or 0)) for label, value in zip(labels, values, strict=False)]
    return [one for one in found if one[1]]


def draw_donut(canvas: Canvas, slices: list[Slice]) -> None:
    """Draw the ring, clockwise from the top, and the list that names its slices."""
    slices = _few(canvas, slices)
    total = math.fsum(value for _name, value in slices)
    canvas.height = max(2 * OUTER + 20, ROW * len(slices) + 20)
    centre = canvas.height / 2
    turn = 0.0
    for place, (name, value) in enumerate(slices):
        share = value / total
        title = f"<title>{_plain(canvas.paired(name, value))}</title>"
        canvas.add(
            f'<path d="{_ring(OUTER + 6, centre, turn, turn + share)}" fill-rule="evenodd"'
            f' stroke="{PAPER}" stroke-width="2" {_gap(canvas.paint.fill(place))}>{title}</path>'
        )
        turn += share
    if canvas.chart.unit in _ADDS_UP:
        canvas.add(
            text(OUTER + 6, centre + 4, canvas.value(total), anchor="middle", kind="ts", size=FONT + 8)
        )
        canvas.add(text(OUTER + 6, centre + 22, canvas.formatter.text(_("Total")), anchor="middle"))
    _list(canvas, slices, total, centre)


def _few(canvas: Canvas, slices: list[Slice]) -> list[Slice]:
    if len(slices) <= SLICES:
        return slices
    ranked = sorted(slices, key=lambda one: -one[1])
    rest = math.fsum(value for _name, value in ranked[SLICES - 1 :])
    return [*ranked[: SLICES - 1], (canvas.formatter.text(_("Other")), rest)]


def _list(canvas: Canvas, slices: list[Slice], total: float, centre: float) -> None:
    widest = max(width(shortened(name, NAME_ROOM)) for name, _value in slices)
    figures = NAMES + 22 + widest + 24 + max(width(canvas.value(value)) for _name, value in slices)
    y = centre - ROW * len(slices) / 2 + ROW / 2
    for place, (name, value) in enumerate(slices):
        canvas.add(box(NAMES, y - 6, 12, 12, canvas.paint.fill(place), radius=3))
        canvas.add(text(NAMES + 22, y + 4, shortened(name, NAME_ROOM)))
        canvas.add(text(figures, y + 4, canvas.value(value), anchor="end", kind="ts"))
        share = canvas.formatter.value(value / total, Unit.PROPORTION)
        canvas.add(text(figures + 72, y + 4, share, anchor="end"))
        y += ROW


def _ring(x: float, y: float, start: float, end: float) -> str:
    """A part of the ring between two shares of a turn."""
    if end - start > 0.9999:
        circle = "M{x} {top}A{r} {r} 0 1 1 {x} {bottom}A{r} {r} 0 1 1 {x} {top}Z"
        return "".join(
            circle.format(x=number(x), top=number(y - r), bottom=number(y + r), r=number(r))
            for r in (OUTER, INNER)
        )
    large = int(end - start > 0.5)
    (x1, y1), (x2, y2) = _on(x, y, OUTER, start), _on(x, y, OUTER, end)
    (x3, y3), (x4, y4) = _on(x, y, INNER, end), _on(x, y, INNER, start)
    outer, inner = number(OUTER), number(INNER)
    return (
        f"M{x1} {y1}A{outer} {outer} 0 {large} 1 {x2} {y2}L{x3} {y3}A{inner} {inner} 0 {large} 0 {x4} {y4}Z"
    )


def _on(x: float, y: float, radius: float, turn: float) -> tuple[str, str]:
    angle = 2 * math.pi * turn - math.pi / 2
    return f"{x + radius * math.cos(angle):.2f}", f"{y + radius * math.sin(angle):.2f}"


def _gap(fill: str) -> str:
    # The gap between slices has the paper's colour, which a stylesheet may change.
    return fill.replace('class="', 'class="slice ') if "class=" in fill else f'class="slice" {fill}'


def _plain(content: str) -> str:
    return content.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
