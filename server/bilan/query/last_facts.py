"""The very facts that last known values are, as conditions: what drilldown shows behind such a figure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from bilan.query.binder import scope
from bilan.query.levels import latest_of
from bilan.sdk.conditions import AllOf, AnyOf, Between, Condition, Is
from bilan.sdk.metrics import Change, Latest, Metric
from bilan.sdk.periods import Bucket, Span
from bilan.warehouse.facts import one_copy_each
from bilan.warehouse.tables import moment_of
from bilan.warehouse.types import quote

if TYPE_CHECKING:
    from bilan.manifest import Snapshot
    from bilan.query.conditions import Conditions
    from bilan.query.names import Names


@dataclass(frozen=True, slots=True)
class LastFacts:
    """Of which metrics the last facts are meant, among those that satisfy a condition, and of what time.

    ``bucket`` is an interval of the span; without either, of all time.
    """

    metrics: tuple[Metric, ...]
    where: Condition
    span: Span | None
    bucket: Bucket | None = None


def matched_by_last(metric: Metric) -> Condition:
    """The facts that a metric of last known values rests on; only where the session is told of them."""
    ends = tuple(Is(name, value=True) for name in flags(metric))
    return ends[0] if len(ends) == 1 else AnyOf(ends)


def flags(metric: Metric) -> tuple[str, ...]:
    """What it is called that a fact is the last one at the end, and of a change the last before the start."""
    name = metric.key.replace(".", "__")
    return (
        (f"_last__{name}", f"_first__{name}") if isinstance(metric.formula, Change) else (f"_last__{name}",)
    )


def edges(names: Names, wanted: LastFacts) -> tuple[datetime, datetime] | None:
    """The first moment and the first one after it; of days that a source counts by, in UTC."""
    if wanted.bucket is not None:
        span = names.cut(Span(wanted.bucket.start, wanted.bucket.end, "UTC"))
        by_day = names.dataset.timed_by_day
        return span.instants if by_day else (wanted.bucket.starts_at, wanted.bucket.ends_at)
    return None if wanted.span is None else names.cut(wanted.span).instants


def within(names: Names, wanted: LastFacts) -> Condition:
    """The facts of the time that is meant, for those that are counted."""
    dataset, found = names.dataset, edges(names, wanted)
    if found is None:
        return AllOf(())
    start, end = found
    ends = (start.date(), end.date()) if dataset.timed_by_day else (start, end)
    return Between(dataset.time, *ends)


def compiled(
    wanted: LastFacts, conditions: Conditions, sources: Collection[UUID], snapshot: Snapshot
) -> Mapping[str, str]:
    """The flags of some metrics, as SQL that is 0 or 1."""
    found: dict[str, str] = {}
    for metric in wanted.metrics:
        look = _Look(wanted, latest_of(conditions.names, metric.formula), conditions, sources, snapshot)
        changed = isinstance(metric.formula, Change)
        parts = (look.last(of_known=changed), look.first()) if changed else (look.last(),)
        found |= dict(zip(flags(metric), parts, strict=True))
    return found


@dataclass(frozen=True, slots=True)
class _Look:
    wanted: LastFacts
    latest: Latest
    conditions: Conditions
    sources: Collection[UUID]
    snapshot: Snapshot

    def last(self, *, of_known: bool = False) -> str:
        """Whether a fact is the last one of its thing; of things that were known before the start alone."""
        return self._among(self._facts(before=False, known=of_known))

    def first(self) -> str:
        """Whether a fact is the last one of its thing before the start."""
        return self._among(self._facts(before=True))

    def _among(self, facts: str) -> str:
        dataset = self.conditions.names.dataset
        time, identity = moment_of(dataset), ", ".join(f"{quote(name)} DESC" for name in dataset.identity)
        things = ", ".join(map(quote, ("source", *self.latest.per)))
        return (
            f"({self._fact} IN (SELECT {self._fact} FROM {facts}\n"  # noqa: S608 - declared names
            f"ORDER BY {time} DESC, {identity} LIMIT 1 BY {things}))"
        )

    @property
    def _fact(self) -> str:
        dataset = self.conditions.names.dataset
        named = dict.fromkeys(("source", *dataset.identity, dataset.time))
        return f"toString(tuple({', '.join(map(quote, named))}))"

    def _facts(self, *, before: bool, known: bool = False) -> str:
        dataset, binder = self.conditions.names.dataset, self.conditions.binder
        conditions = [f"isNotNull({quote(self.latest.column)})", self.conditions.sql(self.wanted.where)]
        conditions += [self.conditions.sql(self.latest.where)] if self.latest.where is not None else []
        if (found := edges(self.conditions.names, self.wanted)) is not None:
            time, (start, end) = moment_of(dataset), map(binder.instant, found)
            conditions.append(f"{time} < {start if before else end}")
            if not self.latest.carry or (not before and not self._begun):
                conditions.append(f"{time} >= {start}")
        elif before:
            conditions.append("0")
        if known:
            thing = f"toString(tuple({', '.join(map(quote, ('source', *self.latest.per)))}))"
            conditions.append(f"{thing} IN (SELECT {thing} FROM {self._facts(before=True)})")  # noqa: S608 - declared names
        visible = scope(binder, self.sources, self.snapshot.as_of)
        return " AND ".join(
            [one_copy_each(dataset, visible, as_of=binder.instant(self.snapshot.as_of)), *conditions]
        )

    @property
    def _begun(self) -> bool:
        """Whether the time had begun: no value is carried into one that had not."""
        wanted = self.wanted
        start = wanted.bucket.starts_at if wanted.bucket else wanted.span.instants[0] if wanted.span else None
        return start is None or start <= self.snapshot.today
