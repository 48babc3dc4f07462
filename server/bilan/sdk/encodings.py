"""Text files of unknown encoding."""

from __future__ import annotations

import codecs
import io
from pathlib import Path

from bilan.sdk.containers import DAMAGED, HEAD, damaged, open_bytes
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""The longer first: one begins like another."""


def open_text(path: Path) -> io.TextIOWrapper:
    """The file's text, its line ends untouched. Raises ``Invalid`` where it is no text."""
    encoding = encoding_of(path)
    return io.TextIOWrapper(open_bytes(path), encoding=encoding, newline="")


def encoding_of(path: Path) -> str:
    """UTF-8 or UTF-16, each with or without a mark; else what older Western programs write."""
    try:
        return _encoding_of(path)
    except DAMAGED as error:
        raise damaged(error) from None


def _encoding_of(path: Path) -> str:
    with open_bytes(path) as file:
        head = file.read(HEAD)
    for mark, encoding in MARKS.items():
        if head.startswith(mark):
            return encoding
    if unmarked := _utf16(head):
        return unmarked
    for encoding in ("utf-8-sig", "cp1252"):
        if _reads_as(path, encoding):
            return encoding
    if b"\x00" in head:
        raise Invalid(_("The file is no text, and nothing else that is known."))
    return "latin-1"


def _utf16(head: bytes) -> str:
    """UTF-16 without a mark shows by the zeros in every second byte of plain letters."""
    half, even, odd = len(head) // 2, head[::2].count(0), head[1::2].count(0)
    if odd * 3 > half and odd > 4 * even:
        return "utf-16-le"
    return "utf-16-be" if even * 3 > half and even > 4 * odd else ""


def _reads_as(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with open_bytes(path) as file:
        try:
            while chunk := file.read(1 << 20):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True
