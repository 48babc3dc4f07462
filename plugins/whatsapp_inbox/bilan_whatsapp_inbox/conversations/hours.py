"""Business hours: which part of a stretch of time falls into the hours in which an inbox is answered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bilan.sdk import Settings, read_texts, zone_setting

DAYS = {
    name: number
    for number, names in enumerate(
        ("mon lun", "tue mar", "wed mer", "thu jeu", "fri ven", "sat sam", "sun dim")
    )
    for name in names.split()
}
"""The days of the week by the first three letters of their English and French names."""
LINE = re.compile(r"([a-z]{3})[a-z]*(?:\s*[-–]\s*([a-z]{3})[a-z]*)?\s+(.+)")
HOURS = re.compile(r"(\d{1,2})(?::|h)?(\d\d)?\s*[-–]\s*(\d{1,2})(?::|h)?(\d\d)?")
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
            for opens, closes in () if day in self.holidays else self.openings.get(day.weekday(), ()):
                overlap = min(end, self._at(day, closes)) - max(start, self._at(day, opens))
                yield max(0.0, overlap.total_seconds())
            day += DAY

    def _at(self, day: date, after: timedelta) -> datetime:
        # On the clock of the wall, also on days of 23 and 25 hours.
        local = datetime.combine(day, time()) + after
        return local.replace(tzinfo=self.zone).astimezone(UTC)


def calendar_of(settings: Settings) -> Calendar | None:
    """The source's calendar; ``None`` where it has no hours, or such as cannot be read."""
    openings = dict[int, tuple[Opening, ...]]()
    for line in re.split(r"[;,\n]", str(settings.get("hours") or "").lower()):
        if not line.strip():
            continue
        read = LINE.fullmatch(line.strip())
        first, last = (DAYS.get(read[1]), DAYS.get(read[2] or read[1])) if read else (None, None)
        hours = _hours(read[3]) if read else ()
        if first is None or last is None or not hours:
            return None
        for number in range((last - first) % 7 + 1):
            openings[(first + number) % 7] = hours
    if not openings:
        return None
    return Calendar(zone_setting(settings), openings, frozenset(_dates(settings.get("holidays"))))


def _hours(written: str) -> tuple[Opening, ...]:
    """Hours such as ``9:00-12:30 14-18``; nothing where one cannot be read."""
    found = list[Opening]()
    for part in re.sub(r"\s*[-–]\s*", "-", written).split():
        read = HOURS.fullmatch(part)
        opens, closes = (_after(read[1], read[2]), _after(read[3], read[4])) if read else (DAY, DAY)
        if not opens < closes <= DAY:
            return ()
        found.append((opens, closes))
    return tuple(found)


def _after(hours: str, minutes: str | None) -> timedelta:
    return timedelta(hours=int(hours), minutes=int(minutes or 0))


def _dates(written: object) -> Iterator[date]:
    for one in read_texts(written):
        try:
            yield date.fromisoformat(one)
        except ValueError:
            continue
