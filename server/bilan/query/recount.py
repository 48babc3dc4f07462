"""Recount: the facts that a metric counts, and the metric counted from them alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bilan.query import aggregates
from bilan.query.binder import Statement
from bilan.sdk.conditions import AllOf, AnyOf, Condition, Present
from bilan.sdk.metrics import Aggregate, Count, Distinct, Metric, Ratio

if TYPE_CHECKING:
    from bilan.query.conditions import Conditions
    from bilan.query.facts import Facts
    from bilan.query.names import Names


@dataclass(frozen=True, slots=True)
class RecountPart:
    """A metric, how many facts it counts, and what they come to."""

    metric: Metric
    rows: int
    value: Any


@dataclass(frozen=True, slots=True)
class Recount:
    """A metric counted from its own facts alone. A ratio has two parts, the one divided first; others one."""

    metric: Metric
    rows: int
    value: Any
    parts: tuple[RecountPart, ...]


def components(names: Names, key: str) -> tuple[Metric, ...]:
    """A metric itself, or the two that a ratio divides. Raises ``Invalid`` for one that nobody declares."""
    metric = names.metric(key)
    formula = metric.formula
    if not isinstance(formula, Ratio):
        return (metric,)
    return tuple(dict.fromkeys((names.metric(formula.numerator), names.metric(formula.denominator))))


def matched_by(metric: Metric) -> Condition:
    """The facts that a metric looks at; those without a value add nothing to a sum or a mean."""
    formula = metric.formula
    match formula:
        case Ratio():
            return AnyOf(())
        case Count() | Distinct():
            return formula.where or AllOf(())
        case _:
            present = Present(formula.column)
            return AllOf((formula.where, present)) if formula.where else present


def statement(facts: Facts, metrics: tuple[Metric, ...]) -> Statement:
    """How many of the facts there are, and for each of the metrics how many it counts and its value."""
    conditions = facts.conditions
    columns = ["count()"]
    for metric in metrics:
        columns += [f"countIf({conditions.sql(matched_by(metric))})", _value(metric, conditions)]
    return Statement(f"SELECT {', '.join(columns)}\nFROM {facts.source}", facts.binder.parameters)


def read(metric: Metric, metrics: tuple[Metric, ...], row: tuple[Any, ...]) -> Recount:
    """The result of that statement."""
    total, *rest = row
    parts = tuple(RecountPart(one, *rest[2 * n : 2 * n + 2]) for n, one in enumerate(metrics))
    values = {part.metric.key: part.value for part in parts}
    ratio = isinstance(metric.formula, Ratio)
    value = aggregates.ratio(metric, values) if ratio else values[metric.key]
    return Recount(metric, total, value, parts)


def _value(metric: Metric, conditions: Conditions) -> str:
    formula = metric.formula
    assert isinstance(formula, Aggregate)  # noqa: S101 - ratios were taken apart
    return aggregates.sql(formula, conditions)
