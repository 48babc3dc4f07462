"""The facts of one dataset from one source, on their way into columns."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

import pyarrow as pa

from bilan.sdk.datasets import Dataset, Reject, Row
from bilan.sdk.textdomain import _
from bilan.warehouse.arrow import ArrowTable, table_of, tuples
from bilan.warehouse.tables import GONE

ROWS = 10_000
"""The most rows that are held as such, before they are put into columns."""


@dataclass(slots=True)
class Group:
    """The facts of one dataset from one source, as they came."""

    dataset: Dataset
    source: UUID
    tables: list[ArrowTable] = field(default_factory=list[ArrowTable])
    rows: list[Row] = field(default_factory=list[Row])
    retracts: list[Reject] = field(default_factory=list[Reject])
    """The retractions in the order of their rows, each as it is refused where there is nothing to retract."""
    taken: array[int] = field(default_factory=lambda: array("q"))
    """For each fact, which of the rows that the batch took it came of."""

    def retract(self, identity: Row, number: int, raw: str, row: int) -> None:
        """Take the retraction of a fact."""
        unknown = _("{dataset} has no fact of this identity to retract.", dataset=self.dataset.label)
        self.retracts.append(Reject(number, unknown, raw))
        self.add({**identity, GONE: True}, row)

    def unknown(self, table: ArrowTable, before: ArrowTable) -> list[Reject]:
        """The retractions that found nothing: neither before the batch nor in it."""
        found, retracts, identity = list[Reject](), iter(self.retracts), list(self.dataset.identity)
        there = set(tuples(self.dataset, before, identity))
        rows = zip(tuples(self.dataset, table, identity), table[GONE].to_pylist(), strict=True)
        for name, gone in rows:
            if not gone:
                there.add(name)
            elif (retract := next(retracts)) and name not in there:
                found.append(retract)
            there -= {name} if gone else set()
        return found

    def add(self, fact: Row, row: int) -> None:
        """Take one fact of a row."""
        self.taken.append(row)
        self.rows.append(fact)
        if len(self.rows) >= ROWS:
            self._flush()

    def add_columns(self, table: ArrowTable, rows: Iterable[int]) -> None:
        """Take a table of facts, and the row that each came of."""
        self._flush()
        self.taken.extend(rows)
        self.tables.append(table)

    def table(self) -> ArrowTable:
        """All of them, the first first."""
        self._flush()
        return pa.concat_tables(self.tables, promote_options="default")

    def _flush(self) -> None:
        if self.rows:
            table = table_of(self.dataset, self.rows)
            if self.retracts:
                gone = pa.array([GONE in row for row in self.rows])
                table = table.append_column(GONE, gone)
            self.tables.append(table)
            self.rows = []
