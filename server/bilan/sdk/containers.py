"""What a file is, whatever it is called: its bytes without the packing around them, or a sentence."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Literal, cast

from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

HEAD = 4096
"""So many bytes are looked at to tell what a file is."""
GZIP, ZIP, OLE, PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1"
PACKED: dict[bytes, Callable[[Path, str], object]] = {
    GZIP: gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
}
MARKUP = re.compile(rb"<(?:\?xml|!--|[a-z][a-z0-9:]*[ />\r\n])")
UNPACKED_LIMIT = 4 * 1024**3
"""Bytes that are unpacked at most, from whatever they were packed with."""
UNPACKED_TIMES = 200
"""So many times its packed size a file may have: tables have ten, rarely fifty."""
DIRECTORY = 256 * 1024
"""Bytes of the list of files of a ZIP archive: some thousands of them."""
UNPACKED_ANYWAY = 64 * 1024**2
"""So many bytes may come of any file, however small it was packed."""
PIECE = 65_536


DAMAGED = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError)
"""What Python raises for packed bytes that cannot be unpacked, the last where it does not know the method."""


Content = Literal["text", "parquet", "workbook"]
"""What is in a file."""


def open_bytes(path: Path, member: str = "") -> BinaryIO:
    """The file's bytes, unpacked where it is a gzip, bzip2 or xz file or a ZIP archive.

    ``member`` names the file to read of an archive of several. Raises
    ``Invalid`` with the names of those there are where it is needed, and
    while the bytes are read where there are far more than were packed.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(ZIP) and not _is_workbook(path):
        return _bounded(_member(path, member), path)
    for magic, unpack in PACKED.items():
        if head.startswith(magic):
            return _bounded(cast("BinaryIO", unpack(path, "rb")), path)
    return path.open("rb")


def _bounded(unpacked: BinaryIO, path: Path) -> BinaryIO:
    return io.BufferedReader(_Unpacked(unpacked, path.stat().st_size), PIECE)


class CheckedBytes(io.RawIOBase, ABC):
    """Bytes that are looked at piece by piece while they are read."""

    def __init__(self, inner: BinaryIO) -> None:
        super().__init__()
        self._inner = inner

    @abstractmethod
    def check(self, piece: bytes) -> None:
        """Raise ``Invalid`` where with this piece there is too much of something."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._inner.read(len(buffer))
        self.check(piece)
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._inner.close()
        super().close()


class _Unpacked(CheckedBytes):
    """Unpacked bytes, of which there may be so many."""

    def __init__(self, inner: BinaryIO, packed: int) -> None:
        super().__init__(inner)
        self._most = min(UNPACKED_LIMIT, max(packed * UNPACKED_TIMES, UNPACKED_ANYWAY))
        self._read = 0

    def check(self, piece: bytes) -> None:
        self._read += len(piece)
        if self._read > self._most:
            raise Invalid(
                _("The file holds more than {megabytes} MB once it is unpacked, too much for its size; "
                  "unpack it first.", megabytes=self._most // 1_000_000)
            )  # fmt: skip


def damaged(error: Exception) -> Invalid:
    """What is said of packed bytes that cannot be unpacked."""
    return Invalid(_("The file is packed and cannot be unpacked: {error}.", error=str(error)))


def is_archive(path: Path) -> bool:
    """Whether the file is a ZIP archive, and no workbook."""
    with path.open("rb") as file:
        return file.read(len(ZIP)) == ZIP and not _is_workbook(path)


def kind_of(path: Path, member: str = "") -> Content:
    """What is in the file. Raises ``Invalid`` with what it is where no table can be read from it."""
    with open_bytes(path, member) as file:
        try:
            head = file.read(HEAD)
        except DAMAGED as error:
            raise damaged(error) from None
    if not head:
        raise Invalid(_("The file is empty."))
    if head.startswith(PARQUET):
        return "parquet"
    if head.startswith(OLE) or (head.startswith(ZIP) and _is_workbook(path)):
        return "workbook"
    if named := _named(head):
        raise Invalid(_("The file is {kind}, not a table, whatever its name says.", kind=named))
    return "text"


def _named(head: bytes) -> str:
    """What the file is, where its first bytes say that it is no table."""
    import filetype  # noqa: PLC0415 - only where a file is imported

    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:256].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<body", b"<meta")):
        return "HTML"
    if MARKUP.match(start):
        return "HTML" if b"<html" in head.lower() else "XML"
    if head.startswith(b"Obj\x01"):
        return "Avro"
    if head.startswith((b"ARROW1", b"FEA1")):
        return "Arrow"
    if head.startswith(b"ORC"):
        return "ORC"
    if head.startswith(b"{\\rtf"):
        return "RTF"
    guessed = filetype.guess(head)
    # Text is never told by its first bytes alone.
    binary = b"\x00" in head or head.startswith((b"%PDF-", b"%!PS"))
    return guessed.extension.upper() if guessed is not None and binary else ""


class _Opening(io.FileIO):
    """A ZIP archive while its list of files is read, which takes a while for each of them."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > DIRECTORY:
            raise Invalid(
                _("The file is a ZIP archive of too many files; pack the one that is to be read alone.")
            )
        return super().read(size)


def _opened_archive(path: Path) -> zipfile.ZipFile:
    """The archive, which is closed with what is returned. Raises ``Invalid`` where it has too many files."""
    with _Opening(path) as file:
        zipfile.ZipFile(file).close()
    return zipfile.ZipFile(path)


def _is_workbook(path: Path) -> bool:
    """Whether a ZIP archive is a workbook of an office program."""
    try:
        with _opened_archive(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False
    return bool(names & {"xl/workbook.xml", "xl/workbook.bin"}) or {"mimetype", "content.xml"} <= names


def _member(path: Path, wanted: str) -> BinaryIO:
    try:
        archive = _opened_archive(path)
    except zipfile.BadZipFile as error:
        raise damaged(error) from None
    with archive:
        members = _members(archive)
        names = [one.filename for one in members]
        chosen = [one for one in members if one.filename == wanted] if wanted else members
        if len(chosen) != 1:
            raise Invalid(
                _("The file is a ZIP archive of {count} files ({names}); say which one to read, "
                  "on the import's page or with --sheet.", count=len(names), names=", ".join(names[:10])),
                ("sheet",),
            )  # fmt: skip
        (member,) = chosen
        if member.flag_bits & 1:
            raise Invalid(_("The file is a ZIP archive with a password; unpack it first."))
        if member.file_size > UNPACKED_LIMIT:
            raise Invalid(_("The file in the ZIP archive is too large; unpack it first."))
        try:
            with archive.open(member) as inside:
                head = inside.read(8)
        except DAMAGED as error:
            raise damaged(error) from None
        if head.startswith((ZIP, OLE, PARQUET, *PACKED)):
            text = _(
                "The file is a ZIP archive of {name}, which is no text; unpack it first.",
                name=member.filename,
            )
            raise Invalid(text)
    return _Member(path, member.filename)


def members_of(path: Path) -> list[str]:
    """The files in a ZIP archive; none for any other file. Raises ``Invalid`` where it is damaged."""
    if not is_archive(path):
        return []
    try:
        with _opened_archive(path) as archive:
            return [one.filename for one in _members(archive)]
    except zipfile.BadZipFile as error:
        raise damaged(error) from None


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [one for one in archive.infolist() if not one.is_dir() and not _is_litter(one.filename)]


def _is_litter(name: str) -> bool:
    """Whether a program packed the file beside those it was asked for."""
    return name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith(".")


class _Member(io.BufferedReader):
    """A member of a ZIP archive, which is closed with it."""

    def __init__(self, path: Path, name: str) -> None:
        self._archive = _opened_archive(path)
        super().__init__(cast("io.RawIOBase", self._archive.open(name)))

    def close(self) -> None:
        super().close()
        self._archive.close()
