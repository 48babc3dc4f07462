"""Rows of a table, some thousands at a time: each by itself, or column by column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import chain, islice
from typing import Any, TypeVar

from bilan.sdk.columns import DictionaryColumn, constant, encode
from bilan.sdk.datasets import Reject
from bilan.sdk.errors import Invalid
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _, ngettext

TableRow = dict[str, Any]
Readable = TypeVar("Readable")
OpenText = Callable[[], TextIOWrapper]
"""Opens a text at its beginning."""
BATCH_ROWS = 10_000
COLUMNS_LIMIT = 500
"""Columns of the widest table that is read."""
BATCH_CHARACTERS = 32 * 1024**2
"""So many characters of a text make a batch, however few rows they are."""
RAW_TOGETHER = 32 * 1024**2
"""Characters that are kept of the refused rows of a batch together."""
RAW_LEAST = 1_000
"""So many of a refused row are kept in any case."""
LOOKED_AT = 100
"""So many rows are looked at to learn the columns of JSON and to show samples."""


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row that cannot be read at all."""

    reason: Message
    raw: str


@dataclass(frozen=True, slots=True)
class TableBatch:
    """Consecutive rows of a table. ``numbers`` are those of their lines in the file, or of their items.

    They rise, and ``unreadable`` rows stand by them.

    ``column`` gives the cells of a column in the other rows, empty ones where
    the table has none of that name; ``pick`` the whole of some of these rows,
    by their positions from 0.
    """

    numbers: Sequence[int]
    unreadable: Mapping[int, UnreadableRow]
    column: Callable[[str], DictionaryColumn]
    pick: Callable[[Sequence[int]], Sequence[TableRow]]

    @property
    def readable(self) -> Sequence[int]:
        """The numbers of the rows that can be read."""
        if not self.unreadable:
            return self.numbers
        return [number for number in self.numbers if number not in self.unreadable]

    def rejects(self, refused: Mapping[int, Message], written: Callable[[TableRow], str]) -> list[Reject]:
        """The rows that cannot be read, and those that are refused: positions among the readable, and why.

        ``written`` gives a row as it is kept with its reject.
        """
        most = max(RAW_LEAST, RAW_TOGETHER // (len(self.unreadable) + len(refused) or 1))
        found = [Reject(number, row.reason, row.raw[:most]) for number, row in self.unreadable.items()]
        rows, readable = self.pick(list(refused)) if refused else (), self.readable
        for (place, reason), row in zip(refused.items(), rows, strict=True):
            try:
                raw = written(row)[:most]
            except RecursionError:
                raw = ""
            found.append(Reject(readable[place], reason, raw))
        return found

    def numbered(self) -> Iterator[tuple[int, TableRow | UnreadableRow]]:
        """Each row with its number, in the order of the table."""
        readable = iter(self.pick(range(len(self.readable))))
        for number in self.numbers:
            yield number, self.unreadable[number] if number in self.unreadable else next(readable)


@dataclass(frozen=True, slots=True)
class TableFile:
    """Columns, and rows that can be gone through again and again.

    ``skipped`` are lines before the header, which are no rows. ``encoding`` is
    that of a text, where it is not UTF-8.
    """

    columns: tuple[str, ...]
    read: Callable[[int], Iterator[TableBatch]]
    skipped: tuple[str, ...] = ()
    encoding: str = ""

    def batches(self, rows: int = BATCH_ROWS) -> Iterator[TableBatch]:
        """The rows in the order of the table, at most so many at a time."""
        return self.read(rows)

    def rows(self) -> Iterator[TableRow | UnreadableRow]:
        """Each row, in the order of the table."""
        return (row for _number, row in self.numbered())

    def numbered(self) -> Iterator[tuple[int, TableRow | UnreadableRow]]:
        """Each row with the number of its line in the file, or of its item."""
        return chain.from_iterable(batch.numbered() for batch in self.batches())

    def sample(self) -> list[TableRow]:
        """The first readable rows."""
        rows = chain.from_iterable(batch.numbered() for batch in islice(self.batches(LOOKED_AT), 1))
        return [row for _number, row in rows if not isinstance(row, UnreadableRow)]


@dataclass(slots=True)
class Passed:
    """How many characters of a text were gone through."""

    characters: int = 0


def parts(
    rows: Iterator[tuple[int, Readable | UnreadableRow]], size: int, passed: Passed
) -> Iterator[tuple[Sequence[int], list[Readable], dict[int, UnreadableRow]]]:
    """Rows as :class:`TableBatch` takes them: their numbers, the readable and the unreadable ones.

    Where the table breaks off, the rows before come first and then the error. ``passed`` is
    counted by whatever makes the rows.
    """
    while True:
        most = passed.characters + BATCH_CHARACTERS
        numbers, readable, unreadable = list[int](), list[Readable](), dict[int, UnreadableRow]()
        try:
            for number, row in islice(rows, size):
                if isinstance(row, UnreadableRow):
                    unreadable[number] = row
                else:
                    readable.append(row)
                numbers.append(number)
                if passed.characters >= most:
                    break
        finally:
            if numbers:
                yield numbers, readable, unreadable
        if not numbers:
            return


def object_batches(
    rows: Iterator[tuple[int, TableRow | UnreadableRow]], size: int, passed: Passed
) -> Iterator[TableBatch]:
    """Batches of rows that are objects already."""
    for numbers, objects, unreadable in parts(rows, size, passed):
        yield object_batch(numbers, objects, unreadable)


def object_batch(
    numbers: Sequence[int], objects: Sequence[TableRow], unreadable: Mapping[int, UnreadableRow]
) -> TableBatch:
    """A batch of rows that are objects already."""
    names = set[str]().union(*objects)

    def column(name: str) -> DictionaryColumn:
        if name not in names:
            return constant(None, len(objects))
        return encode([row.get(name) for row in objects])

    return TableBatch(numbers, unreadable, column, lambda chosen: [objects[one] for one in chosen])


def uneven(raw: str, found: int, expected: int) -> UnreadableRow:
    """A row that does not fit the header."""
    reason = ngettext(
        "This row has {count} cell where the header has {expected}.",
        "This row has {count} cells where the header has {expected}.",
        count=found, expected=expected,
    )  # fmt: skip
    return UnreadableRow(reason, raw)


def too_wide(columns: int) -> Invalid:
    """A table of more columns than anybody maps."""
    return Invalid(
        _("The table has {count} columns; at most {most} are read. Leave out those that are not needed.",
          count=columns, most=COLUMNS_LIMIT)
    )  # fmt: skip
