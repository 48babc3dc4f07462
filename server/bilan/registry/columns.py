"""Datasets, and whatever reads their columns: metrics and filters."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain

from bilan.registry.composed import check_composed
from bilan.registry.conditions import check_condition
from bilan.registry.declared import Registry
from bilan.registry.mistakes import mistake
from bilan.sdk.conditions import columns_of
from bilan.sdk.datasets import Column, ColumnType, Dataset, Keep, Once, Rollup, SameIf
from bilan.sdk.filters import Filter, FilterKind
from bilan.sdk.metrics import (
    Aggregate,
    Change,
    Composed,
    Count,
    Distinct,
    Latest,
    Max,
    Mean,
    Metric,
    Min,
    Quantile,
    Sum,
)
from bilan.sdk.projections import Projection
from bilan.sdk.query import HOUR, WEEKDAY
from bilan.sdk.textdomain import _
from bilan.sdk.units import FIGURES, Unit

CORE_COLUMNS = frozenset({"source", "ingested_at", WEEKDAY, HOUR})
"""Columns and dimensions that the core adds to every dataset."""
TIMES = frozenset({ColumnType.INSTANT, ColumnType.DATE})
SUMMABLE = frozenset({ColumnType.INTEGER, ColumnType.NUMBER})
TELLING = frozenset({ColumnType.TEXT, ColumnType.INTEGER, ColumnType.BOOLEAN, ColumnType.DATE})
"""The types of column by which a formula tells apart what has one value each."""
FITS = {
    FilterKind.CHOICES: frozenset({ColumnType.TEXT}),
    FilterKind.TAGS: frozenset({ColumnType.TEXTS}),
    FilterKind.TEXT: frozenset({ColumnType.TEXT}),
    FilterKind.FLAG: frozenset({ColumnType.BOOLEAN}),
    FilterKind.RANGE: SUMMABLE,
}
"""The types of column that each kind of filter can narrow."""


def check_dataset(name: str, dataset: Dataset) -> None:
    """A time, an identity and usable column names."""
    key = dataset.key
    names: set[str] = set()
    for column in dataset.columns:
        if column.name in names:
            raise mistake(name, _("{dataset} has two columns {column}", dataset=key, column=column.name))
        names.add(column.name)
        if not column.name.isidentifier() or column.name in CORE_COLUMNS or column.name.startswith("_"):
            raise mistake(
                name, _("{column} cannot name a column of {dataset}", column=column.name, dataset=key)
            )
    time = dataset.by_name.get(dataset.time)
    if time is None or time.type not in TIMES or time.nullable:
        reason = _("the time column of {dataset} must be a declared instant or day that is never empty",
                   dataset=key)  # fmt: skip
        raise mistake(name, reason)
    if not dataset.identity:
        reason = _("{dataset} declares no identity, so nothing could tell two facts apart", dataset=key)
        raise mistake(name, reason)
    _check_columns(name, key, dataset, {*dataset.identity, *dataset.sort})
    for column in dataset.columns:
        _check_due(name, dataset, column)
        _check_picture(name, dataset, column)
    _check_contact(name, dataset)
    if dataset.rollup is not None:
        _check_rollup(name, dataset, dataset.rollup)
    if dataset.once is not None:
        _check_once(name, dataset, dataset.once)
    if dataset.retention_days is not None and dataset.retention_days < 1:
        raise mistake(name, _("{dataset} must keep its facts for a day at least", dataset=key))


def _check_due(name: str, dataset: Dataset, column: Column) -> None:
    """What is only so from a time on can be read as something else until then."""
    if not column.due:
        return
    time = column if column.due is True else dataset.by_name.get(column.due)
    if time is None or time.due is not True or time.type is not ColumnType.INSTANT or not time.nullable:
        reason = _("{column} of {dataset} is due at no instant that is marked as due and may be empty",
                   column=column.name, dataset=dataset.key)  # fmt: skip
        raise mistake(name, reason)
    if not column.nullable and column.type is not ColumnType.TEXT:
        reason = _("{column} of {dataset} has nothing to be read as until it is due, so it must be nullable",
                   column=column.name, dataset=dataset.key)  # fmt: skip
        raise mistake(name, reason)
    fixed = {dataset.time, *dataset.identity, *dataset.sort, *(dataset.derived.by if dataset.derived else ())}
    if dataset.keep is not Keep.LAST or dataset.rollup is not None or column.name in fixed:
        reason = _("{column} of {dataset} cannot be due: only columns beside the order can, of datasets that "
                   "change and have no rollup", column=column.name, dataset=dataset.key)  # fmt: skip
        raise mistake(name, reason)


def _check_picture(name: str, dataset: Dataset, column: Column) -> None:
    """Keys of pictures are texts that nobody reads, groups by or waits for."""
    fits = column.type is ColumnType.TEXT and not (column.dimension or column.personal or column.due)
    if column.picture and (not fits or column.name in {*dataset.identity, *dataset.sort}):
        reason = _(
            "{column} of {dataset} can hold pictures only as a text that is no dimension, not personal, "
            "not due and not part of the order", column=column.name, dataset=dataset.key,
        )  # fmt: skip
        raise mistake(name, reason)


def _check_contact(name: str, dataset: Dataset) -> None:
    """Whom a fact is about is a text of its own, guarded like all that leads to a single person."""
    if dataset.same is not None:
        _check_same(name, dataset, dataset.same)
    if not dataset.contact:
        return
    _check_columns(name, dataset.key, dataset, {dataset.contact} - {"source"})
    column = dataset.by_name.get(dataset.contact)
    if column is None or column.type is not ColumnType.TEXT or not column.personal or column.dimension:
        reason = _(
            "{column} of {dataset} can name the contact only as a text that is personal and no dimension",
            column=dataset.contact, dataset=dataset.key,
        )  # fmt: skip
        raise mistake(name, reason)
    if isinstance(dataset.activity, Projection) and dataset.activity.contact != dataset.contact:
        reason = _("{dataset} names the contact in {column}, but its activities take it from {other}",
                   dataset=dataset.key, column=dataset.contact, other=dataset.activity.contact)  # fmt: skip
        raise mistake(name, reason)


def _check_same(name: str, dataset: Dataset, same: SameIf) -> None:
    """Who is one person is told by what stays, of rows that a text tells from others."""
    _check_columns(name, dataset.key, dataset, {same.column})
    if not dataset.contact or dataset.keep is not Keep.FIRST or dataset.derived:
        reason = _("{dataset} can tell that addresses are one person only where it names the contact and "
                   "keeps the first copy of each fact", dataset=dataset.key)  # fmt: skip
        raise mistake(name, reason)
    if dataset.by_name[same.column].type is not ColumnType.TEXT:
        reason = _("{column} of {dataset} can tell that addresses are one person only as a text",
                   column=same.column, dataset=dataset.key)  # fmt: skip
        raise mistake(name, reason)


def _check_rollup(name: str, dataset: Dataset, rollup: Rollup) -> None:
    """What is counted in advance can be counted by the columns there are."""
    named = ((*key.columns, *key.present, *chain(*key.unless)) for key in rollup.keys)
    keys = set(chain.from_iterable(named)) - CORE_COLUMNS
    _check_columns(name, dataset.key, dataset, {*rollup.dimensions, *rollup.sums, *keys})
    for column in rollup.sums:
        if dataset.by_name[column].type is not ColumnType.INTEGER:
            raise mistake(
                name, _("the rollup of {dataset} sums {column}, which holds no whole numbers",
                        dataset=dataset.key, column=column),
            )  # fmt: skip
    if dataset.retention_days is not None:
        raise mistake(
            name, _("{dataset} has a rollup, so its facts cannot end after some days", dataset=dataset.key)
        )


def _check_once(name: str, dataset: Dataset, once: Once) -> None:
    """What happens once can be told from what happens again."""
    named = {column for key in once.keys for column in (*key.columns, *key.present, *chain(*key.unless))}
    outcomes = {column for column, _text in chain(*once.outcomes)}
    marks = {once.column, *filter(None, (once.undated,))}
    _check_columns(name, dataset.key, dataset, (named - CORE_COLUMNS) | outcomes | marks)
    if {dataset.by_name[column].type for column in marks} != {ColumnType.BOOLEAN}:
        raise mistake(
            name, _("{dataset} can mark repeats only in a column that is true or false", dataset=dataset.key)
        )
    if dataset.timed_by_day:
        raise mistake(
            name, _("what happens only once is told by moments, and {dataset} is timed by a day",
                    dataset=dataset.key),
        )  # fmt: skip
    if not once.outcomes or not once.keys:
        raise mistake(name, _("{dataset} does not say what happens only once", dataset=dataset.key))
    if dataset.keep is not Keep.FIRST or dataset.time not in dataset.sort:
        raise mistake(
            name, _("what happens only once is known only of facts that never change, not of {dataset}",
                    dataset=dataset.key),
        )  # fmt: skip


def check_metrics_of(registry: Registry, name: str, dataset: Dataset) -> None:
    """Something can be asked of it."""
    if not registry.metrics_of(dataset.key):
        raise mistake(
            name, _("{dataset} has no metric, so nothing could be asked of it", dataset=dataset.key)
        )


def check_metric(registry: Registry, name: str, metric: Metric) -> None:
    """Its dataset and the columns or metrics it is made of exist and fit."""
    dataset = dataset_of(registry, name, metric.key, metric.dataset)
    formula = metric.formula
    _check_beside(registry, name, metric)
    if isinstance(formula, Composed | Change):
        check_composed(registry, name, metric)
        return
    _check_columns(name, metric.key, dataset, _read(formula))
    if isinstance(formula, Latest):
        _check_latest(name, metric.key, dataset, formula)
    if (
        isinstance(formula, Sum | Mean | Quantile | Latest)
        and dataset.by_name[formula.column].type not in SUMMABLE
    ):
        reason = _("{key} counts with {column}, which is no number", key=metric.key, column=formula.column)
        raise mistake(name, reason)
    if isinstance(formula, Quantile) and not 0 <= formula.level <= 1:
        reason = _(
            "the level of {key} must lie between 0 and 1, not {level}", key=metric.key, level=formula.level
        )
        raise mistake(name, reason)
    if isinstance(formula, Distinct) and not formula.columns:
        raise mistake(name, _("{key} counts different values of no column", key=metric.key))
    if formula.where is not None:
        check_condition(name, metric.key, dataset, formula.where)
    _check_unit(name, metric, dataset, formula)


def _check_beside(registry: Registry, name: str, metric: Metric) -> None:
    """What is shown beside a metric counts rows of the same dataset."""
    if not metric.beside:
        return
    other = registry.metrics.get(metric.beside)
    if other is None or other.dataset != metric.dataset or not isinstance(other.formula, Count | Distinct):
        reason = _("{key} has {other} beside it, which counts nothing of {dataset}",
                   key=metric.key, other=metric.beside, dataset=metric.dataset)  # fmt: skip
        raise mistake(name, reason)


def _check_latest(name: str, key: str, dataset: Dataset, latest: Latest) -> None:
    """What has one value each can be told apart, whenever the value was there."""
    if not latest.per:
        raise mistake(name, _("{key} adds up the last values of nothing; name columns in “per”", key=key))
    for column in latest.per:
        if column in (dataset.time, latest.column):
            reason = _("{key} tells apart by {column} what has one value each, which changes with every fact",
                       key=key, column=column)  # fmt: skip
            raise mistake(name, reason)
        if dataset.by_name[column].type not in TELLING:
            reason = _("{key} tells apart by {column} what has one value each, which is of type {type}",
                       key=key, column=column, type=dataset.by_name[column].type.value)  # fmt: skip
            raise mistake(name, reason)


def _check_unit(name: str, metric: Metric, dataset: Dataset, formula: Aggregate | Latest) -> None:
    """What is divided is no whole number, and a moment is none either."""
    if isinstance(formula, Min | Max):
        instant = dataset.by_name[formula.column].type is ColumnType.INSTANT
        fits = (metric.unit is Unit.INSTANT) == instant
    else:
        fits = metric.unit in FIGURES
        fits &= not (isinstance(formula, Mean) and metric.unit is Unit.COUNT)
    if not fits:
        reason = _("{key} has the unit {unit}, which its formula cannot give",
                   key=metric.key, unit=metric.unit.value)  # fmt: skip
        raise mistake(name, reason)


def _read(formula: Aggregate | Latest) -> frozenset[str]:
    read = columns_of(formula.where) if formula.where is not None else frozenset[str]()
    match formula:
        case Count():
            return read
        case Distinct(columns):
            return read | set(columns)
        case Sum(column, per=per) if per:
            return read | {column, per}
        case Latest(column, per=several):
            return read | {column, *several}
        case _:
            return read | {formula.column}


def check_filter(registry: Registry, name: str, declared: Filter) -> None:
    """Every dataset it narrows has the column, of a type that the filter can narrow."""
    if not declared.datasets:
        raise mistake(name, _("{key} narrows no dataset", key=declared.key))
    for key in declared.datasets:
        dataset = dataset_of(registry, name, declared.key, key)
        _check_columns(name, declared.key, dataset, {declared.column})
        column = dataset.by_name.get(declared.column)
        if column is not None and column.type not in FITS[declared.kind]:
            reason = _(
                "{key} is a filter of kind {kind}, which cannot narrow {column} of {dataset}",
                key=declared.key, kind=declared.kind.value, column=column.name, dataset=key,
            )  # fmt: skip
            raise mistake(name, reason)


def dataset_of(registry: Registry, name: str, key: str, dataset: str) -> Dataset:
    """The dataset that a declaration speaks of."""
    found = registry.datasets.get(dataset)
    if found is None:
        reason = _("{key} speaks of the dataset {dataset}, which nobody declares", key=key, dataset=dataset)
        raise mistake(name, reason)
    return found


def _check_columns(name: str, key: str, dataset: Dataset, columns: Collection[str]) -> None:
    for column in sorted(set(columns) - dataset.by_name.keys() - {"source"}):
        reason = _(
            "{key} reads the column {column}, which {dataset} does not have",
            key=key, column=column, dataset=dataset.key,
        )  # fmt: skip
        raise mistake(name, reason)
