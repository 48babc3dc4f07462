"""Whether a file names somebody: as it is, and in what is packed in it."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from bilan.contacts.forms import Forms

DEEPEST = 4
"""So many archives in archives are opened."""
OVERLAP = 2_048
"""Bytes that two pieces share, so that nothing is cut in two."""
LARGEST = 256 * 1024**2
"""Bytes of a file that are held at once, to be opened."""
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, pa.ArrowException, OSError, EOFError, NotImplementedError, RuntimeError,
)  # fmt: skip
PDF_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


def names(chunks: Iterable[bytes], forms: Forms) -> bool:
    """Whether a file, given in pieces, holds a form of them. Blocking."""
    start, rest = b"", b""
    size = 0
    for chunk in chunks:
        if forms.inside(rest + chunk):
            return True
        rest = chunk[-OVERLAP:]
        size += len(chunk)
        if size <= LARGEST:
            start += chunk
    return size <= LARGEST and any(names_inside(one, forms, 1) for one in _packed(start))


def names_inside(data: bytes, forms: Forms, depth: int) -> bool:
    """Whether bytes hold a form, or what is packed in them does."""
    if forms.inside(data):
        return True
    return depth < DEEPEST and any(names_inside(one, forms, depth + 1) for one in _packed(data))


def _packed(data: bytes) -> Iterator[bytes]:
    """What is packed in a file: members of an archive, streams of a PDF, columns of a Parquet file."""
    try:
        if data.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                yield from (archive.read(name) for name in archive.namelist())
        elif data.startswith(b"\x1f\x8b"):
            yield gzip.decompress(data)
        elif data.startswith(b"%PDF"):
            for stream in PDF_STREAM.findall(data):
                yield zlib.decompressobj().decompress(stream)
        elif data.startswith(b"PAR1"):
            table = pq.read_table(pa.BufferReader(data))
            yield "\n".join(str(value) for column in table.columns for value in column.to_pylist()).encode()
    except (
        zipfile.BadZipFile,
        OSError,
        zlib.error,
        EOFError,
        pa.ArrowException,
        NotImplementedError,
        RuntimeError,
    ):
        return  # what is broken, or locked with a password, is searched as it is
