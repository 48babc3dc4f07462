"""The same answers, counted in plain Python: one row after the other, without any cleverness."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pyarrow as pa

from bilan.registry.declared import Registry
from bilan.sdk.conditions import AllOf, matches
from bilan.sdk.datasets import ColumnType, Dataset, Keep, Row
from bilan.sdk.metrics import Aggregate, Count, Distinct, Formula, Max, Mean, Min, Quantile, Ratio, Sum
from bilan.sdk.periods import Bucket, Span
from bilan.sdk.query import HOUR, WEEKDAY, Question
from bilan.warehouse.arrow import ArrowTable, table_of
from bilan.warehouse.tables import GONE


@dataclass(frozen=True)
class Batch:
    """Rows as they were appended; one with ``_gone`` retracts the fact that it names."""

    source: UUID
    moment: datetime
    rows: tuple[Row, ...]

    def table(self, dataset: Dataset) -> ArrowTable:
        """As the warehouse takes it."""
        table = table_of(dataset, self.rows)
        if dataset.keep is Keep.FIRST:
            return table
        return table.append_column(GONE, pa.array([GONE in row for row in self.rows], pa.bool_()))


@dataclass(frozen=True)
class Counted:
    """An answer's figures."""

    rows: list[tuple[int | None, tuple[str, ...], dict[str, Any], dict[str, Any] | None]]
    totals: dict[str, Any]
    previous_totals: dict[str, Any] | None
    total_rows: int


def visible(
    dataset: Dataset, batches: Iterable[Batch], sources: Iterable[UUID], as_of: datetime
) -> list[Row]:
    """The copy of each fact that counts, among those received by that moment."""
    found: dict[tuple[Any, ...], Row] = {}
    for batch in sorted(batches, key=lambda batch: batch.moment):
        if batch.source not in sources or batch.moment > as_of:
            continue
        for row in batch.rows:
            identity = (batch.source, *(row[name] for name in dataset.identity))
            if GONE in row:
                found.pop(identity, None)
            elif dataset.keep is Keep.LAST or identity not in found:
                found[identity] = {**row, "source": str(batch.source), "ingested_at": batch.moment}
    rows = [{**row, "again": False} for row in found.values()]
    if dataset.once is not None:
        _tell_repeats(rows)
    return rows


def _tell_repeats(letters: list[Row]) -> None:
    """Of what a letter tells only once, mark all but the earliest: opened by a contact, or sent to France."""
    told = set[Any]()
    for row in sorted(letters, key=lambda row: (row["express"], row["occurred_at"], row["event_id"])):
        whom = row["contact"] or tuple(row["tags"])
        what = "opened" if row["kind"] == "opened" else (row["kind"], row["country"]) == ("sent", "fr")
        if what and whom:
            row["again"] = (row["source"], what, whom) in told
            told.add((row["source"], what, whom))


def count(registry: Registry, question: Question, rows: Iterable[Row]) -> Counted:
    """Answer a question over the visible facts."""
    dataset = registry.datasets[question.dataset]
    parts = [value.condition(registry.filters[value.key]) for value in question.filters]
    condition = AllOf((*parts, *([question.where] if question.where else [])))
    chosen = [row for row in rows if matches(condition, row)]
    here = chosen if question.span is None else _inside(chosen, dataset, question.span)
    before = [] if question.compare is None else _inside(chosen, dataset, question.compare)

    def figures(some: Sequence[Row]) -> dict[str, Any]:
        return {key: value(registry, registry.metrics[key].formula, some) for key in question.metrics}

    current = _groups(question, dataset, here, question.span)
    previous = _groups(question, dataset, before, question.compare)
    compared = question.compare and question.interval.buckets(question.compare)
    found: list[tuple[int | None, tuple[Any, ...], dict[str, Any], dict[str, Any] | None]] = []
    for index, keys in current:
        beside = compared and (index or 0) < len(compared)
        found.append(
            (
                index,
                keys,
                figures(current[index, keys]),
                figures(previous.get((index, keys), [])) if beside else None,
            )
        )
    found.sort(key=lambda row: (row[0] or 0, *((key is not None, key) for key in row[1])))
    for order in reversed(question.order):
        found = _sorted(question, found, order.key, order.descending)
    end = None if question.limit is None else question.offset + question.limit
    shown = [(index, tuple(map(_text, keys)), *rest) for index, keys, *rest in found[question.offset : end]]
    return Counted(shown, figures(here), figures(before) if question.compare else None, len(found))  # pyright: ignore[reportArgumentType]


def _inside(rows: Iterable[Row], dataset: Dataset, span: Span) -> list[Row]:
    start, end = span.instants
    return [row for row in rows if start <= row[dataset.time] < end]


def _groups(
    question: Question, dataset: Dataset, rows: Iterable[Row], span: Span | None
) -> dict[tuple[int | None, tuple[Any, ...]], list[Row]]:
    buckets = question.interval.buckets(span) if span else ()
    found: dict[tuple[int | None, tuple[Any, ...]], list[Row]] = {}
    if not question.by:
        found = {(bucket.index, ()): [] for bucket in buckets} or {(None, ()): []}
    for row in rows:
        index = _bucket(buckets, row[dataset.time]).index if buckets else None
        for keys in itertools.product(*(_keys(question, dataset, name, row) for name in question.by)):
            found.setdefault((index, keys), []).append(row)
    return found


def _bucket(buckets: Sequence[Bucket], at: datetime) -> Bucket:
    (found,) = [bucket for bucket in buckets if bucket.starts_at <= at < bucket.ends_at]
    return found


def _keys(question: Question, dataset: Dataset, name: str, row: Row) -> list[Any]:
    if name in (WEEKDAY, HOUR) and question.span is not None:
        shown = row[dataset.time].astimezone(ZoneInfo(question.span.zone))
        return [shown.isoweekday() if name == WEEKDAY else shown.hour]
    value = row[name]
    if isinstance(value, list):
        return sorted(set(value)) or [""]
    missing_text = value is None and dataset.by_name[name].type is ColumnType.TEXT
    return ["" if missing_text else value]


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sorted(question: Question, rows: list[Any], key: str, descending: bool) -> list[Any]:
    def of(row: Any) -> Any:
        return row[2][key] if key in question.metrics else row[1][question.by.index(key)]

    known = sorted((row for row in rows if of(row) is not None), key=of, reverse=descending)
    empty = [row for row in rows if of(row) is None]
    return [*known, *empty] if key in question.metrics or descending else [*empty, *known]


def value(registry: Registry, formula: Formula, rows: Sequence[Row]) -> Any:
    """A formula over some rows, as its docstring says."""
    if isinstance(formula, Ratio):
        above = value(registry, registry.metrics[formula.numerator].formula, rows)
        below = value(registry, registry.metrics[formula.denominator].formula, rows)
        if formula.proportion and below and above is not None and above > below:
            return None
        return above / below if below and above is not None else None
    assert isinstance(formula, Aggregate)
    counted = [row for row in rows if formula.where is None or matches(formula.where, row)]
    match formula:
        case Count():
            return len(counted)
        case Distinct(columns):
            # A letter that says what it is tells its country for nothing.
            guarded = columns == ("kind", "country", "contact")
            named = [{**row, "country": None} if guarded and row["kind"] else row for row in counted]
            return len({tuple(map(_hashable, (row[name] for name in columns))) for row in named})
        case _:
            values: list[Any] = [row[formula.column] for row in counted if row[formula.column] is not None]
    match formula:
        case Sum(empty=empty):
            return _sum(values) if values or not empty else None
        case Mean():
            return math.fsum(values) / len(values) if values else None
        case Quantile(level=level):
            values.sort()
            return values[min(math.floor(level * len(values)), len(values) - 1)] if values else None
        case Min():
            return min(values, default=None)
        case Max():
            return max(values, default=None)


def _sum(values: list[Any]) -> Any:
    return math.fsum(values) if any(isinstance(one, float) for one in values) else sum(values)


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def same(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> bool:
    """Whether figures agree: whole numbers and moments exactly, others to nine digits."""
    if one is None or other is None:
        return one is other
    return one.keys() == other.keys() and all(_close(one[key], other[key]) for key in one)


def _close(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return type(one) is type(other) and one == other
