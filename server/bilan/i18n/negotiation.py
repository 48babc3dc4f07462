"""Which language to speak with somebody."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from babel import Locale, UnknownLocaleError

LANGUAGES: tuple[str, ...] = ("en", "fr", "de", "es", "ar", "ja")
"""The languages of numbers, dates and layout. English and French are translated completely."""

_RANGE = re.compile(
    r"^\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?$"
)


def negotiate(
    accept_language: str | None = None, preference: str | None = None, available: Sequence[str] = LANGUAGES
) -> str:
    """The language to use: somebody's own choice, else what their browser asks for, else English.

    A region is kept where it is known (``en-GB`` writes dates its own way).
    Whatever cannot be read in the header is passed over.
    """
    for tag in (preference or "", *_wanted(accept_language or "")):
        if tag == "*":
            return available[0]
        if found := _known(tag, available):
            return found
    return available[0]


def _wanted(header: str) -> Iterator[str]:
    ranges = [(match, place) for place, part in enumerate(header.split(",")) if (match := _RANGE.match(part))]
    weighed = [(float(match[2]) if match[2] else 1.0, -place, match[1]) for match, place in ranges]
    yield from (tag for weight, _place, tag in sorted(weighed, reverse=True) if weight > 0)


def _known(tag: str, available: Sequence[str]) -> str | None:
    language, _dash, region = tag.replace("_", "-").partition("-")
    language = language.lower()
    if language not in available:
        return None
    for known in (f"{language}-{region.upper()}", language) if region else (language,):
        try:
            Locale.parse(known, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
        return known
    return None
