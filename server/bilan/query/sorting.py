"""The order of facts, in which no two are equal, and the part of it that lies beyond one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bilan.sdk.datasets import Column, ColumnType, Dataset
from bilan.sdk.errors import Invalid
from bilan.sdk.query import Order
from bilan.sdk.textdomain import _
from bilan.warehouse.types import quote

if TYPE_CHECKING:
    from bilan.query.conditions import Conditions

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a fact in the order, and the direction to look in from there."""

    key: Values
    """A value for each column that :func:`settling` names."""
    backwards: bool = False
    """Towards the facts before it, the nearest first."""


def settling(dataset: Dataset) -> tuple[str, ...]:
    """Time, identity and source: no two facts share all of them."""
    return tuple(dict.fromkeys((dataset.time, *dataset.identity, "source")))


@dataclass(frozen=True, slots=True)
class Sorting:
    """What was asked for, then whatever settles the rest. Looks backwards where it is told to."""

    conditions: Conditions
    keys: tuple[Order, ...]
    backwards: bool = False

    @classmethod
    def of(cls, conditions: Conditions, asked: tuple[Order, ...], *, backwards: bool = False) -> Sorting:
        """The whole order. Raises ``Invalid`` for what is no column."""
        keys: dict[str, Order] = {}
        rest = (Order(name, descending=False) for name in settling(conditions.names.dataset))
        for one in (*asked, *rest):
            keys.setdefault(conditions.names.column(one.key, "order").name, one)
        return cls(conditions, tuple(keys.values()), backwards)

    @property
    def leading(self) -> tuple[str, ...]:
        """The columns that come into it and that do not tell facts apart."""
        settled = settling(self.conditions.names.dataset)
        return tuple(one.key for one in self.keys if one.key not in settled)

    def sql(self, prefix: str) -> str:
        """What stands behind ORDER BY. Null comes last, whichever the direction asked for."""
        parts: list[str] = []
        for column, descending in self._columns():
            name = f"{prefix}{quote(column.name)}"
            if column.nullable:
                parts.append(f"isNull({name}) {_direction(self.backwards)}")
            parts.append(f"{name} {_direction(descending)}")
        return ", ".join(parts)

    def beyond(self, values: Values) -> str:
        """The facts that come after the one with these values."""
        equal: list[str] = []
        ways: list[str] = []
        for column, descending in self._columns():
            value = values[column.name]
            if further := self._further(column, value, "<" if descending else ">"):
                ways.append(f"({' AND '.join([*equal, further])})")
            equal.append(self._equal(column, value))
        return f"({' OR '.join(ways)})"

    def within(self, values: Values) -> str:
        """What that says about time alone, so that the rest need not be read; nothing where another leads."""
        column, descending = self._columns()[0]
        if column.name != self.conditions.names.dataset.time:
            return ""
        return (
            f"{quote(column.name)} {'<=' if descending else '>='} {self._bound(column, values[column.name])}"
        )

    def same(self, key: Values) -> str:
        """The fact with this key."""
        names = self.conditions.names
        return " AND ".join(self._equal(names.column(name), key[name]) for name in settling(names.dataset))

    def _columns(self) -> list[tuple[Column, bool]]:
        """Each with whether it comes down, the way it is looked in."""
        names = self.conditions.names
        return [(names.column(one.key), one.descending is not self.backwards) for one in self.keys]

    def _further(self, column: Column, value: Any, sign: str) -> str:
        name = quote(column.name)
        if value is None:
            return f"isNotNull({name})" if self.backwards else ""
        further = f"{name} {sign} {self._bound(column, value)}"
        # Null stands behind every value, and nothing before the first.
        return f"ifNull({further}, {int(not self.backwards)})" if column.nullable else further

    def _equal(self, column: Column, value: Any) -> str:
        name = quote(column.name)
        if value is None:
            return f"isNull({name})"
        equal = f"{name} = {self._bound(column, value)}"
        return f"ifNull({equal}, 0)" if column.nullable else equal

    def _bound(self, column: Column, value: Any) -> str:
        if column.type is ColumnType.TEXTS:
            return self.conditions.binder.texts(value)
        bound = self.conditions.value(column, value)
        if bound is None:
            raise Invalid(_("No fact can stand at this place."), ("place",))
        return bound


def _direction(descending: bool) -> str:
    return "DESC" if descending else "ASC"
