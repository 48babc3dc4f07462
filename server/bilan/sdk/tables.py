"""Tables in files: CSV of any maker, JSON, JSON lines, Parquet and workbooks, packed or not."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from pathlib import Path

from bilan.sdk.containers import is_archive, kind_of
from bilan.sdk.csv_tables import csv_table
from bilan.sdk.encodings import LINE_BYTES, encoding_of, opened
from bilan.sdk.errors import Invalid
from bilan.sdk.json_tables import json_table
from bilan.sdk.parquet_tables import parquet_table
from bilan.sdk.table_batches import COLUMNS_LIMIT, TableFile, too_wide
from bilan.sdk.textdomain import _
from bilan.sdk.workbooks import workbook

UNKEPT = re.compile("[\x00\ud800-\udfff]")
"""NUL, and halves of characters."""


def open_table(path: Path, sheet: str = "", encoding: str = "") -> TableFile:
    """The table in a file; ``sheet`` names the one to read of a workbook, or the file of a ZIP archive.

    ``encoding`` is that of a text, where somebody says it. Raises ``Invalid``
    with what the file is where there is no table in it, or more columns than
    anybody maps.
    """
    table = _open_table(path, sheet, encoding)
    if len(table.columns) > COLUMNS_LIMIT:
        raise too_wide(len(table.columns))
    for column in table.columns:
        if UNKEPT.search(column):
            # Kept without it, the mapping would name a column that the file has not.
            raise Invalid(
                _("The name of the column “{column}” holds a character that cannot be kept; rename it.",
                  column=UNKEPT.sub("\N{REPLACEMENT CHARACTER}", column))
            )  # fmt: skip
    return table


def _open_table(path: Path, sheet: str, encoding: str) -> TableFile:
    member = sheet if sheet and is_archive(path) else ""
    kind = kind_of(path, member)
    if kind == "parquet":
        return parquet_table(path)
    if kind == "workbook":
        return workbook(path, sheet)
    known = encoding_of(path, encoding, member)
    text = partial(opened, path, known, member)
    with text() as file:
        start = file.read(256).lstrip("\ufeff \t\r\n\x1e")
    if not start:
        raise Invalid(_("The file is empty."))
    table = json_table(text) if start[0] in "[{" else csv_table(partial(text, line=LINE_BYTES))
    return replace(table, encoding="" if known == "utf-8-sig" else known)
