"""What a native chart is made of: its kind, its categories and its series."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE

from bilan.rendering.deck.categories import hours_by_day, read_days
from bilan.rendering.deck.deck import Deck
from bilan.rendering.deck.words import clean, wide
from bilan.rendering.series import at, categories_of, named_series
from bilan.sdk.document import Chart, ChartKind
from bilan.sdk.periods import DAY
from bilan.sdk.units import Unit

MINUTE, HOUR = 60, 3600
FORMATS = {
    Unit.PROPORTION: "0.0%", Unit.NUMBER: "#,##0.##", Unit.COUNT: "#,##0", Unit.BYTES: "#,##0",
}  # fmt: skip
"""How the office program writes figures of a unit."""
DURATIONS = ((2 * HOUR, HOUR, '#,##0.0" h"'), (2 * MINUTE, MINUTE, '#,##0.0" min"'), (0, 1, '#,##0" s"'))
"""From so many seconds on, how many seconds one is that the office program writes, and how."""


def measure_of(chart: Chart) -> tuple[int, str]:
    """What the figures of a chart are divided by, and how the office program writes them."""
    if chart.unit is not Unit.SECONDS:
        return 1, FORMATS.get(chart.unit, "General")
    highest = max(abs(value or 0) for one in (*chart.series, *chart.previous) for value in one.values)
    return next((size, written) for least, size, written in DURATIONS if highest >= least)


def drawable(chart: Chart) -> bool:
    """Whether there is anything to draw."""
    known = (value is not None for series in chart.series for value in series.values)
    return bool(chart.categories) and any(known)


def kind_of(chart: Chart, deck: Deck, room: float) -> Any:
    """The office program's name for the kind of chart, where it is so many inches wide."""
    match chart.kind:
        case ChartKind.LINE:
            return XL_CHART_TYPE.LINE_MARKERS
        case ChartKind.DONUT if not _below_nought(chart):
            return XL_CHART_TYPE.DOUGHNUT
        case ChartKind.STACKED if not chart.previous:
            lies = lying(deck, chart, room)
            return XL_CHART_TYPE.BAR_STACKED if lies else XL_CHART_TYPE.COLUMN_STACKED
        case _:
            # A stack beside the stack of another period would hide what belongs to which: bars side by side.
            lies = lying(deck, chart, room)
            return XL_CHART_TYPE.BAR_CLUSTERED if lies else XL_CHART_TYPE.COLUMN_CLUSTERED


def _below_nought(chart: Chart) -> bool:
    return any((value or 0) < 0 for series in chart.series for value in series.values)


def lying(deck: Deck, chart: Chart, room: float) -> bool:
    """Whether the names of the categories need so much of a chart's inches that bars lie."""
    if chart.category_unit in (Unit.DATE, Unit.INSTANT):
        return False
    formatter = deck.context.formatter
    labels = formatter.labels(categories_of(chart, formatter), chart.category_unit)
    return any(wide(label, 11) + 0.2 > room / len(labels) for label in labels)


def data_of(deck: Deck, chart: Chart) -> Any:
    """The categories and values that go into the workbook behind the chart."""
    size, written = measure_of(chart)
    data: Any = CategoryChartData(number_format=written)
    named = [
        (clean(name), one.values if size == 1 else [value and value / size for value in one.values])
        for name, one, _place in named_series(chart, deck.context.formatter)
    ]
    if chart.kind is ChartKind.DONUT and len(chart.series) > 1 and len(chart.categories) == 1:
        # One ring of several series: each is a part of it.
        data.categories = [name for name, _values in named]
        named = [(clean(deck.text(chart.title)), [at(values, 0) for _name, values in named])]
    else:
        places = range(len(chart.categories))
        named = [(name, [at(values, place) for place in places]) for name, values in named]
        _categorise(deck, chart, data)
    for name, values in named:
        data.add_series(name, values)
    return data


def _in_a_row(days: Sequence[date]) -> bool:
    return all(later - earlier == DAY for earlier, later in pairwise(days))


def _categorise(deck: Deck, chart: Chart, data: Any) -> None:
    """Name the categories: days as days, hours of several days below their days, others by their labels."""
    days = read_days(chart.categories) if chart.category_unit is Unit.DATE else []
    # Along days a bar is as wide as a day: those of weeks would be lines with holes between them.
    if days and (chart.kind is ChartKind.LINE or _in_a_row(days)):
        data.categories = days
    elif chart.category_unit is Unit.INSTANT and (by_day := hours_by_day(chart, deck.context.formatter)):
        for day, hours in by_day:
            above = data.add_category(day)
            for hour in hours:
                above.add_sub_category(hour)
    else:
        formatter = deck.context.formatter
        labels = formatter.labels(categories_of(chart, formatter), chart.category_unit)
        data.categories = [clean(one) for one in labels]
