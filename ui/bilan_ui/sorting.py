"""Tables on a page, sorted by the column whose head was followed. See docs/decisions/026."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bilan.rendering.tables import MovedRow, row_count
from bilan.sdk.document import Cell, Table, TableColumn
from bilan.sdk.messages import Message
from bilan.sdk.rendering import Formatter, Rows
from bilan.sdk.units import Unit

MOST = 10_000
"""Longer tables keep the order that their report gave them: sorting takes all rows into memory."""
GREATEST_FIRST = frozenset(
    {Unit.COUNT, Unit.NUMBER, Unit.PROPORTION, Unit.SECONDS, Unit.BYTES, Unit.INSTANT, Unit.DATE}
)


@dataclass(frozen=True)
class Sorting:
    """By which column of which table the page at ``path`` is sorted; by none where ``table`` is empty."""

    path: str
    table: str = ""
    column: str = ""
    descending: bool = False
    kept: tuple[tuple[str, str], ...] = ()
    """What else the address says."""

    @classmethod
    def asked(cls, path: str, wanted: str, kept: tuple[tuple[str, str], ...] = ()) -> Sorting:
        """What the address says: ``-table:column``, with the minus for the greatest first."""
        table, _colon, column = wanted.removeprefix("-").partition(":")
        return cls(path, table, column, wanted.startswith("-"), kept)

    def head(self, table: Table, column: TableColumn) -> tuple[str, str]:
        """Where the column's head leads, and how the table is sorted by it now."""
        if not 1 < row_count(table) <= MOST:
            return "", ""
        here = (table.key, column.key) == (self.table, self.column)
        minus = "-" if (not self.descending if here else column.unit in GREATEST_FIRST) else ""
        query = urlencode([*self.kept, ("sort", f"{minus}{table.key}:{column.key}")])
        now = ("descending" if self.descending else "ascending") if here else ""
        return f"{self.path}?{query}#table-{table.key}", now

    def rows(self, rows: Rows, formatter: Formatter) -> Rows:
        """The same rows, those of the sorted table in their new order; what has no value comes last."""

        def found(table: Table) -> Iterator[list[Any]]:
            place = next((place for place, one in enumerate(table.columns) if one.key == self.column), None)
            if table.key != self.table or place is None or row_count(table) > MOST:
                return iter(rows(table))
            known, unknown = list[tuple[Any, list[Any]]](), list[list[Any]]()
            for number, given in enumerate(rows(table)):
                row, value = MovedRow(given, number), _comparable(given[place], formatter)
                unknown.append(row) if value is None else known.append((value, row))
            known.sort(key=lambda pair: pair[0], reverse=self.descending)
            return iter([*(row for _value, row in known), *unknown])

        return found


def _comparable(value: Any, formatter: Formatter) -> tuple[int, Any] | None:
    """A value that can be compared with any other: numbers before texts."""
    match value:
        case Cell():
            return _comparable(value.value, formatter)
        case None | "":
            return None
        case int() | float():
            return 0, value
        case list():
            return (1, ", ".join(str(one) for one in value).casefold()) if value else None
        case Message():
            return 1, formatter.text(value).casefold()
        case _:
            return 1, str(value).casefold()
