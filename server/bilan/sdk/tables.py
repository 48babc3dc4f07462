"""Tables in files: CSV of any maker, JSON, JSON lines, Parquet and workbooks, packed or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from bilan.sdk.columns import ArrowValues, DictionaryColumn, constant
from bilan.sdk.containers import is_archive, kind_of
from bilan.sdk.csv_tables import csv_table
from bilan.sdk.encodings import LINE_BYTES, encoding_of, opened
from bilan.sdk.errors import Invalid
from bilan.sdk.json_tables import json_table
from bilan.sdk.table_batches import TableBatch, TableFile
from bilan.sdk.textdomain import _
from bilan.sdk.workbooks import workbook

COLUMNS_LIMIT = 500
"""Columns of the widest table that is read."""
ROW_GROUP_LIMIT = 2_000_000_000
"""Bytes of the largest row group of a Parquet file, unpacked."""
LONG_TEXT = 10_000
"""Bytes of a text of Parquet from which on its column is read as a dictionary, which is slower."""
LEAVES_LIMIT = 10 * COLUMNS_LIMIT
"""Columns of a Parquet file as they are stored, where one of a table may be several."""
CELL_LIMIT = 1024 * 1024
"""Bytes of the longest text in a Parquet file."""


def open_table(path: Path, sheet: str = "", encoding: str = "") -> TableFile:
    """The table in a file; ``sheet`` names the one to read of a workbook, or the file of a ZIP archive.

    ``encoding`` is that of a text, where somebody says it. Raises ``Invalid``
    with what the file is where there is no table in it, or more columns than
    anybody maps.
    """
    table = _open_table(path, sheet, encoding)
    if len(table.columns) > COLUMNS_LIMIT:
        raise _too_wide(len(table.columns))
    return table


def _too_wide(columns: int) -> Invalid:
    return Invalid(
        _("The table has {count} columns; at most {most} are read. Leave out those that are not needed.",
          count=columns, most=COLUMNS_LIMIT)
    )  # fmt: skip


def _open_table(path: Path, sheet: str, encoding: str) -> TableFile:
    member = sheet if sheet and is_archive(path) else ""
    kind = kind_of(path, member)
    if kind == "parquet":
        return _parquet(path)
    if kind == "workbook":
        return workbook(path, sheet)
    known = encoding_of(path, encoding, member)
    text = partial(opened, path, known, member)
    with text() as file:
        start = file.read(256).lstrip("\ufeff \t\r\n\x1e")
    if not start:
        raise Invalid(_("The file is empty."))
    table = json_table(text) if start[0] in "[{" else csv_table(partial(text, line=LINE_BYTES))
    return replace(table, encoding="" if known == "utf-8-sig" else known)


def _parquet(path: Path) -> TableFile:
    import pyarrow as pa  # noqa: PLC0415 - large; loaded where a Parquet file is read
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        with pq.ParquetFile(path) as file:
            metadata = file.metadata
            if metadata.num_columns > LEAVES_LIMIT:
                raise _too_wide(metadata.num_columns)
            schema = file.schema_arrow
            # By row groups, as one of them is unpacked at a time.
            largest = max(
                (metadata.row_group(one).total_byte_size for one in range(metadata.num_row_groups)), default=0
            )
    except (pa.ArrowException, OSError) as error:
        raise Invalid(_("The Parquet file cannot be read: {error}.", error=str(error))) from None
    if largest > ROW_GROUP_LIMIT:
        raise Invalid(
            _("A row group of the Parquet file takes {megabytes} MB; write groups of at most {most} MB.",
              megabytes=largest // 1_000_000, most=ROW_GROUP_LIMIT // 1_000_000)
        )  # fmt: skip
    return TableFile(tuple(schema.names), partial(_parquet_batches, path))


def _parquet_batches(path: Path, size: int) -> Iterator[TableBatch]:
    import pyarrow.parquet as pq  # noqa: PLC0415

    start = 1
    with pq.ParquetFile(path, read_dictionary=_long_texts(path)) as file:
        for batch in map(_to_microseconds, file.iter_batches(batch_size=size)):
            yield TableBatch(
                range(start, start + batch.num_rows),
                {},
                partial(_parquet_column, batch),
                lambda chosen, batch=batch: batch.take(list(chosen)).to_pylist(),
            )
            start += batch.num_rows


def _long_texts(path: Path) -> list[str]:
    """The columns of texts so long that they are read as dictionaries: one of them may stand in every row.

    The file holds such a text once, and its rows as copies would fill the memory.
    """
    import pyarrow.parquet as pq  # noqa: PLC0415
    from pyarrow.types import is_string  # noqa: PLC0415

    with pq.ParquetFile(path) as file:
        texts = [field.name for field in file.schema_arrow if is_string(field.type)]
    found = set[str]()
    with pq.ParquetFile(path, read_dictionary=texts) as file:
        for group in range(file.metadata.num_row_groups if texts else 0):
            # With the first row of a group comes the whole of its dictionaries.
            for batch in islice(file.iter_batches(1, [group], texts), 1):
                found |= {
                    name
                    for name, cells in zip(batch.schema.names, batch.columns, strict=True)
                    if _longest(cells.dictionary) > LONG_TEXT
                }
    return sorted(found)


def _longest(texts: Any) -> int:
    import pyarrow.compute  # noqa: PLC0415

    lengths: Any = pyarrow.compute  # made when it is imported
    return lengths.max(lengths.binary_length(texts)).as_py() or 0


def _parquet_column(batch: Any, name: str) -> DictionaryColumn:
    from pyarrow.types import is_dictionary, is_integer, is_string  # noqa: PLC0415

    places = batch.schema.get_all_field_indices(name)
    if not places:
        return constant(None, batch.num_rows)
    cells = batch.column(places[-1])
    if is_dictionary(cells.type) and is_string(cells.type.value_type):
        return _texts(name, cells)
    if is_string(cells.type) or is_integer(cells.type):
        encoded = cells.dictionary_encode(null_encoding="encode")
        return DictionaryColumn(encoded.dictionary.to_pylist(), encoded.indices.to_pylist())
    return DictionaryColumn(ArrowValues(cells), range(len(cells)))


def _texts(name: str, cells: Any) -> DictionaryColumn:
    # The dictionary is that of many rows: of it what stands in these.
    used = cells.indices.dictionary_encode(null_encoding="encode")
    values = cells.dictionary.take(used.dictionary)
    if _longest(values) > CELL_LIMIT:
        raise Invalid(
            _("{column} has a text of more than {megabytes} MB.",
              column=name, megabytes=CELL_LIMIT // 1024**2)
        )  # fmt: skip
    return DictionaryColumn(values.to_pylist(), used.indices.to_pylist())


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
