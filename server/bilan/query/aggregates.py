"""Formulas as SQL, with exactly the meaning of ``bilan.sdk.metrics``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from bilan.sdk.metrics import Aggregate, Count, Distinct, Max, Mean, Metric, Min, Quantile, Ratio, Sum
from bilan.warehouse.types import quote

if TYPE_CHECKING:
    from bilan.query.conditions import Conditions
    from bilan.query.names import Names


def needed(names: Names, metrics: Iterable[Metric]) -> dict[str, Aggregate]:
    """What has to be computed for some metrics, by their keys: ratios need the two they are made of."""
    found: dict[str, Aggregate] = {}
    for metric in metrics:
        formula = metric.formula
        if isinstance(formula, Ratio):
            parts = needed(names, (names.metric(formula.numerator), names.metric(formula.denominator)))
            found.update(parts)
        else:
            found[metric.key] = formula
    return found


def sql(formula: Aggregate, conditions: Conditions) -> str:
    """The aggregate function of a formula; its condition stands inside, so that one scan serves all."""
    where = None if formula.where is None else conditions.sql(formula.where)
    suffix = "" if where is None else "If"
    last = "" if where is None else f", {where}"
    match formula:
        case Count():
            return f"count{suffix}({where or ''})"
        case Distinct(columns):
            return f"uniqExact{suffix}({_combination(columns, conditions.names)}{last})"
        case Sum(column):
            return f"ifNull(sum{suffix}({quote(column)}{last}), 0)"
        case Mean(column):
            return f"avgOrNull{suffix}({quote(column)}{last})"
        case Quantile(column, level):
            return f"quantileExactOrNull{suffix}({float(level)!r})({quote(column)}{last})"
        case Min(column):
            return f"minOrNull{suffix}({quote(column)}{last})"
        case Max(column):
            return f"maxOrNull{suffix}({quote(column)}{last})"


def empty(formula: Aggregate) -> Any:
    """What a formula gives without any row."""
    return 0 if isinstance(formula, Count | Distinct | Sum) else None


def ratio(metric: Metric, values: Mapping[str, Any]) -> Any:
    """One sum divided by the other; ``None`` where nothing can be divided."""
    assert isinstance(metric.formula, Ratio)  # noqa: S101 - narrows for the type checker
    return metric.formula.divided(values[metric.formula.numerator], values[metric.formula.denominator])


def _combination(names: tuple[str, ...], known: Names) -> str:
    columns = ", ".join(quote(name) for name in names)
    # On its own a null would not be counted; inside a tuple it is a value like any other.
    return f"tuple({columns})" if any(known.column(name).nullable for name in names) else columns
