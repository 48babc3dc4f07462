"""Which rows of the log make one conversation.

Where the inbox names its conversations, its own id says it. Else messages are
cut: the first one after a close or a silence opens a conversation, and what is no
message belongs to the one that was opened last. See docs/decisions/086.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bilan.sdk import Row
from bilan_whatsapp_inbox.vocabulary import SYSTEM, Direction, Kind

WRITTEN = frozenset({Kind.MESSAGE.value, Kind.STATUS.value})
PERSONAL_WINDOWS = frozenset({"service", "referral_conversion", "user_initiated", ""})
"""What WhatsApp bills messages as that a person or a bot writes freely; all others are templates."""


@dataclass(slots=True)
class ThreadMessage:
    """What a conversation needs to know of a message: ``ident`` is the message's own id."""

    ident: str
    at: datetime
    inbound: bool
    automated: bool
    type: str


@dataclass(slots=True)
class Segment:
    """The rows of one conversation and its messages, each in the order of time and identity.

    ``closed_at``: when an event closed it, if one did.
    """

    rows: list[Row] = field(default_factory=list[Row])
    messages: list[ThreadMessage] = field(default_factory=list[ThreadMessage])
    closed_at: datetime | None = None

    def add(self, row: Row, message: ThreadMessage | None) -> None:
        """Take a row and the message that it tells of, if it does."""
        self.rows.append(row)
        if message is not None:
            self.messages.append(message)


def segments(rows: Iterable[Row], silence: timedelta) -> list[Segment]:
    """The conversations of one thread; also of a contact's threads, whose rows without an inbox's id are one.

    The rows may come in any order. ``silence`` is how long after its last message a
    conversation ends that nobody closed.
    """
    ordered = sorted(rows, key=lambda row: (row["occurred_at"], _rank(row), row["fact_id"]))
    messages = _messages(ordered)
    named = dict[str, Segment]()
    unnamed = list[Row]()
    for row in ordered:
        if row["conversation"]:
            named.setdefault(row["conversation"], Segment()).add(row, messages.get(row["fact_id"]))
        else:
            unnamed.append(row)
    for segment in named.values():
        segment.closed_at = _closed_by_inbox(segment.rows)
    known = [segment for segment in named.values() if segment.messages or _is_opened(segment.rows)]
    return [*known, *_cut(unnamed, messages, silence)]


def _rank(row: Row) -> int:
    """What comes first within one second: a question, its answer, what the inbox made of them, the close."""
    if row["kind"] in WRITTEN:
        return 0 if row["direction"] == Direction.IN else 1
    return 3 if row["kind"] == Kind.CLOSED else 2


def _is_opened(rows: Iterable[Row]) -> bool:
    return any(row["kind"] == Kind.OPENED or row["opened_at"] is not None for row in rows)


def _messages(rows: Sequence[Row]) -> dict[str, ThreadMessage]:
    """The messages by the identity of the row that tells of them: the first one, where several do.

    A service may tell of what is sent through its interface by statuses alone: there
    the status “sent” is the message.
    """
    told, notices, found = dict[tuple[str, str], Row](), set[tuple[str, str]](), dict[str, ThreadMessage]()
    for row in rows:
        if row["kind"] == Kind.MESSAGE:
            if row["type"] == SYSTEM:
                notices.add(_ident(row))
            elif told.setdefault(_ident(row), row) is row:
                found[row["fact_id"]] = _said(row, row["direction"] == Direction.IN, row["automated"])
    for row in rows:
        if row["kind"] == Kind.STATUS and row["status"] == "sent":
            category, ident = row["pricing_category"] or row["window_origin"], _ident(row)
            if ident not in notices and told.setdefault(ident, row) is row:
                found[row["fact_id"]] = _said(row, False, category not in PERSONAL_WINDOWS)
    return found


def _said(row: Row, inbound: bool, automated: bool) -> ThreadMessage:
    ident, kind = row["message_id"] or row["fact_id"], row["subtype"] or row["type"]
    return ThreadMessage(ident, row["occurred_at"], inbound, automated, kind)


def _ident(row: Row) -> tuple[str, str]:
    """What makes two rows tell of the same message, in the conversation that the inbox names, if it does."""
    return row["conversation"], row["message_id"] or row["fact_id"]


def _closed_by_inbox(rows: Iterable[Row]) -> datetime | None:
    """When a conversation with an id was closed, as the last row that speaks of it says.

    A message of the contact or of a person opens it again; one of a machine, such as a
    survey, does not.
    """
    closed_at: datetime | None = None
    for row in rows:
        match row["kind"]:
            case Kind.CLOSED:
                closed_at = row["closed_at"] or closed_at or row["occurred_at"]
            case Kind.OPENED:
                closed_at = None
            case Kind.MESSAGE if not (row["automated"] and row["direction"] == Direction.OUT):
                closed_at = row["closed_at"]
            case _:
                closed_at = row["closed_at"] or closed_at
    return closed_at


def _cut(rows: Iterable[Row], messages: dict[str, ThreadMessage], silence: timedelta) -> list[Segment]:
    found = list[Segment]()
    for row in rows:
        message = messages.get(row["fact_id"])
        if message is not None and (not found or _is_over(found[-1], message.at, silence)):
            found.append(Segment())
        if not found:
            continue  # what came before the first message is of no conversation
        found[-1].add(row, message)
        if row["kind"] == Kind.CLOSED and not _is_over(found[-1], row["occurred_at"], silence):
            found[-1].closed_at = row["occurred_at"]
    return found


def _is_over(segment: Segment, at: datetime, silence: timedelta) -> bool:
    return segment.closed_at is not None or at >= segment.messages[-1].at + silence
