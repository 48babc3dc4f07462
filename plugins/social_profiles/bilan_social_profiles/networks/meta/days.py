"""Days as Meta cuts them: from midnight to midnight Pacific Time.

https://developers.facebook.com/documentation/pages-api/platforminsights/page: a value
whose ``end_time`` is 8:00 GMT of January 2 (7:00 in summer) is that of January 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bilan.sdk import Unreadable, read_instant
from bilan_social_profiles.networks.reading import Reading
from bilan_social_profiles.textdomain import _

PACIFIC = ZoneInfo("America/Los_Angeles")
KEPT = 730
"""Insights are kept for two years."""


def day_of(end_time: object) -> date:
    """The day of a value that is told with the moment at which its day ended."""
    ended = read_instant(end_time, UTC)
    if ended is None:
        raise Unreadable(_("This figure does not say of which day it is."))
    return (ended.astimezone(PACIFIC) - timedelta(seconds=1)).date()


def moments(day: date) -> tuple[int, int]:
    """The first and the last second of a day, as seconds since 1970."""
    first = datetime.combine(day, time(), PACIFIC)
    after = datetime.combine(day + timedelta(days=1), time(), PACIFIC)
    return round(first.timestamp()), round(after.timestamp()) - 1


def days_to_read(reading: Reading, usual: int) -> tuple[date, date]:
    """The first and the last day whose insights a pull reads: those of a back-fill, else ``usual`` days.

    The last is yesterday: today is not over. What Meta has forgotten is not asked for.
    """
    yesterday = reading.context.now.astimezone(PACIFIC).date() - timedelta(days=1)
    wanted = reading.context.range
    first = yesterday - timedelta(days=usual - 1) if wanted is None else wanted.first
    last = yesterday if wanted is None else min(wanted.last, yesterday)
    return max(first, yesterday - timedelta(days=KEPT - 1)), last


def each_day(first: date, last: date) -> Iterator[date]:
    """The days from the first to the last."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
