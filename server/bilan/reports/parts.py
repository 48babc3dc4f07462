"""Long tables outside their document: gzip files of JSON lines, one row a line.

The same rows give the same bytes, so a part is kept once however often a
report is built from unchanged facts. See docs/decisions/019.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from bilan.files import Files, Stored
from bilan.sdk.document import Document, Part, Table, Value
from bilan.sdk.rendering import Rows
from bilan.sdk.walk import tables_of

IN_DOCUMENT = 1_000
"""So many rows stay in the document; with one more they all move out."""
BATCH = 512
"""Rows that are encoded and compressed at a time."""

Put = Callable[[Iterable[bytes]], Stored]
"""Keeps a file by its chunks: ``Files.put_blocking`` and whatever looks like it."""

_GZIP = 16 + zlib.MAX_WBITS
_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(list[Value])


def keep(table: Table, rows: Iterable[list[Any]], put: Put) -> Table:
    """The table with these rows: in the document while they are few, else in a part.

    The rows are read once; while they go to the part, one batch of them is in memory.
    """
    source = iter(rows)
    first = list(itertools.islice(source, IN_DOCUMENT + 1))
    if len(first) <= IN_DOCUMENT:
        return replace(table, rows=first, part=None)
    number = 0

    def counted() -> Iterator[list[Any]]:
        nonlocal number
        for row in itertools.chain(first, source):
            number += 1
            yield row

    stored = put(_compressed(counted()))
    return replace(table, rows=[], part=Part(stored.sha256, number, stored.size))


def read(chunks: Iterable[bytes]) -> Iterator[list[Value]]:
    """The rows of a part, from the chunks of its file."""
    inflate = zlib.decompressobj(_GZIP)
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + inflate.decompress(chunk)).split(b"\n")
        yield from map(_decoder.decode, lines)


def rows_of(files: Files) -> Rows:
    """All rows of a table, wherever they are kept. Raises ``NotFound`` once a part has been removed."""

    def rows(table: Table) -> Iterator[list[Any]]:
        return iter(table.rows) if table.part is None else read(files.open(table.part.sha256))

    return rows


def parts_of(document: Document) -> frozenset[str]:
    """The files that hold the document's long tables."""
    return frozenset(one.part.sha256 for one in tables_of(document.blocks) if one.part is not None)


def counted(document: Document) -> dict[str, int]:
    """How many tables and rows it has."""
    tables = list(tables_of(document.blocks))
    return {
        "tables": len(tables),
        "rows": sum(one.part.rows if one.part else len(one.rows) for one in tables),
    }


def _compressed(rows: Iterable[list[Any]]) -> Iterator[bytes]:
    # zlib's own gzip header holds no time and no name.
    deflate = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    for batch in _batches(rows):
        if chunk := deflate.compress(_encoder.encode_lines(batch)):
            yield chunk
    yield deflate.flush()


def _batches(rows: Iterable[list[Any]]) -> Iterator[list[list[Any]]]:
    source = iter(rows)
    while batch := list(itertools.islice(source, BATCH)):
        yield batch
