"""CSV of any maker: delimiters, titles before the header, and quotes that are never closed."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice

from bilan.sdk.columns import constant, encode
from bilan.sdk.headers import Header, header_of
from bilan.sdk.table_batches import OpenText, Passed, TableBatch, TableFile, UnreadableRow, parts, uneven
from bilan.sdk.textdomain import _

DELIMITERS = (",", ";", "\t", "|")
RARE = (":", "^", "~", "\x1f")
"""Delimiters that stand in values too: used where no other makes columns."""
SAMPLE = 65_536
"""So many characters are looked at to find the delimiter."""
SEPARATOR = re.compile(r"\ufeff?sep=(.)\r?\n?", re.IGNORECASE)
"""The line with which programs tell Excel the delimiter."""
CHUNK_LINES = 2_000
"""So many lines are parsed together while each of them is a row."""
CHUNK_CHARACTERS = 8 * 1024**2
"""Characters after which no more lines are taken together, nor to the same row."""
LOOKED_AT = 200
"""So many rows are looked at to find the header."""
RECORD_LINES = 1_000
"""The most lines of one row: a cell may hold line breaks, a forgotten quote the rest of the file."""

Numbered = tuple[int, list[str] | UnreadableRow]


def csv_table(text: OpenText) -> TableFile:
    """The table in a text."""
    with text() as file:
        sample = file.read(SAMPLE)
    said = SEPARATOR.match(sample)
    delimiter = said.group(1) if said else delimiter_of(sample)
    with text() as file:
        first = [cells for _number, cells in islice(_Records(file, delimiter, Passed()), LOOKED_AT)]
    header = header_of([cells if isinstance(cells, list) else [] for cells in first])
    return TableFile(header.columns, partial(_batches, text, delimiter, header), header.skipped)


def delimiter_of(sample: str) -> str:
    """The delimiter under which most rows are as wide as most; a comma where there is none."""
    for offered in (DELIMITERS, RARE):
        scores = {delimiter: _score(sample, delimiter) for delimiter in offered}
        best = max(offered, key=lambda delimiter: scores[delimiter])
        if scores[best][1] and (offered is DELIMITERS or scores[best][0] == 1):
            return best
    return ","


def _score(sample: str, delimiter: str) -> tuple[float, int]:
    try:
        rows = [row for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if row]
    except csv.Error:
        return 0.0, 0
    if len(sample) >= SAMPLE:
        rows = rows[:-1]
    widths = Counter(map(len, rows))
    wide = {width: count for width, count in widths.items() if width > 1}
    if not wide:
        return 0.0, 0
    width = max(wide, key=lambda width: (wide[width], width))
    return wide[width] / len(rows), width


def _batches(text: OpenText, delimiter: str, header: Header, size: int) -> Iterator[TableBatch]:
    columns = header.columns
    # Cells beyond the last column are empty.
    places = {name: place for place, name in enumerate(columns)}
    with text() as file:
        passed = Passed()
        for numbers, rows, unreadable in parts(_rows(file, delimiter, header, passed), size, passed):
            yield TableBatch(
                numbers,
                unreadable,
                lambda name, rows=rows: (
                    encode([row[places[name]] for row in rows])
                    if name in places
                    else constant(None, len(rows))
                ),
                lambda chosen, rows=rows: [dict(zip(columns, rows[one], strict=False)) for one in chosen],
            )


def _rows(file: io.TextIOWrapper, delimiter: str, header: Header, passed: Passed) -> Iterator[Numbered]:
    """The rows below the header, each with the number of its first line in the file."""
    wide = len(header.columns)
    records = _Records(file, delimiter, passed)
    for place, (number, cells) in enumerate(records):
        if place == header.row:
            records.wide = wide
        if place <= header.row:
            continue
        if isinstance(cells, UnreadableRow) or len(cells) == wide or _is_padded(cells, wide):
            yield number, cells
        else:
            yield number, uneven(json.dumps(cells, ensure_ascii=False), len(cells), wide)


def _is_padded(cells: list[str], wide: int) -> bool:
    return len(cells) > wide and not any(cells[wide:])


class _Records:
    """The rows of a file with the numbers of their first lines; a line without anything is no row.

    A row of several lines is looked at closely. Where a quote was forgotten,
    its first line is unreadable, and those that it ate are read again.
    """

    def __init__(self, file: io.TextIOWrapper, delimiter: str, passed: Passed) -> None:
        self._file = file
        self._passed = passed
        self._delimiter = delimiter
        cell = rf'(?:"[^"]*(?:""[^"]*)*"|[^"\r\n{re.escape(delimiter)}]*)'
        self._row = re.compile(rf"{cell}(?:{re.escape(delimiter)}{cell})*[\r\n]*")
        self._again = deque[str]()
        self._number = 1
        self.wide: int | None = None
        """How many cells a row has, once that is known."""

    def __iter__(self) -> Iterator[Numbered]:
        while lines := self._take():
            rows = self._parsed(lines)
            if len(rows) == len(lines) and not any(map(self._is_doubtful, lines)):
                for number, cells in enumerate(rows, start=self._number):
                    if cells and not (number == 1 and SEPARATOR.fullmatch(lines[0])):
                        yield number, cells
                self._number += len(lines)
            else:
                self._again.extendleft(reversed(lines))
                while self._again:
                    yield from self._one()

    def _take(self) -> list[str]:
        """Some lines, as many as it takes to close the quotes of the last."""
        lines, most = list[str](), self._passed.characters + CHUNK_CHARACTERS
        for line in islice(self._lines(), CHUNK_LINES):
            lines.append(line)
            if self._passed.characters >= most:
                break
        most += CHUNK_CHARACTERS
        while lines and lines[-1].count('"') % 2 and len(lines) < CHUNK_LINES + RECORD_LINES:
            if self._passed.characters >= most:
                break
            if (line := next(self._lines(), None)) is None:
                break
            lines.append(line)
        return lines

    def _lines(self) -> Iterator[str]:
        while self._again:
            yield self._again.popleft()
        for line in self._file:
            self._passed.characters += len(line)
            yield line

    def _parsed(self, lines: Sequence[str]) -> list[list[str]]:
        try:
            rows = list(csv.reader(lines, delimiter=self._delimiter))
        except csv.Error:
            return [[]] if len(lines) > 1 else []
        # The last line may open a quote that nothing closes.
        return rows if rows and not self._is_open(lines[-1]) else rows[:-1]

    def _is_open(self, line: str) -> bool:
        if line.count('"') % 2 == 0:
            return False
        with_more = list(csv.reader([line, "x"], delimiter=self._delimiter))
        return len(with_more) == 1

    def _is_doubtful(self, line: str) -> bool:
        """Whether a line has quoted cells and one quote too many: nobody can tell which of them it is."""
        return line.count('"') % 2 == 1 and (line.startswith('"') or f'{self._delimiter}"' in line)

    def _one(self) -> Iterator[Numbered]:
        """The next row, which may have several lines."""
        taken, characters = list[str](), 0
        for line in self._lines():
            taken.append(line)
            characters += len(line)
            if len(taken) == 1 and not self._is_open(line):
                break
            if len(taken) > 1 and (
                line.count('"') % 2 or len(taken) >= RECORD_LINES or characters >= CHUNK_CHARACTERS
            ):
                break
        number, cells = self._number, self._closed(taken)
        if cells is None:
            first, *rest = taken
            self._again.extendleft(reversed(rest))
            self._number += 1
            yield number, UnreadableRow(_("This row opens a quote that is not closed."), first.rstrip("\r\n"))
            return
        self._number += len(taken)
        if cells and not (number == 1 and SEPARATOR.fullmatch(taken[0])):
            yield number, cells

    def _closed(self, taken: Sequence[str]) -> list[str] | None:
        """The cells of one row, nothing where its lines are no single row."""
        if not taken:
            return []
        several = len(taken) > 1
        # Python's reader also takes a quote in the middle of a cell, such as the forgotten one's twin.
        if not self._row.fullmatch("".join(taken)) if several else self._is_doubtful(taken[0]):
            return None
        try:
            rows = list(csv.reader(taken, delimiter=self._delimiter, strict=several))
        except csv.Error:
            return None
        if len(rows) != 1 or (not several and self._is_open(taken[0])):
            return None
        (cells,) = rows
        wide = self.wide if self.wide is not None else len(cells)
        return None if several and len(cells) != wide and not _is_padded(cells, wide) else cells
