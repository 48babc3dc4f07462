"""Dates and times in words and figures: one strict grammar, which uses up the whole text.

Nothing is guessed here. ``05/01/2026`` has several readings, and what decides
between them is the column that it stands in. See docs/decisions/062.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bilan.sdk.calendar_names import bare, months, weekdays
from bilan.sdk.textdomain import _
from bilan.sdk.unreadable import Unreadable
from bilan.sdk.written_zones import in_zone


class DateOrder(StrEnum):
    """In which order a date of figures alone names its day, month and year."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    YEAR_FIRST = "year_first"
    """Only for years of two figures: with four there is no other reading."""


Readings = Mapping[DateOrder | None, datetime]
"""What a text may mean by the order of its date; ``None`` for one that has a single meaning."""
YEARS = range(1990, 2100)
"""Counts since 1970, days since 1900 and years of two figures are read where they lie in these."""
EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a day of a calendar without zones
EXCEL = range(32_874, 73_051)
"""The day numbers of these years."""
UNIX = range(631_152_000, 4_102_444_800)
"""The seconds since 1970 of these years."""

CLOCK = (
    r"(?P<hour>\d{1,2})(?:(?:[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?)"
    r"| ?(?P<h>h)(?: ?(?P<minutes>\d\d)(?: ?m(?:in)?)?)?)?"
    r"(?: ?(?P<half>[ap])(?:m\b|\. ?m\.))?(?P<uhr> uhr)?"
)
WEEKDAY = r"(?:(?P<weekday>[a-z]+)(?:\.,?|,)? (?:the |le |den |el |am )?)?"
YEAR = r"(?P<year>\d{4})"
NAMED = r"(?P<name>[a-z]+)"
DAY = r"(?P<day>\d{1,2})"
FORMS = (
    YEAR + r"(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)" + DAY,
    YEAR + r"-?w(?P<week>\d\d)-?(?P<weekday_number>[1-7])",
    r"(?P<one>\d{1,2})(?P<mark>[-/.]) ?(?P<two>\d{1,2})(?P=mark) ?(?P<three>\d{4}|\d\d)",
    DAY + r"(?:er|st|nd|rd|th|o|\.)?(?: of | de |[ /-]|(?<=\.))" + NAMED
    + r"\.?(?:,? (?:de |del )?|[/-])'?(?P<year>\d{4}|\d\d)",
    NAMED + r"(?:\. ?|[ -])" + DAY + r"(?:st|nd|rd|th|\.)?(?:,? ?(?<=[, ])|-)" + YEAR,
    YEAR + r"[ -]" + NAMED + r"\.?[ -]" + DAY,
    YEAR + r"(?P<month>\d\d)(?P<day>\d\d)",
)  # fmt: skip
DATES = tuple(re.compile(WEEKDAY + form + r"(?!\d)", re.ASCII) for form in FORMS)
NUMERIC = DATES[2]
TIME = re.compile(
    r"(?:t|_|:(?=\d\d:\d\d:\d\d)|,? (?:at |a |a las |a la |um |las |- |@ |\| )?|, ?)"
    + CLOCK
    + r"(?P<zone> ?[a-z+\-\[(].*)?",
    re.ASCII,
)
TIME_FIRST = re.compile(CLOCK + r"(?:, ?| )(?:on |le |el |am )?(?P<date>.+)", re.ASCII)
IN_THE_MIDDLE = re.compile(
    r"(?P<weekday>[a-z]+),? (?P<name>[a-z]+) (?P<day>\d{1,2}) "
    + CLOCK
    + r"(?P<zone> [a-z+\-].*)? (?P<year>\d{4})",
    re.ASCII,
)
"""What C, Java and Twitter write: ``Mon Jan 05 08:00:00 CET 2026``."""
COMPACT_TIME = re.compile(
    r"(?P<date>\d{8})[t_ -]?(?P<hour>\d\d)(?P<minute>\d\d)"
    r"(?:(?P<second>\d\d)(?:[.,]?(?P<fraction>\d{3,9}))?)?(?P<zone> ?[a-z+\-\[(].*)?",
    re.ASCII,
)
NUMBER = re.compile(r"(?P<whole>\d{1,22})(?:[.,](?P<decimals>\d+))?", re.ASCII)


def readings_of(written: str, zone: tzinfo) -> Readings:
    """What a written moment may mean, in UTC. Without a zone of its own it is read in ``zone``.

    Raises ``ValueError`` for one that has no meaning, ``Unreadable`` where
    more than that can be said.
    """
    text = bare(written)
    if number := NUMBER.fullmatch(text):
        return {None: _placed(_counted(number["whole"], number["decimals"] or ""), zone)}
    if match := IN_THE_MIDDLE.fullmatch(text):
        return _timed(_dates(match), match, zone, written)
    if (match := COMPACT_TIME.fullmatch(text)) and (dates := _whole_date(match["date"])):
        return _timed(dates, match, zone, written)
    for pattern in DATES:
        if (match := pattern.match(text)) and (dates := _dates(match)):
            rest = text[match.end() :]
            if not rest:
                return _told({order: _midnight(day, zone) for order, day in dates.items()})
            if time := TIME.fullmatch(rest):
                return _timed(dates, time, zone, written)
    if (match := TIME_FIRST.fullmatch(text)) and (dates := _whole_date(match["date"])):
        return _timed(dates, match, zone, written)
    raise ValueError(written)


def numeric_dates(values: Iterable[Any]) -> list[str]:
    """The different dates of figures alone that stand in a column's values, each as it is written."""
    found = dict[str, None]()
    for value in values:
        if isinstance(value, str) and (match := _numeric(bare(value))):
            found[match.group()] = None
    return list(found)


def _numeric(text: str) -> re.Match[str] | None:
    if match := NUMERIC.match(text):
        return match
    return NUMERIC.fullmatch(clock["date"]) if (clock := TIME_FIRST.fullmatch(text)) else None


def orders_of(written: str) -> AbstractSet[DateOrder]:
    """The orders in which such a date can be read: all where it has the same meaning in each."""
    match = NUMERIC.match(written)
    try:
        dates = _dates(match) if match else {}
    except Unreadable:
        dates = {}
    if len(set(dates.values())) <= 1 and len(dates) != 1:
        return frozenset(DateOrder)
    return {order for order in dates if order is not None}


Dates = Mapping[DateOrder | None, date]


def _whole_date(text: str) -> Dates:
    for pattern in DATES:
        if (match := pattern.fullmatch(text)) and (dates := _dates(match)):
            return dates
    return {}


def _dates(match: re.Match[str]) -> Dates:
    """The days a date may mean: none where it is no date at all."""
    parts = match.groupdict()
    found = _by_order(match) if parts.get("one") else {None: _one_date(parts)}
    dates = {order: day for order, day in found.items() if day is not None}
    if (named := parts.get("weekday")) and dates:
        number = weekdays().get(named)
        if number is None:
            return {}
        dates = {order: day for order, day in dates.items() if day.weekday() == number}
        if not dates:
            raise Unreadable(_("“{value}” names a weekday that is not that day's.", value=match.string))
    return dates


def _one_date(parts: Mapping[str, str | None]) -> date | None:
    year = parts["year"] or ""
    if week := parts.get("week"):
        return date.fromisocalendar(int(year), int(week), int(parts["weekday_number"] or 0))
    name = parts.get("name")
    month = months().get(name, 0) if name else int(parts["month"] or 0)
    return _date(_full_year(year), month, int(parts["day"] or 0))


def _by_order(match: re.Match[str]) -> dict[DateOrder | None, date | None]:
    one, two, three = (int(match[name]) for name in ("one", "two", "three"))
    year = _full_year(match["three"])
    found: dict[DateOrder | None, date | None] = {
        DateOrder.DAY_FIRST: _date(year, two, one),
        DateOrder.MONTH_FIRST: _date(year, one, two),
    }
    if len(match["three"]) == 2 and len(match["one"]) == 2:
        found[DateOrder.YEAR_FIRST] = _date(_full_year(match["one"]), two, three)
        latest = datetime.now(UTC).year + 1
        found = {order: day for order, day in found.items() if day and YEARS.start <= day.year <= latest}
    return found


def _full_year(written: str) -> int:
    if len(written) == 4:
        return int(written)
    return int(written) + (2000 if int(written) < 90 else 1900)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _timed(dates: Dates, match: re.Match[str], zone: tzinfo, written: str) -> Readings:
    clock = _clock(match.groupdict())
    told = match.groupdict().get("zone")
    found = dict[DateOrder | None, datetime]()
    for order, day in dates.items():
        moment = datetime(day.year, day.month, day.day) + clock  # noqa: DTZ001 - placed below
        placed = in_zone(moment, told.strip(), zone, written) if told else moment.replace(tzinfo=zone)
        found[order] = placed.astimezone(UTC)
    if not found:
        raise ValueError(written)
    return _told(found)


def _told(found: dict[DateOrder | None, datetime]) -> Readings:
    """The same, in one reading where all orders mean the same."""
    return {None: next(iter(found.values()))} if len(set(found.values())) == 1 and len(found) > 1 else found


def _clock(parts: Mapping[str, str | None]) -> timedelta:
    hour, minute = int(parts["hour"] or 0), int(parts["minute"] or parts.get("minutes") or 0)
    second, half = int(parts["second"] or 0), parts.get("half")
    if half:
        if hour > 12 and half == "a":
            raise ValueError(hour)
        hour = hour if hour > 12 else hour % 12 + (12 if half == "p" else 0)
    elif not (parts["minute"] or parts.get("h") or parts.get("uhr")):
        raise ValueError(hour)
    # The end of a day may be written as its hour 24.
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second)):
        raise ValueError(hour)
    # Python's moments, and the warehouse's, have microseconds; what is finer is cut off.
    fraction = int((parts["fraction"] or "0").ljust(6, "0")[:6])
    return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=fraction)


def _counted(whole: str, decimals: str) -> datetime:
    if not decimals.strip("0") and len(whole) in (8, 12, 14, 17) and int(whole[:4]) in YEARS:
        match = COMPACT_TIME.fullmatch(whole)
        (day,) = _whole_date(whole[:8]).values() or (None,)
        if day is not None:
            clock = _clock(match.groupdict()) if match else timedelta()
            return datetime(day.year, day.month, day.day) + clock  # noqa: DTZ001 - placed by the caller
    count = Decimal(f"{whole}.{decimals}" if decimals else whole)
    if int(count) in EXCEL:
        # A day number of seven decimals is exact to some milliseconds; Excel itself shows seconds.
        step = 1 if len(decimals) <= 8 else 1000
        return EXCEL_EPOCH + timedelta(seconds=round(count * 86_400 * step) / step)
    for scale in (1, 10**3, 10**6, 10**9):
        if int(count / scale) in UNIX:
            microseconds = int(count * 10**6 / scale)
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    raise ValueError(whole)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _placed(moment: datetime, zone: tzinfo) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
