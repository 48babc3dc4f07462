"""A dataset's facts as an Arrow table: the form in which they are written, and exported as Parquet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from bilan.sdk.datasets import Column, ColumnType, Dataset, Row

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
