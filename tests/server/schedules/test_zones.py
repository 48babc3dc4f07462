"""Occurrences around the changes of the clocks, in every zone, against what the C library's clocks show."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilan.schedules import (
    ClockChange,
    DoubledHour,
    MissingHour,
    Occurrence,
    Recurrence,
    Rhythm,
    Timetable,
    simulate,
)
from bilan.sdk.periods import Period, Preset
from support.clocks import MINUTE, ODD, QUARTER, Clocks, changes, zones
from support.long import LONG, times

DAY, LONG_AGO = timedelta(days=1), datetime(1990, 1, 1, tzinfo=UTC)
ZONES = zones()
WAYS = [(missing, doubled) for missing in MissingHour for doubled in DoubledHour]
TIMES = [time(hour, minute) for hour in range(24) for minute in (0, 30)]

# At midnight, by half an hour, by two hours, around one fast, for good, and on the last evening of a day.
REMARKABLE = [
    "Africa/Casablanca", "America/Nuuk", "America/Sao_Paulo", "Antarctica/Troll", "Asia/Beirut",
    "Asia/Pyongyang", "Australia/Lord_Howe", "Europe/Dublin",
]  # fmt: skip


def daily(
    zone: str, first: date, days: int, at: time, missing: MissingHour, doubled: DoubledHour
) -> tuple[Occurrence, ...]:
    """An occurrence on each of so many days."""
    rhythm = Recurrence(Rhythm.DAYS, first, zone, at, count=days, missing=missing, doubled=doubled)
    return simulate(Timetable(rhythm, Period(Preset.YESTERDAY)), LONG_AGO, days + 1)


def expected(
    clocks: Clocks, nominal: datetime, missing: MissingHour, doubled: DoubledHour
) -> tuple[datetime, ClockChange | None]:
    """When it is, by the clocks alone."""
    match clocks.show(nominal):
        case [instant]:
            return instant, None
        case [first, second]:
            return (first if doubled is DoubledHour.FIRST else second), ClockChange.DOUBLED
        case _:
            instant, jump = clocks.skip(nominal)
            later = clocks.show(nominal + jump)
            return (instant if missing is MissingHour.AFTER_CHANGE else later[0]), ClockChange.MISSING


def check(
    zone: str, change: date, clocks: Clocks, at: time, missing: MissingHour, doubled: DoubledHour
) -> None:
    """That the four days around a change have an occurrence each, when the clocks say so."""
    found = daily(zone, change - DAY, 4, at, missing, doubled)
    assert [one.nominal for one in found] == [
        datetime.combine(change + days * DAY, at) for days in range(-1, 3)
    ]
    assert all(one.instant < other.instant for one, other in pairwise(found))
    for one in found:
        assert (one.instant, one.change) == expected(clocks, one.nominal, missing, doubled), one


@settings(max_examples=times(40, 5))
@given(
    zone=st.sampled_from(ZONES),
    which=st.integers(0, 30),
    at=st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    way=st.sampled_from(WAYS),
)
def test_around_a_change_of_any_zone_no_occurrence_is_lost_or_doubled(
    zone: str, which: int, at: time, way: tuple[MissingHour, DoubledHour]
):
    days = changes(zone) or (date(2026, 3, 29),)
    change = days[which % len(days)]
    check(zone, change, Clocks(zone, change), at, *way)


@pytest.mark.parametrize("zone", ZONES if LONG else REMARKABLE)
def test_around_each_change_of_ten_years_no_occurrence_is_lost_or_doubled(zone: str):
    for change in changes(zone) if LONG else changes(zone)[-4:]:
        clocks = Clocks(zone, change, MINUTE if zone == ODD else QUARTER)
        for at in TIMES:
            for way in WAYS[::3]:
                check(zone, change, clocks, at, *way)


@pytest.mark.parametrize("at", [time(0), time(8), time(23, 59)])
def test_a_day_that_a_zone_never_had_keeps_its_occurrence(at: time):
    # Samoa went from 29 to 31 December 2011.
    found = daily("Pacific/Apia", date(2011, 12, 29), 3, at, MissingHour.AFTER_CHANGE, DoubledHour.FIRST)
    assert [one.nominal.day for one in found] == [29, 30, 31]
    assert [one.change for one in found] == [None, ClockChange.MISSING, None]
    assert found[1].local.replace(tzinfo=None) == datetime(2011, 12, 31)  # noqa: DTZ001
    assert found[1].instant <= found[2].instant


@pytest.mark.parametrize(
    ("way", "local", "utc"),
    [(MissingHour.AFTER_CHANGE, "03:00", "01:00"), (MissingHour.SHIFTED, "03:30", "01:30")],
)
def test_the_missing_hour_is_made_up_for_as_was_chosen(way: MissingHour, local: str, utc: str):
    # Paris skips from 02:00 to 03:00 on 29 March 2026.
    (found,) = daily("Europe/Paris", date(2026, 3, 29), 1, time(2, 30), way, DoubledHour.FIRST)
    assert (f"{found.local:%d %H:%M}", f"{found.instant:%d %H:%M}") == (f"29 {local}", f"29 {utc}")
    assert str(found.remark) == f"The clocks are put forward and skip 02:30; it leaves at {local}."


@pytest.mark.parametrize(
    ("way", "utc", "time_of_two"),
    [(DoubledHour.FIRST, "00:30", "first"), (DoubledHour.SECOND, "01:30", "second")],
)
def test_of_the_doubled_hour_one_is_taken_as_was_chosen(way: DoubledHour, utc: str, time_of_two: str):
    # Paris shows 02:00 to 03:00 twice on 25 October 2026.
    (found,) = daily("Europe/Paris", date(2026, 10, 25), 1, time(2, 30), MissingHour.AFTER_CHANGE, way)
    assert (f"{found.local:%d %H:%M}", f"{found.instant:%d %H:%M}") == ("25 02:30", f"25 {utc}")
    sentence = "The clocks are put back and show 02:30 twice; it leaves the {} time."
    assert str(found.remark) == sentence.format(time_of_two)


def test_on_a_day_without_a_change_there_is_nothing_to_remark():
    (found,) = daily(
        "Europe/Paris", date(2026, 3, 30), 1, time(2, 30), MissingHour.SHIFTED, DoubledHour.FIRST
    )
    assert (found.change, found.remark) == (None, None)
