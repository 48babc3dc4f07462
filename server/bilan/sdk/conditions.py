"""Conditions on a row, as data: metrics count with them and filters narrow by them.

The core compiles them to SQL with bound values; ``matches`` is the same
meaning in plain Python, for tests and for small sets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

Scalar = str | int | float | bool | date | datetime


@dataclass(frozen=True, slots=True)
class Is:
    """The column has this value."""

    column: str
    value: Scalar


@dataclass(frozen=True, slots=True)
class In:
    """The column has one of these values. An empty tuple matches nothing."""

    column: str
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Contains:
    """The text holds this part, without regard to case."""

    column: str
    part: str


@dataclass(frozen=True, slots=True)
class HasAny:
    """The list holds at least one of these. An empty tuple matches nothing."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HasAll:
    """The list holds every one of these. An empty tuple matches everything."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """``low <= column < high``; either end may be open."""

    column: str
    low: Scalar | None = None
    high: Scalar | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """The column is neither null nor empty text nor an empty list."""

    column: str


@dataclass(frozen=True, slots=True)
class OnClock:
    """Clocks of the zone showed this weekday (Monday is 1) and this hour (0 to 23) at the column's moment.

    Of a day it is the weekday, in whatever zone; days have no hour.
    """

    column: str
    zone: str
    weekday: int | None = None
    hour: int | None = None


@dataclass(frozen=True, slots=True)
class Not:
    condition: Condition


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every condition holds; with none, always true."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one condition holds; with none, never true."""

    conditions: tuple[Condition, ...]


Condition = Is | In | Contains | HasAny | HasAll | Between | Present | OnClock | Not | AllOf | AnyOf


def columns_of(condition: Condition) -> frozenset[str]:
    """The names of the columns a condition reads."""
    match condition:
        case Not(inner):
            return columns_of(inner)
        case AllOf(parts) | AnyOf(parts):
            return frozenset().union(*(columns_of(part) for part in parts))
        case _:
            return frozenset({condition.column})


def matches(condition: Condition, row: Mapping[str, Any]) -> bool:  # noqa: C901 - one case a kind
    """Whether the row satisfies the condition."""
    match condition:
        case Is(column, value):
            return row[column] == value
        case In(column, values):
            return row[column] in values
        case Contains(column, part):
            return part.lower() in (row[column] or "").lower()
        case HasAny(column, values):
            return bool(set(values) & set(row[column]))
        case HasAll(column, values):
            return set(values) <= set(row[column])
        case Between(column, low, high):
            value = row[column]
            return value is not None and (low is None or low <= value) and (high is None or value < high)
        case Present(column):
            return row[column] not in (None, "", [], ())
        case OnClock(column, zone, weekday, hour):
            value = row[column]
            shown = value.astimezone(ZoneInfo(zone)) if isinstance(value, datetime) else value
            return (
                shown is not None
                and weekday in (None, shown.isoweekday())
                and (hour is None or (isinstance(shown, datetime) and hour == shown.hour))
            )
        case Not(inner):
            return not matches(inner, row)
        case AllOf(parts):
            return all(matches(part, row) for part in parts)
        case AnyOf(parts):
            return any(matches(part, row) for part in parts)
