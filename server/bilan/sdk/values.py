"""Single values that services and people write in their own ways."""

from __future__ import annotations

import hashlib
import json
import math
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bilan.sdk.textdomain import _
from bilan.sdk.unreadable import Unreadable, stands_for_none, too_deep
from bilan.sdk.written_numbers import DecimalMark, Readings, ambiguous, numbers_of, whole_numbers_of

if TYPE_CHECKING:
    from bilan.sdk.sources import Settings

JsonObject = Mapping[str, Any]
TRUE = frozenset({"true", "1", "yes", "y", "t", "on", "oui", "vrai"})
LEVELS = 20
"""So deep lists of texts may lie within each other."""
DIGITS = 18
"""Numbers have at most so many before the decimals, like the warehouse's whole ones."""

_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str).encode


def zone_setting(settings: Settings) -> ZoneInfo:
    """The zone in which the source's times without a zone are read."""
    return ZoneInfo(settings.get("zone") or "UTC")


def read_text(value: Any) -> str:
    """Text as it is, and in bytes; numbers, days, times and UUIDs as text; nothing for anything else.

    Bytes that are no UTF-8 are written in figures, so that they stay apart. Never
    holds half a character, and has the one form of Unicode (NFC) in which names are compared.
    """
    if isinstance(value, str) and value.isascii():
        return value
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError:
            return value.hex()
    if isinstance(value, str | int | float | Decimal | date | time | UUID):
        return unicodedata.normalize("NFC", str(value).encode("utf-8", "replace").decode("utf-8"))
    return ""


def read_flag(value: Any) -> bool:
    """Whether a flag is set, written as a boolean, a number or a word."""
    return value if isinstance(value, bool) else read_text(value).strip().lower() in TRUE


def read_texts(*values: Any) -> list[str]:
    """The short texts in a value: a list, a list in a list, a list written as JSON, or one text."""
    found: list[str] = []
    for value in values:
        if isinstance(value, str) and value.lstrip().startswith("["):
            value = _listed(value.strip())
        found += _texts(value)
    return list(dict.fromkeys(found))


def _texts(value: Any, levels: int = LEVELS) -> list[str]:
    # What a list holds is a text already, also where it looks like a list.
    if isinstance(value, list | tuple):
        if not levels:
            raise too_deep()
        return [text for item in value for text in _texts(item, levels - 1)]
    return [text] if (text := read_text(value).strip()) else []


def _listed(written: str) -> Any:
    try:
        inner = json.loads(written)
    except (ValueError, RecursionError):
        return written
    return inner if isinstance(inner, list) else written


def read_object(value: Any) -> JsonObject:
    """An object, also one written as JSON inside a text; empty for anything else."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def first_value(values: Iterable[Any]) -> Any:
    """The first value that is neither missing nor empty."""
    for value in values:
        if value or value not in (None, "", [], {}):
            return value
    return None


def read_integer(value: Any, *, mark: DecimalMark | None = None) -> int | None:
    """A whole number, also one with thousands grouped; ``None`` for an empty value.

    ``mark`` is the decimal mark of its column. Without it, a number such as
    ``120.000`` has several readings and is refused.
    """
    written = _shown(value)
    if written.isascii() and written.isdigit() and len(written) <= DIGITS:
        # Figures alone, as most programs write them, have one meaning.
        return int(written)
    if stands_for_none(written):
        return None
    found: Readings = {}
    if isinstance(value, float | Decimal):
        found = {None: Decimal(value)} if math.isfinite(value) and value == int(value) else {}
    elif not isinstance(value, bool):
        found = whole_numbers_of(written)
    number = _decided(found, mark, written)
    if number is None:
        if written.endswith("%"):
            raise Unreadable(_("“{value}” is a percentage, not a number of its own.", value=written[:80]))
        raise Unreadable(_("“{value}” is no whole number.", value=written[:80]))
    if abs(number) >= 10**DIGITS:
        raise Unreadable(_("“{value}” is too large a number.", value=written[:80]))
    return int(number)


def read_count(value: Any, *, mark: DecimalMark | None = None) -> int | None:
    """How many of something there are: a whole number that is not below nought."""
    number = read_integer(value, mark=mark)
    if number is not None and number < 0:
        raise Unreadable(
            _("“{value}” is below nought, which no count is.", value=read_text(value).strip()[:80])
        )
    return number


def _shown(value: Any) -> str:
    """The value as text without space around it, whatever it is."""
    return "" if value is None else str(value).strip()


def _decided(found: Readings, mark: DecimalMark | None, written: str) -> Decimal | None:
    if len(found) == 1 and (mark is None or mark in found or None in found):
        return next(iter(found.values()))
    if mark is not None or not found:
        return found.get(mark)
    raise ambiguous(written, found)


def digest(value: Any) -> str:
    """The hash of a value's canonical form: the same for two copies, whatever the order of their fields."""
    return hashlib.sha256(_canonical(value).encode()).hexdigest()[:32]


def read_number(value: Any, *, mark: DecimalMark | None = None) -> float | None:
    """A number with a point or a comma before its decimals (``1 234,5``); ``None`` for an empty value.

    ``mark`` is the decimal mark of its column. Without it, a number such as
    ``1.234`` has several readings and is refused.
    """
    written = _shown(value)
    if stands_for_none(written):
        return None
    if isinstance(value, float | Decimal):
        number = float(value)
    else:
        found = None if isinstance(value, bool) else _decided(numbers_of(written), mark, written)
        number = math.nan if found is None else float(found)
    if not math.isfinite(number):
        raise Unreadable(_("“{value}” is no number.", value=written[:80]))
    if abs(number) >= 10**DIGITS:
        raise Unreadable(_("“{value}” is too large a number.", value=written[:80]))
    return number
