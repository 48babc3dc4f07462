"""Keeps a spreadsheet from running what somebody wrote into a campaign's name."""

from __future__ import annotations

import re

_BLANKS = " \u00a0\u202f\u3000\ufeff"
_SIGNS = "=+\\-@＝＋－＠"
_STARTS = "=+-@\t\r\n＝＋－＠"
_SUSPECT = re.compile(f"[{re.escape(_STARTS)}]")
_DIGITS = "\\d(?:[\\d.,'’  \u00a0\u202f]*\\d)?"
_NUMBER = re.compile(f"[+-]?{_DIGITS}[ \u00a0\u202f]?%?")
_HARMLESS = frozenset({"-", "+"})
SUSPECT = f'(^|[;,\t|:\r\n])[{_BLANKS}"]*[{_SIGNS}\t\r\n]'
"""Found in every line with a cell that :func:`guarded` changes, whatever delimits them; as RE2 reads it."""
_INSIDE = re.compile(
    # What a spreadsheet may cut at, whatever the file's own delimiter is; quotes go with the cut.
    f'(?P<cut>[;,\t|:\r\n])[{_BLANKS}"]*'
    f"(?![+-]{_DIGITS}[ \u00a0\u202f]?%[{_BLANKS}]*(?:(?P=cut)|[\r\n]|\\Z))"
    f"(?=[{_SIGNS}])"
)


def guarded(text: str) -> str:
    """The text, with an apostrophe before whatever a spreadsheet would read as a formula.

    Formulas start, perhaps after blanks, with ``= + - @``, a tab, a line break
    or one of their full-width forms. Plain numbers (``-12,4 %``,
    ``+33612345678``) and a lone sign are left alone.

    Inside the text they may start after anything that files are delimited by:
    spreadsheets of many countries cut at semicolons, whatever the file's
    delimiter is. There only per cents are left alone ("Sale: -20 %"). Of other
    numbers the cell may go on behind the text: after ``-5`` and the file's
    comma, the next column's ``3+A1`` would be read as one formula with it.
    """
    if _SUSPECT.search(text) is None:
        return text
    inside = _INSIDE.sub(r"\g<0>'", text)
    start = text.lstrip(_BLANKS)
    if not start or start[0] not in _STARTS:
        return inside
    if start in _HARMLESS or _NUMBER.fullmatch(start.rstrip(" ")):
        return text
    return "'" + inside
