"""Conditions of metrics, held to the types of the columns they read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import available_timezones

from bilan.registry.mistakes import mistake
from bilan.sdk.conditions import (
    AllOf,
    AnyOf,
    Between,
    Condition,
    Contains,
    HasAll,
    HasAny,
    In,
    Is,
    Not,
    OnClock,
    Present,
)
from bilan.sdk.datasets import Column, ColumnType, Dataset
from bilan.sdk.textdomain import _

PYTHON: dict[ColumnType, tuple[type, ...]] = {
    ColumnType.TEXT: (str,),
    ColumnType.TEXTS: (),
    ColumnType.INTEGER: (int,),
    ColumnType.NUMBER: (int, float),
    ColumnType.BOOLEAN: (bool,),
    ColumnType.INSTANT: (datetime,),
    ColumnType.DATE: (date,),
}
"""What a column's values are compared with. A list of texts takes ``HasAny`` and ``HasAll`` alone."""


def check_condition(name: str, key: str, dataset: Dataset, condition: Condition) -> None:
    """Raise about this plugin where a condition cannot hold for any value of its column."""
    for part in _parts(condition):
        column = dataset.by_name.get(part.column)
        if column is not None and not _fits(part, column):
            reason = _(
                "{key} asks {condition} of {column}, a column of type {type}",
                key=key, condition=repr(part), column=column.name, type=column.type.value,
            )  # fmt: skip
            raise mistake(name, reason)


def _parts(
    condition: Condition,
) -> Iterator[Is | In | Contains | HasAny | HasAll | Between | Present | OnClock]:
    match condition:
        case Not(inner):
            yield from _parts(inner)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _parts(part)
        case _:
            yield condition


def _fits(part: Is | In | Contains | HasAny | HasAll | Between | Present | OnClock, column: Column) -> bool:
    match part:
        case Present():
            return True
        case Contains():
            return column.type is ColumnType.TEXT
        case HasAny() | HasAll():
            return column.type is ColumnType.TEXTS
        case Is(_column, value):
            return _is_a(value, column.type)
        case In(_column, values):
            return all(_is_a(value, column.type) for value in values)
        case OnClock(_column, zone, weekday, hour):
            on_clock = weekday in (None, *range(1, 8)) and hour in (None, *range(24))
            timed = column.type is ColumnType.INSTANT or (column.type is ColumnType.DATE and hour is None)
            return timed and on_clock and zone in available_timezones()
        case Between(_column, low, high):
            return all(end is None or _is_a(end, column.type) for end in (low, high))


def _is_a(value: Any, kind: ColumnType) -> bool:
    if isinstance(value, bool):
        return kind is ColumnType.BOOLEAN
    if isinstance(value, datetime):
        return kind is ColumnType.INSTANT
    return isinstance(value, PYTHON[kind])
