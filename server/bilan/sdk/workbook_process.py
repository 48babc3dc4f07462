"""``python workbook_process.py FILE SHEET BYTES``: a workbook's rows as JSON lines, in a process of its own.

A workbook of two cells can be as large as memory: the library that reads it
makes room for all between them, and ends the process where there is none.
Imports nothing of Bilan, so that it starts at once. See docs/decisions/076.
"""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

ROWS, EMPTY, SEVERAL, BROKEN, CELLS, LARGE, FULL, LONG = 0, 3, 4, 5, 6, 7, 8, 9
"""How it ends: with the rows, or with nothing, the names of the sheets or a sentence instead of them.

Or with the number of cells where those are too many, without a word where their texts
are too long together, in all rows or in one, and where the disk has no room for them.
"""
SECONDS = 60
"""Of processor time."""
CELLS_LIMIT = 5_000_000
"""Cells of the largest sheet, the empty ones between others too: a million rows of five."""
WRITTEN_LIMIT = 512 * 1024**2
"""Bytes of all rows as they are written: one text may stand in every cell, and the workbook holds it once."""
ROW_LIMIT = 4 * 1024**2
"""Bytes of one row as it is written, which is read again in one call."""

Row = list[Any]


def main(path: str, sheet: str, memory: int) -> int:
    """Write the rows of the sheet, or of the only one that has any."""
    _limit(memory)
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - within the limit

    try:
        book = CalamineWorkbook.from_path(path)
        names = book.sheet_names
        found: list[Any] = []
        for name in [sheet] if sheet in names else [] if sheet else names:
            one = book.get_sheet_by_name(name)
            last_row, last_column = one.end or (-1, -1)
            if (cells := (last_row + 1) * (last_column + 1)) > CELLS_LIMIT:
                sys.stdout.write(str(cells))
                return CELLS
            if any(cell != "" for row in one.iter_rows() for cell in row):
                found.append(one)
            if len(found) > 1:
                break
        if not found and not (sheet and sheet not in names):
            return EMPTY
        if len(found) != 1:
            sys.stdout.write(json.dumps(names))
            return SEVERAL
        return _write(_rows(found[0]))
    except CalamineError as error:
        sys.stdout.write(str(error))
        return BROKEN
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return FULL
        raise


def _rows(sheet: Any) -> Iterator[Row]:
    """The rows from the sheet's first cell on: the library leaves out empty columns before all others."""
    _above, left = sheet.start or (0, 0)
    margin = [""] * left
    return (margin + row for row in sheet.iter_rows())


def _write(rows: Iterator[Row]) -> int:
    written = 0
    for row in rows:
        while row and row[-1] == "":
            row.pop()
        line = json.dumps(row, default=_tagged) + "\n"
        written += len(line)  # all of it is ASCII
        if written > WRITTEN_LIMIT:
            return LARGE
        if len(line) > ROW_LIMIT:
            return LONG
        sys.stdout.write(line)
    sys.stdout.flush()
    return ROWS


def cell_of(tagged: dict[str, Any]) -> Any:
    """The cell behind what JSON has no word for."""
    ((kind, written),) = tagged.items()
    if kind == "span":
        return timedelta(seconds=written)
    return {"at": datetime, "on": date, "time": time}[kind].fromisoformat(written)


def _tagged(cell: Any) -> dict[str, Any]:
    if isinstance(cell, timedelta):
        return {"span": cell.total_seconds()}
    kind = "at" if isinstance(cell, datetime) else "on" if isinstance(cell, date) else "time"
    return {kind: cell.isoformat()}


def _limit(memory: int) -> None:
    try:
        import resource  # noqa: PLC0415 - not everywhere
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
