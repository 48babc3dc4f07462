"""Amounts of money as people and programs write them: a number, with or without its currency."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from bilan.sdk.textdomain import _
from bilan.sdk.unreadable import Unreadable, stands_for_none

SIGNS: Mapping[str, str] = {
    "€": "EUR", "£": "GBP", "₹": "INR", "₽": "RUB", "₩": "KRW", "₺": "TRY", "₴": "UAH", "₪": "ILS",
    "₫": "VND", "₱": "PHP", "zł": "PLN", "Kč": "CZK", "R$": "BRL", "US$": "USD", "CA$": "CAD", "C$": "CAD",
    "AU$": "AUD", "A$": "AUD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "MX$": "MXN",
    "$": "$", "¥": "¥", "kr": "kr",
}  # fmt: skip
"""The currency that a sign stands for: the sign itself where several countries use it."""
WORDS = frozenset({"ALL", "TOP"})
"""Codes of currencies that mean something else at the end of a heading."""
_SIGN = "|".join(sorted(map(re.escape, SIGNS), key=len, reverse=True))
_FRONT = re.compile(rf"(?P<minus>-?)\s*(?P<currency>{_SIGN}|[A-Z]{{3}})\s*(?P<number>[-\d.,(].*)", re.DOTALL)
_BACK = re.compile(rf"(?P<minus>)(?P<number>.*[\d.,)])\s*(?P<currency>{_SIGN}|[A-Z]{{3}})", re.DOTALL)
_HEADING = re.compile(
    rf"(?P<name>.*?\S)\s*(?:\((?P<apart>{_SIGN}|[A-Z]{{3}})\)|\[(?P<listed>{_SIGN}|[A-Z]{{3}})\]"
    rf"|[\s_-](?:in\s+)?(?P<currency>{_SIGN}|[A-Z]{{3}}))\s*",
    re.DOTALL,
)


@lru_cache(1)
def _codes() -> frozenset[str]:
    from babel.numbers import list_currencies  # noqa: PLC0415 - only for files that hold amounts

    return frozenset(list_currencies())


def read_currency(value: Any) -> str:
    """The currency's code (ISO 4217), or its sign where several share it. Raises ``Unreadable``."""
    written = "" if value is None else str(value).strip()
    if stands_for_none(written):
        return ""
    if (known := _known(written)) or (known := _known(written.upper())):
        return known
    raise Unreadable(
        _("“{value}” is no currency; write its code of three letters, such as EUR.", value=written[:80])
    )


def split_amount(value: Any) -> tuple[Any, str]:
    """An amount without its currency, and the currency: empty where none is written."""
    written = value.strip() if isinstance(value, str) else ""
    for form in (_FRONT, _BACK):
        if (match := form.fullmatch(written)) and (currency := _known(match["currency"])):
            return match["minus"] + match["number"].strip(), currency
    return value, ""


def split_heading(heading: str) -> tuple[str, str]:
    """A column's heading such as ``Revenue (EUR)`` without its currency, and the currency."""
    if match := _HEADING.fullmatch(heading):
        currency = _known(match["apart"] or match["listed"] or match["currency"])
        if currency and match["currency"] not in WORDS:
            return match["name"], currency
    return heading, ""


def _known(written: str) -> str:
    return SIGNS.get(written) or (written if written in _codes() else "")
