"""Numbers as people and programs write them: one strict grammar, which uses up the whole text.

``120.000`` has two readings, and what decides between them is the column that
it stands in. See docs/decisions/062.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _
from bilan.sdk.unreadable import Unreadable, stands_for_none


class DecimalMark(StrEnum):
    """What stands before the decimals of a number; the other mark groups its thousands."""

    POINT = "point"
    COMMA = "comma"


Readings = Mapping[DecimalMark | None, Decimal]
"""What a text may mean by its decimal mark; ``None`` for one that has a single meaning."""
SIGNS = str.maketrans({"\u2212": "-", "\u2010": "-", "’": "'", "‘": "'", "\u066c": "'", "\u02bc": "'"})
GROUPED = r"[1-9]\d{0,2}(?:(?P<mark>[ '_])\d{3}(?:(?P=mark)\d{3})*)"
THOUSANDS = rf"(?:{GROUPED}|[1-9]\d{{0,2}}(?:GROUP\d{{3}})+|[1-9]\d?(?:GROUP\d\d)+GROUP\d{{3}}|\d+)"
"""Thousands grouped by a neutral sign, by the mark that is not the decimal's, as in India, or not at all."""
WRITTEN = {
    DecimalMark.POINT: re.compile(
        rf"(?P<whole>{THOUSANDS.replace('GROUP', ',')})?(?:[.](?P<decimals>\d*))?", re.ASCII
    ),
    DecimalMark.COMMA: re.compile(
        rf"(?P<whole>{THOUSANDS.replace('GROUP', '[.]')})?(?:,(?P<decimals>\d*))?", re.ASCII
    ),
}
SIGNED = re.compile(r"(?P<minus>[+-]?) ?(?P<number>[^()+-]+)|\((?P<owed>[^()+-]+)\)")
THREE = re.compile(r"[+-]?\d{1,3}[.,]\d{3}", re.ASCII)
"""A number that ends in three decimals, or in one group of thousands."""
LONGEST = 60
"""Characters of the longest number that is read."""


def bare_number(written: str) -> str:
    """The text with plain digits, spaces, signs and apostrophes."""
    return " ".join(unicodedata.normalize("NFKC", written).translate(SIGNS).split())


def numbers_of(written: str) -> Readings:
    """What a written number may mean; nothing where it is none."""
    match = SIGNED.fullmatch(bare_number(written)) if len(written) <= LONGEST else None
    if match is None:
        return {}
    negative = match["minus"] == "-" or match["owed"] is not None
    found: dict[DecimalMark | None, Decimal] = {}
    for mark, form in WRITTEN.items():
        number = form.fullmatch(match["number"] or match["owed"])
        if number and (number["whole"] or number["decimals"]):
            whole = re.sub(r"\D", "", number["whole"] or "0", flags=re.ASCII)
            value = Decimal(f"{whole}.{number['decimals'] or '0'}")
            found[mark] = -value if negative else value
    return {None: next(iter(found.values()))} if len(found) == 2 and len(set(found.values())) == 1 else found


def whole_numbers_of(written: str) -> Readings:
    """Those among its meanings that are whole numbers."""
    return {mark: value for mark, value in numbers_of(written).items() if value == value.to_integral_value()}


def decimal_mark(
    values: Iterable[Any], wanted: DecimalMark | None, column: str, *, whole: bool
) -> DecimalMark:
    """The decimal mark of a whole column: what all of its numbers allow, else ``wanted``.

    In a column of ``whole`` numbers, decimals that are all nought come from a
    program that writes them everywhere: where one number has none, three
    figures behind a mark are thousands. Raises ``Invalid`` with the column's
    path where both marks stay possible and nothing is wanted, or none fits.
    """
    written = dict.fromkeys(one for one in map(str, values) if not stands_for_none(one))
    found = {one: set(readings) for one in written if (readings := _readings(one, whole))}
    marks = {one: readings for one, readings in found.items() if None not in readings}
    unclear = [one for one, readings in marks.items() if len(readings) > 1]
    possible = set(DecimalMark).intersection(*marks.values())
    if not possible or ("." in "".join(unclear) and "," in "".join(unclear)):
        raise Invalid(
            _("The numbers of the column {column} are written in different ways, such as {values}.",
              column=column, values=" | ".join(list(marks)[:3])), ("mapping", column),
        )  # fmt: skip
    if len(possible) > 1 and whole and not all(THREE.fullmatch(bare_number(one)) for one in found):
        possible -= {DecimalMark.COMMA if "," in one else DecimalMark.POINT for one in unclear}
    if wanted is not None and wanted in possible:
        return wanted
    if len(possible) == 1 or not unclear:
        return min(possible)
    raise Invalid(
        _("The column {column} may write decimals or thousands ({value}): choose one of {choices} as its "
          "decimal mark, on the mapping's page or with --decimals.",
          column=column, value=next(iter(unclear), ""), choices=", ".join(DecimalMark)),
        ("mapping", column),
    )  # fmt: skip


def _readings(written: str, whole: bool) -> Readings:
    return whole_numbers_of(written) if whole else numbers_of(written)


def ambiguous(written: str, found: Readings) -> Unreadable:
    """What is said of a number that has several readings."""
    readings = ", ".join(sorted(f"{value.normalize():f}" for value in found.values()))
    message = _("“{value}” has several readings: {readings}.", value=written[:80], readings=readings)
    return Unreadable(message, ambiguous=True)
