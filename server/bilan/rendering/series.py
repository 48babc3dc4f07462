"""Series of a chart by the names that people read, those of the comparison after the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bilan.sdk.document import Chart, Series
from bilan.sdk.messages import Message
from bilan.sdk.rendering import Formatter
from bilan.sdk.textdomain import _
from bilan.sdk.units import Unit

CATEGORIES = {
    Unit.DATE: _("Date"), Unit.INSTANT: _("Time"), Unit.WEEKDAY: _("Weekday"), Unit.HOUR: _("Hour"),
}  # fmt: skip


def named_series(chart: Chart, formatter: Formatter) -> Iterator[tuple[str, Series, str]]:
    """The name of each series, the series, and its place in the addresses of its figures."""
    for number, series in enumerate(chart.series):
        yield formatter.text(series.label), series, f"y{number}"
    for number, series in enumerate(chart.previous):
        name = _("{series}, previous period", series=formatter.text(series.label))
        yield formatter.text(name), series, f"y{number}p"


def written_series(chart: Chart, formatter: Formatter) -> Iterator[tuple[str, Series, str, Unit]]:
    """The same with their units, and behind them what is written beside the figures and not drawn."""
    for name, series, place in named_series(chart, formatter):
        yield name, series, place, chart.unit
    for number, series in enumerate(chart.beside, len(chart.series)):
        yield formatter.text(series.label), series, f"y{number}", Unit.COUNT


def categories_of(chart: Chart, formatter: Formatter) -> list[str]:
    """The categories, those that are codes in words."""
    return [formatter.text(chart.names.get(one)) or one for one in chart.categories]


def at(values: Sequence[int | float | None], category: int) -> int | float | None:
    """A series' value for a category; ``None`` past its end."""
    return values[category] if category < len(values) else None


def category_name(chart: Chart) -> Message:
    """What the categories of a chart are."""
    return CATEGORIES.get(chart.category_unit, _("Category"))
