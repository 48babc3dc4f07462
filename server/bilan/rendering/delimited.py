"""A table as delimited text: UTF-8, CRLF, quoted as RFC 4180 says, a row at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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
LIST = "; "
"""What stands between the items of a list for people."""
TEXTUAL = frozenset({Unit.TEXT, Unit.TEXTS})


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
    blocks: Iterable[Sequence[Sequence[Any]]],
    dialect: Dialect,
    formatter: Formatter,
) -> Iterator[bytes]:
    """A header, then lines that are written already, a piece a block.

    A doubtful line comes as its cells, a list in JSON: its texts are guarded
    here, one by one (see :data:`bilan.rendering.guard.SUSPECT`).
    """
    head = [column.key if dialect.keys else formatter.text(column.label) for column in columns]
    start = BOM if dialect.bom else ""
    yield (start + _line(head if dialect.machine else map(guarded, head), dialect)).encode()
    text = [column.unit in TEXTUAL for column in columns]
    for block in blocks:
        if not any(doubtful for doubtful, _line_ in block):
            yield "".join(line for _doubtful, line in block).encode()
            continue
        yield "".join(
            _line(_guarded(msgspec.json.decode(line, type=list[str]), text), dialect) if doubtful else line
            for doubtful, line in block
        ).encode()


def _guarded(cells: list[str], text: Sequence[bool]) -> Iterator[str]:
    return (guarded(cell) if one else cell for cell, one in zip(cells, text, strict=True))


def _line(cells: Iterable[str], dialect: Dialect) -> str:
    line = io.StringIO(newline="")
    csv.writer(line, delimiter=dialect.delimiter, lineterminator="\r\n").writerow(cells)
    return line.getvalue()


def last_line(sentence: str, dialect: Dialect) -> bytes:
    """The line of a file that ends early."""
    return _line([guarded(sentence)], dialect).encode()


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
        return guarded(LIST.join(str(one) for one in value))
    return _raw(value)
