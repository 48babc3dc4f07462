"""Several files as one, streamed, with the same bytes each time: no clock, no owner, no names of machines.

See docs/decisions/022.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from typing import BinaryIO

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date a ZIP can hold."""
LEVEL = 6
IN_MEMORY = 4 * 1024**2

Writer = Callable[[BinaryIO], None]
Files = Iterable[tuple[str, Writer]]


def write_zip(files: Files, out: BinaryIO, *, compressed: bool = True) -> None:
    """A ZIP of the files, in order."""
    method = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(_Forward(out), "w", method, compresslevel=LEVEL) as archive:
        for name, write in files:
            member = zipfile.ZipInfo(name, EPOCH)
            member.compress_type = method
            member.create_system = 3
            member.external_attr = 0o100644 << 16
            with archive.open(member, "w", force_zip64=True) as sink:
                write(sink)  # type: ignore[arg-type]


def write_gzip(write: Writer, out: BinaryIO) -> None:
    """One file, compressed, without a name or a date."""
    with gzip.GzipFile("", "wb", LEVEL, fileobj=out, mtime=0) as sink:
        write(sink)  # type: ignore[arg-type]


def write_tar_gz(files: Files, out: BinaryIO) -> None:
    """A compressed tar of the files, in order. Each goes through a temporary file: tar wants sizes first."""
    with (
        gzip.GzipFile("", "wb", LEVEL, fileobj=out, mtime=0) as sink,
        tarfile.open(fileobj=sink, mode="w|", format=tarfile.GNU_FORMAT) as archive,
    ):
        for name, write in files:
            with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
                write(spool)  # type: ignore[arg-type]
                member = tarfile.TarInfo(name)
                member.size = spool.tell()
                spool.seek(0)
                archive.addfile(member, spool)


class _Forward(io.RawIOBase):
    """Writes on and never back, so that a ZIP has the same bytes in a file, a pipe and a buffer."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        return self._out.write(data)  # type: ignore[arg-type]
