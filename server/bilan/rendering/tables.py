"""The tables of a document and their rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from bilan.sdk.document import Block, Custom, Section, Table


class Placed(list[Any]):
    """A row that was moved, and still knows its place in the table."""

    def __init__(self, row: Iterable[Any], place: int) -> None:
        super().__init__(row)
        self.place = place


def places_of(rows: Iterable[list[Any]]) -> Iterator[tuple[int, list[Any]]]:
    """The rows with their places in the table, however they were sorted."""
    for number, row in enumerate(rows):
        yield (row.place if isinstance(row, Placed) else number), row


def tables_of(blocks: Iterable[Block]) -> Iterator[Table]:
    """All tables in reading order, those of sections and of plugins' own blocks among them."""
    for block in blocks:
        match block:
            case Table():
                yield block
            case Section():
                yield from tables_of(block.blocks)
            case Custom():
                yield block.table
            case _:
                pass


def row_count(table: Table) -> int:
    """How many rows a table has, wherever they are kept."""
    return table.part.rows if table.part else len(table.rows)


def rows_within(table: Table) -> Iterator[list[Any]]:
    """The rows of a table that holds all of its rows itself."""
    return iter(table.rows)
