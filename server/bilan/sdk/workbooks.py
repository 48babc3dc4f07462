"""Workbooks of office programs: Excel's of every age, and OpenDocument's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from bilan.sdk.errors import Invalid
from bilan.sdk.headers import header_of
from bilan.sdk.table_batches import TableFile, TableRow, UnreadableRow, object_batches, uneven
from bilan.sdk.textdomain import _


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
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - only for workbooks

    try:
        book = CalamineWorkbook.from_path(str(path))
    except CalamineError as error:
        raise Invalid(_("The workbook cannot be read: {error}.", error=str(error))) from None
    with book:
        if sheet and sheet not in book.sheet_names:
            raise _which(book.sheet_names)
        filled = list[Sequence[Sequence[Any]]]()
        for name in [sheet] if sheet else book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if any(cell != "" for row in rows for cell in row):
                filled.append(rows)
        if len(filled) > 1:
            raise _which(book.sheet_names)
    if not filled:
        raise Invalid(_("The file is empty."))
    return filled[0]


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
