"""What the clocks of a zone show, by the C library: an oracle that goes from instants to wall time alone."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import TZPATH, available_timezones

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
QUARTER = 15 * MINUTE
"""Of these are the changes of ten years and the moments at which they are made, but for one zone."""
ODD = "Antarctica/Casey"
"""Where clocks are changed at a minute past midnight."""
TEN_YEARS = [date(2017, 1, 1) + number * DAY for number in range(3652)]
FEW = 5
"""Days within which no zone changes its clocks back and forth."""
BEFORE, AFTER = 2.5 * DAY, 4 * DAY
"""What is looked at of the time around the beginning of a day with a change."""


class Clocks:
    """What the clocks show at every ``step`` around a change on a day (in UTC)."""

    def __init__(self, zone: str, change: date, step: timedelta = MINUTE) -> None:
        start = datetime(change.year, change.month, change.day, tzinfo=UTC) - BEFORE
        instants = [start + number * step for number in range((BEFORE + AFTER) // step)]
        with _rules_of(zone):
            shown = [datetime(*time.localtime(one.timestamp())[:5]) for one in instants]  # noqa: DTZ001
        self._at: dict[datetime, list[datetime]] = {}
        for instant, wall in zip(instants, shown, strict=True):
            self._at.setdefault(wall, []).append(instant)
        self._jumps = [
            (before, after, instant, after - before - step)
            for before, after, instant in zip(shown, shown[1:], instants[1:], strict=False)
            if after - before > step
        ]

    def show(self, wall: datetime) -> list[datetime]:
        """The instants at which they show this; none where they skip it, two where they show it twice."""
        return self._at.get(wall, [])

    def skip(self, wall: datetime) -> tuple[datetime, timedelta]:
        """The instant after which they skipped this, and how far they were put forward."""
        ((instant, jump),) = [
            (instant, jump) for before, after, instant, jump in self._jumps if before < wall < after
        ]
        return instant, jump


@cache
def changes(zone: str) -> tuple[date, ...]:
    """The days of ten years (2017 to 2026, in UTC) in which the clocks are changed."""
    with _rules_of(zone):
        found = [
            day
            for first in TEN_YEARS[:-FEW:FEW]
            if _offset(first) != _offset(first + FEW * DAY)
            for day in (first + number * DAY for number in range(FEW))
            if _offset(day) != _offset(day + DAY)
        ]
    return tuple(found)


def zones() -> list[str]:
    """Every zone once: of those with the same rules, the first."""
    names = {_file(zone).read_bytes(): zone for zone in sorted(available_timezones(), reverse=True)}
    return sorted(names.values())


@contextmanager
def _rules_of(zone: str) -> Generator[None]:
    """Have the C library read the zone's rules, from the same file as Python."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = f":{_file(zone)}"
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


def _offset(day: date) -> int:
    return time.localtime(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()).tm_gmtoff


def _file(zone: str) -> Path:
    for folder in TZPATH:
        if (path := Path(folder, zone)).is_file():
            return path
    return Path(str(files("tzdata"))) / "zoneinfo" / zone
