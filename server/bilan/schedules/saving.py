"""Saving a timetable: from which moment it counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bilan.schedules.occurrences import Timetable
from bilan.schedules.recurrence import EIGHT, Pause, Rhythm
from bilan.schedules.wall_time import instant_of
from bilan.sdk.periods import FIRST_DAY


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


def without_moment(timetable: Timetable, now: datetime) -> Timetable:
    """The timetable, but the same for all that is to be sent at once: told apart by nothing of its moment."""
    recurrence = timetable.recurrence
    if recurrence.rhythm is not Rhythm.ONCE:
        return timetable
    nominal, zone = datetime.combine(recurrence.start, recurrence.at), ZoneInfo(recurrence.zone)
    instant, _change = instant_of(nominal, zone, recurrence.missing, recurrence.doubled)
    if instant > now:
        return timetable
    return replace(timetable, recurrence=replace(recurrence, start=FIRST_DAY, at=EIGHT))
