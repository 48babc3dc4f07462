"""Tables that belong together, handed over as several files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bilan.sdk import (
    Fact,
    ImportFile,
    Message,
    Reject,
    RowFacts,
    TableRow,
    Unreadable,
    UnreadableRow,
    open_table,
    read_text,
)
from bilan_email_campaigns.textdomain import _

ReadRow = Callable[[TableRow], Iterator[Fact]]


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of one connector, by their names without endings."""

    paths: dict[str, Path]

    @classmethod
    def of(cls, file: ImportFile, known: frozenset[str]) -> Tables:
        """The file and its companions, as far as their names are known."""
        named = {file.name: file.path, **file.companions}
        return cls({name: path for written, path in named.items() if (name := stem(written)) in known})

    def read(self, name: str, read: ReadRow) -> Iterator[RowFacts | Reject]:
        """The facts of one table, none where it was not handed over."""
        if name not in self.paths:
            return
        for number, row in open_table(self.paths[name]).numbered():
            if isinstance(row, UnreadableRow):
                yield rejected(name, number, row.reason, row.raw)
                continue
            try:
                yield RowFacts(number, tuple(read(row)), json.dumps(row, ensure_ascii=False, default=str))
            except Unreadable as error:
                yield rejected(name, number, error.message, row)

    def lookup(self, name: str, key: str, *columns: str) -> dict[str, tuple[str, ...]]:
        """Some columns of a table by one of them, empty where it was not handed over."""
        if name not in self.paths:
            return {}
        rows = (row for row in open_table(self.paths[name]).rows() if not isinstance(row, UnreadableRow))
        return {
            read_text(row.get(key)): tuple(read_text(row.get(column)) for column in columns) for row in rows
        }


def stem(name: str) -> str:
    """The table's name in a file's name."""
    return Path(name).name.partition(".")[0].lower()


def rejected(table: str, number: int, reason: Message, raw: Any) -> Reject:
    """A reject that says in which of the tables it stands."""
    written = raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False, default=str)
    return Reject(number, _("In {table}: {reason}", table=table, reason=reason), written)
