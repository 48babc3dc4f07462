"""Keeps a spreadsheet from running what somebody wrote into a campaign's name."""

from __future__ import annotations

import re

_STARTS = "=+-@\t\r\n＝＋－＠"
_NUMBER = re.compile(r"[+-]?\d(?:[\d.,'’  \u00a0\u202f]*\d)?[ \u00a0\u202f]?%?")
_HARMLESS = frozenset({"-", "+"})


def guarded(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would read a formula.

    Formulas start, perhaps after blanks, with ``= + - @``, a tab, a line break
    or one of their full-width forms. Plain numbers (``-12,4 %``,
    ``+33612345678``) and a lone sign are left alone.
    """
    start = text.lstrip(" \u00a0\u202f\u3000\ufeff")
    if not start or start[0] not in _STARTS:
        return text
    if start in _HARMLESS or _NUMBER.fullmatch(start.rstrip(" ")):
        return text
    return "'" + text
