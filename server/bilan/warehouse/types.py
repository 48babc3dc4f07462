"""The columns' types in ClickHouse, and which may become which."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bilan.sdk.datasets import Column, ColumnType

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INSTANT = "DateTime64(6, 'UTC')"
PLAIN = {
    ColumnType.TEXT: "String",
    ColumnType.INTEGER: "Int64",
    ColumnType.NUMBER: "Float64",
    ColumnType.BOOLEAN: "Bool",
    ColumnType.INSTANT: INSTANT,
    ColumnType.DATE: "Date32",
}
EMPTY: Mapping[ColumnType, Any] = {
    ColumnType.TEXT: "",
    ColumnType.TEXTS: [],
    ColumnType.INTEGER: 0,
    ColumnType.NUMBER: 0.0,
    ColumnType.BOOLEAN: False,
}
"""What stands for a missing value where a column may not be null; a type without one is required."""


def empty_of(column: Column) -> Any:
    """What a missing value is stored as; ``None`` where one is needed. The list is to be copied."""
    return None if column.nullable else EMPTY.get(column.type)


def physical(column: Column) -> str:
    """The type that a column is stored as.

    Text of which few different values are expected (a dimension) is stored
    as numbers into a dictionary, which is several times faster to group by.
    """
    if column.type is ColumnType.TEXTS:
        return f"Array({'LowCardinality(String)' if column.dimension else 'String'})"
    inner = f"Nullable({PLAIN[column.type]})" if column.nullable else PLAIN[column.type]
    return f"LowCardinality({inner})" if column.dimension and column.type is ColumnType.TEXT else inner


def codec(type_: str) -> str:
    """How values of a type are compressed. See docs/decisions/063.

    Moments share their last digits and lie close together, so they are packed into few bits first.
    """
    return "CODEC(GCD, T64, ZSTD(1))" if INSTANT in type_ else "CODEC(ZSTD(3))"


def widens(before: ColumnType, after: ColumnType) -> bool:
    """Whether every stored value keeps its meaning under the new type."""
    return before is after or (before, after) == (ColumnType.INTEGER, ColumnType.NUMBER)


def quote(identifier: str) -> str:
    """A declared name as it stands in SQL. The registry lets only identifiers pass."""
    if not identifier.isidentifier():
        raise ValueError(identifier)
    return f"`{identifier}`"


def microseconds(instant: datetime) -> int:
    """A moment as it is bound to a statement: microseconds since 1970 in UTC, without rounding."""
    return (instant - EPOCH) // timedelta(microseconds=1)


def instant(micros: int) -> datetime:
    """The moment in UTC that lies so many microseconds after the beginning of 1970."""
    return EPOCH + timedelta(microseconds=micros)


def instant_text(value: str, utc: str) -> str:
    """The SQL of a moment as ISO 8601, ended by ``utc``, without a fraction where there is none."""
    whole = f"toUnixTimestamp64Micro({value}) % 1000000 = 0"
    plain, exact = (f"formatDateTime({value}, '%Y-%m-%dT%H:%i:%S{part}{utc}')" for part in ("", ".%f"))
    return f"if({whole}, {plain}, {exact})"
