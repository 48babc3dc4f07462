"""Rows of a connector's table that speak of the same thing: the last version of it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bilan.sdk import (
    CompanionTables,
    DecimalMark,
    Fact,
    Invalid,
    Reject,
    RowFacts,
    TableRow,
    Unreadable,
    UnreadableRow,
    read_count,
    read_instant,
    read_number,
    read_text,
)
from bilan_social_profiles.textdomain import _

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
Columns = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """What one row says of the thing with this key. The greatest ``at`` counts."""

    key: Any
    at: Any
    columns: Columns


@dataclass(slots=True)
class Versions:
    """The things of one table by their keys, each as its last version says.

    ``parse`` reads a row, and raises ``Unreadable`` for one that says nothing.
    """

    tables: CompanionTables
    name: str
    parse: Callable[[TableRow], Version]
    last: dict[Any, Columns] = field(default_factory=dict[Any, Columns])

    def __post_init__(self) -> None:
        newest = dict[Any, Any]()
        for _number, row in self.tables.rows(self.name):
            if isinstance(row, UnreadableRow):
                continue
            try:
                found = self.parse(row)
            except Unreadable:
                continue
            if found.key not in newest or found.at >= newest[found.key]:
                newest[found.key], self.last[found.key] = found.at, found.columns

    def facts(self, of: Callable[[Any], Iterable[Fact]]) -> Iterator[RowFacts | Reject]:
        """For each row the facts of what it speaks of, as they are at last: earlier versions add nothing."""
        return self.tables.read(self.name, lambda row: of(self.parse(row).key))


@dataclass(slots=True)
class Profiles:
    """The names of a network's profiles, where its tables give no more than their ids.

    ``given`` is the name that the source sets; it stands for one profile alone.
    """

    given: str
    unnamed: dict[str, None] = field(default_factory=dict[str, None])

    def of(self, ident: str, name: str = "") -> str:
        """The name of a profile. Raises ``Invalid`` where one name would stand for several."""
        if name:
            return name
        if self.given:
            self.unnamed[ident] = None
            if len(self.unnamed) > 1:
                raise Invalid(
                    _("These tables hold several profiles ({profiles}), which cannot all be called {name}: "
                      "leave the source's profile empty, or import them into sources of their own.",
                      profiles=", ".join(self.unnamed), name=self.given)
                )  # fmt: skip
        return self.given or ident


def ident(row: TableRow, column: str) -> str:
    """An id. Raises ``Unreadable`` where there is none."""
    if found := read_text(row.get(column)).strip():
        return found
    raise Unreadable(_("This row has nothing in the column {column}.", column=column))


def moment(row: TableRow, column: str) -> datetime | None:
    """A moment; connectors write them in UTC."""
    return read_instant(row.get(column), UTC)


def synced(row: TableRow) -> datetime:
    """When the connector copied the row."""
    return moment(row, "_fivetran_synced") or LONG_AGO


def count(row: TableRow, *columns: str) -> int | None:
    """The first count that is there among some columns."""
    found = (read_count(row.get(column), mark=DecimalMark.POINT) for column in columns)
    return next((one for one in found if one is not None), None)


def seconds(row: TableRow, column: str, unit: float) -> float | None:
    """A duration in seconds, of a column in another unit."""
    found = read_number(row.get(column), mark=DecimalMark.POINT)
    return None if found is None else found * unit


def added(row: TableRow, *columns: str) -> int | None:
    """Counts of several columns together; nothing where none of them is there."""
    found = [one for column in columns if (one := count(row, column)) is not None]
    return sum(found) if found else None
