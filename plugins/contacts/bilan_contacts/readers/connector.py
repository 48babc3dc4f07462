"""Tables as connectors copy them: several files together, whose times have no zone and are in UTC."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from bilan.sdk import CompanionTables, ImportFile, table_name

UTC = ZoneInfo("UTC")
SUFFIX = "_data"
"""What some copies write behind the names of tables."""


def named(tables: Iterable[str]) -> frozenset[str]:
    """The names of files that hold these tables."""
    return frozenset(name + suffix for name in tables for suffix in ("", SUFFIX))


class Tables:
    """Those of some tables that were handed over, by their names without suffix."""

    def __init__(self, file: ImportFile, known: Iterable[str]) -> None:
        self.found = CompanionTables.of(file, named(known))

    def name(self, table: str) -> str:
        """What the table is called here."""
        return table if table in self.found.paths else table + SUFFIX

    def lookup(self, table: str, key: str, *columns: str) -> dict[str, tuple[str, ...]]:
        """Some columns of a table by one of them, without space around the texts."""
        rows = self.found.lookup(self.name(table), key, *columns)
        return {found.strip(): tuple(map(str.strip, texts)) for found, texts in rows.items()}


def recognised(file: ImportFile, facts: Iterable[str], lookups: Iterable[str] = ()) -> float:
    """How surely a file is one of these tables, from its name and those beside it."""
    name = table_name(file.name)
    if name in named(facts):
        return 0.95
    beside = {table_name(one) for one in file.companions} & named(facts)
    return 0.9 if name in named(lookups) and beside else 0.0
