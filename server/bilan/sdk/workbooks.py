"""Workbooks of office programs: Excel's of every age, and OpenDocument's."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from bilan.sdk import workbook_process
from bilan.sdk.errors import Invalid
from bilan.sdk.headers import header_of
from bilan.sdk.table_batches import (
    Passed,
    TableBatch,
    TableFile,
    TableRow,
    UnreadableRow,
    object_batches,
    uneven,
)
from bilan.sdk.textdomain import _

MEMORY = 2 * 1024**3
"""Bytes that the process may take that reads a workbook."""
PIECE = 1024 * 1024
LOOKED_AT = 100
"""So many rows are looked at to find the header."""
Row = Sequence[Any]


def workbook(path: Path, sheet: str) -> TableFile:
    """The table on a sheet, or on the only one that has any. Raises ``Invalid`` with the sheets' names."""
    rows = _Rows(_written_by_process(path, sheet))
    header = header_of([[_written(cell) for cell in row] for row in islice(rows, LOOKED_AT)])
    columns = tuple(header.columns)
    wide = len(columns)

    def batches(size: int) -> Iterator[TableBatch]:
        passed = Passed()
        return object_batches(read(passed), size, passed)

    def read(passed: Passed) -> Iterator[tuple[int, TableRow | UnreadableRow]]:
        below = islice(rows, header.row + 1, None)
        for number, row in enumerate(below, start=header.row + 2):
            cells = list(map(_plain, row))
            passed.characters += sum(len(cell) for cell in cells if isinstance(cell, str))
            if any(cell != "" for cell in cells[wide:]):
                yield number, uneven(json.dumps(cells, default=str), len(cells), wide)
            elif any(cell != "" for cell in cells):
                yield number, dict(zip(columns, cells, strict=False))

    return TableFile(columns, batches, header.skipped)


class _Rows:
    """The rows of a sheet, which can be gone through again and again: on the disk, as there may be many."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        # Not by __del__: in a cycle the file may go first, unclosed.
        weakref.finalize(self, file.close)

    def __iter__(self) -> Iterator[Row]:
        place, rest = 0, b""
        # By place, as several may go through it at once.
        while piece := os.pread(self._file.fileno(), PIECE, place):
            place += len(piece)
            *lines, rest = (rest + piece).split(b"\n")
            yield from (json.loads(line, object_hook=workbook_process.cell_of) for line in lines)


def _written_by_process(path: Path, sheet: str) -> BinaryIO:
    script = str(Path(workbook_process.__file__))
    command = [sys.executable, "-I", script, str(path), sheet, str(MEMORY)]
    made = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the rows
    try:
        code = subprocess.run(command, stdout=made, stderr=subprocess.DEVNULL, check=False).returncode  # noqa: S603 - ours
        if code == workbook_process.ROWS:
            return made
        made.seek(0)
        raise _refused(code, made.read().decode("utf-8", "replace"))
    except BaseException:
        made.close()
        raise


def _refused(code: int, told: str) -> Exception:
    """Why there are no rows."""
    match code:
        case workbook_process.EMPTY:
            return Invalid(_("The file is empty."))
        case workbook_process.SEVERAL:
            return _which(json.loads(told))
        case workbook_process.BROKEN:
            return Invalid(_("The workbook cannot be read: {error}.", error=told))
        case workbook_process.FULL:
            return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        case workbook_process.CELLS:
            return Invalid(
                _("The sheet has {count} cells, the empty ones between others counted; of workbooks at most "
                  "{most} are read. Save its table as CSV.",
                  count=int(told), most=workbook_process.CELLS_LIMIT)
            )  # fmt: skip
        case workbook_process.LARGE:
            return Invalid(
                _("The texts of the sheet take more than {megabytes} MB, the most that is read of workbooks; "
                  "save its table as CSV.", megabytes=workbook_process.WRITTEN_LIMIT // 1024**2)
            )  # fmt: skip
        case workbook_process.LONG:
            return Invalid(
                _("A row of the sheet takes more than {megabytes} MB; save its table as CSV.",
                  megabytes=workbook_process.ROW_LIMIT // 1024**2)
            )  # fmt: skip
        case _ if code == -signal.SIGXCPU:
            return Invalid(
                _("Reading the workbook takes longer than {seconds} seconds; save its table as CSV.",
                  seconds=workbook_process.SECONDS)
            )  # fmt: skip
        case _:
            # Whatever else ended it in mid-work wanted memory.
            return Invalid(
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
