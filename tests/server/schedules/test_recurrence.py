"""On which days a recurrence falls, where it ends, and what cannot be chosen."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.schedules import Pause, Recurrence, Rhythm, Timetable, occurrences, simulate
from bilan.schedules.days import days_of
from bilan.sdk.errors import Invalid
from bilan.sdk.periods import Period, Preset, Span

DAY, START = timedelta(days=1), date(2026, 1, 1)
YESTERDAY = Period(Preset.YESTERDAY)
MONDAYS = frozenset({0})
days = st.dates(date(2024, 1, 1), date(2028, 12, 31))


@st.composite
def recurrences(draw: st.DrawFn) -> Recurrence:
    rhythm = draw(st.sampled_from(Rhythm))
    counted = rhythm in (Rhythm.DAYS, Rhythm.WEEKS, Rhythm.MONTHS)
    return Recurrence(
        rhythm,
        draw(days),
        "Europe/Paris",
        every=draw(st.integers(1, 20)) if counted else 1,
        weekdays=draw(st.frozensets(st.integers(0, 6), min_size=1))
        if rhythm is Rhythm.WEEKS
        else frozenset(),
        month_day=draw(st.integers(1, 31)) if rhythm is Rhythm.MONTHS else None,
        first_weekday=draw(st.integers(0, 6)),
    )


def falls(recurrence: Recurrence, day: date, holidays: frozenset[date]) -> bool:
    """Whether a recurrence falls on a day, by counting alone."""
    start, every = recurrence.start, recurrence.every
    if day < start:
        return False
    match recurrence.rhythm:
        case Rhythm.ONCE:
            return day == start
        case Rhythm.DAYS:
            return (day - start).days % every == 0
        case Rhythm.WEEKS:
            ahead = (start.weekday() - recurrence.first_weekday) % 7
            return day.weekday() in recurrence.weekdays and ((day - start).days + ahead) // 7 % every == 0
        case Rhythm.MONTHS:
            assert recurrence.month_day is not None
            months = (day.year - start.year) * 12 + day.month - start.month
            last = monthrange(day.year, day.month)[1]
            return day.day == min(recurrence.month_day, last) and months % every == 0
        case Rhythm.WORKING_DAYS:
            return day.weekday() < 5 and day not in holidays


@given(recurrence=recurrences(), since=days, holidays=st.frozensets(days, max_size=20))
def test_a_recurrence_falls_on_the_days_that_counting_finds(
    recurrence: Recurrence, since: date, holidays: frozenset[date]
):
    calendar = [since + number * DAY for number in range(500)]
    expected = [day for day in calendar if falls(recurrence, day, holidays)]
    found = list(islice(days_of(recurrence, since, holidays), len(expected) + 1))
    assert found[: len(expected)] == expected
    assert all(day > calendar[-1] for day in found[len(expected) :])


@given(
    recurrence=recurrences(),
    count=st.integers(1, 30),
    pause=st.tuples(st.integers(0, 200), st.integers(0, 100)),
    later=st.integers(0, 300),
)
def test_what_falls_into_a_pause_is_left_out_and_not_counted(
    recurrence: Recurrence, count: int, pause: tuple[int, int], later: int
):
    if recurrence.rhythm is Rhythm.ONCE:
        return
    begin = datetime.combine(recurrence.start, time(), UTC)
    ends = [begin + pause[0] * DAY, begin + (pause[0] + pause[1]) * DAY]
    whole = simulate(Timetable(recurrence, YESTERDAY), begin - DAY, count + pause[1] + 1)
    kept = [one for one in whole if not ends[0] <= one.instant < ends[1]][:count]
    limited = replace(recurrence, count=count, pauses=(Pause(*ends),))
    since = begin + later * DAY
    expected = [one for one in kept if one.instant >= since]
    assert list(occurrences(Timetable(limited, YESTERDAY), since)) == expected


def test_until_is_the_last_day_and_includes_it():
    recurrence = Recurrence(Rhythm.DAYS, START, "UTC", until=date(2026, 1, 3))
    assert list(days_of(recurrence, START)) == [date(2026, 1, day) for day in (1, 2, 3)]


def test_the_last_day_of_the_month_is_the_31st_of_any_month():
    recurrence = Recurrence(Rhythm.MONTHS, START, "UTC", month_day=31)
    found = [day.isoformat() for day in islice(days_of(recurrence, START), 4)]
    assert found == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]


def test_a_pause_without_an_end_ends_the_list():
    pause = Pause(datetime(2026, 1, 3, tzinfo=UTC))
    recurrence = Recurrence(Rhythm.DAYS, START, "UTC", pauses=(pause,))
    found = simulate(Timetable(recurrence, YESTERDAY), datetime(2026, 1, 1, tzinfo=UTC))
    assert [one.nominal.day for one in found] == [1, 2]


def test_what_is_due_at_the_very_moment_is_among_the_next():
    timetable = Timetable(Recurrence(Rhythm.DAYS, START, "Europe/Paris", time(9)), YESTERDAY)
    nine = datetime(2026, 6, 1, 7, tzinfo=UTC)
    assert simulate(timetable, nine, 1)[0].instant == nine
    assert simulate(timetable, nine + timedelta(microseconds=1), 1)[0].instant == nine + DAY


def test_those_known_already_are_left_out():
    timetable = Timetable(Recurrence(Rhythm.DAYS, START, "UTC"), YESTERDAY)
    first, second = simulate(timetable, datetime(2026, 1, 1, tzinfo=UTC), 2)
    assert next(occurrences(timetable, first.instant, after=first.nominal)) == second


def test_the_period_covered_is_chosen_apart_from_the_rhythm():
    quarterly = Recurrence(Rhythm.MONTHS, START, "Europe/Paris", every=3, month_day=15)
    (found,) = simulate(Timetable(quarterly, Period(Preset.LAST_7_DAYS)), datetime(2026, 2, 1, tzinfo=UTC), 1)
    assert found.nominal.date() == date(2026, 4, 15)
    assert found.covers == Span(date(2026, 4, 8), date(2026, 4, 15), "Europe/Paris")


def test_what_is_covered_since_the_oldest_fact_is_not_known_before():
    timetable = Timetable(Recurrence(Rhythm.ONCE, START, "UTC"), Period(Preset.SINCE_OLDEST))
    (found,) = simulate(timetable, datetime(2026, 1, 1, tzinfo=UTC))
    assert found.covers is None


def test_a_recurrence_is_read_back_from_json_as_it_was():
    recurrence = Recurrence(
        Rhythm.WEEKS, START, "Asia/Tokyo", time(9, 30), every=2, weekdays=frozenset({0, 4}), first_weekday=6,
        count=9, pauses=(Pause(datetime(2026, 2, 1, tzinfo=UTC)),),
    )  # fmt: skip
    assert msgspec.json.decode(msgspec.json.encode(recurrence), type=Recurrence) == recurrence


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"zone": "Paris"}, "zone", "Paris is no time zone; write one like Europe/Paris or UTC."),
    ({"zone": "europe/paris"}, "zone", "Write the zone as Europe/Paris."),
    ({"at": time(8, tzinfo=UTC)}, "at", "A time of day has no zone of its own."),
    ({"first_weekday": 7}, "first_weekday", "Weekdays count from 0, Monday, to 6, Sunday."),
    ({"every": 0}, "every", "Something recurs every 1 to 366 days, weeks or months, not every 0."),
    ({"rhythm": Rhythm.WORKING_DAYS, "every": 2}, "every",
     "Only days, weeks and months can be counted in steps of more than one."),
    ({"rhythm": Rhythm.WEEKS}, "weekdays", "Choose at least one day of the week."),
    ({"weekdays": MONDAYS}, "weekdays", "Days of the week can be chosen only for what recurs by weeks."),
    ({"rhythm": Rhythm.WEEKS, "weekdays": frozenset({7})}, "weekdays",
     "Weekdays count from 0, Monday, to 6, Sunday."),
    ({"rhythm": Rhythm.MONTHS}, "month_day",
     "Choose a day of the month, from 1 to 31; 31 is the last day of every month."),
    ({"month_day": 2}, "month_day", "A day of the month can be chosen only for what recurs by months."),
    ({"rhythm": Rhythm.MONTHS, "month_day": 32}, "month_day",
     "Choose a day of the month, from 1 to 31; 31 is the last day of every month."),
    ({"until": date(2025, 12, 31)}, "until", "The last day, 2025-12-31, lies before the first, 2026-01-01."),
    ({"until": date(2300, 1, 1)}, "until",
     "2300-01-01 lies outside of the calendar of reports, which goes from 1900-01-02 to 2299-12-30."),
    ({"count": 0}, "count", "Something can end after 1 to 10000 times, not after 0."),
    ({"count": 3, "until": START}, "count", "Choose a last day or a number of times, not both."),
    ({"rhythm": Rhythm.ONCE, "count": 3}, "count", "What happens once needs no end."),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "path", "sentence"), WRONG)
def test_what_cannot_be_is_refused_with_what_would_be_right(fields: dict[str, Any], path: str, sentence: str):
    chosen: dict[str, Any] = {"rhythm": Rhythm.DAYS, "start": START, "zone": "Europe/Paris", **fields}
    with pytest.raises(Invalid) as error:
        Recurrence(**chosen)
    assert (error.value.path, str(error.value)) == ((path,), sentence)
