"""Business hours: which part of a stretch of time falls into the hours in which an inbox is answered."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bilan.sdk import Invalid, Settings, read_texts, zone_setting
from bilan_whatsapp_inbox.textdomain import _

DAYS = {
    name: number
    for number, names in enumerate(
        ("mon lun", "tue mar", "wed mer", "thu jeu", "fri ven", "sat sam", "sun dim")
    )
    for name in names.split()
}
"""The days of the week by the first three letters of their English and French names."""
LINE = re.compile(r"([a-z]{3})[a-z]*(?:\s*[-–]\s*([a-z]{3})[a-z]*)?\s+(.+)")
HOURS = re.compile(r"(\d{1,2})(?::|h)?([0-5]\d)?\s*[-–]\s*(\d{1,2})(?::|h)?([0-5]\d)?")
DAY = timedelta(days=1)
MOST_DAYS = 3_660
"""Longer stretches are counted as if they ended after ten years."""
Opening = tuple[timedelta, timedelta]
"""From when to when after midnight."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The hours of each day of the week (Monday is 0) in a zone, and the days without any."""

    zone: ZoneInfo
    openings: Mapping[int, tuple[Opening, ...]]
    holidays: frozenset[date] = field(default_factory=frozenset[date])

    def seconds(self, start: datetime, end: datetime) -> int:
        """The open seconds from one moment to a later one; 0 where it is not later."""
        return int(sum(self._overlaps(start, end)))

    def _overlaps(self, start: datetime, end: datetime) -> Iterator[float]:
        day, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        last = min(last, day + MOST_DAYS * DAY)
        while day <= last:
            openings = () if day in self.holidays else self.openings.get(day.weekday(), ())
            for since, until, midnight in _stretches(self.zone, day) if openings else ():
                for opens, closes in openings:
                    overlap = min(end, until, midnight + closes) - max(start, since, midnight + opens)
                    yield max(0.0, overlap.total_seconds())
            day += DAY


def calendar_of(settings: Settings) -> Calendar | None:
    """The source's calendar; ``None`` where it has no hours. Raises ``Invalid`` where they cannot be read."""
    hours, holidays = str(settings.get("hours") or ""), tuple(read_texts(settings.get("holidays")))
    return _calendar(hours, holidays, zone_setting(settings)) if hours.strip() else None


def read_hours(written: str) -> dict[int, tuple[Opening, ...]]:
    """The hours of each day of the week. Raises ``Invalid``."""
    found = dict[int, list[Opening]]()
    for line in filter(str.strip, re.split(r"[;,\n]", written.lower())):
        read = LINE.fullmatch(line.strip())
        first, last = (DAYS.get(read[1]), DAYS.get(read[2] or read[1])) if read else (None, None)
        if read is None or first is None or last is None:
            raise _unreadable(line)
        for number in range((last - first) % 7 + 1):
            found.setdefault((first + number) % 7, []).extend(_openings(read[3], line))
    return {day: _joined(openings) for day, openings in found.items()}


def read_days(written: object) -> frozenset[date]:
    """The days without business hours. Raises ``Invalid``."""
    return frozenset(map(_date, read_texts(written)))


@lru_cache(maxsize=64)
def _calendar(hours: str, holidays: tuple[str, ...], zone: ZoneInfo) -> Calendar:
    return Calendar(zone, read_hours(hours), read_days(holidays))


@lru_cache(maxsize=4096)
def _stretches(zone: ZoneInfo, day: date) -> tuple[tuple[datetime, datetime, datetime], ...]:
    """From when to when a day lasts in UTC, and when its midnight is; two where the clocks are changed.

    Hours are those of the clock on the wall: what it skips is no time, what it shows twice counts twice.
    """
    since, until = (datetime.combine(one, time(), zone).astimezone(UTC) for one in (day, day + DAY))
    midnight = datetime.combine(day, time(), UTC)

    def offset(seconds: int) -> timedelta:
        return (since + timedelta(seconds=seconds)).astimezone(zone).utcoffset() or timedelta()

    length = int((until - since).total_seconds())
    before, after = offset(0), offset(max(0, length - 1))
    if before == after:
        return ((since, until, midnight - before),)
    seconds = bisect_left(range(length), True, key=lambda second: offset(second) != before)
    change = since + timedelta(seconds=seconds)
    return ((since, change, midnight - before), (change, until, midnight - after))


def _openings(written: str, line: str) -> Iterator[Opening]:
    """Hours such as ``9:00-12:30 14-18``."""
    for part in re.sub(r"\s*[-–]\s*", "-", written).split():
        read = HOURS.fullmatch(part)
        opens, closes = (_after(read[1], read[2]), _after(read[3], read[4])) if read else (DAY, DAY)
        if not opens < closes <= DAY:
            raise _unreadable(line)
        yield opens, closes


def _joined(openings: list[Opening]) -> tuple[Opening, ...]:
    """In order, without what is there twice."""
    found = list[Opening]()
    for opens, closes in sorted(openings):
        if found and opens <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], closes))
        else:
            found.append((opens, closes))
    return tuple(found)


def _after(hours: str, minutes: str | None) -> timedelta:
    return timedelta(hours=int(hours), minutes=int(minutes or 0))


def _date(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Invalid(_("“{value}” is no day; write it as 2026-12-25.", value=written[:80])) from None


def _unreadable(line: str) -> Invalid:
    return Invalid(
        _(
            "“{value}” are no business hours; write them as “mon-fri 9:00-12:30 14:00-18:00, "
            "sat 9:00-12:00”.",
            value=line.strip()[:80],
        )
    )
