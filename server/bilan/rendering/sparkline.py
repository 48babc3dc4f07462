"""Sparkline of a headline figure: the line of a chart in the same document that it sums up."""

from __future__ import annotations

from collections.abc import Sequence

from bilan.sdk.document import Document, Kpi, Kpis
from bilan.sdk.origins import Origin
from bilan.sdk.units import Unit
from bilan.sdk.walk import charts_of

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
