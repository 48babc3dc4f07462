"""Periods and buckets as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bilan.query.binder import Binder
from bilan.query.conditions import TRUE
from bilan.query.plan import Plan
from bilan.sdk.periods import Bucket, Span
from bilan.warehouse import microseconds, quote


@dataclass(frozen=True, slots=True)
class Time:
    """Where a plan's facts lie in time. Period 0 is the span, period 1 the comparison."""

    plan: Plan
    binder: Binder

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
        """The first microsecond of a fact's bucket, found among the buckets' edges.

        The edges come from Python: the engine needs no calendar and no time
        zones of its own, and cannot disagree about them.
        """
        here = self._edge(self.plan.buckets)
        return f"if(_period = 0, {here}, {self._edge(self.plan.previous)})" if self.plan.compared else here

    def index(self, bucket: str) -> str:
        """The number of a bucket in its period, counted from 1.

        Of buckets that start together only the last one has a length.
        """
        here, before = (
            f"arrayLastIndex(_x -> _x = {bucket}, {self._edges(buckets)})"
            for buckets in (self.plan.buckets, self.plan.previous)
        )
        return f"if(_period = 0, {here}, {before})"

    def _inside(self, span: Span | None) -> str:
        if span is None:
            return TRUE
        start, end = (self.binder.instant(edge) for edge in span.instants)
        return f"({self._column} >= {start} AND {self._column} < {end})"

    def _edge(self, buckets: Sequence[Bucket]) -> str:
        return f"roundDown(toUnixTimestamp64Micro({self._column}), {self._edges(buckets)})"

    def _edges(self, buckets: Sequence[Bucket]) -> str:
        edges = [microseconds(bucket.starts_at) for bucket in buckets]
        return self.binder.bind(edges or [0], "Array(Int64)")

    @property
    def _column(self) -> str:
        return quote(self.plan.names.dataset.time)
