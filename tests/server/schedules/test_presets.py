"""The timetables chosen by name: on Monday for the week before, on the 2nd for the month before."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bilan.schedules import Timetable, monthly, simulate, weekly
from bilan.sdk.periods import Span
from support.long import LONG

FAR = ["Asia/Shanghai", "Pacific/Auckland", "America/Los_Angeles", "America/Sao_Paulo"]
DAY = timedelta(days=1)
MONDAY = date(2026, 1, 5)
EARLY = [time(minute // 60, minute % 60) for minute in range(0, 480, 1 if LONG else 13)] + [time(7, 59)]
"""From midnight until just before eight, when it still is Sunday somewhere else."""


@pytest.mark.parametrize("zone", FAR)
def test_early_on_monday_leaves_on_monday_for_the_week_before(zone: str):
    # 2018 has the last changes of clocks in São Paulo.
    for start in (MONDAY, date(2018, 1, 1)):
        midnight = datetime(start.year, start.month, start.day, tzinfo=UTC) - 2 * DAY
        for at in EARLY:
            found = simulate(weekly(start, zone, at=at), midnight, 53)
            mondays = [start + number * 7 * DAY for number in range(53)]
            assert [one.local.date() for one in found] == mondays
            assert {one.local.time() for one in found} == {at}
            assert [one.covers for one in found] == [Span(day - 7 * DAY, day, zone) for day in mondays]


@pytest.mark.parametrize("zone", FAR)
def test_monthly_on_the_2nd_covers_exactly_the_month_before(zone: str):
    found = simulate(monthly(date(2026, 1, 1), zone), datetime(2025, 12, 30, tzinfo=UTC), 36)
    months = [(2026 + number // 12, number % 12 + 1) for number in range(36)]
    assert [one.local.replace(tzinfo=None) for one in found] == [
        datetime(year, month, 2, 8)  # noqa: DTZ001 - wall time
        for year, month in months
    ]
    for one, (year, month) in zip(found[1:], months, strict=False):
        days = monthrange(year, month)[1]
        first = date(year, month, 1)
        assert one.covers == Span(first, first + days * DAY, zone)


def test_the_report_of_june_leaves_on_2_july():
    (found,) = simulate(monthly(date(2026, 6, 15), "Europe/Paris"), datetime(2026, 6, 15, tzinfo=UTC), 1)
    assert found.nominal == datetime(2026, 7, 2, 8)  # noqa: DTZ001
    assert found.instant == datetime(2026, 7, 2, 6, tzinfo=UTC)
    assert found.covers == Span(date(2026, 6, 1), date(2026, 7, 1), "Europe/Paris")


@pytest.mark.requirement("DC-04")
@pytest.mark.parametrize("timetable", [weekly(MONDAY, "Asia/Tokyo"), monthly(MONDAY, "Asia/Tokyo")])
def test_a_preset_leaves_at_eight_in_the_zone_of_its_own_unless_another_hour_is_chosen(timetable: Timetable):
    (found,) = simulate(timetable, datetime(2026, 1, 1, tzinfo=UTC), 1)
    assert (found.local.hour, found.instant.hour) == (8, 23)
    changed = weekly(MONDAY, "Asia/Tokyo", at=time(17, 30))
    assert f"{simulate(changed, found.instant, 1)[0].local:%H:%M}" == "17:30"


@pytest.mark.requirement("DC-04")
@pytest.mark.parametrize(
    ("first_weekday", "first", "last"),
    [
        (0, date(2025, 12, 29), date(2026, 1, 4)),
        (6, date(2025, 12, 28), date(2026, 1, 3)),  # Sunday to Saturday
        (1, date(2025, 12, 23), date(2025, 12, 29)),  # a week that begins on Tuesday has not ended on Monday
    ],
)
def test_the_week_before_begins_on_the_first_day_of_the_week(first_weekday: int, first: date, last: date):
    timetable = weekly(MONDAY, "Europe/Paris", first_weekday=first_weekday)
    (found,) = simulate(timetable, datetime(2026, 1, 5, tzinfo=UTC), 1)
    assert found.nominal.date() == MONDAY
    assert found.covers == Span(first, last + DAY, "Europe/Paris")
