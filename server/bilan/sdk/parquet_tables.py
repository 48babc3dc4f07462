"""Parquet files as tables, with the values that Python can hold in as much memory as they take once."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from bilan.sdk.columns import ArrowValues, DictionaryColumn, constant
from bilan.sdk.errors import Invalid
from bilan.sdk.instants import in_calendar
from bilan.sdk.table_batches import TableBatch, TableFile, TableRow, too_wide
from bilan.sdk.textdomain import _

ROW_GROUP_LIMIT = 2_000_000_000
"""Bytes of the largest row group of a Parquet file, unpacked."""
ROW_TEXTS = 25_000
"""Bytes that the longest texts of all columns have together; longer ones are read as dictionaries, slower."""
SHORT = 200
"""Bytes of a text within a list that may stand in it many times."""
BATCH_TEXTS = 512_000_000
"""Bytes that the texts of a batch of rows may have, those that are alike each by itself."""
LEAVES_LIMIT = 5_000
"""Columns of a Parquet file as they are stored, where one of a table may be several."""
CELL_LIMIT = 1024 * 1024
"""Bytes of the longest text in a Parquet file."""
TEXTS = ("string", "large_string", "binary", "large_binary")


def parquet_table(path: Path) -> TableFile:
    """The table in a Parquet file. Raises ``Invalid`` where there is none, or one too large."""
    with _opened(path) as file:
        metadata = file.metadata
        if metadata.num_columns > LEAVES_LIMIT:
            raise too_wide(metadata.num_columns)
        schema = file.schema_arrow
        # By row groups, as one of them is unpacked at a time.
        largest = max(
            (metadata.row_group(one).total_byte_size for one in range(metadata.num_row_groups)), default=0
        )
    if largest > ROW_GROUP_LIMIT:
        raise _too_large(largest)
    return TableFile(tuple(schema.names), partial(_batches, path))


@contextmanager
def _opened(path: Path, dictionaries: Sequence[str] = ()) -> Generator[Any]:
    """The file, whose pages are compared with their checksums. Raises ``Invalid`` where it is damaged."""
    import pyarrow as pa  # noqa: PLC0415 - large; loaded where a Parquet file is read
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        with pq.ParquetFile(path, read_dictionary=dictionaries, page_checksum_verification=True) as file:
            yield file
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise Invalid(
            _("The Parquet file cannot be read: {error}.", error=str(error).strip().rstrip("."))
        ) from None


def _too_large(size: int) -> Invalid:
    return Invalid(
        _("A row group of the Parquet file takes {megabytes} MB; write groups of at most {most} MB.",
          megabytes=size // 1_000_000, most=ROW_GROUP_LIMIT // 1_000_000)
    )  # fmt: skip


def _batches(path: Path, size: int) -> Iterator[TableBatch]:
    start = 1
    with _opened(path, _long_texts(path)) as file:
        for batch in map(_for_python, file.iter_batches(batch_size=size)):
            weights = dict[str, int]()
            yield TableBatch(
                range(start, start + batch.num_rows),
                {},
                partial(_column, batch, weights),
                partial(_rows, batch, weights),
            )
            start += batch.num_rows


def _long_texts(path: Path) -> list[str]:
    """The stored columns of texts that are read as dictionaries: the longest, until the others fit in a row.

    The file holds such a text once, where it may stand in every row, whose copies would fill the memory.
    """
    with _opened(path) as file:
        stored = [file.schema.column(one) for one in range(len(file.schema))]
        texts = [one.path for one in stored if one.physical_type == "BYTE_ARRAY"]
        nested = {one.path for one in stored} - {*file.schema_arrow.names}
        groups = file.metadata.num_row_groups
    longest = dict.fromkeys(texts, 0)
    with _opened(path, texts) as file:
        for group in range(groups if texts else 0):
            # With the first row of a group comes the whole of its dictionaries.
            with closing(file.iter_batches(1, [group], texts)) as rows:
                for batch in islice(rows, 1):
                    leaves = [leaf for cells in batch.columns for leaf in _leaves(cells)]
                    if len(leaves) != len(texts):
                        return texts
                    for name, leaf in zip(texts, leaves, strict=True):
                        longest[name] = max(longest[name], _longest(leaf))
    together, found = 0, list[str]()
    for name in sorted(longest, key=longest.__getitem__):
        together += longest[name]
        # Of lists and objects a row may hold any number.
        if together > ROW_TEXTS or (name in nested and longest[name] > SHORT):
            found.append(name)
    return found


def _leaves(cells: Any) -> Iterator[Any]:
    """The stored columns of texts that the cells are made of, in their order."""
    import pyarrow as pa  # noqa: PLC0415

    kind = pa.types
    if isinstance(cells.type, pa.BaseExtensionType):
        yield from _leaves(cells.storage)
    elif kind.is_dictionary(cells.type):
        if _is_text(cells.type.value_type):
            yield cells
    elif kind.is_struct(cells.type):
        for part in cells.flatten():
            yield from _leaves(part)
    elif kind.is_map(cells.type):
        pairs = pa.StructArray.from_arrays([cells.keys, cells.items], ["key", "value"])
        yield from _leaves(pa.ListArray.from_arrays(cells.offsets, pairs))
    elif kind.is_nested(cells.type):
        yield from _leaves(cells.flatten())
    elif _is_text(cells.type):
        yield cells


def _longest(texts: Any) -> int:
    return _compute().max(_lengths(texts)).as_py() or 0


def _lengths(texts: Any) -> Any:
    """The lengths of texts, each different one once."""
    import pyarrow as pa  # noqa: PLC0415

    values = texts.dictionary if pa.types.is_dictionary(texts.type) else texts
    return _compute().binary_length(values)


def _compute() -> Any:
    import pyarrow.compute  # noqa: PLC0415

    return pyarrow.compute  # its functions are made when it is imported


def _check_weight(batch: Any, name: str, cells: Any, weights: dict[str, int]) -> None:
    """Raise ``Invalid`` where the texts of so many rows would fill the memory, each in its place."""
    weights[name] = sum(_weight(leaf) for leaf in _leaves(cells))
    if sum(weights.values()) > BATCH_TEXTS:
        raise Invalid(
            _("{count} rows of the Parquet file hold {megabytes} MB of texts; at most {most} MB are read "
              "together. Leave out columns that are not needed.",
              count=batch.num_rows, megabytes=sum(weights.values()) // 1_000_000,
              most=BATCH_TEXTS // 1_000_000)
        )  # fmt: skip


def _weight(texts: Any) -> int:
    import pyarrow as pa  # noqa: PLC0415

    lengths = _lengths(texts)
    if pa.types.is_dictionary(texts.type):
        lengths = lengths.take(texts.indices)
    return _compute().sum(lengths.cast(pa.int64())).as_py() or 0


def _is_text(type_: Any) -> bool:
    return str(type_) in TEXTS


def _rows(batch: Any, weights: dict[str, int], chosen: Sequence[int]) -> Sequence[TableRow]:
    # By columns, so that a text that stands in many rows is in memory once.
    some, names = batch.take(list(chosen)), batch.schema.names
    cells = [_column(some, weights.copy(), name).values() for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]


def _column(batch: Any, weights: dict[str, int], name: str) -> DictionaryColumn:
    from pyarrow.types import is_dictionary, is_integer, is_string  # noqa: PLC0415

    places = batch.schema.get_all_field_indices(name)
    if not places:
        return constant(None, batch.num_rows)
    cells = batch.column(places[-1])
    _check_weight(batch, name, cells, weights)
    if is_dictionary(cells.type) and _is_text(cells.type.value_type):
        return _texts(name, cells)
    if is_string(cells.type) or is_integer(cells.type):
        encoded = cells.dictionary_encode(null_encoding="encode")
        return DictionaryColumn(_python_values(encoded.dictionary), encoded.indices.to_pylist())
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
    return DictionaryColumn(_python_values(values), used.indices.to_pylist())


def _python_values(values: Any) -> list[Any]:
    """The values; texts that are no UTF-8, whatever their type says, as their bytes."""
    import pyarrow as pa  # noqa: PLC0415

    try:
        return values.to_pylist()
    except UnicodeDecodeError:
        return [_decoded(one) for one in values.cast(pa.binary()).to_pylist()]


def _decoded(text: bytes | None) -> str | bytes | None:
    try:
        return None if text is None else text.decode()
    except UnicodeDecodeError:
        return text


def _for_python(batch: Any) -> Any:
    """The batch in types whose values Python has."""
    import pyarrow as pa  # noqa: PLC0415

    names = batch.schema.names
    return pa.RecordBatch.from_arrays([_as_python_has_it(cells) for cells in batch.columns], names)


def _as_python_has_it(cells: Any) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    kind, given = pa.types, cells.type
    if kind.is_dictionary(given) and not _is_text(given.value_type):
        return _as_python_has_it(cells.dictionary_decode())
    if str(given) in ("string_view", "binary_view"):  # which Arrow cannot take rows of
        return cells.cast(pa.string() if str(given) == "string_view" else pa.binary())
    if kind.is_large_string(given):
        return cells.cast(pa.large_binary()).cast(pa.binary()).view(pa.string())  # also what is no UTF-8
    if kind.is_time64(given):
        return cells.cast(pa.time64("us"), safe=False)
    if kind.is_duration(given):  # those of seconds may be longer than Python's
        return cells.cast(pa.duration("us"), safe=False)
    if kind.is_timestamp(given) and given.unit == "ns":
        # Python's moments have no nanoseconds; asking for them fails.
        return cells.cast(pa.timestamp("us", given.tz), safe=False)
    if (kind.is_timestamp(given) or kind.is_date(given)) and not in_calendar(cells):
        # As texts: those that Python's calendar has are read as ever, the others are no moments.
        zone = "UTC" if kind.is_timestamp(given) and given.tz is not None else None
        return (cells.cast(pa.timestamp(given.unit, zone)) if zone else cells).cast(pa.string())
    return cells
