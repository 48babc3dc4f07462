"""Recount: the facts that a metric counts, and the metric counted from them alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bilan.query import aggregates, composed
from bilan.query.binder import Statement
from bilan.query.last_facts import flags, matched_by_last
from bilan.query.levels import latest_of
from bilan.sdk.conditions import AllOf, Condition, Is, Present
from bilan.sdk.metrics import Change, Count, Difference, Distinct, Latest, Metric, Ratio, Total
from bilan.warehouse.types import quote

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
    matched_by: Condition
    """The facts that it counts."""


@dataclass(frozen=True, slots=True)
class Recount:
    """A metric counted from its own facts alone.

    ``parts`` are the metrics computed of facts that it is made of, that of a
    ratio that is divided first; others are their own part. ``made_of`` are the
    values of what it names itself, such as the two that a ratio divides.
    """

    metric: Metric
    rows: int
    value: Any
    parts: tuple[RecountPart, ...]
    made_of: tuple[tuple[Metric, Any], ...] = ()


def components(names: Names, key: str) -> tuple[Metric, ...]:
    """A metric itself, or those that it is made of in the end. Raises ``Invalid`` for an undeclared one."""
    metric = names.metric(key)
    return tuple(map(names.metric, dict(composed.computed(names, metric))))


def last_known(parts: tuple[Metric, ...]) -> tuple[Metric, ...]:
    """Those of some metrics that rest on last known values."""
    return tuple(part for part in parts if isinstance(part.formula, Latest | Change))


def carries(names: Names, metrics: Iterable[str]) -> bool:
    """Whether any of the metrics may rest on facts from before the period."""
    leaves = (part for key in metrics for part in last_known(components(names, key)))
    return any(latest_of(names, part.formula).carry for part in leaves)


def matched_by(metric: Metric, within: Condition | None = None) -> Condition:
    """The facts that a metric looks at; those without a value add nothing to a sum or a mean.

    ``within`` narrows those that are counted, and not those that were last known.
    """
    formula = metric.formula
    match formula:
        case Latest() | Change():
            return matched_by_last(metric)
        case Count() | Distinct():
            found = formula.where or AllOf(())
        case Ratio() | Difference() | Total():
            raise AssertionError(formula)  # they are taken apart before
        case _:
            present = Present(formula.column)
            found = AllOf((formula.where, present)) if formula.where else present
    return found if within is None else AllOf((found, within))


def statement(facts: Facts, parts: tuple[tuple[Metric, Condition], ...]) -> Statement:
    """How many of the facts there are, and for each metric how many it counts and its value."""
    conditions = facts.conditions
    columns = ["count()"]
    for metric, counted in parts:
        columns += [f"countIf({conditions.sql(counted)})", _value(metric, counted, conditions)]
    return Statement(f"SELECT {', '.join(columns)}\nFROM {facts.source}", facts.binder.parameters)


def read(
    names: Names, metric: Metric, parts: tuple[tuple[Metric, Condition], ...], row: tuple[Any, ...]
) -> Recount:
    """The result of that statement."""
    total, *rest = row
    found = tuple(
        RecountPart(one, rest[2 * n], rest[2 * n + 1], counted) for n, (one, counted) in enumerate(parts)
    )
    values = {part.metric.key: part.value for part in found}
    made_of = tuple((part, composed.value(names, part, values)) for part in composed.parts(names, metric))
    return Recount(metric, total, composed.value(names, metric, values), found, made_of)


def _value(metric: Metric, counted: Condition, conditions: Conditions) -> str:
    formula = metric.formula
    match formula:
        case Latest() | Change():
            column = quote(latest_of(conditions.names, metric.formula).column)
            ends = [
                f"sumOrNullIf({column}, {conditions.sql(Is(flag, value=True))})" for flag in flags(metric)
            ]
            return " - ".join(ends)
        case Ratio() | Difference() | Total():
            raise AssertionError(formula)
        case _:
            return aggregates.sql(replace(formula, where=counted), conditions)
