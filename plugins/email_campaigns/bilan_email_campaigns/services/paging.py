"""Lists of services that are read by offset, and which days a pull reads.

Entries of such a list move up where one before them is deleted, past whoever
asks for the next page. So a page begins a little before the end of the last
one: what comes twice is there once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bilan.sdk import HttpReply, PullContext, read_object

AGAIN = 20
"""So many entries of a page are read again at most with the next one."""
PART = 10
"""Of a short page, one in so many."""
USUAL, FIRST = 30, 90
"""How many days back a pull reads: always, and the first time."""
OVERLAP = timedelta(days=1)
"""How far before the last pull's beginning what was new since is asked for."""

Ask = Callable[[Mapping[str, str | int]], HttpReply]


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a list. ``next`` is the offset of the next one, ``None`` where this is the last."""

    items: list[Any]
    next: int | None


def listed(reply: HttpReply, key: str, offset: int) -> Listed:
    """A page as the service answered it; a list without an entry has ended."""
    found = read_object(reply.json()).get(key)
    items: list[Any] = found if isinstance(found, list) else []
    if not items:
        return Listed([], None)
    return Listed(items, offset + max(len(items) - min(AGAIN, len(items) // PART), 1))


def pages(ask: Callable[[int], HttpReply], key: str, offset: int = 0) -> Iterator[Listed]:
    """The pages of a list from an offset on, until one is empty."""
    following: int | None = offset
    while following is not None:
        page = listed(ask(following), key, following)
        yield page
        following = page.next


@dataclass(frozen=True, slots=True)
class Window:
    """The moments (UTC) that a pull reads, the last one left out."""

    start: datetime
    end: datetime

    @classmethod
    def of(cls, context: PullContext, pulled_at: datetime | None) -> Window:
        """The days of a back-fill; else as far back as usual, the first time further."""
        if (days := context.range) is not None:
            return cls(_midnight(days.first), _midnight(days.last + timedelta(days=1)))
        back = USUAL if pulled_at else FIRST
        return cls(_midnight(context.now.date() - timedelta(days=back)), context.now + timedelta(days=1))

    def share(self, at: datetime) -> float:
        """How much of it lies before a moment, from 0 to 1."""
        return min(max((at - self.start) / (self.end - self.start), 0.0), 1.0)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
