"""Rows on their way in: one copy of each fact, in columns, month by month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bilan.sdk.datasets import Column, ColumnType, Dataset, Keep, Row
from bilan.warehouse.tables import CORE_COLUMNS
from bilan.warehouse.types import physical

MONTHS = 100
"""How many partitions one insert may touch, by ClickHouse's default."""
NEWEST = 2**63

EMPTY: dict[ColumnType, Any] = {
    ColumnType.TEXT: "",
    ColumnType.TEXTS: (),
    ColumnType.INTEGER: 0,
    ColumnType.NUMBER: 0.0,
    ColumnType.BOOLEAN: False,
}
"""What stands for a missing value in a column that is never null."""


@dataclass(frozen=True, slots=True)
class Block:
    """One insert: values by column."""

    names: tuple[str, ...]
    types: tuple[str, ...]
    values: list[Sequence[Any]]


def blocks(
    dataset: Dataset, source: UUID, rows: Sequence[Row], sequence: int, ingested_at: datetime
) -> Iterator[Block]:
    """The inserts for a batch, each within the number of months one insert may touch."""
    names = (*(column.name for column in dataset.columns), *CORE_COLUMNS)
    types = (*(physical(column) for column in dataset.columns), *CORE_COLUMNS.values())
    version = NEWEST - sequence if dataset.keep is Keep.FIRST else sequence
    for part in _by_months(dataset, one_copy(dataset, rows)):
        values: list[Sequence[Any]] = [_column(column, part) for column in dataset.columns]
        values += [[constant] * len(part) for constant in (source, ingested_at, version)]
        yield Block(names, types, values)


def one_copy(dataset: Dataset, rows: Sequence[Row]) -> list[Row]:
    """Each fact once: the first of its rows, or the last where the dataset keeps the last."""
    found: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        identity = tuple(_hashable(row.get(name)) for name in dataset.identity)
        if dataset.keep is Keep.LAST or identity not in found:
            found[identity] = row
    return list(found.values())


def _by_months(dataset: Dataset, rows: list[Row]) -> Iterator[list[Row]]:
    months: dict[tuple[int, int], list[Row]] = {}
    for row in rows:
        at: datetime = row[dataset.time].astimezone(UTC)
        months.setdefault((at.year, at.month), []).append(row)
    ordered = sorted(months)
    for start in range(0, len(ordered), MONTHS):
        yield [row for month in ordered[start : start + MONTHS] for row in months[month]]


def _column(column: Column, rows: list[Row]) -> list[Any]:
    empty = None if column.nullable else EMPTY.get(column.type)
    return [empty if (value := row.get(column.name)) is None else value for row in rows]


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
