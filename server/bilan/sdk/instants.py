"""Reading moments that senders and people write in their own ways."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from bilan.sdk.columns import ArrowValues, DictionaryColumn
from bilan.sdk.reading import each
from bilan.sdk.textdomain import _
from bilan.sdk.values import DIGITS, Unreadable

MILLISECONDS = Decimal(10) ** 11
"""From here on a count since 1970 is read as milliseconds: as seconds it would lie past the year 5000."""
MICROSECONDS = Decimal(10) ** 14
FIRST, LAST = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The first and the last moment of Python's calendar, in microseconds since 1970."""
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janv janvier", "feb february fev fevr fevrier", "mar march mars",
            "apr april avr avril", "may mai", "jun june juin", "jul july juil juillet", "aug august aou aout",
            "sep sept september septembre", "oct october octobre", "nov november novembre",
            "dec december decembre",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
CLOCK = r"(?:[ T,]+(?:at |a )?(\d{1,2})[:h](\d{2})(?::(\d{2}))?\s*([ap]m)?)?"
NUMBERS = re.compile(r"(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4})" + CLOCK, re.IGNORECASE)
DAY_NAMED = re.compile(r"(\d{1,2})(?:er|st|nd|rd|th)? ([a-z]+)\.?,? (\d{4})" + CLOCK, re.IGNORECASE)
MONTH_NAMED = re.compile(r"([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})" + CLOCK, re.IGNORECASE)


def read_instant(value: Any, zone: tzinfo, *, month_first: bool = False) -> datetime | None:
    """A moment in UTC: a count since 1970 in seconds, milli- or microseconds, or a written date.

    A written one without a zone is read in ``zone``. ``None`` for an empty
    value; raises ``Unreadable`` for one that is no moment.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        return _instant(value, zone, month_first).astimezone(UTC)
    except (ValueError, OverflowError, InvalidOperation, OSError):
        raise Unreadable(
            _("“{value}” is no moment; write it as 2026-01-31T08:00:00Z.", value=str(value)[:80])
        ) from None


def read_instants(column: DictionaryColumn, zone: tzinfo, *, month_first: bool = False) -> DictionaryColumn:
    """A column of moments in UTC, each read as :func:`read_instant` reads it."""
    array = _common(column.dictionary, zone)
    if array is None:
        return each(partial(read_instant, zone=zone, month_first=month_first), column)
    return DictionaryColumn(ArrowValues(array), column.indices)


def _common(values: Sequence[Any], zone: tzinfo) -> Any:
    """The moments as an Arrow array where all are of the common kind: timestamps, or texts in ISO 8601."""
    import pyarrow as pa  # noqa: PLC0415 - large; loaded where a table is read

    utc = pa.timestamp("us", tz="UTC")
    if isinstance(values, ArrowValues) and pa.types.is_timestamp(values.array.type):
        array = values.array
        if (array.type.tz is not None or str(zone) == "UTC") and _in_calendar(array):
            return array.cast(utc)
        values = array.to_numpy(zero_copy_only=False).tolist()
    try:
        return pa.array([_in_utc(value, zone) for value in values], pa.timestamp("us")).cast(utc)
    except (TypeError, ValueError, OverflowError):
        return None


def _in_calendar(array: Any) -> bool:
    """Whether Python can hold the moments."""
    from pyarrow.compute import call_function  # noqa: PLC0415

    ends = call_function("min_max", [array.view("int64")]).as_py()
    return ends["min"] is None or FIRST <= ends["min"] <= ends["max"] <= LAST


def _in_utc(value: Any, zone: tzinfo) -> datetime | None:
    """The moment in UTC, without its zone. Raises where it takes a closer look to read it."""
    if value is None or value == "":
        return None
    moment = value if type(value) is datetime else _iso(str(value).strip())
    offset = moment.utcoffset() if moment.tzinfo else zone.utcoffset(moment)
    return moment.replace(tzinfo=None) - (offset or timedelta())


def _iso(written: str) -> datetime:
    # A number has no dash there, and would be a count.
    if written[4:5] != "-":
        raise ValueError(written)
    return datetime.fromisoformat(written)


def _instant(value: Any, zone: tzinfo, month_first: bool) -> datetime:
    if isinstance(value, datetime):
        return _placed(value, zone)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=zone)
    if isinstance(value, bool):
        raise ValueError(value)
    written = str(value).strip()
    try:
        return _placed(_iso(written), zone)
    except ValueError:
        pass
    try:
        count = Decimal(written)
    except InvalidOperation:
        return _placed(_written(written, month_first), zone)
    return _counted(count)


def _counted(count: Decimal) -> datetime:
    # A huge exponent would take hours to write out.
    if not count.is_finite() or count.adjusted() >= DIGITS:
        raise ValueError(count)
    scale = 1_000_000 if abs(count) < MILLISECONDS else 1_000 if abs(count) < MICROSECONDS else 1
    whole, rest = divmod(int(count * scale), 1_000_000)
    return datetime.fromtimestamp(whole, UTC).replace(microsecond=rest)


def _written(written: str, month_first: bool) -> datetime:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return read(written.removesuffix(" UTC") + "Z" if written.endswith(" UTC") else written)
        except (ValueError, TypeError):
            continue
    bare = "".join(c for c in unicodedata.normalize("NFKD", written) if not unicodedata.combining(c))
    if match := NUMBERS.fullmatch(bare):
        one, two, three, *clock = match.groups()
        return _dated(*_ordered(one, two, three, month_first), clock)
    if match := DAY_NAMED.fullmatch(bare):
        day, month, year, *clock = match.groups()
    elif match := MONTH_NAMED.fullmatch(bare):
        month, day, year, *clock = match.groups()
    else:
        raise ValueError(written)
    return _dated(int(year), MONTHS.get(month.lower(), 0), int(day), clock)


def _ordered(one: str, two: str, three: str, month_first: bool) -> tuple[int, int, int]:
    if len(one) == 4 and len(three) <= 2:
        return int(one), int(two), int(three)
    if len(one) > 2 or len(three) not in (2, 4):
        raise ValueError(one)
    year = int(three) + (2000 if len(three) == 2 else 0)
    return (year, int(one), int(two)) if month_first else (year, int(two), int(one))


def _dated(year: int, month: int, day: int, clock: list[str | None]) -> datetime:
    hour, minute, second = (int(part or 0) for part in clock[:3])
    if half := clock[3]:
        hour = hour % 12 + (12 if half.lower() == "pm" else 0)
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - placed in its zone by the caller


def _placed(moment: datetime, zone: tzinfo) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
