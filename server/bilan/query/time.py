"""Periods and buckets as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bilan.query.binder import Binder
from bilan.query.plan import Plan
from bilan.sdk.periods import Bucket
from bilan.warehouse import microseconds, quote


@dataclass(frozen=True, slots=True)
class Time:
    """Where a plan's facts lie in time. Period 0 is the span, period 1 the comparison."""

    plan: Plan
    binder: Binder

    @property
    def overlapping(self) -> bool:
        """Whether a fact can lie in both periods."""
        here, before = self.plan.buckets, self.plan.previous
        return (
            bool(before) and before[0].starts_at < here[-1].ends_at and here[0].starts_at < before[-1].ends_at
        )

    def within(self) -> str:
        """The facts of both periods."""
        spans = [self._inside(buckets) for buckets in (self.plan.buckets, self.plan.previous) if buckets]
        return f"({' OR '.join(spans)})" if len(spans) > 1 else "".join(spans)

    def period(self) -> str:
        """The number of a fact's period."""
        return f"if({self._inside(self.plan.buckets)}, 0, 1)"

    def in_period(self) -> str:
        """Whether the fact lies in the period that it is being counted for."""
        return f"if(_period = 0, {self._inside(self.plan.buckets)}, {self._inside(self.plan.previous)})"

    def bucket(self) -> str:
        """The first microsecond of a fact's bucket, found among the buckets' edges.

        The edges come from Python: the engine needs no calendar and no time
        zones of its own, and cannot disagree about them.
        """
        here = self._edge(self.plan.buckets)
        return f"if(_period = 0, {here}, {self._edge(self.plan.previous)})" if self.plan.compared else here

    def index(self, bucket: str) -> str:
        """The number of a bucket in its period, counted from 1."""
        here, before = self._edges(self.plan.buckets), self._edges(self.plan.previous)
        return f"if(_period = 0, indexOf({here}, {bucket}), indexOf({before}, {bucket}))"

    def _inside(self, buckets: Sequence[Bucket]) -> str:
        time = quote(self.plan.names.dataset.time)
        start, end = self.binder.instant(buckets[0].starts_at), self.binder.instant(buckets[-1].ends_at)
        return f"({time} >= {start} AND {time} < {end})"

    def _edge(self, buckets: Sequence[Bucket]) -> str:
        time = quote(self.plan.names.dataset.time)
        return f"roundDown(toUnixTimestamp64Micro({time}), {self._edges(buckets)})"

    def _edges(self, buckets: Sequence[Bucket]) -> str:
        return self.binder.bind([microseconds(bucket.starts_at) for bucket in buckets], "Array(Int64)")
