"""Days as Meta cuts them, and the ``since`` and ``until`` that ask for some.

"The first end_time value will be the date specified by since plus 1, so that it includes the since date's
data. If you set since to January 1, 2018, the end_time will be January 2, 2018 at 8:00 GMT"
(https://developers.facebook.com/docs/platforminsights/page): a page's days end at midnight in California.
Instagram's end at 07:00 UTC all year ("24 hour periods, with periods ending on UTC-07:00").
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from support.networks.meta.errors import refused

PAGES: tzinfo = ZoneInfo("America/Los_Angeles")
INSTAGRAM: tzinfo = timezone(timedelta(hours=-7))
NOON = time(12, tzinfo=UTC)


def moment(text: str) -> datetime:
    """A parameter: seconds since 1970, or a date, or a date and time. Raises the Graph's error."""
    try:
        if text.lstrip("-").isdigit():
            return datetime.fromtimestamp(int(text), UTC)
        at = datetime.fromisoformat(text)
    except ValueError:
        raise refused(100, f"(#100) Invalid parameter: {text} is no time") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def ends(day: date, zone: tzinfo) -> datetime:
    """When a day ends, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def days(query: dict[str, str], now: datetime, most: int, default: int) -> list[date]:
    """The days of a range: those whose noon (UTC) lies within, wherever the asker has midnight.

    Without a range the last ``default`` days before today. Raises the Graph's error beyond ``most`` days.
    """
    until = moment(query["until"]) if query.get("until") else now
    since = moment(query["since"]) if query.get("since") else until - timedelta(days=default)
    if since > until:
        raise refused(100, "(#100) since must be before until")
    if until - since > timedelta(days=most):
        seconds = most * 86400
        text = f"(#100) There cannot be more than {most} days ({seconds} s) between since and until"
        raise refused(100, text)
    first = since.date() - timedelta(days=1)
    whole = [first + timedelta(days=number) for number in range((until - since).days + 4)]
    return [day for day in whole if since <= datetime.combine(day, NOON) < until]
