"""The timeline of a contact: what they did, the newest first, a page at a time. See docs/decisions/113."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from bilan.sdk.conditions import AllOf, Between, Condition, In, Is
from bilan.sdk.errors import Invalid
from bilan.sdk.query import Order, QueryClient
from bilan.sdk.textdomain import _

ACTIVITY = "contact.activity"
"""The dataset. Its declaration loads pluggy, which commands need not."""
LONGEST_PAGE = 500
"""Entries of a page."""
TICK = timedelta(microseconds=1)
COLUMNS = ("occurred_at", "category", "action", "subject", "detail", "source", "dataset", "fact", "key")


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that a contact did or went through, at a moment in UTC. ``source`` is the id of its source.

    ``dataset`` and ``fact`` name the fact that tells of it, ``key`` which of its activities it is.
    """

    occurred_at: datetime
    category: str
    action: str
    subject: str
    detail: str
    source: str
    dataset: str
    fact: str
    key: str

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What tells apart entries of one moment."""
        return self.dataset, self.fact, self.key, self.source


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Entries, the newest first; ``end`` is the cursor of the last one, ``more`` whether any are older."""

    entries: tuple[TimelineEntry, ...]
    end: str = ""
    more: bool = False


def contact_timeline(
    client: QueryClient,
    contact: str,
    *,
    categories: tuple[str, ...] = (),
    after: str = "",
    limit: int = 50,
) -> TimelinePage:
    """A page of what a contact did; of all categories where none are named.

    What arrives meanwhile shifts no page: ``after`` names the entry to go on from, not a number. Raises
    ``Invalid`` for a cursor that is none and for a page of another length than 1 to 500.
    """
    if not 1 <= limit <= LONGEST_PAGE:
        raise Invalid(_("A page holds from 1 to {most} items.", most=LONGEST_PAGE), ("first",))
    conditions: list[Condition] = [Is("contact", contact)]
    if categories:
        conditions.append(In("category", categories))
    moment, place = _read(after) if after else (None, None)
    if moment is not None:
        conditions.append(Between("occurred_at", high=moment + TICK))
    rows = client.rows(ACTIVITY, COLUMNS, where=AllOf(tuple(conditions)), order=(Order("occurred_at"),))
    found: list[TimelineEntry] = []
    for row in rows:
        row["source"] = str(row["source"])
        entry = TimelineEntry(**row)
        if place is not None and entry.occurred_at == moment and entry.place <= place:
            continue  # on a page before
        found.append(entry)
        if len(found) > limit:
            break
    shown = tuple(found[:limit])
    return TimelinePage(shown, _written(shown[-1]) if shown else "", len(found) > limit)


def _written(entry: TimelineEntry) -> str:
    packed = msgspec.json.encode((entry.occurred_at, entry.place))
    return base64.urlsafe_b64encode(packed).decode()


def _read(cursor: str) -> tuple[datetime, tuple[str, str, str, str]]:
    try:
        packed = base64.b64decode(cursor, altchars=b"-_", validate=True)
        return msgspec.json.decode(packed, type=tuple[datetime, tuple[str, str, str, str]])
    except (ValueError, msgspec.MsgspecError):
        raise Invalid(_("This is no cursor of a timeline; begin without one."), ("after",)) from None
