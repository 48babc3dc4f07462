"""Conditions as plain values that JSON can hold, and back: ``["is", "kind", "opened"]``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

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
    Scalar,
)

Packed = list[Any]
"""The kind's word, then what it holds; conditions inside conditions in the same way."""


def packed(condition: Condition) -> Packed:  # noqa: C901 - one case a kind
    """The condition as nested lists."""
    match condition:
        case Is(column, value):
            return ["is", column, _scalar(value)]
        case In(column, values):
            return ["in", column, [_scalar(value) for value in values]]
        case Contains(column, part):
            return ["contains", column, part]
        case HasAny(column, values):
            return ["has_any", column, list(values)]
        case HasAll(column, values):
            return ["has_all", column, list(values)]
        case Between(column, low, high):
            return ["between", column, _scalar(low), _scalar(high)]
        case Present(column):
            return ["present", column]
        case OnClock(column, zone, weekday, hour):
            return ["on_clock", column, zone, weekday, hour]
        case Not(inner):
            return ["not", packed(inner)]
        case AllOf(parts):
            return ["all", *map(packed, parts)]
        case AnyOf(parts):
            return ["any", *map(packed, parts)]


def unpacked(stored: Packed) -> Condition:  # noqa: C901 - one case a kind
    """The condition that was packed. Raises ``ValueError`` for anything else."""
    match stored:
        case ["is", str(column), value]:
            return Is(column, _value(value))
        case ["in", str(column), [*values]]:
            return In(column, tuple(map(_value, values)))
        case ["contains", str(column), str(part)]:
            return Contains(column, part)
        case ["has_any", str(column), [*values]]:
            return HasAny(column, tuple(map(str, values)))
        case ["has_all", str(column), [*values]]:
            return HasAll(column, tuple(map(str, values)))
        case ["between", str(column), low, high]:
            return Between(column, _end(low), _end(high))
        case ["present", str(column)]:
            return Present(column)
        case ["on_clock", str(column), str(zone), int() | None as weekday, int() | None as hour]:
            return OnClock(column, zone, weekday, hour)
        case ["not", [*inner]]:
            return Not(unpacked(inner))
        case ["all", *parts]:
            return AllOf(tuple(map(unpacked, parts)))
        case ["any", *parts]:
            return AnyOf(tuple(map(unpacked, parts)))
        case _:
            raise ValueError(f"{stored!r:.80} is no condition")


def _scalar(value: Scalar | None) -> Any:
    # A moment is a date too, so it comes first.
    if isinstance(value, datetime):
        return {"instant": value.isoformat()}
    return {"date": value.isoformat()} if isinstance(value, date) else value


def _end(stored: Any) -> Scalar | None:
    return None if stored is None else _value(stored)


def _value(stored: Any) -> Scalar:
    match stored:
        case {"instant": str(text)}:
            return datetime.fromisoformat(text)
        case {"date": str(text)}:
            return date.fromisoformat(text)
        case str() | bool() | int() | float():
            return stored
        case _:
            raise ValueError(f"{stored!r:.80} is no value of a condition")
