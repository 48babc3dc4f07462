"""The days of a recurrence, counted by :mod:`dateutil.rrule`."""

from __future__ import annotations

from collections.abc import Container, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule

from bilan.schedules.recurrence import Recurrence, Rhythm
from bilan.sdk.periods import LAST_DAY

SHORTEST_MONTH = 28
WORKING = range(5)
"""Monday to Friday."""


def days_of(recurrence: Recurrence, since: date, holidays: Container[date] = ()) -> Iterator[date]:
    """The days from ``since`` on, in order. ``holidays`` are no working days."""
    since = max(since, recurrence.start)
    if recurrence.rhythm is Rhythm.ONCE:
        return iter([recurrence.start] if since == recurrence.start else [])
    days = (found.date() for found in _rule(recurrence, since))
    working = recurrence.rhythm is Rhythm.WORKING_DAYS
    return (day for day in days if day >= since and not (working and day in holidays))


def _rule(recurrence: Recurrence, since: date) -> Iterator[datetime]:
    every, start = recurrence.every, recurrence.start
    options: dict[str, Any] = {"interval": every, "until": _midnight(recurrence.until or LAST_DAY)}
    # The rule counts from its first day on: begun shortly before ``since``, it has little to count.
    match recurrence.rhythm:
        case Rhythm.WEEKS:
            frequency, passed = WEEKLY, timedelta(weeks=(since - start).days // 7 // every * every)
            options |= {"byweekday": sorted(recurrence.weekdays), "wkst": recurrence.first_weekday}
        case Rhythm.MONTHS:
            months = (since.year - start.year) * 12 + since.month - start.month
            frequency, passed = MONTHLY, relativedelta(months=months // every * every, day=1)
            options |= _month_day(recurrence.month_day or 0)
        case Rhythm.WORKING_DAYS:
            frequency, passed = DAILY, since - start
            options["byweekday"] = WORKING
        case _:
            frequency, passed = DAILY, timedelta(days=(since - start).days // every * every)
    return iter(rrule(frequency, dtstart=_midnight(start + passed), **options))


def _month_day(day: int) -> dict[str, Any]:
    """The day, or the month's last where it is shorter: the latest that there is of those up to the day."""
    return {"bymonthday": range(min(day, SHORTEST_MONTH), day + 1), "bysetpos": -1}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())
