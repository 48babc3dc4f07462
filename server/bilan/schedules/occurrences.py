"""Occurrences: when a timetable has something happen, and which days it covers then.

What people are shown before they save and what the engine does is this one function.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from bilan.schedules.days import days_of
from bilan.schedules.recurrence import Recurrence
from bilan.schedules.wall_time import ClockChange, instant_of
from bilan.sdk.messages import Message
from bilan.sdk.periods import Period, Preset, Span
from bilan.sdk.textdomain import _

FARTHEST_CHANGE = timedelta(days=2)
"""Clocks are put forward by a day at most: what was meant for a day has happened two days later."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """When something happens, and the period that it covers each time, seen from that day."""

    recurrence: Recurrence
    period: Period


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that something happens.

    ``nominal`` is the wall time as it was chosen, without a zone: by it the
    occurrences of a schedule are told apart. ``instant`` (UTC) is when it is,
    ``local`` what the clocks of the zone show then. The two wall times differ
    where the clocks skip the nominal one. ``covers`` is seen from the nominal
    day; ``None`` where it begins with the oldest fact.
    """

    nominal: datetime
    instant: datetime
    zone: str
    change: ClockChange | None
    covers: Span | None

    @property
    def key(self) -> str:
        """Nominal time and zone, such as ``2026-03-29T02:30:00[UTC]``: by it a schedule knows it again."""
        return f"{self.nominal.isoformat()}[{self.zone}]"

    @property
    def local(self) -> datetime:
        """What the clocks show at the instant, in the zone."""
        return self.instant.astimezone(ZoneInfo(self.zone))

    @property
    def remark(self) -> Message | None:
        """What is to be said of the clocks."""
        at, local = f"{self.nominal:%H:%M}", f"{self.local:%H:%M}"
        match self.change:
            case None:
                return None
            case ClockChange.MISSING:
                return _("The clocks are put forward and skip {nominal}; it leaves at {local}.",
                         nominal=at, local=local)  # fmt: skip
            case ClockChange.DOUBLED if self.local.fold:
                return _("The clocks are put back and show {nominal} twice; it leaves the second time.",
                         nominal=at)  # fmt: skip
            case ClockChange.DOUBLED:
                return _("The clocks are put back and show {nominal} twice; it leaves the first time.",
                         nominal=at)  # fmt: skip


def nominal_of(key: str) -> datetime:
    """The nominal time of the occurrence that has this key."""
    return datetime.fromisoformat(key.partition("[")[0])


def occurrences(
    timetable: Timetable,
    since: datetime,
    *,
    after: datetime | None = None,
    holidays: Container[date] = (),
) -> Iterator[Occurrence]:
    """The occurrences at or after the instant ``since``, in order; there may be no end of them.

    ``after`` leaves out those whose nominal time is not later: those that are known already.
    """
    for occurrence in _counted(timetable, since, holidays):
        if occurrence.instant >= since and (after is None or occurrence.nominal > after):
            yield occurrence


def simulate(
    timetable: Timetable, since: datetime, count: int = 12, *, holidays: Container[date] = ()
) -> tuple[Occurrence, ...]:
    """The next occurrences at or after an instant, at most ``count``."""
    return tuple(islice(occurrences(timetable, since, holidays=holidays), count))


def immediate(timetable: Timetable, now: datetime) -> Occurrence:
    """An occurrence beside those that recur: in this second, for a period seen from its day."""
    instant, zone = now.replace(microsecond=0), timetable.recurrence.zone
    nominal = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    return Occurrence(nominal, instant, zone, None, _covers(timetable, nominal.date()))


def _counted(timetable: Timetable, since: datetime, holidays: Container[date]) -> Iterator[Occurrence]:
    recurrence = timetable.recurrence
    if recurrence.count is None:
        first = since.astimezone(ZoneInfo(recurrence.zone)).date() - FARTHEST_CHANGE
        return _unpaused(timetable, first, holidays)
    return islice(_unpaused(timetable, recurrence.start, holidays), recurrence.count)


def _unpaused(timetable: Timetable, first: date, holidays: Container[date]) -> Iterator[Occurrence]:
    recurrence, zone = timetable.recurrence, ZoneInfo(timetable.recurrence.zone)
    for day in days_of(recurrence, first, holidays):
        nominal = datetime.combine(day, recurrence.at)
        instant, change = instant_of(nominal, zone, recurrence.missing, recurrence.doubled)
        if recurrence.since is not None and instant < recurrence.since:
            continue
        pause = recurrence.pause_at(instant)
        if pause is None:
            yield Occurrence(nominal, instant, recurrence.zone, change, _covers(timetable, day))
        elif pause.end is None:
            return


def _covers(timetable: Timetable, day: date) -> Span | None:
    if timetable.period.preset is Preset.SINCE_OLDEST:
        return None
    recurrence = timetable.recurrence
    return timetable.period.resolve(day, recurrence.zone, first_weekday=recurrence.first_weekday)
