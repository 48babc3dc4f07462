"""Tables that belong together, handed over as several files or in an archive, as connectors copy them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bilan.sdk.containers import members_of
from bilan.sdk.datasets import Fact, Reject, RowFacts
from bilan.sdk.messages import Message
from bilan.sdk.readers import read_rows
from bilan.sdk.sources import ImportFile
from bilan.sdk.table_batches import TableRow, UnreadableRow
from bilan.sdk.tables import open_table
from bilan.sdk.textdomain import _
from bilan.sdk.values import read_text


@dataclass(frozen=True, slots=True)
class CompanionTables:
    """The tables that came along, by their names without endings; one that did not is empty."""

    paths: Mapping[str, tuple[Path, str]]
    """The file that each stands in, and its name within where that is an archive."""

    @classmethod
    def of(cls, file: ImportFile, known: Collection[str]) -> CompanionTables:
        """The file, its companions and what archives among them hold, as far as their names are known."""
        found = dict[str, tuple[Path, str]]()
        for written, path in {file.name: file.path, **file.companions}.items():
            for member in members_of(path) or [""]:
                if (name := table_name(member or written)) in known:
                    found[name] = path, member
        return cls(found)

    def rows(self, name: str) -> Iterator[tuple[int, TableRow | UnreadableRow]]:
        """The rows of a table with their numbers; names of columns in small letters, as some copies shout."""
        if name not in self.paths:
            return
        table = open_table(*self.paths[name])
        if all(column == column.lower() for column in table.columns):
            yield from table.numbered()
            return
        for number, row in table.numbered():
            yield number, row if isinstance(row, UnreadableRow) else _in_small_letters(row)

    def read(self, name: str, read: Callable[[TableRow], Iterable[Fact]]) -> Iterator[RowFacts | Reject]:
        """The facts of a table, row by row. Rejects say in which table they stand."""
        for found in read_rows(self.rows(name), read):
            yield replace(found, reason=in_table(name, found.reason)) if isinstance(found, Reject) else found

    def lookup(self, name: str, key: str, *columns: str) -> dict[str, tuple[str, ...]]:
        """Some columns of a table by one of them."""
        rows = (row for _number, row in self.rows(name) if not isinstance(row, UnreadableRow))
        return {
            read_text(row.get(key)): tuple(read_text(row.get(column)) for column in columns) for row in rows
        }


def _in_small_letters(row: TableRow) -> TableRow:
    """A row by the lower names of its columns; of two that are alike then the first."""
    found: dict[str, Any] = {}
    for column, value in row.items():
        found.setdefault(column.lower(), value)
    return found


def table_name(name: str) -> str:
    """The table's name in a file's name."""
    return Path(name).name.partition(".")[0].lower()


def in_table(table: str, reason: Message) -> Message:
    """A reason that says in which of the tables it holds."""
    return _("In {table}: {reason}", table=table, reason=reason)
