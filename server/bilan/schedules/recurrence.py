"""Recurrence: on which days and at what time of day something happens again, as a pure value in wall time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from bilan.parameters.times import parse_zone
from bilan.sdk.errors import Invalid
from bilan.sdk.periods import FIRST_DAY, LAST_DAY
from bilan.sdk.textdomain import _

EIGHT = time(8)
"""The hour where none is chosen."""
MOST_APART = 366
"""Days, weeks or months from one occurrence to the next."""
MOST_TIMES = 10_000
WEEKDAYS = frozenset(range(7))
"""From Monday = 0 to Sunday."""


class Rhythm(StrEnum):
    """What a recurrence counts in."""

    ONCE = "once"
    """On the first day alone."""
    DAYS = "days"
    WEEKS = "weeks"
    """On some days of the week."""
    MONTHS = "months"
    """On a day of the month."""
    WORKING_DAYS = "working_days"
    """From Monday to Friday, but for holidays."""


class MissingHour(StrEnum):
    """When something happens whose time of day the clocks skip on a day."""

    AFTER_CHANGE = "after_change"
    """At the first moment after the change: for 02:30, at 03:00."""
    SHIFTED = "shifted"
    """As much later as the clocks are put forward: for 02:30, at 03:30."""


class DoubledHour(StrEnum):
    """When something happens whose time of day the clocks show twice on a day."""

    FIRST = "first"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class Pause:
    """From ``start`` up to and without ``end`` (both in UTC) nothing happens; without an end, for good."""

    start: datetime
    end: datetime | None = None

    def includes(self, instant: datetime) -> bool:
        """Whether the instant lies within."""
        return self.start <= instant and (self.end is None or instant < self.end)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """On which days, at what time of day, in whose zone; what it is to be called on never reads a clock.

    ``every`` counts days, weeks or months from ``start``, which is the first
    day on which it can happen: with 2 weeks, from the week of ``start``, and
    weeks begin on ``first_weekday`` (Monday = 0). ``weekdays`` belong to
    weeks and ``month_day`` (1 to 31) to months; a month that is shorter has it on
    its last day, so that 31 is the last day of every month. It ends with the
    day ``until``, or after ``count`` occurrences. What lies before the instant
    ``since`` (UTC), such as what was over when it was saved, and what falls into a
    pause is left out and not counted. Raises ``Invalid`` with the field's path.
    """

    rhythm: Rhythm
    start: date
    zone: str
    at: time = EIGHT
    every: int = 1
    weekdays: frozenset[int] = frozenset()
    month_day: int | None = None
    first_weekday: int = 0
    until: date | None = None
    count: int | None = None
    missing: MissingHour = MissingHour.AFTER_CHANGE
    doubled: DoubledHour = DoubledHour.FIRST
    since: datetime | None = None
    pauses: tuple[Pause, ...] = ()

    def __post_init__(self) -> None:
        if parse_zone(self.zone) != self.zone:
            raise Invalid(_("Write the zone as {zone}.", zone=parse_zone(self.zone)), ("zone",))
        if self.at.tzinfo is not None:
            raise Invalid(_("A time of day has no zone of its own."), ("at",))
        if self.at.microsecond:
            raise Invalid(_("A time of day has whole seconds."), ("at",))
        self._check_weekdays()
        self._check_month_day()
        self._check_every()
        self._check_end()
        for path, day in (("start", self.start), ("until", self.until)):
            if day is not None and not FIRST_DAY <= day <= LAST_DAY:
                raise Invalid(
                    _("{day} lies outside of the calendar of reports, which goes from {first} to {last}.",
                      day=day.isoformat(), first=FIRST_DAY.isoformat(), last=LAST_DAY.isoformat()),
                    (path,),
                )  # fmt: skip

    def _check_weekdays(self) -> None:
        for path, days in (("first_weekday", {self.first_weekday}), ("weekdays", self.weekdays)):
            if not days <= WEEKDAYS:
                raise Invalid(_("Weekdays count from 0, Monday, to 6, Sunday."), (path,))
        if self.rhythm is Rhythm.WEEKS and not self.weekdays:
            raise Invalid(_("Choose at least one day of the week."), ("weekdays",))
        if self.rhythm is not Rhythm.WEEKS and self.weekdays:
            raise Invalid(_("Days of the week can be chosen only for what recurs by weeks."), ("weekdays",))

    def _check_month_day(self) -> None:
        if self.rhythm is Rhythm.MONTHS and not (self.month_day and 1 <= self.month_day <= 31):
            raise Invalid(
                _("Choose a day of the month, from 1 to 31; 31 is the last day of every month."),
                ("month_day",),
            )
        if self.rhythm is not Rhythm.MONTHS and self.month_day is not None:
            raise Invalid(_("A day of the month can be chosen only for what recurs by months."),
                          ("month_day",))  # fmt: skip

    def _check_every(self) -> None:
        if not 1 <= self.every <= MOST_APART:
            raise Invalid(
                _("Something recurs every 1 to {most} days, weeks or months, not every {every}.",
                  most=MOST_APART, every=self.every),
                ("every",),
            )  # fmt: skip
        if self.every > 1 and self.rhythm not in (Rhythm.DAYS, Rhythm.WEEKS, Rhythm.MONTHS):
            raise Invalid(
                _("Only days, weeks and months can be counted in steps of more than one."), ("every",)
            )

    def _check_end(self) -> None:
        ends = [path for path in ("until", "count") if getattr(self, path) is not None]
        if len(ends) > 1:
            raise Invalid(_("Choose a last day or a number of times, not both."), ("count",))
        if ends and self.rhythm is Rhythm.ONCE:
            raise Invalid(_("What happens once needs no end."), tuple(ends))
        if self.until is not None and self.until < self.start:
            raise Invalid(
                _("The last day, {last:date}, lies before the first, {first:date}.",
                  last=self.until.isoformat(), first=self.start.isoformat()),
                ("until",),
            )  # fmt: skip
        if self.count is not None and not 1 <= self.count <= MOST_TIMES:
            raise Invalid(
                _("Something can end after 1 to {most} times, not after {count}.",
                  most=MOST_TIMES, count=self.count),
                ("count",),
            )  # fmt: skip

    def pause_at(self, instant: datetime) -> Pause | None:
        """The pause that the instant falls into."""
        return next((pause for pause in self.pauses if pause.includes(instant)), None)
