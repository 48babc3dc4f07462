"""The timetables that people choose by name."""

from __future__ import annotations

from datetime import date, time

from bilan.schedules.occurrences import Timetable
from bilan.schedules.recurrence import EIGHT, Recurrence, Rhythm
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
