"""Rows of a table, some thousands at a time: each by itself, or column by column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, TypeVar

from bilan.sdk.columns import DictionaryColumn
from bilan.sdk.messages import Message

TableRow = dict[str, Any]
Readable = TypeVar("Readable")
BATCH_ROWS = 10_000
LOOKED_AT = 100
"""So many rows are looked at to learn the columns of JSON and to show samples."""


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row that cannot be read at all."""

    reason: Message
    raw: str


@dataclass(frozen=True, slots=True)
class TableBatch:
    """Consecutive rows of a table. ``numbers`` count from 1; ``unreadable`` rows stand by their numbers.

    ``column`` gives the cells of a column in the other rows, empty ones where
    the table has none of that name; ``pick`` the whole of some of these rows,
    by their positions from 0.
    """

    numbers: range
    unreadable: Mapping[int, UnreadableRow]
    column: Callable[[str], DictionaryColumn]
    pick: Callable[[Sequence[int]], Sequence[TableRow]]

    @property
    def readable(self) -> Sequence[int]:
        """The numbers of the rows that can be read."""
        if not self.unreadable:
            return self.numbers
        return [number for number in self.numbers if number not in self.unreadable]

    def rows(self) -> Iterator[TableRow | UnreadableRow]:
        """Each row, in the order of the table."""
        readable = iter(self.pick(range(len(self.readable))))
        for number in self.numbers:
            yield self.unreadable[number] if number in self.unreadable else next(readable)


@dataclass(frozen=True, slots=True)
class TableFile:
    """Columns, and rows that can be gone through again and again."""

    columns: tuple[str, ...]
    read: Callable[[int], Iterator[TableBatch]]

    def batches(self, rows: int = BATCH_ROWS) -> Iterator[TableBatch]:
        """The rows in the order of the table, at most so many at a time."""
        return self.read(rows)

    def rows(self) -> Iterator[TableRow | UnreadableRow]:
        """Each row, in the order of the table."""
        return chain.from_iterable(batch.rows() for batch in self.batches())

    def sample(self) -> list[TableRow]:
        """The first readable rows."""
        rows = chain.from_iterable(batch.rows() for batch in islice(self.batches(LOOKED_AT), 1))
        return [row for row in rows if not isinstance(row, UnreadableRow)]


def parts(
    rows: Iterator[Readable | UnreadableRow], size: int
) -> Iterator[tuple[range, list[Readable], dict[int, UnreadableRow]]]:
    """Rows as :class:`TableBatch` takes them: their numbers, the readable and the unreadable ones.

    Where the table breaks off, the rows before come first and then the error.
    """
    start = 1
    while True:
        numbers, readable, unreadable = range(start, start), list[Readable](), dict[int, UnreadableRow]()
        try:
            for row in islice(rows, size):
                if isinstance(row, UnreadableRow):
                    unreadable[numbers.stop] = row
                else:
                    readable.append(row)
                numbers = range(start, numbers.stop + 1)
        finally:
            if numbers:
                yield numbers, readable, unreadable
        if not numbers:
            return
        start = numbers.stop
