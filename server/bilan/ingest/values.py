"""One value on its way into a column: what is accepted, what is put right, what is refused.

Each function takes a value that is not ``None`` and the column it is for, and
gives what the warehouse stores or raises ``Invalid`` with a sentence.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from bilan.catalog.text import sanitise
from bilan.sdk.datasets import Column, ColumnType
from bilan.sdk.errors import Invalid
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _
from bilan.sdk.values import DIGITS

TEXT_LIMIT = 100_000
"""Characters in one text. The longest post a network allows is about 63,000."""
TEXTS_LIMIT = 1_000
"""Texts in one list."""
INTEGERS = range(-(2**63), 2**63)
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2299, 12, 31, tzinfo=UTC)
"""What the warehouse's type for instants and dates can hold, with a little to spare."""


def _refuse(column: Column, message: Message) -> Invalid:
    return Invalid(message, (column.name,))


def _shown(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    try:
        shown = sanitise(repr(value))
    except ValueError:  # Python refuses to write out an integer of thousands of digits
        shown = type(value).__name__
    return shown if len(shown) <= 60 else shown[:59] + "…"


def text(column: Column, value: Any) -> str:
    """A text. Whole numbers are written out, since services send identifiers as either."""
    if not isinstance(value, str):
        if isinstance(value, bool) or not isinstance(value, int) or value not in INTEGERS:
            raise _refuse(
                column, _("{column} must be a text, not {value}.", column=column.label, value=_shown(value))
            )
        value = str(value)
    if len(value) > TEXT_LIMIT:
        raise _refuse(
            column, _("{column} is longer than {limit} characters.", column=column.label, limit=TEXT_LIMIT)
        )
    # Names that look alike are one name.
    return sanitise(value if value.isascii() else unicodedata.normalize("NFC", value))


def texts(column: Column, value: Any) -> list[str]:
    """A list of texts, in its own order."""
    if not isinstance(value, list | tuple):
        raise _refuse(
            column,
            _("{column} must be a list of texts, not {value}.", column=column.label, value=_shown(value)),
        )
    if len(value) > TEXTS_LIMIT:
        raise _refuse(
            column, _("{column} holds more than {limit} texts.", column=column.label, limit=TEXTS_LIMIT)
        )
    return [text(column, item) for item in value]


def integer(column: Column, value: Any) -> int:
    """A whole number that fits 64 bits."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value not in INTEGERS:
        raise _refuse(
            column,
            _("{column} must be a whole number, not {value}.", column=column.label, value=_shown(value)),
        )
    return value


def number(column: Column, value: Any) -> float:
    """A finite number, small enough that the sum of a table's is one, too."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        finite = None
    else:
        finite = _as_float(value)
    if finite is None or not math.isfinite(finite):
        raise _refuse(
            column, _("{column} must be a number, not {value}.", column=column.label, value=_shown(value))
        )
    if abs(finite) >= 10**DIGITS:
        raise _refuse(
            column, _("{column} is too large a number: {value}.", column=column.label, value=_shown(value))
        )
    return finite


def _as_float(value: float | Decimal) -> float:
    try:
        return float(value)
    except (OverflowError, ValueError):  # too large, or a signalling decimal
        return math.nan


def boolean(column: Column, value: Any) -> bool:
    """Yes or no, and nothing that merely resembles them."""
    if not isinstance(value, bool):
        raise _refuse(
            column,
            _("{column} must be true or false, not {value}.", column=column.label, value=_shown(value)),
        )
    return value


def instant(column: Column, value: Any) -> datetime:
    """A moment, in UTC."""
    if not isinstance(value, datetime):
        raise _refuse(
            column, _("{column} must be a moment, not {value}.", column=column.label, value=_shown(value))
        )
    if value.utcoffset() is None:
        raise _refuse(
            column, _("{column} has no time zone: {value}.", column=column.label, value=value.isoformat())
        )
    if not EARLIEST.date() < value.date() < LATEST.date():
        raise _out_of_range(column, value)
    return value.astimezone(UTC)


def day(column: Column, value: Any) -> date:
    """A day of the calendar."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _refuse(
            column, _("{column} must be a date, not {value}.", column=column.label, value=_shown(value))
        )
    if not EARLIEST.date() < value < LATEST.date():
        raise _out_of_range(column, value)
    return value


def _out_of_range(column: Column, value: date) -> Invalid:
    return _refuse(
        column,
        _(
            "{column} must lie between the years {first} and {last}: {value}.",
            column=column.label, first="1900", last="2299", value=value.isoformat(),
        ),
    )  # fmt: skip


CHECKS: Mapping[ColumnType, Callable[[Column, Any], Any]] = {
    ColumnType.TEXT: text,
    ColumnType.TEXTS: texts,
    ColumnType.INTEGER: integer,
    ColumnType.NUMBER: number,
    ColumnType.BOOLEAN: boolean,
    ColumnType.INSTANT: instant,
    ColumnType.DATE: day,
}
