"""Single values that services and people write in their own ways."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from bilan.sdk.sources import Settings
from bilan.sdk.textdomain import _
from bilan.sdk.unreadable import Unreadable, stands_for_none

JsonObject = Mapping[str, Any]
TRUE = frozenset({"true", "1", "yes", "y", "t", "on", "oui", "vrai"})
DIGITS = 18
"""Whole numbers have at most so many, like the warehouse's."""
GROUPED = re.compile(r"[+-]?\d{1,3}(?:[ .,'’\u00a0\u202f]\d{3})+")


_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str).encode


def zone_setting(settings: Settings) -> ZoneInfo:
    """The zone in which the source's times without a zone are read."""
    return ZoneInfo(settings.get("zone") or "UTC")


def read_text(value: Any) -> str:
    """Text as it is; numbers as text; nothing for anything else. Never holds half a character."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, str) and value.isascii():
        return value
    if isinstance(value, str | int | float | Decimal):
        return str(value).encode("utf-8", "replace").decode("utf-8")
    return ""


def read_flag(value: Any) -> bool:
    """Whether a flag is set, written as a boolean, a number or a word."""
    return value if isinstance(value, bool) else read_text(value).strip().lower() in TRUE


def read_texts(*values: Any) -> list[str]:
    """The short texts in a value: a list, a list in a list, a list written as JSON, or one text."""
    found: list[str] = []
    for value in values:
        if isinstance(value, list | tuple):
            found += read_texts(*value)
        elif (written := read_text(value).strip()).startswith("["):
            found += _listed(written)
        elif written:
            found.append(written)
    return list(dict.fromkeys(found))


def _listed(written: str) -> list[str]:
    try:
        inner = json.loads(written)
    except (ValueError, RecursionError):
        return [written]
    return read_texts(inner) if isinstance(inner, list) else [written]


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
    return next((value for value in values if value not in (None, "", [], {})), None)


def read_integer(value: Any) -> int | None:
    """A whole number, also one with thousands grouped; ``None`` for an empty value."""
    written = read_text(value).strip()
    if stands_for_none(written):
        return None
    if GROUPED.fullmatch(written):
        written = re.sub(r"[^\d+-]", "", written)
    try:
        number = Decimal(written)
        # A huge exponent would take hours to write out.
        if number.adjusted() < DIGITS and number == number.to_integral_value():
            return int(number)
    except (InvalidOperation, OverflowError, ValueError):
        pass
    raise Unreadable(_("“{value}” is no whole number.", value=written[:80]))


def digest(value: Any) -> str:
    """The hash of a value's canonical form: the same for two copies, whatever the order of their fields."""
    return hashlib.sha256(_canonical(value).encode()).hexdigest()[:32]


def read_number(value: Any) -> float | None:
    """A number with a point or a comma before its decimals (``1 234,5``); ``None`` for an empty value."""
    written = re.sub(r"[\s'’\u00a0\u202f]", "", read_text(value))
    if stands_for_none(written):
        return None
    if "," in written:
        point = max(written.rfind(","), written.rfind("."))
        written = re.sub("[.,]", "", written[:point]) + "." + written[point + 1 :]
    try:
        number = float(written)
    except ValueError:
        number = math.nan
    if math.isfinite(number):
        return number
    raise Unreadable(_("“{value}” is no number.", value=read_text(value)[:80]))
