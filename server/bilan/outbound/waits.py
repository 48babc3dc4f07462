"""How long a service wants to be left alone, as its headers say it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

REMAINING = ("ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining")
RESET = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset")
EPOCH = 1_000_000_000
"""A number of seconds as large as this is a moment since 1970, and a smaller one from now."""
LONGEST = 86_400.0
"""Seconds that are believed at most: limits of services are by the day."""
MARGIN = 0.5
"""Seconds by which clocks and roundings may differ."""


def seconds_to_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """How many seconds a service that refused wants to be left alone; ``None`` where it does not say.

    ``now`` stands in for the service's own clock, which its ``Date`` tells. Names are in lower case.
    """
    now = _date(headers.get("date", "")) or now
    named = [headers[name] for name in ("retry-after", *RESET) if headers.get(name)]
    waits = (_seconds(value.strip(), now) for value in named)
    known = next((one for one in waits if one is not None), None)
    return None if known is None else min(max(known, 0.0) + MARGIN, LONGEST)


def seconds_until_more(headers: Mapping[str, str], now: datetime) -> float | None:
    """How many seconds to wait before the next request, where an answer says it was the last one for now."""
    if all(headers.get(name, "").strip() != "0" for name in REMAINING):
        return None
    return seconds_to_wait(headers, now)


def _seconds(value: str, now: datetime) -> float | None:
    try:
        number = float(value)
    except ValueError:
        at = _date(value)
        return None if at is None else (at - now).total_seconds()
    if math.isnan(number) or number < 0:
        return None
    return number - now.timestamp() if number >= EPOCH else number


def _date(value: str) -> datetime | None:
    """A moment as HTTP writes it, or as ISO 8601 does."""
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            at = read(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    return None
