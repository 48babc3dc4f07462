"""Conversations with what is counted of them: who began, how soon somebody answered, how they ended.

See docs/decisions/086.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bilan.sdk import Invalid, Row, Settings
from bilan_whatsapp_inbox.conversations.hours import Calendar, calendar_of
from bilan_whatsapp_inbox.conversations.segments import Segment, ThreadMessage, segments
from bilan_whatsapp_inbox.textdomain import _
from bilan_whatsapp_inbox.vocabulary import Kind

SILENCE_HOURS = 24
LONGEST_SILENCE = 8_760
FLOW_REPLY = "nfm_reply"
"""The answer to a flow."""
STATING = frozenset({Kind.TAGGED.value, Kind.UPDATED.value})
"""Rows whose tags are all that the conversation has; without tags, other rows say nothing of them."""


def conversations(rows: Iterable[Row], settings: Settings) -> Iterator[Row]:
    """The conversations that the rows of one ``thread`` tell of, in the order of their beginnings.

    ``rows`` are of ``whatsapp.log``, in any order: the same rows always give the
    same conversations. ``settings`` are the source's: ``silence_hours``, ``hours``, ``zone`` and
    ``holidays``. A conversation that nobody closed is closed by silence: its ``closed_at`` is written
    in advance, and read once it is due (note 084).
    """
    silence = timedelta(hours=int(settings.get("silence_hours") or SILENCE_HOURS))
    calendar = calendar_of(settings)
    found = [_conversation(segment, silence, calendar) for segment in segments(rows, silence)]
    yield from sorted(found, key=lambda one: (one["started_at"], one["conversation_id"]))


def check_silence(hours: int) -> None:
    """Raise ``Invalid`` for hours that end no conversation, or each at once."""
    if not 1 <= hours <= LONGEST_SILENCE:
        raise Invalid(_("A silence lasts from 1 to {most:count} hours.", most=LONGEST_SILENCE))


@dataclass(frozen=True, slots=True)
class Response:
    """When the contact first wrote and when a person first replied, as far as they did."""

    asked_at: datetime | None
    replied_at: datetime | None

    def seconds(self, calendar: Calendar | None = None) -> int | None:
        """How long the reply took: elapsed, or within the hours of a calendar."""
        if self.asked_at is None or self.replied_at is None:
            return None
        if calendar is not None:
            return calendar.seconds(self.asked_at, self.replied_at)
        return int((self.replied_at - self.asked_at).total_seconds())


def _conversation(segment: Segment, silence: timedelta, calendar: Calendar | None) -> Row:
    named = segment.rows[0]["conversation"]
    stated = (row["opened_at"] for row in segment.rows if named and row["opened_at"] is not None)
    opened_at = min(stated, default=None)
    started_at = _started_at(segment, opened_at)
    closed_at = segment.closed_at
    if closed_at is None and not named:
        closed_at = segment.messages[-1].at + silence
    first = segment.messages[0] if segment.messages else None
    inbound = opened_at is not None or first is None or first.inbound
    response = _response(segment.messages, opened_at)
    duration = None if closed_at is None else int((closed_at - (opened_at or started_at)).total_seconds())
    return {
        "started_at": started_at,
        "first_reply_at": response.replied_at,
        "closed_at": closed_at,
        "contact_phone": _last(segment, "contact_phone", ""),
        "contact_name": _last(segment, "contact_name", ""),
        "contact_tags": _last(segment, "contact_tags", []),
        "conversation_tags": _tags(segment),
        "agents": list(dict.fromkeys(row["agent"] for row in segment.rows if row["agent"])),
        "status": "open" if closed_at is None else "closed",
        "direction": "inbound" if inbound else "outbound",
        "conversation_source": _source(first, inbound=inbound),
        "messages_in": sum(message.inbound for message in segment.messages),
        "messages_out": sum(not message.inbound for message in segment.messages),
        "first_response_seconds": response.seconds(),
        "duration_seconds": duration,
        "rating": _rating(segment),
        "first_response_business_seconds": response.seconds(calendar),
        "number": _last(segment, "number", ""),
        "conversation": named,
        "conversation_id": named or segment.messages[0].ident,
        "reference": next((row["reference"] for row in segment.rows if row["reference"]), ""),
    }


def _started_at(segment: Segment, opened_at: datetime | None) -> datetime:
    """The first message; where the inbox knows conversations, the first it tells of this one."""
    if not segment.rows[0]["conversation"]:
        return segment.messages[0].at
    first = segment.rows[0]["occurred_at"]
    return first if opened_at is None else min(first, opened_at)


def _response(messages: list[ThreadMessage], opened_at: datetime | None) -> Response:
    """The contact's first message and the first reply of a person to it.

    Where the inbox says when the contact opened the conversation, whatever a
    person wrote in it is a reply, though the clocks of the two may disagree.
    """
    asked_at, replies = opened_at, messages
    if opened_at is None:
        first = next((number for number, message in enumerate(messages) if message.inbound), len(messages))
        asked_at = messages[first].at if first < len(messages) else None
        replies = messages[first:]
    persons = (message.at for message in replies if not message.inbound and not message.automated)
    return Response(asked_at, next(persons, None))


def _source(first: ThreadMessage | None, *, inbound: bool) -> str:
    """What began it: a flow where a machine wrote first or a flow was answered, the contact, or the inbox."""
    if first is not None and (first.automated if not first.inbound else first.type == FLOW_REPLY):
        return "flow" if first.inbound or not inbound else "inbound"
    return "inbound" if inbound else "inbox"


def _tags(segment: Segment) -> list[str]:
    tags: list[str] = []
    for row in segment.rows:
        if row["tags"] or row["kind"] in STATING:
            tags = list(row["tags"])
    return tags


def _rating(segment: Segment) -> float | None:
    ratings = (row["rating"] for row in reversed(segment.rows) if row["rating"] is not None)
    return next(ratings, None)


def _last(segment: Segment, column: str, empty: Any) -> Any:
    """What the last row says that says something."""
    return next((row[column] for row in reversed(segment.rows) if row[column]), empty)
