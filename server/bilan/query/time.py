"""Time as SQL: periods, and which bucket a moment falls into.

The edges of buckets come from Python: the engine needs no calendar and no
time zones of its own, and cannot disagree about them. Between two changes of
the clocks days are equally long, so that a division finds the day; measured,
that is four times as fast as searching among the edges.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from bilan.query.binder import Binder
from bilan.query.clock import ALL_TIME, DAY_LENGTH, Range, hour, weekday
from bilan.query.conditions import TRUE
from bilan.sdk.periods import Bucket, Span
from bilan.sdk.query import WEEKDAY
from bilan.warehouse.types import microseconds

if TYPE_CHECKING:
    from bilan.query.plan import Plan

MOST_RUNS = 12
"""With more runs than this (months of several years) the edges are searched after all."""

EPOCH = date(1970, 1, 1)


FEW_RANGES = 3
"""More ranges than these are searched: the engine parses and compares each one that is written out."""
MOST_DAYS = 400
"""The days of ranges that are looked up in an index one by one."""


def inside(ranges: Sequence[Range], column: str, binder: Binder, *, indexed: bool = True) -> str:
    """Whether a moment lies in one of the ranges, which are in order and do not overlap.

    ``indexed`` says that the column is in the table's order, so that parts of it need not be read.
    """
    if len(ranges) > FEW_RANGES and ranges[0][0] > ALL_TIME[0] and ranges[-1][1] < ALL_TIME[1]:
        days = _days(ranges) if indexed else []
        if len(days) <= MOST_DAYS:
            return _searched_ranges(ranges, days, column, binder)
    parts: list[str] = []
    for start, end in ranges:
        edges = [f"{column} >= {_moment(start, binder)}"] if start > ALL_TIME[0] else []
        edges += [f"{column} < {_moment(end, binder)}"] if end < ALL_TIME[1] else []
        parts.append(" AND ".join(edges) or TRUE)
    return f"({' OR '.join(f'({part})' for part in parts)})"


def _searched_ranges(ranges: Sequence[Range], days: Sequence[date], column: str, binder: Binder) -> str:
    edges = binder.bind([edge for both in ranges for edge in both], "Array(Int64)")
    starts = binder.bind([start for start, _end in ranges], "Array(Int64)")
    # What lies before the first edge would be rounded up to it.
    parts = [f"{column} >= {_moment(ranges[0][0], binder)}", f"{column} < {_moment(ranges[-1][1], binder)}"]
    parts += [f"toDate32({column}, 'UTC') IN {binder.bind(days, 'Array(Date32)')}"] if days else []
    parts.append(f"roundDown(toUnixTimestamp64Micro({column}), {edges}) IN {starts}")
    return f"({' AND '.join(parts)})"


def _days(ranges: Iterable[Range]) -> list[date]:
    """The days in UTC that ranges have a part of; a few of them where they are more than can be looked up."""
    found = dict[int, None]()
    for start, end in ranges:
        found |= dict.fromkeys(range(start // DAY_LENGTH, (end - 1) // DAY_LENGTH + 1))
        if len(found) > MOST_DAYS:
            break
    return [EPOCH + timedelta(days=day) for day in found]


def _moment(micros: int, binder: Binder) -> str:
    return f"fromUnixTimestamp64Micro({binder.bind(micros, 'Int64')}, 'UTC')"


@dataclass(frozen=True, slots=True)
class Time:
    """Where a plan's facts lie in time. Period 0 is the span, period 1 the comparison."""

    plan: Plan
    binder: Binder
    column: str
    """What the moment of a row is, in SQL."""

    @property
    def overlapping(self) -> bool:
        """Whether a fact can lie in both periods."""
        here, before = self.plan.question.span, self.plan.question.compare
        if here is None or before is None:
            return False
        return before.instants[0] < here.instants[1] and here.instants[0] < before.instants[1]

    def within(self) -> str:
        """The facts of both periods."""
        spans = (self.plan.question.span, self.plan.question.compare)
        inside = [self._inside(span) for span in spans if span is not None]
        return f"({' OR '.join(inside)})" if len(inside) > 1 else "".join(inside)

    def period(self) -> str:
        """The number of a fact's period."""
        return f"if({self._inside(self.plan.question.span)}, 0, 1)"

    def in_period(self) -> str:
        """Whether the fact lies in the period that it is being counted for."""
        here, before = self._inside(self.plan.question.span), self._inside(self.plan.question.compare)
        return f"if(_period = 0, {here}, {before})"

    def bucket(self) -> str:
        """The index of a fact's bucket in its period."""
        here = position(self.plan.buckets, self.column, self.binder)
        if not self.plan.compared:
            return here
        return f"if(_period = 0, {here}, {position(self.plan.previous, self.column, self.binder)})"

    def shown(self, dimension: str) -> str:
        """The weekday or the hour that the clocks of the report's zone showed."""
        here, before = self.plan.question.span, self.plan.question.compare
        assert here is not None  # noqa: S101 - the plan made sure
        edges = [edge for span in (here, before) if span is not None for edge in span.instants]
        within = microseconds(min(edges)), microseconds(max(edges))
        write = weekday if dimension == WEEKDAY else hour
        return write(self.column, here.zone, within, self.binder)

    def _inside(self, span: Span | None) -> str:
        if span is None:
            return TRUE
        start, end = (self.binder.instant(edge) for edge in span.instants)
        return f"({self.column} >= {start} AND {self.column} < {end})"


@dataclass(frozen=True, slots=True)
class EqualBuckets:
    """Consecutive buckets of one length, in microseconds since 1970."""

    first: int
    start: int
    length: int
    end: int


def position(buckets: Sequence[Bucket], moment: str, binder: Binder) -> str:
    """The bucket's index; of buckets that start together, that of the one with a length."""
    found = runs(buckets)
    if not found:
        return "toUInt16(0)"
    micros = f"toUnixTimestamp64Micro({moment})"
    if len(found) > MOST_RUNS:
        return f"toUInt16({_searched(buckets, micros, binder)})"
    *others, last = (_divided(run, micros, binder) for run in found)
    if not others:
        return f"toUInt16({last})"
    ends = (binder.bind(run.end, "Int64") for run in found)
    branches = (f"{micros} < {end}, {index}" for end, index in zip(ends, others, strict=False))
    return f"toUInt16(multiIf({', '.join(branches)}, {last}))"


def runs(buckets: Sequence[Bucket]) -> list[EqualBuckets]:
    """The buckets that have a length, those of one length together."""
    found: list[EqualBuckets] = []
    for bucket in buckets:
        start, end = microseconds(bucket.starts_at), microseconds(bucket.ends_at)
        previous = found[-1] if found else None
        if start == end:
            continue
        if previous and previous.length == end - start and _adjoins(previous, bucket.index):
            found[-1] = EqualBuckets(previous.first, previous.start, previous.length, end)
        else:
            found.append(EqualBuckets(bucket.index, start, end - start, end))
    return found


def _adjoins(run: EqualBuckets, index: int) -> bool:
    return run.first + (run.end - run.start) // run.length == index


def _divided(run: EqualBuckets, micros: str, binder: Binder) -> str:
    start, length = binder.bind(run.start, "Int64"), binder.bind(run.length, "Int64")
    steps = f"intDiv({micros} - {start}, {length})"
    return f"{binder.bind(run.first, 'Int64')} + {steps}" if run.first else steps


def _searched(buckets: Sequence[Bucket], micros: str, binder: Binder) -> str:
    # Where buckets start together, the last one overwrites those without a length.
    edges = {microseconds(bucket.starts_at): bucket.index for bucket in buckets}
    bound = binder.bind(list(edges), "Array(Int64)")
    indexes = binder.bind(list(edges.values()), "Array(Int64)")
    return f"transform(roundDown({micros}, {bound}), {bound}, {indexes})"
