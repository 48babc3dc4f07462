"""The timetables that people choose by name."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bilan.schedules.occurrences import Timetable
from bilan.schedules.recurrence import EIGHT, DoubledHour, Recurrence, Rhythm
from bilan.sdk.periods import Period, Preset

MONDAY = 0


def weekly(start: date, zone: str, *, first_weekday: int = 0, at: time = EIGHT) -> Timetable:
    """Every Monday for the week before, which begins on ``first_weekday``."""
    recurrence = Recurrence(
        Rhythm.WEEKS, start, zone, at, weekdays=frozenset({MONDAY}), first_weekday=first_weekday
    )
    return Timetable(recurrence, Period(Preset.PREVIOUS_WEEK))


def monthly(start: date, zone: str, *, first_weekday: int = 0, at: time = EIGHT) -> Timetable:
    """On the 2nd of every month for the month before."""
    recurrence = Recurrence(Rhythm.MONTHS, start, zone, at, month_day=2, first_weekday=first_weekday)
    return Timetable(recurrence, Period(Preset.PREVIOUS_MONTH))


def at_once(instant: datetime, zone: str, period: Period, *, first_weekday: int = 0) -> Timetable:
    """Once, in the second of this instant, for a period seen from its day in the zone."""
    local = instant.astimezone(ZoneInfo(zone)).replace(microsecond=0)
    doubled = DoubledHour.SECOND if local.fold else DoubledHour.FIRST
    recurrence = Recurrence(
        Rhythm.ONCE,
        local.date(),
        zone,
        local.time().replace(fold=0),
        first_weekday=first_weekday,
        doubled=doubled,
    )
    return Timetable(recurrence, period)
