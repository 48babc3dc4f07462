"""Values as a spreadsheet holds them: numbers are numbers, days are days, and a text is never more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from bilan.sdk.document import Cell
from bilan.sdk.messages import Message
from bilan.sdk.rendering import Formatter
from bilan.sdk.units import Unit

LONGEST_TEXT = 32_767
"""What one cell can hold."""
EXACT = 2**53
"""Whole numbers past this are no longer exact in a spreadsheet; they are written as texts."""
FIRST_YEAR = 1900
DAY = 86_400


def typed(value: Any, unit: Unit, formatter: Formatter) -> Any:
    """The value as it is written: a number, a boolean, a ``date`` or ``datetime``, a text, or nothing."""
    if isinstance(value, Cell):
        value = value.value
    match value:
        case None | "" | []:
            return None
        case Message():
            return formatter.text(value)
        case list():
            return "; ".join(str(one) for one in value)
        case bool():
            return value
        case _ if unit in (Unit.WEEKDAY, Unit.HOUR):
            return formatter.value(value, unit)
        case int() | float():
            return _number(value, unit)
        case _:
            return _moment(str(value), unit, formatter)


def put(sheet: Worksheet, row: int, place: int, value: Any, style: Format | None = None) -> None:
    """Write a typed value."""
    match value:
        case None:
            if style is not None:
                sheet.write_blank(row, place, None, style)
        case bool():
            sheet.write_boolean(row, place, value, style)
        case int() | float():
            sheet.write_number(row, place, value, style)
        case date():
            sheet.write_datetime(row, place, value, style)  # pyright: ignore[reportArgumentType] - days too
        case _:
            sheet.write_string(row, place, value, style)


def put_texts(sheet: Worksheet, row: int, texts: Sequence[str], style: Format | None = None) -> None:
    """Write texts beside each other, from the first column on; empty ones leave their cell empty."""
    for place, text in enumerate(texts):
        if text:
            sheet.write_string(row, place, cut(text), style)


def cut(text: str) -> str:
    """The text, as much of it as a cell holds; Excel counts UTF-16 units."""
    units = text.encode("utf-16-le", "replace")
    if len(units) <= 2 * LONGEST_TEXT:
        return text
    return units[: 2 * (LONGEST_TEXT - 1)].decode("utf-16-le", "ignore") + "…"


def shown_width(value: Any) -> int:
    """About how many characters wide a value is shown."""
    match value:
        case None:
            return 0
        case bool():
            return 6
        case int() | float():
            return len(f"{value:,.1f}")
        case datetime():
            return 19
        case date():
            return 10
        case _:
            return max(map(len, str(value).split("\n")))


def _number(value: float, unit: Unit) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and abs(value) > EXACT:
        return str(value)
    return value / DAY if unit is Unit.SECONDS else value


def _moment(text: str, unit: Unit, formatter: Formatter) -> Any:
    try:
        match unit:
            case Unit.DATE:
                read = date.fromisoformat(text[:10])
            case Unit.INSTANT:
                moment = datetime.fromisoformat(text)
                moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
                read = moment.astimezone(ZoneInfo(formatter.zone)).replace(tzinfo=None)
            case _:
                return cut(text)
    except (ValueError, OverflowError):
        return cut(text)
    # A spreadsheet knows no day before 1900.
    return read if read.year >= FIRST_YEAR else cut(text)
