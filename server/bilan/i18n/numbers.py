"""Counts, shares, durations and sizes in a locale. Babel's own patterns, with the digits set."""

from __future__ import annotations

import re
from functools import lru_cache

from babel import Locale
from babel.numbers import format_compact_decimal, format_decimal, format_percent
from babel.units import format_unit

from bilan.sdk.units import Unit

MINUS = "\N{MINUS SIGN}"
COMPACT_FROM = 10_000
"""From here on an axis writes 10K."""

_SPANS = (("day", 86_400, "hour", 3600), ("hour", 3600, "minute", 60), ("minute", 60, "second", 1))
_SIZES = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte")


def count(value: float, locale: Locale) -> str:
    """A whole number, grouped."""
    return format_decimal(round(value), locale=locale)


def number(value: float, locale: Locale) -> str:
    """A number with at most two decimals, grouped."""
    return format_decimal(round(value, 2), format=_digits(locale, 0, 2), locale=locale)


def proportion(value: float, locale: Locale) -> str:
    """A ratio in per cent: one decimal, two below one per cent."""
    decimals = 2 if 0 < abs(value) < 0.01 else 1
    return format_percent(value, format=_percent(locale, decimals, decimals), locale=locale)


def duration(seconds: float, locale: Locale) -> str:
    """Seconds in their two largest units: ``3 min 20 sec``. Tenths below ten seconds, where there are any."""
    if seconds < 0:
        return MINUS + duration(-seconds, locale)
    for large, size, small, step in _SPANS:
        rounded = round(seconds / step) * step
        if rounded >= size:
            rest = rounded % size // step
            parts = [_unit(rounded // size, large, locale)] + ([_unit(rest, small, locale)] if rest else [])
            return " ".join(parts)
    return _unit(round(seconds, 1) if seconds < 10 and seconds % 1 else round(seconds), "second", locale)


def size(value: float, locale: Locale) -> str:
    """Bytes in units of a thousand, with one decimal from kilobytes on."""
    step = 0
    while abs(value) >= 1000 and step < len(_SIZES) - 1:
        value, step = value / 1000, step + 1
    return format_unit(round(value, 1 if step else 0), f"digital-{_SIZES[step]}", "short", locale=locale)


def signed(value: float, locale: Locale) -> str:
    """A number with one decimal and its sign."""
    value = round(value, 1)
    return _sign(value) + format_decimal(abs(value), format=_digits(locale, 1, 1), locale=locale)


def signed_percent(value: float, locale: Locale) -> str:
    """A ratio in per cent with its sign: one decimal below a hundred per cent."""
    decimals = 1 if abs(value) < 1 else 0
    value = round(value, 2 + decimals)
    return _sign(value) + format_percent(
        abs(value), format=_percent(locale, decimals, decimals), locale=locale
    )


def ticks(values: list[float], unit: Unit, locale: Locale) -> list[str]:
    """Labels for an axis."""
    match unit:
        case Unit.PROPORTION:
            return [format_percent(value, format=_percent(locale, 0, 2), locale=locale) for value in values]
        case Unit.SECONDS:
            return [duration(value, locale) for value in values]
        case Unit.BYTES:
            return [size(value, locale) for value in values]
        case _:
            return [_short(value, locale) for value in values]


def _short(value: float, locale: Locale) -> str:
    if abs(value) >= COMPACT_FROM:
        return format_compact_decimal(value, fraction_digits=1, locale=locale)
    return number(value, locale)


def _sign(value: float) -> str:
    if value == 0:
        return "±"
    return "+" if value > 0 else MINUS


def _unit(value: float, unit: str, locale: Locale) -> str:
    return format_unit(value, f"duration-{unit}", "short", locale=locale)


@lru_cache(maxsize=256)
def _digits(locale: Locale, least: int, most: int) -> str:
    pattern = str(locale.decimal_formats[None].pattern)
    return re.sub(r"\.[0#]+", "." + "0" * least + "#" * (most - least), pattern)


@lru_cache(maxsize=256)
def _percent(locale: Locale, least: int, most: int) -> str:
    # The locale's own pattern keeps its spaces and marks; only the digits are set.
    pattern = str(locale.percent_formats[None].pattern)
    return pattern.replace("##0", "##0." + "0" * least + "#" * (most - least))
