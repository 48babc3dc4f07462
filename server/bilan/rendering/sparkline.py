"""Sparkline of a headline figure: the line of a chart in the same document that it sums up."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from bilan.rendering.svg.canvas import Point, number
from bilan.rendering.svg.lines import stretches
from bilan.rendering.svg.paint import COLOURS
from bilan.sdk.document import Document, Kpi, Kpis
from bilan.sdk.origins import Origin
from bilan.sdk.units import Unit
from bilan.sdk.walk import charts_of

WIDTH, HEIGHT = 120.0, 32.0
"""The room that the line is drawn in, which is stretched to the room there is."""
EDGE = 2.0
"""Kept free above and below, so that the line is nowhere cut in half."""
TIMES = frozenset({Unit.DATE, Unit.INSTANT})

Sparkline = Sequence[int | float | None]


def sparkline(document: Document, kpis: Kpis, tile: Kpi) -> Sparkline:
    """The figure through the days that it covers, or nothing where no chart tells exactly that.

    A chart tells it that draws the same metric over time, counted from the
    same facts in the same days. One over fewer days, or of another selection,
    would look like a course and be none.
    """
    if kpis.origin is None or tile.metric is None:
        return ()
    for chart in charts_of(document.blocks):
        if chart.category_unit in TIMES and chart.origin is not None and _alike(chart.origin, kpis.origin):
            for series in chart.series:
                if series.metric == tile.metric:
                    return series.values
    return ()


def _alike(one: Origin, other: Origin) -> bool:
    return (one.dataset, one.where, one.span) == (other.dataset, other.where, other.span)


def draw_sparkline(values: Sparkline) -> Markup:
    """The values as a line on its ground, from zero up; gaps stay gaps. Nothing where there are not two.

    It names no figure, so it is hidden from those who hear the page: the
    figure stands beside it, and the chart that has the same line names all.
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return Markup("")
    low, high = min(0, *known), max(0, *known)
    across, up = WIDTH / (len(values) - 1), (HEIGHT - 2 * EDGE) / ((high - low) or 1)

    def y(value: float) -> float:
        return HEIGHT - EDGE - (value - low) * up

    runs = stretches(values, lambda position, value: (position * across, y(value)))
    line = "".join(map(_path, runs))
    ground = "".join(f"{_path(run)}V{number(y(0))}H{number(run[0][0])}Z" for run in runs)
    return Markup(  # noqa: S704 - nothing but numbers
        f'<svg class="spark" viewBox="0 0 {number(WIDTH)} {number(HEIGHT)}" width="{number(WIDTH)}"'
        f' height="{number(HEIGHT)}" preserveAspectRatio="none" aria-hidden="true">'
        f'<path d="{ground}" class="f1" fill="{COLOURS[0]}" fill-opacity=".1"/>'
        f'<path d="{line}" class="l1" stroke="{COLOURS[0]}" fill="none" stroke-width="1.75"'
        ' stroke-linejoin="round" stroke-linecap="round" vector-effect="non-scaling-stroke"/></svg>'
    )


def _path(run: Sequence[Point]) -> str:
    (x, y), *rest = run
    # A single point is a line of no length, which its round ends make a dot.
    return f"M{number(x)} {number(y)}" + "".join(f"L{number(x)} {number(y)}" for x, y in rest or run[:1])
