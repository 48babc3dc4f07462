"""Clocks on the wall as SQL: which weekday and which hour it was in a zone.

As with days, what the zone's clocks show comes from Python: the engine adds
what they are ahead of UTC between two changes, and needs no calendar of its own. See docs/decisions/089.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bilan.query.binder import Binder
from bilan.sdk.periods import DAY
from bilan.warehouse.types import microseconds

MICROSECOND = timedelta(microseconds=1)
DAY_LENGTH = DAY // MICROSECOND
HOUR_LENGTH = DAY_LENGTH // 24
MOST_BRANCHES = 12
"""Among more changes of the clocks than this they are searched."""
FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""Before and after these days a zone's clocks are taken to go as they do on them."""

Range = tuple[int, int]
"""Moments in microseconds since 1970, the second not included."""
ALL_TIME: Range = (-(2**62), 2**62)
Offset = tuple[int, int]
"""A moment in microseconds since 1970, and how many microseconds clocks are ahead of UTC from it on."""


@lru_cache(64)
def offsets(zone: str) -> tuple[Offset, ...]:
    """How far the clocks of a zone are ahead, in the beginning and from each change on."""
    return tuple(_changes(ZoneInfo(zone)))


def _changes(place: ZoneInfo) -> Iterator[Offset]:
    at, ahead = FIRST, _ahead(place, FIRST)
    yield microseconds(at), ahead
    while at < LAST:
        if _ahead(place, at + DAY) != ahead:
            ahead = _ahead(place, at + DAY)
            yield microseconds(_first_with(place, ahead, at, at + DAY)), ahead
        at += DAY


def _ahead(place: ZoneInfo, at: datetime) -> int:
    return (at.astimezone(place).utcoffset() or timedelta()) // MICROSECOND


def _first_with(place: ZoneInfo, ahead: int, start: datetime, end: datetime) -> datetime:
    """The first second of a stretch at whose end clocks are so far ahead."""
    while end - start > timedelta(seconds=1):
        middle = (start + (end - start) // 2).replace(microsecond=0)
        start, end = (start, middle) if _ahead(place, middle) == ahead else (middle, end)
    return end


def weekday(moment: str, zone: str, within: Range, binder: Binder) -> str:
    """The weekday of a moment, Monday being 1; ``within`` is the time that it lies in."""
    # 1970 began on a Thursday. The engine divides towards nought, so days before it need the remainder.
    day, local = binder.bind(DAY_LENGTH, "Int64"), _local(moment, zone, within, binder)
    started = f"intDiv({local} - positiveModulo({local}, {day}), {day})"
    return f"toUInt8(positiveModulo({started} + 3, 7) + 1)"


def hour(moment: str, zone: str, within: Range, binder: Binder) -> str:
    """The hour of a moment, from 0 to 23; ``within`` is the time that it lies in."""
    day, length = binder.bind(DAY_LENGTH, "Int64"), binder.bind(HOUR_LENGTH, "Int64")
    return f"toUInt8(intDiv(positiveModulo({_local(moment, zone, within, binder)}, {day}), {length}))"


def _local(moment: str, zone: str, within: Range, binder: Binder) -> str:
    """What the clocks show, in microseconds since they showed the beginning of 1970."""
    found = _within(offsets(zone), within)
    micros = f"toUnixTimestamp64Micro({moment})"
    if len(found) > MOST_BRANCHES:
        edges = binder.bind([start for start, _ahead in found], "Array(Int64)")
        ahead = binder.bind([ahead for _start, ahead in found], "Array(Int64)")
        return f"({micros} + transform(roundDown({micros}, {edges}), {edges}, {ahead}))"
    *earlier, last = (binder.bind(ahead, "Int64") for _start, ahead in found)
    ends = (binder.bind(start, "Int64") for start, _ahead in found[1:])
    branches = [f"{micros} < {end}, {ahead}" for end, ahead in zip(ends, earlier, strict=True)]
    if not branches:
        return f"({micros} + {last})"
    return f"({micros} + multiIf({', '.join(branches)}, {last}))"


def _within(found: Sequence[Offset], within: Range) -> Sequence[Offset]:
    """The offsets that hold in a stretch of time: the last one before it, and those that begin in it."""
    before = sum(start <= within[0] for start, _ahead in found[1:])
    after = sum(start < within[1] for start, _ahead in found)
    return found[before : max(after, before + 1)]
