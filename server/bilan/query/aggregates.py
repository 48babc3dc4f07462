"""Formulas as SQL, with exactly the meaning of ``bilan.sdk.metrics``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bilan.sdk.datasets import DistinctKey, Rollup
from bilan.sdk.metrics import Aggregate, Count, Distinct, Max, Mean, Min, Quantile, Sum
from bilan.warehouse.keys import number
from bilan.warehouse.types import quote

if TYPE_CHECKING:
    from bilan.query.composed import Computed
    from bilan.query.conditions import Conditions
    from bilan.query.names import Names


def sql(formula: Aggregate, conditions: Conditions) -> str:
    """The aggregate function of a formula; its condition stands inside, so that one scan serves all."""
    suffix, last, where = _condition(formula, conditions)
    match formula:
        case Count():
            return f"count{suffix}({where})"
        case Distinct(columns):
            return f"uniqExact{suffix}({_combination(columns, conditions.names)}{last})"
        case Sum(column, per="", empty=True):
            return f"sumOrNull{suffix}({quote(column)}{last})"
        case Sum(column, per=""):
            return f"ifNull(sum{suffix}({quote(column)}{last}), 0)"
        case Sum(column):
            valued = f"isNotNull({quote(column)})" + (f" AND {where}" if where else "")
            units = f"uniqExactIf(ifNull({quote(formula.per)}, ''), {valued})"
            return f"if({units} = 1, sum{suffix}({quote(column)}{last}), NULL)"
        case Mean(column):
            return f"avgOrNull{suffix}({quote(column)}{last})"
        case Quantile(column, level):
            return f"quantileExactOrNull{suffix}({float(level)!r})({quote(column)}{last})"
        case Min(column):
            return f"minOrNull{suffix}({quote(column)}{last})"
        case Max(column):
            return f"maxOrNull{suffix}({quote(column)}{last})"


def partial(formula: Aggregate, conditions: Conditions) -> str:
    """A part of a figure, to be merged with others (see :mod:`bilan.query.rollups`)."""
    suffix, last, where = _condition(formula, conditions)
    match formula:
        case Distinct(columns):
            return f"uniqExactArrayState{suffix}([{_combination(columns, conditions.names)}]{last})"
        case Mean(column):
            name = quote(column)
            known = f"isNotNull({name})" + (f" AND {where}" if where else "")
            return f"tuple(sum{suffix}(ifNull({name}, 0){last}), countIf({known}))"
        case _:
            return sql(formula, conditions)


def _condition(formula: Aggregate, conditions: Conditions) -> tuple[str, str, str]:
    """The function's suffix and last argument where the formula has a condition, and the condition itself."""
    if formula.where is None:
        return "", "", ""
    where = conditions.sql(formula.where)
    return "If", f", {where}", where


def key_of(rollup: Rollup | None, columns: tuple[str, ...]) -> DistinctKey | None:
    """The stored key that tells different combinations of these columns apart."""
    return next((key for key in (rollup.keys if rollup else ()) if key.columns == columns), None)


def empty(formula: Computed) -> Any:
    """What a formula gives without any row."""
    if isinstance(formula, Sum):
        return None if formula.per or formula.empty else 0
    return 0 if isinstance(formula, Count | Distinct) else None


def has_unit(formula: Computed) -> bool:
    """Whether it is a sum whose values are added within one unit alone."""
    return isinstance(formula, Sum) and bool(formula.per)


def _combination(names: tuple[str, ...], known: Names) -> str:
    rollup = known.dataset.rollup
    if rollup is not None and (key := key_of(rollup, names)) is not None:
        return number(known.dataset, rollup, key)
    columns = ", ".join(quote(name) for name in names)
    # On its own a null would not be counted; inside a tuple it is a value like any other.
    return f"tuple({columns})" if any(known.column(name).nullable for name in names) else columns
