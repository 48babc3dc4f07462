"""What becomes of occurrences that came due while nothing was running."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import takewhile

import pytest

from bilan.schedules import CatchUp, Occurrence, Recurrence, Rhythm, Timetable, catch_up, occurrences
from bilan.schedules.catch_up import ON_TIME
from bilan.sdk.periods import Period, Preset

EIGHT = datetime(2026, 3, 1, 8, tzinfo=UTC)
DAILY = Timetable(Recurrence(Rhythm.DAYS, date(2026, 3, 1), "UTC"), Period(Preset.YESTERDAY))


def due(now: datetime) -> list[Occurrence]:
    return list(takewhile(lambda one: one.instant <= now, occurrences(DAILY, EIGHT)))


def begun(policy: CatchUp, now: datetime) -> list[int]:
    """The days of March whose occurrences take place, of those that are due by now."""
    decisions = catch_up(policy, due(now), now)
    assert [one.occurrence for one in decisions] == due(now)
    return [one.occurrence.nominal.day for one in decisions if one.left_out is None]


@pytest.mark.parametrize(
    ("policy", "days"), [(CatchUp.LATEST, [20]), (CatchUp.ALL, list(range(1, 21))), (CatchUp.SKIP, [])]
)
def test_after_twenty_missed_occurrences_each_policy_does_what_it_says(policy: CatchUp, days: list[int]):
    noon = datetime(2026, 3, 20, 12, tzinfo=UTC)
    assert len(due(noon)) == 20
    assert begun(policy, noon) == days


@pytest.mark.parametrize("policy", CatchUp)
def test_what_is_due_now_was_not_missed(policy: CatchUp):
    assert begun(policy, EIGHT) == [1]


@pytest.mark.parametrize(("late", "days"), [(timedelta(0), [1]), (timedelta(microseconds=1), [])])
def test_a_server_that_restarts_within_a_quarter_of_an_hour_missed_nothing(late: timedelta, days: list[int]):
    assert begun(CatchUp.SKIP, EIGHT + ON_TIME + late) == days


def test_one_that_is_left_out_says_why():
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    (first, second) = catch_up(CatchUp.LATEST, due(noon), noon)
    assert str(first.left_out) == "It was missed, and so was a later one, which takes its place."
    assert second.left_out is None
    (first, _second) = catch_up(CatchUp.SKIP, due(noon), noon)
    assert str(first.left_out) == "It was missed, and what is missed is not made up for."
