"""``python workbook_process.py FILE SHEET BYTES``: a workbook's rows as JSON lines, in a process of its own.

A workbook of two cells can be as large as memory: the library that reads it
makes room for all between them, and ends the process where there is none.
Imports nothing of Bilan, so that it starts at once. See docs/decisions/076.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

ROWS, EMPTY, SEVERAL, BROKEN = 0, 3, 4, 5
"""How it ends: with the rows, or with nothing, the names of the sheets or a sentence instead of them."""
SECONDS = 120
"""Of processor time."""


def main(path: str, sheet: str, memory: int) -> int:
    """Write the rows of the sheet, or of the only one that has any."""
    _limit(memory)
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - within the limit

    try:
        book = CalamineWorkbook.from_path(path)
    except CalamineError as error:
        sys.stdout.write(str(error))
        return BROKEN
    names = book.sheet_names
    found: list[list[Any]] | None = None
    for name in [sheet] if sheet in names else [] if sheet else names:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        if any(cell != "" for row in rows for cell in row):
            if found is not None:
                found = None
                break
            found = rows
    else:
        if found is None and not (sheet and sheet not in names):
            return EMPTY
    if found is None:
        sys.stdout.write(json.dumps(names))
        return SEVERAL
    for row in found:
        while row and row[-1] == "":
            row.pop()
        sys.stdout.write(json.dumps(row, default=_tagged) + "\n")
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
