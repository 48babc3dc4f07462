"""Periods, spans and intervals: pure values that never read the clock."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from enum import StrEnum
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
FIRST_DAY, LAST_DAY = date(1900, 1, 2), date(2299, 12, 30)
"""The days of which every zone's moments can be stored."""
MONTH, QUARTER, YEAR = relativedelta(months=1), relativedelta(months=3), relativedelta(years=1)


class Preset(StrEnum):
    """A period named relative to today, in the report's zone.

    "Last n days" are the n whole days that ended yesterday. "This month" and
    "this quarter" run from their first day to today included, as does "since
    the oldest selected data". Weeks start on the report's first weekday.
    """

    YESTERDAY = "yesterday"
    LAST_7_DAYS = "last_7_days"
    LAST_30_DAYS = "last_30_days"
    LAST_90_DAYS = "last_90_days"
    THIS_MONTH = "this_month"
    PREVIOUS_MONTH = "previous_month"
    THIS_QUARTER = "this_quarter"
    PREVIOUS_QUARTER = "previous_quarter"
    PREVIOUS_WEEK = "previous_week"
    SINCE_OLDEST = "since_oldest"


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days in one zone: from ``start`` up to and without ``end``."""

    start: date
    end: date
    zone: str

    @property
    def days(self) -> int:
        """How many days the span has."""
        return (self.end - self.start).days

    @property
    def instants(self) -> tuple[datetime, datetime]:
        """The first moment of the span and the first one after it, in UTC."""
        return midnight(self.start, self.zone), midnight(self.end, self.zone)

    @property
    def months(self) -> int:
        """How many whole months of the calendar the span is; 0 where it is not made of whole ones."""
        if self.start.day != 1 or self.end.day != 1:
            return 0
        return (self.end.year - self.start.year) * 12 + self.end.month - self.start.month

    def before(self) -> Span:
        """The span that ends where this one starts: as many whole months, else as many days."""
        if self.months:
            return Span(self.start - MONTH * self.months, self.start, self.zone)
        return Span(self.start - (self.end - self.start), self.start, self.zone)

    def a_year_before(self) -> Span:
        """The same days of the year before; whole months stay whole, as February's length changes.

        Elsewhere 29 February becomes 28 February. No day of a span of a year or
        less is in both.
        """
        if self.months:
            return Span(self.start - YEAR, self.end - YEAR, self.zone)
        return Span(self.start - YEAR, self.end - DAY - YEAR + DAY, self.zone)


@dataclass(frozen=True, slots=True)
class Period:
    """What somebody asked for: a preset, or a first and a last day (both included)."""

    preset: Preset | None = None
    first: date | None = None
    last: date | None = None

    def __post_init__(self) -> None:
        if self.preset is not None and (self.first or self.last):
            raise Invalid(_("Choose a named period or two dates, not both."), ("period",))
        if self.preset is None and (self.first is None or self.last is None):
            raise Invalid(_("A period needs a name, or a first and a last day."), ("period",))
        for day in (self.first, self.last):
            if day and not FIRST_DAY <= day <= LAST_DAY:
                raise Invalid(
                    _("{day} lies outside of the calendar of reports, which goes from {first} to {last}.",
                      day=day.isoformat(), first=FIRST_DAY.isoformat(), last=LAST_DAY.isoformat()),
                    ("period",),
                )  # fmt: skip
        if self.first and self.last and self.first > self.last:
            raise Invalid(
                _("The period starts on {first}, after its last day {last}; swap the two.",
                  first=self.first.isoformat(), last=self.last.isoformat()),
                ("period",),
            )  # fmt: skip

    def resolve(self, today: date, zone: str, *, first_weekday: int = 0, oldest: date | None = None) -> Span:
        """The days meant, given today's date in ``zone``.

        ``first_weekday`` counts from Monday = 0. ``oldest`` is the day of the
        oldest selected fact; without one, "since the oldest" is today alone.
        """
        start, end = self._days(today, first_weekday, oldest)
        return Span(start, end, zone)

    def _days(self, today: date, first_weekday: int, oldest: date | None) -> tuple[date, date]:
        month, quarter = _begun(today, 1), _begun(today, 3)
        week = today - timedelta(days=(today.weekday() - first_weekday) % 7)
        match self.preset:
            case None:
                assert self.first is not None  # noqa: S101 - __post_init__ checked it
                assert self.last is not None  # noqa: S101
                return self.first, self.last + DAY
            case Preset.YESTERDAY:
                return today - DAY, today
            case Preset.LAST_7_DAYS | Preset.LAST_30_DAYS | Preset.LAST_90_DAYS:
                return today - timedelta(days=int(self.preset.split("_")[1])), today
            case Preset.THIS_MONTH:
                return month, today + DAY
            case Preset.PREVIOUS_MONTH:
                return month - MONTH, month
            case Preset.THIS_QUARTER:
                return quarter, today + DAY
            case Preset.PREVIOUS_QUARTER:
                return quarter - QUARTER, quarter
            case Preset.PREVIOUS_WEEK:
                return week - WEEK, week
            case Preset.SINCE_OLDEST:
                return min(oldest or today, today), today + DAY


class Compare(StrEnum):
    """What a period is held against."""

    NONE = "none"
    PREVIOUS = "previous_period"
    """The span just before: as many whole months, else as many days."""
    YEAR = "same_period_last_year"
    """The same days of the year before; whole months stay whole."""

    def of(self, span: Span) -> Span | None:
        """The span to compare with, if any."""
        match self:
            case Compare.NONE:
                return None
            case Compare.PREVIOUS:
                earlier = span.before()
            case Compare.YEAR:
                earlier = span.a_year_before()
        if earlier.start < FIRST_DAY:
            raise Invalid(
                _("The days to compare with begin before {first}; choose a later period.",
                  first=FIRST_DAY.isoformat()),
                ("compare",),
            )  # fmt: skip
        return earlier


class IntervalUnit(StrEnum):
    HOUR = "hour"
    """Hours counted from the period's first moment."""
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    NONE = "none"
    """No breakdown by time."""


@dataclass(frozen=True, slots=True)
class Interval:
    """How a period is cut. Days and weeks may be counted in steps and start on
    the period's first day; months and quarters follow the calendar."""

    unit: IntervalUnit = IntervalUnit.DAY
    count: int = 1

    def __post_init__(self) -> None:
        if self.count < 1 or self.count > 366:
            raise Invalid(
                _("An interval counts from 1 to 366 steps, not {count}.", count=self.count), ("interval",)
            )
        if self.count > 1 and self.unit not in (IntervalUnit.DAY, IntervalUnit.WEEK):
            raise Invalid(_("Only days and weeks can be counted in steps of more than one."), ("interval",))

    def buckets(self, span: Span) -> tuple[Bucket, ...]:
        """The parts of the span, in order, without gaps. One bucket for the whole span with NONE."""
        if self.unit is IntervalUnit.HOUR:
            return self._hours(span)
        edges = self._edges(span)
        found: list[Bucket] = []
        for index, (start, end) in enumerate(itertools.pairwise(edges)):
            first, last = max(start, span.start), min(end, span.end)
            found.append(
                Bucket(index, first, last, *(midnight(day, span.zone) for day in (first, last)),
                       partial=(first, last) != (start, end))
            )  # fmt: skip
        return tuple(found)

    def _edges(self, span: Span) -> list[date]:
        match self.unit:
            case IntervalUnit.DAY | IntervalUnit.WEEK:
                first, step = span.start, (DAY if self.unit is IntervalUnit.DAY else WEEK) * self.count
            case IntervalUnit.MONTH:
                first, step = _begun(span.start, 1), MONTH
            case IntervalUnit.QUARTER:
                first, step = _begun(span.start, 3), QUARTER
            case _:
                return [span.start, span.end]
        edges = [first]
        while edges[-1] < span.end:
            edges.append(edges[-1] + step)
        return edges

    def _hours(self, span: Span) -> tuple[Bucket, ...]:
        start, end = span.instants
        step = timedelta(hours=1)
        zone = ZoneInfo(span.zone)
        found: list[Bucket] = []
        while start < end:
            day = start.astimezone(zone).date()
            found.append(Bucket(len(found), day, day + DAY, start, min(start + step, end)))
            start += step
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Bucket:
    """One part of a period. ``partial`` says that the interval is cut short by the period's edge."""

    index: int
    start: date
    end: date
    """The first day after the bucket."""
    starts_at: datetime
    ends_at: datetime
    partial: bool = False

    def unfinished(self, as_of: datetime) -> bool:
        """Whether the bucket was still running at this moment."""
        return self.ends_at > as_of


def midnight(day: date, zone: str) -> datetime:
    """The first moment of a day in a zone, in UTC, also where clocks skip midnight."""
    # A wall time that the clocks skip is read with the offset from before the
    # change (fold=0), which lands on the first moment after it.
    return datetime.combine(day, clock_time(), ZoneInfo(zone)).astimezone(UTC)


def _begun(day: date, months: int) -> date:
    """The first day of the part of a year that a day is in, where parts have so many months."""
    return day.replace(month=(day.month - 1) // months * months + 1, day=1)
