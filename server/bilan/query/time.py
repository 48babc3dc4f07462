"""Periods and buckets as SQL."""

from __future__ import annotations

from dataclasses import dataclass

from bilan.query.binder import Binder
from bilan.query.conditions import TRUE
from bilan.query.plan import Plan
from bilan.query.position import position
from bilan.sdk.periods import Span
from bilan.warehouse import quote


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
        """The index of a fact's bucket in its period."""
        here = position(self.plan.buckets, self._column, self.binder)
        if not self.plan.compared:
            return here
        return f"if(_period = 0, {here}, {position(self.plan.previous, self._column, self.binder)})"

    def _inside(self, span: Span | None) -> str:
        if span is None:
            return TRUE
        start, end = (self.binder.instant(edge) for edge in span.instants)
        return f"({self._column} >= {start} AND {self._column} < {end})"

    @property
    def _column(self) -> str:
        return quote(self.plan.names.dataset.time)
