"""What the points of a chart's axis are called."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from bilan.sdk.document import Chart
from bilan.sdk.rendering import Formatter
from bilan.sdk.units import Unit


def read_days(categories: Sequence[str]) -> list[date]:
    """The days, where all of them can be read."""
    try:
        return [date.fromisoformat(one[:10]) for one in categories]
    except ValueError:
        return []


def hours_by_day(chart: Chart, formatter: Formatter) -> list[tuple[str, list[str]]]:
    """The hours below the days that they fall on for the reader; nothing where all are of one day."""
    try:
        moments = [datetime.fromisoformat(one) for one in chart.categories]
    except ValueError:
        return []
    zone = ZoneInfo(formatter.zone)
    local = [
        (moment.astimezone(zone).date().isoformat(), one)
        for moment, one in zip(moments, chart.categories, strict=True)
    ]
    days = [(day, [one for _day, one in some]) for day, some in groupby(local, lambda pair: pair[0])]
    if len(days) < 2 or len({day for day, _some in days}) < len(days):
        return []
    labels = formatter.labels([day for day, _some in days], Unit.DATE)
    return [
        (label, formatter.labels(some, Unit.INSTANT))
        for label, (_day, some) in zip(labels, days, strict=True)
    ]
