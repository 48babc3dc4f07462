"""Tables in files: CSV of any delimiter, JSON, JSON lines and Parquet."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from bilan.sdk.columns import ArrowValues, DictionaryColumn, constant, encode
from bilan.sdk.encodings import SAMPLE, delimiter_of, open_bytes, open_text
from bilan.sdk.errors import Invalid
from bilan.sdk.table_batches import LOOKED_AT, TableBatch, TableFile, TableRow, UnreadableRow, parts
from bilan.sdk.textdomain import _

PARQUET = b"PAR1"


def open_table(path: Path) -> TableFile:
    """The table in a file. Raises ``Invalid`` where there is none."""
    with open_bytes(path) as file:
        start = file.read(256).lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(PARQUET):
        return _parquet(path)
    if start.startswith(b"["):
        return _json(lambda: _list_rows(path))
    if start.startswith(b"{"):
        return _json(lambda: _line_rows(path) if _has_lines(path) else _list_rows(path))
    if not start:
        raise Invalid(_("The file is empty."))
    return _csv(path)


def _csv(path: Path) -> TableFile:
    with open_text(path) as file:
        sample = file.read(SAMPLE)
    delimiter = delimiter_of(sample)
    with open_text(path) as file:
        header = next((row for row in csv.reader(file, delimiter=delimiter) if row), [])
    columns = _unique(header)
    return TableFile(columns, partial(_csv_batches, path, delimiter, columns))


def _unique(header: list[str]) -> tuple[str, ...]:
    names: list[str] = []
    for place, cell in enumerate(header, start=1):
        name = cell.strip() or f"column {place}"
        names.append(name if name not in names else f"{name} ({place})")
    return tuple(names)


def _csv_batches(path: Path, delimiter: str, columns: tuple[str, ...], size: int) -> Iterator[TableBatch]:
    for numbers, rows, unreadable in parts(_csv_rows(path, delimiter, len(columns)), size):
        # Cells beyond the last column are empty.
        cells = dict(zip(columns, zip(*rows, strict=False), strict=False))
        empty = constant(None, len(rows))
        yield TableBatch(
            numbers,
            unreadable,
            lambda name, cells=cells, empty=empty: encode(cells[name]) if name in cells else empty,
            lambda chosen, rows=rows: [dict(zip(columns, rows[one], strict=False)) for one in chosen],
        )


def _csv_rows(path: Path, delimiter: str, wide: int) -> Iterator[list[str] | UnreadableRow]:
    with open_text(path) as file:
        reader = csv.reader(file, delimiter=delimiter)
        header = True
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield UnreadableRow(_("This row is no CSV: {error}.", error=str(error)), "")
                continue
            if header or not cells:
                header = header and not cells
                continue
            yield cells if len(cells) == wide else _uneven(cells, wide)


def _uneven(cells: list[str], wide: int) -> list[str] | UnreadableRow:
    if len(cells) > wide and not any(cells[wide:]):
        return cells
    reason = _("This row has {found} cells where the header has {expected}.", found=len(cells), expected=wide)
    return UnreadableRow(reason, json.dumps(cells, ensure_ascii=False))


def _json(rows: Callable[[], Iterator[TableRow | UnreadableRow]]) -> TableFile:
    seen: dict[str, None] = {}
    for row in islice(rows(), LOOKED_AT):
        if not isinstance(row, UnreadableRow):
            seen.update(dict.fromkeys(row))
    return TableFile(tuple(seen), partial(_json_batches, rows))


def _json_batches(rows: Callable[[], Iterator[TableRow | UnreadableRow]], size: int) -> Iterator[TableBatch]:
    for numbers, objects, unreadable in parts(rows(), size):
        yield TableBatch(
            numbers,
            unreadable,
            lambda name, objects=objects: encode([row.get(name) for row in objects]),
            lambda chosen, objects=objects: [objects[one] for one in chosen],
        )


def _has_lines(path: Path) -> bool:
    """Whether the file holds an object a line rather than one object over many lines."""
    with open_text(path) as file:
        start = file.readline().strip()
    return start != "{" and not start.endswith((",", "[", "{"))


def _line_rows(path: Path) -> Iterator[TableRow | UnreadableRow]:
    with open_text(path) as file:
        for line in file:
            if line.strip():
                yield _json_row(line)


def _json_row(line: str) -> TableRow | UnreadableRow:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return UnreadableRow(_("This line is no JSON."), line.strip())
    return row if isinstance(row, dict) else UnreadableRow(_("This line is no object."), line.strip())


def _list_rows(path: Path) -> Iterator[TableRow | UnreadableRow]:
    body = load_json_file(path)
    for row in body if isinstance(body, list) else [body]:
        yield row if isinstance(row, dict) else UnreadableRow(_("This item is no object."), json.dumps(row))


def load_json_file(path: Path) -> Any:
    """A whole JSON file. Raises ``Invalid`` where it is none."""
    with open_text(path) as file:
        try:
            return json.load(file)
        except (ValueError, RecursionError) as error:
            raise Invalid(_("The file is no JSON: {error}.", error=str(error))) from None


def _parquet(path: Path) -> TableFile:
    import pyarrow as pa  # noqa: PLC0415 - large; loaded where a Parquet file is read
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
    except (pa.ArrowException, OSError) as error:
        raise Invalid(_("The Parquet file cannot be read: {error}.", error=str(error))) from None
    return TableFile(tuple(schema.names), partial(_parquet_batches, path))


def _parquet_batches(path: Path, size: int) -> Iterator[TableBatch]:
    import pyarrow.parquet as pq  # noqa: PLC0415

    start = 1
    with pq.ParquetFile(path) as file:
        for batch in map(_to_microseconds, file.iter_batches(batch_size=size)):
            yield TableBatch(
                range(start, start + batch.num_rows),
                {},
                partial(_parquet_column, batch),
                lambda chosen, batch=batch: batch.take(list(chosen)).to_pylist(),
            )
            start += batch.num_rows


def _parquet_column(batch: Any, name: str) -> DictionaryColumn:
    from pyarrow.types import is_integer, is_string  # noqa: PLC0415

    places = batch.schema.get_all_field_indices(name)
    if not places:
        return constant(None, batch.num_rows)
    cells = batch.column(places[-1])
    if is_string(cells.type) or is_integer(cells.type):
        encoded = cells.dictionary_encode(null_encoding="encode")
        return DictionaryColumn(encoded.dictionary.to_pylist(), encoded.indices.to_pylist())
    return DictionaryColumn(ArrowValues(cells), range(len(cells)))


def _to_microseconds(batch: Any) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    # Python's moments have no nanoseconds; asking for them fails.
    fields = [
        field.with_type(pa.timestamp("us", field.type.tz))
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns"
        else field
        for field in batch.schema
    ]
    return batch.cast(pa.schema(fields), safe=False)
