"""A question, checked and resolved: everything a statement and an answer are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bilan.query import composed
from bilan.query.composed import Computed
from bilan.query.names import CLOCK, Names
from bilan.sdk.conditions import Condition
from bilan.sdk.datasets import Column, ColumnType
from bilan.sdk.errors import Invalid
from bilan.sdk.metrics import Aggregate, Change, Latest, Metric
from bilan.sdk.periods import Bucket, Interval, IntervalUnit, Span
from bilan.sdk.query import HOUR, Order, Question
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.registry.declared import Registry

MOST_BUCKETS = 20_000
"""More parts than this no reader can use, and no statement should carry."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a question means."""

    question: Question
    """What is asked, its periods as the dataset cuts them."""
    names: Names
    metrics: tuple[Metric, ...]
    aggregates: Mapping[str, Aggregate]
    """What is counted, by the metric's key."""
    levels: Mapping[str, Latest | Change]
    """What was last known, by the metric's key."""
    dimensions: tuple[Column, ...]
    condition: Condition
    buckets: tuple[Bucket, ...]
    """The parts of the span. None where the question looks at all time, nor in a day that a zone left out."""
    previous: tuple[Bucket, ...]
    """The parts of the comparison."""
    asked: Question
    """What was asked, in the zone that was named."""
    shown: tuple[Bucket, ...]
    """The parts of its span, which are the same days."""
    shown_previous: tuple[Bucket, ...]
    """The parts of its comparison."""

    @property
    def computed(self) -> Mapping[str, Computed]:
        """All that is computed of the facts, in the order of the statement's columns."""
        return {**self.aggregates, **self.levels}

    @property
    def by_time(self) -> bool:
        """Whether there is a breakdown by time."""
        return self.question.span is not None and self.question.interval.unit is not IntervalUnit.NONE

    @property
    def totals(self) -> bool:
        """Whether there is a row for the totals; where nothing is broken down it is the only one."""
        return self.question.totals or not (self.by_time or self.dimensions)

    @property
    def compared(self) -> bool:
        """Whether there is a comparison."""
        return self.question.compare is not None

    @property
    def lists(self) -> tuple[Column, ...]:
        """The dimensions that hold several values at once."""
        return tuple(column for column in self.dimensions if column.type is ColumnType.TEXTS)

    def position(self, dimension: str) -> int:
        """Which of the dimensions this one is."""
        return [column.name for column in self.dimensions].index(dimension)


def plan(registry: Registry, question: Question) -> Plan:
    """Resolve a question. Raises ``Invalid`` with a sentence that names what is wrong."""
    names = Names.of(registry, question.dataset)
    metrics = tuple(names.metric(key) for key in dict.fromkeys(question.metrics))
    dimensions = tuple(CLOCK.get(name) or names.dimension(name) for name in dict.fromkeys(question.by))
    _check_order(question, question.order)
    _check_limit(question)
    _check_clock(question)
    _check_hours(names, question)
    cut = _cut(names, question)
    needed = dict(one for metric in metrics for one in composed.computed(names, metric))
    levels = {key: one for key, one in needed.items() if isinstance(one, Latest | Change)}
    _check_levels(names, question, levels)
    return Plan(
        cut,
        names,
        metrics,
        {key: one for key, one in needed.items() if not isinstance(one, Latest | Change)},
        levels,
        dimensions,
        names.conditions(question.filters, question.where),
        _buckets(cut),
        _previous(cut),
        question,
        _buckets(question),
        _previous(question),
    )


def _cut(names: Names, question: Question) -> Question:
    span, compare = (one and names.cut(one) for one in (question.span, question.compare))
    return replace(question, span=span, compare=compare)


def _check_order(question: Question, order: tuple[Order, ...]) -> None:
    for one in order:
        if one.key not in question.metrics and one.key not in question.by:
            raise Invalid(
                _("The rows cannot be sorted by {key}, which is no metric or dimension of the question.",
                  key=one.key),
                ("order",),
            )  # fmt: skip


def _check_limit(question: Question) -> None:
    if question.offset < 0 or (question.limit is not None and question.limit < 0):
        raise Invalid(_("Limit and offset count from 0 upwards."), ("limit",))


def _check_clock(question: Question) -> None:
    if question.span is None and any(one in CLOCK for one in question.by):
        raise Invalid(
            _("Weekdays and hours are those of a period's zone; all time has none. Choose a period."), ("by",)
        )


def _check_hours(names: Names, question: Question) -> None:
    if names.dataset.timed_by_day and (HOUR in question.by or question.interval.unit is IntervalUnit.HOUR):
        raise Invalid(
            _("{dataset} has figures of whole days, as their source cuts them; they have no hours.",
              dataset=names.dataset.label),
            ("by" if HOUR in question.by else "interval",),
        )  # fmt: skip


def _check_levels(names: Names, question: Question, levels: Iterable[str]) -> None:
    """What was last known at an end has no weekday and no hour of its own."""
    clock = next((CLOCK[one] for one in question.by if one in CLOCK), None)
    for key in levels:
        if clock is not None:
            raise Invalid(
                _("{metric} is what was last known at the end of a period, and cannot be broken down by "
                  "{dimension}.", metric=names.metric(key).label, dimension=clock.label),
                ("by",),
            )  # fmt: skip


def _buckets(question: Question) -> tuple[Bucket, ...]:
    return () if question.span is None else _parts(question.interval, question.span)


def _previous(question: Question) -> tuple[Bucket, ...]:
    if question.compare is None:
        return ()
    if question.span is None:
        raise Invalid(_("A comparison needs a period; all time has nothing before it."), ("compare",))
    return _parts(question.interval, question.compare)


def _parts(interval: Interval, span: Span) -> tuple[Bucket, ...]:
    count = span.days * 24 if interval.unit is IntervalUnit.HOUR else span.days // interval.count
    if count > MOST_BUCKETS and interval.unit in (IntervalUnit.HOUR, IntervalUnit.DAY):
        raise Invalid(
            _("The period has {count} intervals; at most {most} can be shown. Choose a longer interval.",
              count=count, most=MOST_BUCKETS),
            ("interval",),
        )  # fmt: skip
    return interval.buckets(span)
