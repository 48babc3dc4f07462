"""Names of months and weekdays in English, French, German and Spanish, as CLDR has them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache

LANGUAGES = ("en", "fr", "de", "es")
BESIDE_CLDR: Mapping[str, int] = {
    "sept": 9, "juil": 7, "jul": 7, "fev": 2, "fevr": 2, "mrz": 3, "maerz": 3, "aou": 8, "janner": 1,
    "set": 9, "setiembre": 9,
}  # fmt: skip
"""Short forms of months that programs write and CLDR does not list."""


def bare(written: str) -> str:
    """The text in lower case, without accents, with plain digits, single spaces and plain dashes."""
    # What NFKD makes of it (full-width digits, narrow spaces) is the same in every spelling.
    apart = unicodedata.normalize("NFKD", written)
    plain = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return " ".join(plain.translate(DASHES).casefold().split())


DASHES = str.maketrans("\u2010\u2212\u2013", "---")


@lru_cache(1)
def months() -> Mapping[str, int]:
    """The number of a month, from 1, by its bare name."""
    from babel import Locale  # noqa: PLC0415 - only for files that name months

    found = dict(BESIDE_CLDR)
    for locale in map(Locale.parse, LANGUAGES):
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                names = locale.months[context][width]
                found.update({bare(name).rstrip("."): number for number, name in names.items()})
    return found


@lru_cache(1)
def weekdays() -> Mapping[str, int]:
    """The number of a weekday, Monday being 0, by its bare name."""
    from babel import Locale  # noqa: PLC0415

    found = {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}
    for locale in map(Locale.parse, LANGUAGES):
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                names = locale.days[context][width]
                found.update({bare(name).rstrip("."): number for number, name in names.items()})
    return found
