"""Weekdays and hours are what the clocks of the report's zone showed, also when they change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

import pytest

from bilan.manifest import Snapshot
from bilan.query.session import QuerySession
from bilan.sdk import HOUR, WEEKDAY, Invalid, Not, OnClock, Order, Question, Span
from bilan.warehouse import Warehouse

from .post import LETTERS, NOW, PARIS, REGISTRY

COUNT = "post.letters_all"
ADELAIDE, LORD_HOWE, FRANCE = "Australia/Adelaide", "Australia/Lord_Howe", "Europe/Paris"
SUNDAY, MONDAY = 7, 1

# Where the zone is half an hour off: on 5 April 2026, a Sunday, clocks go back from 3:00 to 2:00 (16:30 UTC).
IN_ADELAIDE = {
    "2026-04-04 15:30": (SUNDAY, 2),
    "2026-04-04 16:29:59.999999": (SUNDAY, 2),
    "2026-04-04 16:30": (SUNDAY, 2),  # two o'clock once more
    "2026-04-04 17:29:59.999999": (SUNDAY, 2),
    "2026-04-04 17:30": (SUNDAY, 3),
    "2026-04-05 14:29:59.999999": (SUNDAY, 23),
    "2026-04-05 14:30": (MONDAY, 0),
}
# Where clocks change by half an hour: that Sunday, from 2:00 to 1:30 (15:00 UTC).
ON_LORD_HOWE = {
    "2026-04-04 13:59": (SUNDAY, 0),
    "2026-04-04 14:00": (SUNDAY, 1),
    "2026-04-04 15:00": (SUNDAY, 1),
    "2026-04-04 15:29:59.999999": (SUNDAY, 1),
    "2026-04-04 15:30": (SUNDAY, 2),
}
# Where an hour is left out: on 29 March 2026, a Sunday, from 2:00 to 3:00 (01:00 UTC).
IN_PARIS = {"2026-03-29 00:59:59.999999": (SUNDAY, 1), "2026-03-29 01:00": (SUNDAY, 3)}
CASES = ((ADELAIDE, IN_ADELAIDE), (LORD_HOWE, ON_LORD_HOWE), (FRANCE, IN_PARIS))

Shown = dict[tuple[int, int], int]


def client_with(warehouse: Warehouse, moments: Iterable[str]) -> QuerySession:
    warehouse.ensure([LETTERS])
    rows = [
        {"event_id": at, "occurred_at": datetime.fromisoformat(at).replace(tzinfo=UTC), "kind": "sent",
         "contact": "", "rooms": 1}
        for at in moments
    ]  # fmt: skip
    warehouse.append(LETTERS, PARIS, rows, moment=NOW)
    return QuerySession(warehouse, REGISTRY, frozenset({PARIS}), Snapshot(NOW))


def counted(shown: Iterable[tuple[int, int]]) -> Shown:
    found: Shown = {}
    for one in sorted(shown):
        found[one] = found.get(one, 0) + 1
    return found


@pytest.mark.requirement("DC-23")
@pytest.mark.parametrize(("zone", "moments"), CASES, ids=[zone for zone, _moments in CASES])
@pytest.mark.parametrize("years", [0, 20], ids=["two weeks", "twenty years"])
def test_hours_are_counted_by_the_clock_on_the_wall(
    warehouse: Warehouse, zone: str, moments: dict[str, tuple[int, int]], years: int
) -> None:
    client = client_with(warehouse, moments)
    span = Span(date(2026 - years, 3, 25), date(2026, 4, 8), zone)

    answer = client(Question("post.letters", (COUNT,), span, by=(WEEKDAY, HOUR)))

    found = {(int(row.keys[0]), int(row.keys[1])): row.values[COUNT] for row in answer.rows}
    assert list(found.items()) == list(counted(moments.values()).items())
    assert answer.totals == {COUNT: len(moments)}


@pytest.mark.parametrize(("zone", "moments"), CASES, ids=[zone for zone, _moments in CASES])
def test_what_stands_behind_a_weekday_and_an_hour_is_found_by_a_condition(
    warehouse: Warehouse, zone: str, moments: dict[str, tuple[int, int]]
) -> None:
    client = client_with(warehouse, moments)

    for (weekday, hour), count in counted(moments.values()).items():
        there = OnClock("occurred_at", zone, weekday=weekday, hour=hour)
        for where, expected in ((there, count), (Not(there), len(moments) - count)):
            assert client(Question("post.letters", (COUNT,), where=where)).totals == {COUNT: expected}


def test_both_periods_of_a_comparison_are_told_by_their_clocks(warehouse: Warehouse) -> None:
    client = client_with(warehouse, ["2026-03-29 00:59", "2026-03-29 01:00", "2026-04-05 01:00"])
    week = Span(date(2026, 4, 1), date(2026, 4, 8), FRANCE)

    answer = client(
        Question("post.letters", (COUNT,), week, by=(HOUR,), compare=week.before(), order=(Order(HOUR),))
    )

    assert [(row.keys, row.values[COUNT], row.previous) for row in answer.rows] == [(("3",), 1, {COUNT: 1})]


def test_all_time_has_no_zone_to_tell_weekdays_by(warehouse: Warehouse) -> None:
    with pytest.raises(Invalid, match="Choose a period"):
        client_with(warehouse, [])(Question("post.letters", (COUNT,), by=(WEEKDAY,)))
