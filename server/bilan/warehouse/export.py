"""Facts as bytes: JSON lines, CSV or Parquet, in pieces."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import json

from bilan.sdk.datasets import Column, ColumnType, Dataset
from bilan.warehouse.arrow import INSTANT, TYPES
from bilan.warehouse.due import due_columns
from bilan.warehouse.facts import one_copy_each
from bilan.warehouse.tables import moment_of
from bilan.warehouse.types import microseconds, quote

CHUNK = 1024 * 1024
"""Bytes handed on at a time."""
GROUP = 8 * CHUNK
"""Bytes of text that become a row group of a Parquet file."""

SPREADSHEET_FORMULA = r"'^[=+\\-@\\t\\r]'"


class Format(StrEnum):
    """How facts are written."""

    JSONL = "jsonl"
    """One JSON object a line; instants as ISO 8601 in UTC, lists as arrays."""
    CSV = "csv"
    """With a header; lists as JSON; an apostrophe before text that a spreadsheet would run as a formula."""
    PARQUET = "parquet"


class Readable(Protocol):
    """What is read to its end."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes; none at the end."""
        ...


class ExportReader(Protocol):
    """What an export needs of the warehouse."""

    def text(
        self,
        sql: str,
        parameters: Mapping[str, Any],
        format: str,  # noqa: A002
    ) -> AbstractContextManager[Readable]:
        """The result of a statement in one of ClickHouse's formats, as a file."""
        ...


def export(
    reader: ExportReader,
    dataset: Dataset,
    sources: Mapping[UUID, str],
    since: datetime | None,
    until: datetime | None,
    format: Format,  # noqa: A002 - the word people use
    columns: Sequence[str] = (),
) -> Iterator[bytes]:
    """The facts of some sources in one of the formats."""
    parameters = _parameters(sources, since, until)
    names = tuple(columns) or columns_of(dataset)
    if format is Format.PARQUET:
        sql = _statement(dataset, names, since, until, {})
        yield from _parquet(reader, _schema(dataset, names), sql, parameters)
        return
    shown = {c.name: _for_spreadsheets(c) for c in dataset.columns} if format is Format.CSV else {}
    if format is Format.CSV:
        yield _header(names)
    sql = _statement(dataset, names, since, until, shown)
    with reader.text(sql, parameters, "CSV" if format is Format.CSV else "JSONEachRow") as file:
        while piece := file.read(CHUNK):
            yield piece


def columns_of(dataset: Dataset) -> tuple[str, ...]:
    """Everything that is known of a fact: what the core adds, then the dataset's columns."""
    return ("source", "ingested_at", *(column.name for column in dataset.columns))


def last_line(format: Format, code: str, message: str) -> bytes:  # noqa: A002
    """What stands at the end of a file that ends early. Parquet lacks the end of its own then."""
    if format is Format.JSONL:
        return msgspec.json.encode({"error": {"code": code, "message": message}}) + b"\n"
    return _header([message]) if format is Format.CSV else b""


def _statement(
    dataset: Dataset,
    names: Sequence[str],
    since: datetime | None,
    until: datetime | None,
    shown: Mapping[str, str],
) -> str:
    named = {"source": "transform(facts.source, {ids:Array(UUID)}, {names:Array(String)}, '')", **shown}
    columns = [f"{named.get(name) or f'facts.{quote(name)}'} AS {quote(name)}" for name in names]
    time = moment_of(dataset)
    within = [f"{time} >= fromUnixTimestamp64Micro({{since:Int64}}, 'UTC')"] if since else []
    within += [f"{time} < fromUnixTimestamp64Micro({{until:Int64}}, 'UTC')"] if until else []
    as_of = "now64(6, 'UTC')" if due_columns(dataset) else ""
    facts = one_copy_each(dataset, "source IN {ids:Array(UUID)}", " AND ".join(within), as_of=as_of)
    order = (f"facts.{quote(name)}" for name in dict.fromkeys((dataset.time, *dataset.identity, "source")))
    # Qualified names: a result's name would otherwise stand for the column it hides.
    return "\n".join(
        [
            f"SELECT {', '.join(columns)}",
            f"FROM (SELECT {', '.join(map(quote, columns_of(dataset)))}",
            f"FROM {facts}) AS facts",
            f"ORDER BY {', '.join(order)}",
        ]
    )


def _parameters(
    sources: Mapping[UUID, str], since: datetime | None, until: datetime | None
) -> dict[str, Any]:
    parameters: dict[str, Any] = {"ids": list(sources), "names": list(sources.values())}
    if since is not None:
        parameters["since"] = microseconds(since)
    if until is not None:
        parameters["until"] = microseconds(until)
    return parameters


def _for_spreadsheets(column: Column) -> str:
    value = f"facts.{quote(column.name)}"
    if column.type is ColumnType.TEXTS:
        return f"toJSONString({value})"
    if column.type is ColumnType.TEXT:
        return f"if(match({value}, {SPREADSHEET_FORMULA}), concat('\\'', {value}), {value})"
    return value


def _header(names: Sequence[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(names)
    return line.getvalue().encode()


def _parquet(reader: ExportReader, schema: Any, sql: str, parameters: Mapping[str, Any]) -> Iterator[bytes]:
    options = json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")
    sink = _Drain()
    with (
        pq.ParquetWriter(sink, schema, compression="zstd") as writer,
        reader.text(sql, parameters, "JSONEachRow") as text,
    ):
        for lines in _whole_lines(text):
            writer.write_table(json.read_json(pa.BufferReader(lines), parse_options=options))
            yield from sink.drain()
    yield from sink.drain()


def _whole_lines(file: Readable) -> Iterator[bytes]:
    """Pieces of a file that end where a line ends. Arrow's own reader would read far ahead."""
    rest = b""
    while piece := file.read(GROUP):
        whole, newline, rest = (rest + piece).rpartition(b"\n")
        if newline:
            yield whole
    if rest:
        yield rest


def _schema(dataset: Dataset, names: Sequence[str]) -> Any:
    types = {"source": pa.string(), "ingested_at": INSTANT}
    types |= {column.name: TYPES[column.type] for column in dataset.columns}
    return pa.schema([pa.field(name, types[name]) for name in names])


class _Drain(io.RawIOBase):
    """A file that is written to and emptied again."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, data: Any, /) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self._position += len(piece)
        return len(piece)

    def drain(self) -> Iterator[bytes]:
        """What was written since the last time."""
        pieces, self._pieces = self._pieces, []
        yield from (piece for piece in pieces if piece)
