"""Days, moments and periods in a locale. A ``pattern`` is somebody's own way to write a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton, format_time, format_timedelta

RIGHT_TO_LEFT_MARK = "\u200f"


def day(value: date, locale: Locale, pattern: str | None) -> str:
    """A day with its year."""
    return format_date(value, format=pattern or "medium", locale=locale)


def moment(value: datetime, locale: Locale, pattern: str | None, clock: str) -> str:
    """A moment in its own zone, which is named: ``Jul 4, 2026, 2:05 PM CEST``."""
    joined = str(locale.datetime_formats["medium"])
    time = format_time(value.timetz(), format=clock, tzinfo=value.tzinfo, locale=locale)
    written = joined.format(time, day(value.date(), locale, pattern)).replace("'", "")
    return f"{written} {zone_name(value)}"


def zone_name(value: datetime) -> str:
    """The zone's abbreviation at that moment, or its distance from UTC where it has none."""
    name = value.tzname() or "UTC"
    return f"UTC{name}" if name[0] in "+-" else name


def period(first: date, last: date, locale: Locale, pattern: str | None) -> str:
    """From one day to another, both included."""
    if first == last:
        return day(first, locale, pattern)
    if pattern:
        return f"{day(first, locale, pattern)} – {day(last, locale, pattern)}"
    return format_interval(first, last, "yMMMd", locale=locale)


def ago(value: datetime, now: datetime, locale: Locale) -> str:
    """How long ago a moment was, in its largest whole unit: ``2 minutes ago``; at least a second."""
    past = min(value - now, timedelta(seconds=-1))
    return format_timedelta(past, add_direction=True, threshold=1, locale=locale)


def weekday(value: date, locale: Locale) -> str:
    """A day as people call it: ``Wednesday, November 25, 2026``."""
    return format_date(value, format="full", locale=locale)


def month(value: date, locale: Locale) -> str:
    """A month with its year: ``November 2026``."""
    return format_skeleton("yMMMM", value, locale=locale)


def clock(value: time, locale: Locale, pattern: str) -> str:
    """A time of day: ``8:00 AM``."""
    return format_time(value, format=pattern, locale=locale)


def weekday_name(value: Any, locale: Locale, width: str) -> str:
    """A day of the week, Monday being 1; what is none as it is."""
    names = locale.days["stand-alone"][width]
    return str(names.get(_number(value) - 1, value))


def hour(value: Any, locale: Locale, clock: str) -> str:
    """An hour of the day as people say it: ``9 AM``, ``09 h``; what is none as it is."""
    number = _number(value)
    if not 0 <= number < 24:
        return str(value)
    skeleton = "h" if "a" in clock or "B" in clock else "H"
    return format_skeleton(skeleton, time(number), locale=locale).replace(" ", "\N{NO-BREAK SPACE}")


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return -1


def labels(values: Sequence[date], locale: Locale, pattern: str | None) -> list[str]:
    """Days for an axis: months where all are first days of months, the year only where it changes."""
    if len(values) > 1 and all(value.day == 1 for value in values):
        return [_short(value, "yMMM", locale) for value in values]
    if len({value.year for value in values}) > 1:
        return [day(value, locale, pattern).replace(RIGHT_TO_LEFT_MARK, "") for value in values]
    return [_short(value, "MMMd", locale) for value in values]


def hours(values: Sequence[datetime], locale: Locale, clock: str) -> list[str]:
    """Moments for an axis: the time alone on one day, else with the day."""
    times = [format_time(value, format=clock, tzinfo=value.tzinfo, locale=locale) for value in values]
    if len({value.date() for value in values}) == 1:
        return times
    return [
        f"{_short(value.date(), 'MMMd', locale)} {time}" for value, time in zip(values, times, strict=True)
    ]


def _short(value: date, skeleton: str, locale: Locale) -> str:
    return format_skeleton(skeleton, value, locale=locale).replace(RIGHT_TO_LEFT_MARK, "")
