"""A dataset's facts as an Arrow table: the form in which they are written, and exported as Parquet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from bilan.sdk.datasets import Column, ColumnType, Dataset, Row
from bilan.warehouse.types import empty_of

ArrowTable = Any
"""A ``pyarrow.Table``, which has no types of its own. Columns that are not in it are empty in every row."""
INSTANT = pa.timestamp("us", tz="UTC")
TYPES: Mapping[ColumnType, pa.DataType] = {
    ColumnType.TEXT: pa.string(),
    ColumnType.TEXTS: pa.list_(pa.string()),
    ColumnType.INTEGER: pa.int64(),
    ColumnType.NUMBER: pa.float64(),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.INSTANT: INSTANT,
    ColumnType.DATE: pa.date32(),
}
DICTIONARY = pa.dictionary(pa.int32(), pa.string())


def arrow_type(column: Column) -> Any:
    """The type that a column travels as: text that repeats (a dimension) dictionary-encoded."""
    return DICTIONARY if column.type is ColumnType.TEXT and column.dimension else TYPES[column.type]


def table_of(dataset: Dataset, rows: Sequence[Row]) -> ArrowTable:
    """Rows as a table with every column of the dataset; a value that a row lacks is null."""
    return pa.table({
        column.name: pa.array([row.get(column.name) for row in rows], TYPES[column.type]).cast(
            arrow_type(column)
        )
        for column in dataset.columns
    })  # fmt: skip


def rows_of(dataset: Dataset, table: ArrowTable) -> list[Row]:
    """A table as rows with every column of the dataset, a missing value being what is stored for it."""
    columns = [
        table[column.name].to_pylist() if column.name in table.column_names else [None] * table.num_rows
        for column in dataset.columns
    ]
    empty = [empty_of(column) for column in dataset.columns]
    names = [column.name for column in dataset.columns]
    filled = (
        (value if value is not None else other for value, other in zip(row, empty, strict=True))
        for row in zip(*columns, strict=True)
    )
    return [dict(zip(names, row, strict=True)) for row in filled]


def tuples(dataset: Dataset, table: ArrowTable, names: list[str]) -> list[tuple[Any, ...]]:
    """What rows have in some columns, with missing values as they are stored, to be compared."""
    columns = [_values(dataset, table, name) for name in names]
    return list(zip(*columns, strict=True))


def _values(dataset: Dataset, table: ArrowTable, name: str) -> list[Any]:
    column = dataset.by_name[name]
    empty = empty_of(column)
    if name not in table.column_names:
        return [_hashable(empty)] * table.num_rows
    values = table[name]
    if pa.types.is_timestamp(values.type):
        return values.cast(INSTANT).cast(pa.int64()).to_pylist()
    return [_hashable(empty if value is None else value) for value in values.to_pylist()]


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
