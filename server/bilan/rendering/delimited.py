"""A table as delimited text: UTF-8, CRLF, quoted as RFC 4180 says, a row at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, BinaryIO

import msgspec

from bilan.rendering.guard import guarded
from bilan.rendering.marks import MARKS
from bilan.rendering.remarks import BASIS, NOTE, beside, remarked
from bilan.sdk.document import Cell, Table, TableColumn, Value
from bilan.sdk.messages import Message
from bilan.sdk.rendering import Formatter, Rows
from bilan.sdk.units import Unit

BOM = "\ufeff"
BATCH = 1000
"""Rows that are turned into columns at a time."""
REMEMBERED = 4096
"""Different values of a column that are remembered as they are written: most columns repeat themselves."""
BOOLEANS = {True: "true", False: "false", None: None}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the text is written. ``machine`` values are raw: no guard, lists as JSON, marks as codes."""

    delimiter: str = ","
    keys: bool = False
    """Whether the header holds the columns' keys rather than their labels."""
    machine: bool = False
    bom: bool = True


def write_table(table: Table, rows: Rows, dialect: Dialect, formatter: Formatter, out: BinaryIO) -> None:
    """Write all rows of a table. Reads them twice, to know which columns carry marks and notes."""
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=False)
    if dialect.bom:
        text.write(BOM)
    writer = csv.writer(text, delimiter=dialect.delimiter, lineterminator="\r\n")
    marked, noted = remarked(rows(table))
    writer.writerow(_header(table, marked, noted, dialect, formatter))
    writer.writerows(_lines(rows(table), marked, noted, dialect, formatter))
    text.flush()
    text.detach()


def pieces(
    columns: Sequence[TableColumn],
    rows: Iterable[Sequence[Any]],
    dialect: Dialect,
    formatter: Formatter,
    *,
    size: int = 64 * 1024,
) -> Iterator[bytes]:
    """Rows without marks as delimited text, in pieces of about ``size`` bytes; read once.

    What a column's values need is found once, from its unit.
    """
    text = io.StringIO(BOM if dialect.bom else "", newline="")
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text, delimiter=dialect.delimiter, lineterminator="\r\n")
    head = [column.key if dialect.keys else formatter.text(column.label) for column in columns]
    writer.writerow(head if dialect.machine else [guarded(cell) for cell in head])
    writes = [_writer(column.unit, dialect, formatter) for column in columns]
    for line in by_column(rows, writes):
        writer.writerow(line)
        if text.tell() >= size:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    if text.tell():
        yield text.getvalue().encode()


def by_column(
    rows: Iterable[Sequence[Any]], functions: Sequence[Callable[[Any], Any] | None]
) -> Iterator[Sequence[Any]]:
    """The rows with a function of each column called for its values, where there is one."""
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        columns = zip(*batch, strict=True)
        yield from zip(
            *(
                values if function is None else map(function, values)
                for function, values in zip(functions, columns, strict=True)
            ),
            strict=True,
        )


def _writer(unit: Unit, dialect: Dialect, formatter: Formatter) -> Callable[[Any], Any] | None:
    """How a column's values are written; ``None`` where ``csv`` does that itself."""
    if unit in (Unit.INSTANT, Unit.DATE, Unit.COUNT, Unit.NUMBER):
        return None  # numbers and ISO 8601 are nothing that a spreadsheet would run
    if unit is Unit.BOOLEAN:
        return BOOLEANS.get
    write = _raw if dialect.machine else _for_people

    def written(value: Value) -> Any:
        return write(_worded(value, formatter))

    return lru_cache(maxsize=REMEMBERED)(written) if unit is Unit.TEXT else written


def last_line(sentence: str, dialect: Dialect) -> bytes:
    """The line of a file that ends early."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=dialect.delimiter, lineterminator="\r\n").writerow([guarded(sentence)])
    return text.getvalue().encode()


def _header(
    table: Table, marked: frozenset[int], noted: frozenset[int], dialect: Dialect, formatter: Formatter
) -> list[str]:
    cells: list[str] = []
    for place, column in enumerate(table.columns):
        cells.append(column.key if dialect.keys else formatter.text(column.label))
        if place in marked:
            cells.append(f"{column.key}_basis" if dialect.keys else beside(column.label, BASIS, formatter))
        if place in noted:
            cells.append(f"{column.key}_note" if dialect.keys else beside(column.label, NOTE, formatter))
    return cells if dialect.machine else [guarded(cell) for cell in cells]


def _lines(
    rows: Iterable[Sequence[Any]],
    marked: frozenset[int],
    noted: frozenset[int],
    dialect: Dialect,
    formatter: Formatter,
) -> Iterator[list[Any]]:
    write = _raw if dialect.machine else _for_people
    if not marked and not noted:
        for row in rows:
            yield [write(_worded(value, formatter)) for value in row]
        return
    for row in rows:
        line: list[Any] = []
        for place, value in enumerate(row):
            cell = value if isinstance(value, Cell) else Cell(value)
            line.append(write(_worded(cell, formatter)))
            if place in marked:
                line.append(_mark(cell, dialect, formatter))
            if place in noted:
                line.append(write(formatter.text(cell.note)))
        yield line


def _worded(value: Value, formatter: Formatter) -> Any:
    """What a cell holds; words of the program's own in the reader's language."""
    plain = value.value if isinstance(value, Cell) else value
    return formatter.text(plain) if isinstance(plain, Message) else plain


def _mark(cell: Cell, dialect: Dialect, formatter: Formatter) -> str:
    if cell.mark is None:
        return ""
    return cell.mark.value if dialect.machine else formatter.text(MARKS[cell.mark].short)


def _raw(value: Any) -> Any:
    """A value for programs; ``csv`` itself writes numbers in full precision and ``None`` as nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return msgspec.json.encode(value).decode() if isinstance(value, list) else value


def _for_people(value: Any) -> Any:
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, list):
        return guarded("; ".join(str(one) for one in value))
    return _raw(value)
