"""Saving a timetable: from which moment it counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bilan.schedules.occurrences import Timetable
from bilan.schedules.recurrence import Pause


def begun_second(now: datetime) -> datetime:
    """The second that is going on: what is due in it is still to come for who saves within it."""
    return now.replace(microsecond=0)


def from_now(timetable: Timetable, now: datetime) -> Timetable:
    """The timetable as it is saved now: what is over already is not counted."""
    if timetable.recurrence.since is not None:
        return timetable
    return replace(timetable, recurrence=replace(timetable.recurrence, since=begun_second(now)))


def going_on(before: Timetable, after: Timetable, now: datetime) -> Timetable:
    """What a timetable becomes where one is chosen: the same goes on, another begins to count anew."""
    old, new = before.recurrence, after.recurrence
    same = replace(old, since=None, pauses=()) == replace(new, since=None, pauses=())
    if same:
        return replace(after, recurrence=old)
    pause = old.pause_at(now)
    pauses = (pause,) if pause is not None else ()
    return replace(after, recurrence=replace(new, since=begun_second(now), pauses=pauses))


def with_pauses(timetable: Timetable, pauses: tuple[Pause, ...]) -> Timetable:
    """The timetable with these pauses."""
    return replace(timetable, recurrence=replace(timetable.recurrence, pauses=pauses))
