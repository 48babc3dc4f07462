"""Formulas as SQL, with exactly the meaning of ``bilan.sdk.metrics``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bilan.sdk.datasets import DistinctKey, Rollup
from bilan.sdk.metrics import Aggregate, Count, Distinct, Max, Mean, Min, Quantile, Sum
from bilan.warehouse import keys as numbering
from bilan.warehouse.types import quote

if TYPE_CHECKING:
    from bilan.query.composed import Computed
    from bilan.query.conditions import Conditions


def sql(formula: Aggregate, conditions: Conditions) -> str:
    """The aggregate function of a formula; its condition stands inside, so that one scan serves all."""
    suffix, last, where = _condition(formula, conditions)
    match formula:
        case Count():
            return f"count{suffix}({where})"
        case Distinct(columns):
            return f"uniqExact{suffix}({_combination(columns, conditions)}{last})"
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
            return f"uniqExactArrayState{suffix}([{_combination(columns, conditions)}]{last})"
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


def of_person(number: str, key: DistinctKey, conditions: Conditions) -> str:
    """A key's number, with the person in the place of the contact."""
    dataset = conditions.names.dataset
    if not any(map(conditions.follows, key.columns)):
        return number
    people = conditions.people
    others, firsts = (conditions.binder.texts(texts) for texts in (people.others, people.firsts))
    return numbering.of_person(dataset, key, number, others, firsts)


def _combination(columns: tuple[str, ...], conditions: Conditions) -> str:
    names = conditions.names
    rollup = names.dataset.rollup
    if rollup is not None and (key := key_of(rollup, columns)) is not None:
        return of_person(numbering.number(names.dataset, rollup, key), key, conditions)
    values = ", ".join(map(conditions.person, columns))
    # On its own a null would not be counted; inside a tuple it is a value like any other.
    return f"tuple({values})" if any(names.column(name).nullable for name in columns) else values
