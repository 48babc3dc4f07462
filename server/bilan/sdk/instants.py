"""Reading moments that senders and people write in their own ways. See docs/decisions/062."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache, partial
from typing import Any

from bilan.sdk.columns import ArrowValues, DictionaryColumn
from bilan.sdk.errors import Invalid
from bilan.sdk.reading import each
from bilan.sdk.textdomain import _
from bilan.sdk.unreadable import Unreadable, stands_for_none
from bilan.sdk.written_dates import DateOrder, numeric_dates, orders_of, readings_of

CALENDAR = range(-62_135_596_800, 253_402_300_800)
"""The seconds of Python's calendar since 1970."""
UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
DAY = 86_400
ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?)?", re.ASCII)
"""The common kind of moments: what Python's own reading of ISO 8601 cannot mistake."""


def read_instant(value: Any, zone: tzinfo, *, order: DateOrder | None = None) -> datetime | None:
    """A moment in UTC: a count since 1970 in seconds to nanoseconds, Excel's day number, or a written date.

    A written one without a zone is read in ``zone``. ``order`` says how dates
    of figures alone are meant; without it, one that has several readings is
    refused. ``None`` for an empty value; raises ``Unreadable`` for one that is
    no moment.
    """
    if value is None or (isinstance(value, str | float) and stands_for_none(str(value))):
        return None
    try:
        if type(value) in (str, int):
            return _remembered(value, zone, order)
        return _instant(value, zone, order).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise Unreadable(
            _("“{value}” is no moment; write it as 2026-01-31T08:00:00Z.", value=_shown(value))
        ) from None


def read_instants(
    column: DictionaryColumn, zone: tzinfo, *, order: DateOrder | None = None
) -> DictionaryColumn:
    """A column of moments in UTC, each read as :func:`read_instant` reads it."""
    array = _common(column.dictionary, zone)
    if array is None:
        return each(partial(read_instant, zone=zone, order=order), column)
    return DictionaryColumn(ArrowValues(array), column.indices)


def date_order(values: Iterable[Any], wanted: DateOrder | None, column: str) -> DateOrder:
    """The order in which the dates of a whole column are written: what all of them allow, else ``wanted``.

    Raises ``Invalid`` with the column's path where they leave several open and
    nothing is wanted, or where no order fits them all.
    """
    written = numeric_dates(values)
    possible = set(DateOrder).intersection(*map(orders_of, written))
    if not possible:
        raise Invalid(
            _("The dates of the column {column} are written in different orders, such as {values}.",
              column=column, values=", ".join(_of_each_order(written))), ("mapping", column),
        )  # fmt: skip
    if wanted is not None and wanted in possible:
        return wanted
    # No language writes the month first where it puts points between the figures.
    if len(possible) > 1 and all("." in one for one in written) and DateOrder.DAY_FIRST in possible:
        return DateOrder.DAY_FIRST
    if len(possible) > 1:
        raise Invalid(
            _("The column {column} may write its dates in different orders ({value}): choose one of "
              "{choices}, on the mapping's page or with --dates.",
              column=column, value=next(iter(written), ""), choices=", ".join(sorted(possible))),
            ("mapping", column),
        )  # fmt: skip
    return possible.pop()


def _of_each_order(written: Sequence[str]) -> list[str]:
    """Of each order one that can be read in no other."""
    alone = {tuple(orders): one for one in written if len(orders := orders_of(one)) == 1}
    return sorted(alone.values())


def _common(values: Sequence[Any], zone: tzinfo) -> Any:
    """The moments as an Arrow array where all are of the common kind: timestamps, or texts in ISO 8601."""
    import pyarrow as pa  # noqa: PLC0415 - large; loaded where a table is read

    utc = pa.timestamp("us", tz="UTC")
    if isinstance(values, ArrowValues) and pa.types.is_timestamp(values.array.type):
        array = values.array
        if (array.type.tz is not None or str(zone) == "UTC") and in_calendar(array):
            return array.cast(utc)
        values = array.to_numpy(zero_copy_only=False).tolist()
    try:
        return pa.array([_in_utc(value, zone) for value in values], pa.timestamp("us")).cast(utc)
    except (TypeError, ValueError, OverflowError):
        return None


def in_calendar(array: Any) -> bool:
    """Whether Python can hold all moments, or days, of an array of Arrow."""
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow.compute import call_function  # noqa: PLC0415

    days = pa.types.is_date32(array.type)
    ends = call_function("min_max", [array.view("int32" if days else "int64")]).as_py()
    if ends["min"] is None:
        return True
    a_second = UNITS[array.type.unit] if pa.types.is_timestamp(array.type) else UNITS["ms"]
    seconds = [end * DAY if days else end // a_second for end in (ends["min"], ends["max"])]
    return seconds[0] in CALENDAR and seconds[1] in CALENDAR


def _in_utc(value: Any, zone: tzinfo) -> datetime | None:
    """The moment in UTC, without its zone. Raises where it takes a closer look to read it."""
    if value is None or value == "":
        return None
    moment = value if type(value) is datetime else _iso(str(value).strip())
    offset = moment.utcoffset() if moment.tzinfo else zone.utcoffset(moment)
    return moment.replace(tzinfo=None) - (offset or timedelta())


def _iso(written: str) -> datetime:
    if ISO.fullmatch(written) is None:
        raise ValueError(written)
    return datetime.fromisoformat(written)


@lru_cache(maxsize=10_000)
def _remembered(value: str | int, zone: tzinfo, order: DateOrder | None) -> datetime:
    """Events come many in a second, and a written moment takes long to read."""
    return _instant(value, zone, order).astimezone(UTC)


def _instant(value: Any, zone: tzinfo, order: DateOrder | None) -> datetime:
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
    readings = readings_of(written, zone)
    if None in readings:
        return readings[None]
    if order is not None:
        if order not in readings:
            raise ValueError(written)
        return readings[order]
    if len(readings) == 1:
        return next(iter(readings.values()))
    raise Unreadable(
        _("“{value}” has several readings: {readings}. Write it as 2026-01-31T08:00:00Z.",
          value=_shown(value), readings=", ".join(_days(readings.values(), zone))),
        ambiguous=True,
    )  # fmt: skip


def _days(moments: Iterable[datetime], zone: tzinfo) -> list[str]:
    return sorted({moment.astimezone(zone).date().isoformat() for moment in moments})


def _placed(moment: datetime, zone: tzinfo) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _shown(value: Any) -> str:
    return str(value)[:80]
