"""The tables of a document and their rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from bilan.sdk.document import Cell, Table, TableColumn
from bilan.sdk.messages import Message


class MovedRow(list[Any]):
    """A row that was moved, and still knows its place in the table."""

    def __init__(self, row: Iterable[Any], place: int) -> None:
        super().__init__(row)
        self.place = place


def places_of(rows: Iterable[list[Any]]) -> Iterator[tuple[int, list[Any]]]:
    """The rows with their places in the table, however they were sorted."""
    for number, row in enumerate(rows):
        yield (row.place if isinstance(row, MovedRow) else number), row


def read_columns(table: Table) -> list[tuple[int, TableColumn]]:
    """The columns that people read, with their places: all but those for data files alone."""
    return [(place, column) for place, column in enumerate(table.columns) if not column.data]


def worded(value: Any, column: TableColumn, say: Callable[[Message], str]) -> Any:
    """A value in the words that its column has for it; a list word by word."""
    if not column.names:
        return value
    match value:
        case Cell():
            return replace(value, value=worded(value.value, column, say))
        case list():
            return [worded(one, column, say) for one in value]
        case str() if value in column.names:
            return say(column.names[value])
        case _:
            return value


def row_count(table: Table) -> int:
    """How many rows a table has, wherever they are kept."""
    return table.part.rows if table.part else len(table.rows)


def rows_within(table: Table) -> Iterator[list[Any]]:
    """The rows of a table that holds all of its rows itself."""
    return iter(table.rows)
