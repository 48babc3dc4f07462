"""Names that were hashed before the tables were published, as numbered words: nobody reads a hash."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

HASHED = re.compile(r"[A-Za-z0-9+/]{22}==")
"""Sixteen bytes in base64."""
WORDS: Mapping[str, str] = {
    "name": "Campaign {}",
    "subject": "Subject {}",
    "app_name": "App {}",
    "url": "https://example.com/page-{}",
    "browser": "Browser {}",
}
"""What takes a hash's place in a column; elsewhere it stays."""


class Readable:
    """Writes tables with words for hashes, the same word for the same hash in all of them."""

    def __init__(self) -> None:
        self._numbers = defaultdict(dict[str, int])

    def write(self, table: Path, folder: Path) -> Path:
        """The table's copy in the folder."""
        copy = folder / table.name
        with (
            table.open(newline="", encoding="utf-8") as read,
            copy.open("w", newline="", encoding="utf-8") as out,
        ):
            rows = csv.reader(read)
            header = next(rows)
            writer = csv.writer(out)
            writer.writerow(header)
            for row in rows:
                writer.writerow(self._cell(name, cell) for name, cell in zip(header, row, strict=True))
        return copy

    def _cell(self, column: str, cell: str) -> str:
        if column not in WORDS or not HASHED.fullmatch(cell):
            return cell
        numbers = self._numbers[column]
        return WORDS[column].format(numbers.setdefault(cell, len(numbers) + 1))
