"""Text files of unknown encoding, and the delimiter of a table in one."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
from pathlib import Path
from typing import BinaryIO, cast

DELIMITERS = (",", ";", "\t", "|")
SAMPLE = 65_536
"""So many characters are looked at to find the delimiter."""
GZIP = b"\x1f\x8b"


def open_bytes(path: Path) -> BinaryIO:
    """The file's bytes, unpacked where it is a gzip file."""
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
    return cast("BinaryIO", gzip.open(path, "rb")) if packed else path.open("rb")


def open_text(path: Path) -> io.TextIOWrapper:
    """The file's text, its line ends untouched."""
    encoding = encoding_of(path)
    return io.TextIOWrapper(open_bytes(path), encoding=encoding, newline="")


def encoding_of(path: Path) -> str:
    """UTF-8 (with or without a mark) or UTF-16 with one; else what older Western programs write."""
    with open_bytes(path) as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
    for encoding in ("utf-8-sig", "cp1252"):
        if _reads_as(path, encoding):
            return encoding
    return "latin-1"


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


def delimiter_of(sample: str) -> str:
    """The delimiter under which most rows are as wide as the header; a comma where there is none."""
    scores = {delimiter: _score(sample, delimiter) for delimiter in DELIMITERS}
    return max(DELIMITERS, key=lambda delimiter: scores[delimiter])


def _score(sample: str, delimiter: str) -> tuple[float, int]:
    try:
        rows = [row for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if row]
    except csv.Error:
        return 0.0, 0
    if len(sample) >= SAMPLE:
        rows = rows[:-1]
    if not rows or len(rows[0]) < 2:
        return 0.0, 0
    width = len(rows[0])
    return sum(len(row) == width for row in rows) / len(rows), width
