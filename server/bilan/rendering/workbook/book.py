"""The workbook itself: its sheets, made one after the other in constant memory. See docs/decisions/031."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO, Self

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from bilan.rendering.workbook.names import SheetNames
from bilan.rendering.workbook.styles import Styles
from bilan.sdk.rendering import RenderContext

LAST_ROW = 1_048_575
"""The last row of a sheet, counted from nought."""


class Sheet(Worksheet):
    """A sheet that takes every text for a text and keeps every digit of a number."""

    def _xml_rich_inline_string(self, string: str, attributes: list[Any] | None = None) -> None:
        # In constant memory XlsxWriter takes a text like <r>…</r> for markup of its own; ours never is.
        self._xml_inline_string(string, 1, attributes or [])

    def _xml_number_element(self, number: float, attributes: list[Any] | None = None) -> None:
        # XlsxWriter's sixteen digits would make some ratios differ from the other formats' by the last one.
        written = "".join(f' {key}="{value}"' for key, value in attributes or [])
        self.fh.write(f"<c{written}><v>{number!r}</v></c>")


class Book:
    """Makes sheets with unique names. A context manager: leaving it writes the file."""

    def __init__(self, out: BinaryIO, context: RenderContext, properties: Mapping[str, Any]) -> None:
        self.context = context
        self._workbook = Workbook(
            out,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self._workbook.set_properties(dict(properties))
        self._names = SheetNames()
        self.styles = Styles(self._workbook, context)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._workbook.close()

    def name(self, title: str, within: str = "") -> str:
        """A name for a sheet that no other has, near the title."""
        return self._names.take(title, within)

    def sheet(self, name: str) -> Sheet:
        """A new sheet, the first row of which stays in sight."""
        sheet: Sheet = self._workbook.add_worksheet(name, Sheet)  # pyright: ignore[reportAssignmentType]
        if self.context.formatter.direction == "rtl":
            sheet.right_to_left()
        sheet.hide_gridlines(2)
        return sheet

    def chart(self, options: Mapping[str, Any]) -> Any:
        """A chart of Excel's own, to be put on a sheet."""
        return self._workbook.add_chart(dict(options))
