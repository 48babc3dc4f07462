"""Wall time: the instant of what the clocks of a zone show, also where they skip it or show it twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bilan.schedules.recurrence import DoubledHour, MissingHour

SECOND = timedelta(seconds=1)


class ClockChange(StrEnum):
    """What the clocks do to a time of day on the day they are changed."""

    MISSING = "missing"
    """They skip it."""
    DOUBLED = "doubled"
    """They show it twice."""


def instant_of(
    nominal: datetime, zone: ZoneInfo, missing: MissingHour, doubled: DoubledHour
) -> tuple[datetime, ClockChange | None]:
    """The instant (UTC) at which the clocks show ``nominal`` (without a zone), and what they do to it."""
    # Python reads a wall time with the offset from before a change (fold 0) or from after it (fold 1).
    before, after = (nominal.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if before == after:
        return before, None
    if before < after:
        return (before if doubled is DoubledHour.FIRST else after), ClockChange.DOUBLED
    if missing is MissingHour.SHIFTED:
        return before, ClockChange.MISSING
    return _change_between(after, before, zone), ClockChange.MISSING


def _change_between(start: datetime, end: datetime, zone: ZoneInfo) -> datetime:
    """The first instant after a change of the clocks that lies after ``start`` and not after ``end``."""
    offset = start.astimezone(zone).utcoffset()
    seconds = (end - start) // SECOND
    low, high = 0, seconds
    while high - low > 1:
        middle = (low + high) // 2
        if (start + middle * SECOND).astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return start + high * SECOND
