"""Buckets of one length are found by division, run by run."""

from __future__ import annotations

from datetime import date

import pytest

from bilan.query.binder import Binder
from bilan.query.time import inside, position, runs
from bilan.sdk.periods import Interval, IntervalUnit, Span
from bilan.warehouse import Warehouse

HOUR = 3_600_000_000
"""Microseconds."""


def lengths(interval: Interval, start: date, end: date, zone: str) -> list[tuple[int, int]]:
    """The first index and the length in hours of each run."""
    found = runs(interval.buckets(Span(start, end, zone)))
    assert all(run.length % HOUR == 0 for run in found)
    return [(run.first, run.length // HOUR) for run in found]


@pytest.mark.requirement("DC-16", "DC-23")
def test_a_change_of_clocks_is_a_run_of_its_own_between_two_runs_of_plain_days():
    found = lengths(Interval(), date(2026, 3, 27), date(2026, 4, 3), "Europe/Paris")
    assert found == [(0, 24), (2, 23), (3, 24)]


def test_days_without_a_change_of_clocks_are_one_run():
    assert lengths(Interval(), date(2026, 1, 1), date(2026, 3, 1), "Europe/Paris") == [(0, 24)]


def test_a_day_that_a_zone_left_out_is_in_no_run():
    found = lengths(Interval(), date(2011, 12, 29), date(2012, 1, 2), "Pacific/Apia")
    assert found == [(0, 24), (2, 24)]


def test_a_shorter_last_interval_is_a_run_of_its_own():
    assert lengths(Interval(IntervalUnit.DAY, 2), date(2026, 1, 1), date(2026, 1, 6), "UTC") == [
        (0, 48),
        (2, 24),
    ]


def test_many_months_are_searched_among_their_edges():
    months = Interval(IntervalUnit.MONTH).buckets(Span(date(2020, 1, 1), date(2026, 1, 1), "Europe/Paris"))
    binder = Binder()
    assert "roundDown" in position(months, "at", binder)
    assert list(binder.parameters.values())[1] == list(range(72))


@pytest.mark.parametrize("indexed", [True, False])
@pytest.mark.parametrize("count", [1, 3, 4, 30])
def test_few_ranges_are_written_out_and_many_searched_with_the_same_moments_in_them(
    warehouse: Warehouse, count: int, indexed: bool
):
    # From 18:15 until a microsecond before 18:15 two days later, every five days, before and after 1970.
    day = 24 * HOUR
    starts = [-7 * day - HOUR * 23 // 4 + number * 5 * day for number in range(count)]
    ranges = [(start, start + 2 * day) for start in starts]
    binder = Binder()
    moments = binder.bind(
        [edge + step for both in ranges for edge in both for step in (-1, 0, 1)], "Array(Int64)"
    )
    at = f"SELECT arrayJoin({moments}) AS _micros, fromUnixTimestamp64Micro(_micros, 'UTC') AS at"
    within = inside(ranges, "at", binder, indexed=indexed)
    assert ("roundDown" in within) is (count > 3)
    assert ("toDate32" in within) is (count > 3 and indexed)
    found = warehouse.query(f"SELECT _micros FROM ({at}) WHERE {within} ORDER BY 1", binder.parameters).rows
    assert [micros for (micros,) in found] == [
        one for start, end in ranges for one in (start, start + 1, end - 1)
    ]
