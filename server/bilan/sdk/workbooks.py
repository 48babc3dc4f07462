"""Workbooks of office programs: Excel's of every age, and OpenDocument's."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from bilan.sdk import workbook_process
from bilan.sdk.errors import Invalid
from bilan.sdk.headers import header_of
from bilan.sdk.table_batches import TableFile, TableRow, UnreadableRow, object_batches, uneven
from bilan.sdk.textdomain import _

MEMORY = 2 * 1024**3
"""Bytes that the process may take that reads a workbook."""


def workbook(path: Path, sheet: str) -> TableFile:
    """The table on a sheet, or on the only one that has any. Raises ``Invalid`` with the sheets' names."""
    rows = _rows(path, sheet)
    header = header_of([[_written(cell) for cell in row] for row in rows[:100]])
    columns = tuple(header.columns)
    wide = len(columns)

    def read() -> Iterator[tuple[int, TableRow | UnreadableRow]]:
        for number, row in enumerate(rows[header.row + 1 :], start=header.row + 2):
            cells = list(map(_plain, row))
            if any(cell != "" for cell in cells[wide:]):
                yield number, uneven(json.dumps(cells, default=str), len(cells), wide)
            elif any(cell != "" for cell in cells):
                yield number, dict(zip(columns, cells, strict=False))

    return TableFile(columns, lambda size: object_batches(read(), size), header.skipped)


def _rows(path: Path, sheet: str) -> Sequence[Sequence[Any]]:
    script = str(Path(workbook_process.__file__))
    command = [sys.executable, "-I", script, str(path), sheet, str(MEMORY)]
    with tempfile.TemporaryFile() as made, tempfile.TemporaryFile() as said:
        code = subprocess.run(command, stdout=made, stderr=said, check=False).returncode  # noqa: S603 - ours
        made.seek(0)
        match code:
            case workbook_process.ROWS:
                return [json.loads(line, object_hook=workbook_process.cell_of) for line in made]
            case workbook_process.EMPTY:
                raise Invalid(_("The file is empty."))
            case workbook_process.SEVERAL:
                raise _which(json.loads(made.read()))
            case workbook_process.BROKEN:
                error = made.read().decode("utf-8", "replace")
                raise Invalid(_("The workbook cannot be read: {error}.", error=error))
            case _:
                # Whatever ended it in mid-work wanted memory, or more time than any table takes.
                raise Invalid(
                    _("Reading the workbook takes more than the {megabytes} MB of memory that are allowed; "
                      "save its table as CSV.", megabytes=MEMORY // 1024**2)
                )  # fmt: skip


def _which(names: Sequence[str]) -> Invalid:
    text = _("The workbook has several sheets; say which one to read: {names}.", names=", ".join(names))
    return Invalid(text, ("sheet",))


def _plain(cell: Any) -> Any:
    """A cell as values are read: whole numbers without the decimals that workbooks give them."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return int(cell)
    return cell if isinstance(cell, str | int | float | bool | datetime | date) else str(cell)


def _written(cell: Any) -> str:
    return "" if isinstance(cell, timedelta) else str(_plain(cell))
