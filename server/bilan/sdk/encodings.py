"""Text files of unknown encoding: what can be told for sure is read, anything else is asked about.

See docs/decisions/072.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from bilan.sdk.containers import DAMAGED, HEAD, PIECE, CheckedBytes, damaged, open_bytes
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _
from bilan.sdk.western import is_western

MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""The longer first: one begins like another."""
WESTERN = "windows-1252"
CHUNK = 1 << 20
LONGEST = 32 * 1024**2
"""Bytes of the longest line of any text: a whole JSON file may be one."""
LINE_BYTES = 1024 * 1024
"""Bytes of the longest line of a table; the longest cell that is kept has a tenth of it."""


def open_text(path: Path, encoding: str = "", member: str = "") -> io.TextIOWrapper:
    """The file's text, its line ends untouched; ``member`` of an archive of several files.

    ``encoding`` is one that somebody said. Raises ``Invalid`` where the file
    is no text, and with the path ``encoding`` where its encoding cannot be told.
    """
    return opened(path, encoding_of(path, encoding, member), member)


def opened(path: Path, encoding: str, member: str = "", line: int = LONGEST) -> io.TextIOWrapper:
    """The file's text in an encoding that is known to be its own.

    Raises ``Invalid`` while it is read where a line has more than ``line`` bytes.
    """
    lines = io.BufferedReader(_Lines(open_bytes(path, member), line), PIECE)
    return io.TextIOWrapper(lines, encoding=encoding, newline="")


class _Lines(CheckedBytes):
    """Bytes whose lines have a bound. It is about as far past it as a piece is long that one is found out."""

    def __init__(self, inner: BinaryIO, most: int) -> None:
        super().__init__(inner)
        self._most = most
        self._length = 0

    def check(self, piece: bytes) -> None:
        end = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
        self._length = self._length + len(piece) if end < 0 else len(piece) - end - 1
        if self._length > self._most:
            raise Invalid(
                _("A line of the file is longer than {megabytes} MB, the most that is read.",
                  megabytes=round(self._most / 1024**2))
            )  # fmt: skip


def encoding_of(path: Path, wanted: str = "", member: str = "") -> str:
    """The encoding that was asked for, else UTF-8 or UTF-16, each with or without a mark, else windows-1252.

    Raises ``Invalid`` where the text is none of these, or the wanted one does not fit.
    """
    try:
        return _wanted(path, wanted, member) if wanted else _encoding_of(path, member)
    except DAMAGED as error:
        raise damaged(error) from None


def _wanted(path: Path, wanted: str, member: str) -> str:
    try:
        known = codecs.lookup(wanted.strip())
    except (LookupError, ValueError):  # the latter where it holds a NUL
        known = None
    if known is None or not known._is_text_encoding:
        text = _("“{encoding}” is no encoding that is known; write it as windows-1251.", encoding=wanted[:80])
        raise Invalid(text, ("encoding",))
    encoding = "utf-8-sig" if known.name == "utf-8" else known.name.replace("cp125", "windows-125")
    if not _reads_as(path, encoding, member):
        text = _("The file is not written in {encoding}.", encoding=wanted.strip())
        raise Invalid(text, ("encoding",))
    return encoding


def _encoding_of(path: Path, member: str) -> str:
    with open_bytes(path, member) as file:
        head = file.read(HEAD)
    for mark, encoding in MARKS.items():
        if head.startswith(mark):
            return encoding
    if unmarked := _utf16(head):
        return unmarked
    if _reads_as(path, "utf-8-sig", member):
        return "utf-8-sig"
    if b"\x00" in head:
        raise Invalid(_("The file is no text, and nothing else that is known."))
    if _reads_as(path, WESTERN, member) and is_western(_decoded(path, WESTERN, member)):
        return WESTERN
    raise Invalid(
        _("The file's encoding cannot be told: it is neither UTF-8 nor surely {western}. Say which it is, "
          "such as windows-1251 or iso-8859-2, on the import's page or with --encoding.", western=WESTERN),
        ("encoding",),
    )  # fmt: skip


def _utf16(head: bytes) -> str:
    """UTF-16 without a mark shows by the zeros in every second byte of plain letters."""
    half, even, odd = len(head) // 2, head[::2].count(0), head[1::2].count(0)
    if odd * 3 > half and odd > 4 * even:
        return "utf-16-le"
    return "utf-16-be" if even * 3 > half and even > 4 * odd else ""


def _reads_as(path: Path, encoding: str, member: str) -> bool:
    try:
        for _text in _decoded(path, encoding, member):
            pass
    except UnicodeError:
        return False
    return True


def _decoded(path: Path, encoding: str, member: str) -> Iterator[str]:
    """The text in parts. Raises ``UnicodeError`` at the first byte that is none of this encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with open_bytes(path, member) as file:
        while chunk := file.read(CHUNK):
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)
