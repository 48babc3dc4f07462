"""Facts on their way in: one copy of each; in order of time, month by month."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pyarrow as pa
from pyarrow.compute import call_function

from bilan.sdk.datasets import Dataset
from bilan.warehouse.arrow import INSTANT, ArrowTable
from bilan.warehouse.once import NEWEST
from bilan.warehouse.tables import CORE_COLUMNS, changes
from bilan.warehouse.types import microseconds

MONTHS = 100
"""How many partitions one insert may touch, by ClickHouse's default."""
ROWS = 100_000
"""How many rows one insert carries at most."""


def blocks(dataset: Dataset, source: UUID, facts: ArrowTable, moment: datetime) -> Iterator[ArrowTable]:
    """The inserts for facts, in order of time, each within the months and rows that one may carry."""
    version = microseconds(moment) if changes(dataset) else NEWEST - microseconds(moment)
    core = (
        pa.scalar(source.bytes, pa.binary(16)),
        pa.scalar(moment, INSTANT),
        pa.scalar(version, pa.uint64()),
    )
    for part in _in_order(dataset, facts):
        for name, value in zip(CORE_COLUMNS, core, strict=True):
            part = part.append_column(name, pa.repeat(value, part.num_rows))
        yield part.unify_dictionaries()


def one_copy(dataset: Dataset, facts: ArrowTable) -> ArrowTable:
    """Each fact once: the first of its rows, or the last where the dataset keeps the last."""
    columns = [facts[name] for name in dataset.identity if name in facts.column_names]
    if any(_tells_all_apart(column) for column in columns):
        return facts
    # A column that is not there is empty in every row, and tells none apart.
    values = [_hashable(column) for column in columns] or [[None] * facts.num_rows]
    places = dict[tuple[Any, ...], int]()
    for place, identity in enumerate(zip(*values, strict=True)):
        if changes(dataset) or identity not in places:
            places[identity] = place
    return facts if len(places) == facts.num_rows else facts.take(pa.array(places.values(), pa.int64()))


def _tells_all_apart(column: Any) -> bool:
    return pa.types.is_string(column.type) and call_function("count_distinct", [column]).as_py() == len(
        column
    )


def _hashable(column: Any) -> list[Any]:
    values = column.to_pylist()
    return [tuple(value) for value in values] if pa.types.is_list(column.type) else values


def _in_order(dataset: Dataset, facts: ArrowTable) -> Iterator[ArrowTable]:
    if not _ascends(facts[dataset.time]):
        facts = facts.sort_by(dataset.time)
    times, start = facts[dataset.time], 0
    while start < facts.num_rows:
        limit = min(start + ROWS, facts.num_rows)
        end = bisect_left(times, _end(times[start].as_py()), start, limit, key=lambda at: at.as_py())
        yield facts.slice(start, end - start)
        start = end


def _ascends(times: Any) -> bool:
    return call_function("all", [call_function("less_equal", [times[:-1], times[1:]])]).as_py() is not False


def _end(at: date) -> date:
    """Where the months end that one insert may touch from a moment on."""
    year, month = divmod(at.year * 12 + at.month - 1 + MONTHS, 12)
    end = datetime(year, month + 1, 1, tzinfo=UTC)
    return end if isinstance(at, datetime) else end.date()
