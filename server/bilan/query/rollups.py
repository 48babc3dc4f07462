"""Formulas over the rows of a rollup, which give the same figures as over the facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bilan.query.aggregates import key_of, of_person
from bilan.sdk.conditions import AllOf, Condition, Present, columns_of
from bilan.sdk.datasets import Dataset, Rollup
from bilan.sdk.metrics import Aggregate, Count, Distinct, Max, Mean, Min, Quantile, Sum
from bilan.warehouse import quote, rollup_table
from bilan.warehouse.keys import numbers, tells_person

if TYPE_CHECKING:
    from bilan.query.conditions import Conditions
    from bilan.query.plan import Plan


def name(dataset: Dataset, rollup: Rollup) -> str:
    """What its generations are kept under in the manifest: the name of its table."""
    return rollup_table(dataset, rollup)


def answers(plan: Plan, rollup: Rollup, *, merged: bool) -> bool:
    """Whether the rollup has all that a question is about; ``merged``: of contacts of whom some are one."""
    known = {*rollup.dimensions, "source"}
    dataset = plan.names.dataset
    return (
        all(column.name in known for column in plan.dimensions)
        and columns_of(plan.condition) <= known
        and all(
            _answers(dataset, rollup, known, formula, merged=merged) for formula in plan.aggregates.values()
        )
    )


def _answers(dataset: Dataset, rollup: Rollup, known: set[str], formula: Aggregate, *, merged: bool) -> bool:
    match formula:
        case Count():
            counted = True
        case Sum(column, per="", empty=False) | Mean(column):
            counted = column in rollup.sums
        case Sum():
            counted = False
        case Min(column) | Max(column):
            counted = column == dataset.time and not dataset.timed_by_day
        case Distinct(columns):
            key = key_of(rollup, columns)
            counted = key is not None and set(key.present) <= _asked_for(formula.where)
            if merged and key is not None and dataset.contact in columns:
                counted = counted and tells_person(dataset, rollup, key)
        case Quantile():
            counted = False
    rest = where_of(rollup, formula)
    return counted and (rest is None or columns_of(rest) <= known)


def where_of(rollup: Rollup, formula: Aggregate) -> Condition | None:
    """The formula's condition on rows of the rollup, whose keys are there only where their columns are."""
    if not isinstance(formula, Distinct) or (key := key_of(rollup, formula.columns)) is None:
        return formula.where
    rest = tuple(part for part in _parts(formula.where) if part not in {*map(Present, key.present)})
    return AllOf(rest) if rest else None


def _asked_for(where: Condition | None) -> set[str]:
    return {part.column for part in _parts(where) if isinstance(part, Present)}


def _parts(where: Condition | None) -> tuple[Condition, ...]:
    if isinstance(where, AllOf):
        return tuple(one for part in where.conditions for one in _parts(part))
    return () if where is None else (where,)


def figure(rollup: Rollup, formula: Aggregate, conditions: Conditions) -> str:
    """The formula's figure from rows of the rollup."""
    suffix, last = _condition(rollup, formula, conditions)
    match formula:
        case Distinct(columns):
            return f"uniqExactArray{suffix}({_numbers(rollup, columns, conditions)}{last})"
        case Mean(column):
            above, below = _mean_parts(column, suffix, last)
            return f"if({below} = 0, NULL, {above} / {below})"
        case _:
            return partial(rollup, formula, conditions)


def partial(rollup: Rollup, formula: Aggregate, conditions: Conditions) -> str:
    """A part of the figure, to be merged with others."""
    suffix, last = _condition(rollup, formula, conditions)
    match formula:
        case Count():
            return f"sum{suffix}(_rows{last})"
        case Distinct(columns):
            return f"uniqExactArrayState{suffix}({_numbers(rollup, columns, conditions)}{last})"
        case Sum(column):
            return f"sum{suffix}({quote(f'_sum_{column}')}{last})"
        case Mean(column):
            return f"tuple({', '.join(_mean_parts(column, suffix, last))})"
        case Min():
            return f"minOrNull{suffix}(_first{last})"
        case Max():
            return f"maxOrNull{suffix}(_last{last})"
        case Quantile():
            raise AssertionError(formula)


def merged(formula: Aggregate, column: str) -> str:
    """The figure from its parts."""
    match formula:
        case Count() | Sum():
            return f"sum({column})"
        case Distinct():
            return f"uniqExactArrayMerge({column})"
        case Mean():
            return f"if(sum(({column}).2) = 0, NULL, sum(({column}).1) / sum(({column}).2))"
        case Min():
            return f"minOrNull({column})"
        case Max():
            return f"maxOrNull({column})"
        case Quantile():
            raise AssertionError(formula)


def _mean_parts(column: str, suffix: str, last: str) -> tuple[str, str]:
    """The sum of a column, and how many rows have a value in it."""
    return f"sum{suffix}({quote(f'_sum_{column}')}{last})", f"sum{suffix}({quote(f'_count_{column}')}{last})"


def _condition(rollup: Rollup, formula: Aggregate, conditions: Conditions) -> tuple[str, str]:
    where = where_of(rollup, formula)
    return ("", "") if where is None else ("If", f", {conditions.sql(where)}")


def _numbers(rollup: Rollup, columns: tuple[str, ...], conditions: Conditions) -> str:
    key = key_of(rollup, columns)
    assert key is not None  # noqa: S101 - answers() found it
    found = numbers(conditions.names.dataset, rollup, key)
    person = of_person("_n", key, conditions)
    return found if person == "_n" else f"arrayMap(_n -> {person}, {found})"
