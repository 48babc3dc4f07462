"""The tables of a document and their rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from bilan.sdk.document import Block, Custom, Section, Table


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
