"""Conditions as SQL, with exactly the meaning of ``bilan.sdk.conditions.matches``.

Every expression here is 0 or 1, never null, so that ``Not`` turns it round
as it does in Python.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from bilan.contacts.people import NOBODY, People
from bilan.query.binder import Binder
from bilan.query.clock import ALL_TIME, hour, weekday
from bilan.query.names import Names
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
from bilan.sdk.datasets import Column, ColumnType
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _
from bilan.warehouse.types import quote

TRUE, FALSE = "1", "0"
NUMERIC = (ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.BOOLEAN)
INT64 = range(-(2**63), 2**63)


@dataclass(frozen=True, slots=True)
class Conditions:
    """Compiles conditions on one dataset."""

    names: Names
    binder: Binder
    flags: Mapping[str, str] = field(default_factory=dict[str, str])
    """What is known of a fact besides its columns, by names that no column has: SQL that is 0 or 1."""
    people: People = NOBODY
    """Which addresses of contacts are one person: a fact about one of them is a fact about the person."""

    def person(self, column: str) -> str:
        """A column as what is counted apart: of a contact the person."""
        name = quote(column)
        if not self.follows(column):
            return name
        others, firsts = (self.binder.texts(texts) for texts in (self.people.others, self.people.firsts))
        if not self.names.column(column).nullable:
            return f"transform({name}, {others}, {firsts})"
        return f"if(isNull({name}), NULL, transform(ifNull({name}, ''), {others}, {firsts}))"

    def follows(self, column: str) -> bool:
        """Whether a column holds contacts of whom some are one person."""
        return bool(self.people) and column == self.names.dataset.contact

    def sql(self, condition: Condition) -> str:  # noqa: C901 - one case a kind
        """The condition as an expression that is 0 or 1."""
        match condition:
            case Is(column, True) if column in self.flags:
                return self.flags[column]
            case Is(column, value):
                return self._is(self.names.column(column), value)
            case In(column, values):
                return self._in(self.names.column(column), values)
            case Contains(column, part):
                return self._contains(self._typed(column, ColumnType.TEXT), part)
            case HasAny(column, values):
                return self._has_any(self._typed(column, ColumnType.TEXTS), values)
            case HasAll(column, values):
                return self._has_all(self._typed(column, ColumnType.TEXTS), values)
            case Between(column, low, high):
                return self._between(self.names.column(column), low, high)
            case Present(column):
                return _present(self.names.column(column))
            case OnClock(column, zone, day, time):
                if self.names.column(column).type is ColumnType.DATE and time is None:
                    return self._on_weekday(self.names.column(column), day)
                return self._on_clock(self._typed(column, ColumnType.INSTANT), zone, day, time)
            case Not(inner):
                return f"(NOT {self.sql(inner)})"
            case AllOf(parts):
                return self._joined(" AND ", parts, TRUE)
            case AnyOf(parts):
                return self._joined(" OR ", parts, FALSE)

    def _joined(self, word: str, parts: Sequence[Condition], empty: str) -> str:
        compiled = [self.sql(part) for part in parts]
        if len(compiled) == 1:
            return compiled[0]
        return f"({word.join(compiled)})" if compiled else empty

    def _typed(self, name: str, expected: ColumnType) -> Column:
        column = self.names.column(name)
        if column.type is not expected:
            raise Invalid(
                _("{column} holds {type}; this condition needs {expected}.",
                  column=name, type=column.type.value, expected=expected.value),
                ("where",),
            )  # fmt: skip
        return column

    def _is(self, column: Column, value: Scalar) -> str:
        if self.follows(column.name) and isinstance(value, str) and len(self.people.of(value)) > 1:
            return self._in(column, (value,))
        bound = self.value(column, value)
        return FALSE if bound is None else _known(column, f"{quote(column.name)} = {bound}")

    def _in(self, column: Column, values: Sequence[Scalar]) -> str:
        if column.type is ColumnType.TEXT and column.name != "source":
            texts = [value for value in values if isinstance(value, str)]
            if self.follows(column.name):
                texts = list(dict.fromkeys(one for text in texts for one in self.people.of(text)))
            return _known(column, f"{quote(column.name)} IN {self.binder.texts(texts)}") if texts else FALSE
        single = [self._is(column, value) for value in values]
        return f"({' OR '.join(single)})" if single else FALSE

    def _contains(self, column: Column, part: str) -> str:
        name = quote(column.name) if column.name != "source" else "toString(source)"
        text = f"ifNull({name}, '')" if column.nullable else name
        return f"(position(lowerUTF8({text}), {self.binder.bind(part.lower(), 'String')}) > 0)"

    def _has_any(self, column: Column, values: Sequence[str]) -> str:
        if not values:
            return FALSE
        # IN looks at each word of a dimension's dictionary once; hasAny, at every item of every row.
        return f"arrayExists(_x -> _x IN {self.binder.texts(values)}, {quote(column.name)})"

    def _has_all(self, column: Column, values: Sequence[str]) -> str:
        return f"hasAll({quote(column.name)}, {self.binder.texts(values)})" if values else TRUE

    def _between(self, column: Column, low: Scalar | None, high: Scalar | None) -> str:
        name = quote(column.name)
        parts = [
            f"{name} {sign} {self._bound(column, end)}"
            for sign, end in ((">=", low), ("<", high))
            if end is not None
        ]
        if not parts:
            return f"({name} IS NOT NULL)" if column.nullable else TRUE
        return _known(column, " AND ".join(parts))

    def _on_clock(self, column: Column, zone: str, day: int | None, time: int | None) -> str:
        name = quote(column.name)
        parts: list[str] = []
        if day is not None:
            parts.append(f"{weekday(name, zone, ALL_TIME, self.binder)} = {self.binder.bind(day, 'Int64')}")
        if time is not None:
            parts.append(f"{hour(name, zone, ALL_TIME, self.binder)} = {self.binder.bind(time, 'Int64')}")
        return _known(column, " AND ".join(parts)) if parts else _present(column)

    def _on_weekday(self, column: Column, day: int | None) -> str:
        if day is None:
            return _present(column)
        shown = f"toDayOfWeek({quote(column.name)})"
        return _known(column, f"{shown} = {self.binder.bind(day, 'Int64')}")

    def _bound(self, column: Column, value: Scalar) -> str:
        bound = self.value(column, value)
        if bound is None:
            raise Invalid(
                _("{value} cannot be compared with {column}, which holds {type}.",
                  value=str(value), column=column.name, type=column.type.value),
                ("where",),
            )  # fmt: skip
        return bound

    def value(self, column: Column, value: Any) -> str | None:
        """The placeholder of a value, or ``None`` where no value of the column could equal it."""
        if column.name == "source":
            return self._source(value)
        match column.type, value:
            case ColumnType.TEXT, str():
                return self.binder.bind(value, "String")
            case ColumnType.INSTANT, datetime(tzinfo=zone) if zone is not None:
                return self.binder.instant(value)
            case ColumnType.DATE, date() if not isinstance(value, datetime):
                return self.binder.bind(value, "Date32")
            case type_, bool() | int() if type_ in NUMERIC and int(value) in INT64:
                return self.binder.bind(int(value), "Int64")
            case type_, float() if type_ in NUMERIC:
                return self.binder.bind(value, "Float64")
            case _:
                return None

    def _source(self, value: Any) -> str | None:
        try:
            return self.binder.bind(value if isinstance(value, UUID) else UUID(value), "UUID")
        except (TypeError, ValueError, AttributeError):
            return None


def _known(column: Column, expression: str) -> str:
    """The expression, being false where the column is null."""
    return f"ifNull({expression}, 0)" if column.nullable else f"({expression})"


def _present(column: Column) -> str:
    name = quote(column.name)
    if column.type is ColumnType.TEXTS:
        return f"notEmpty({name})"
    if column.type is ColumnType.TEXT and column.name != "source":
        return _known(column, f"{name} != ''")
    return f"({name} IS NOT NULL)" if column.nullable else TRUE
