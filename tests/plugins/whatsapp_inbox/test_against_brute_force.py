"""Whatever arrives, in whatever order, pieces and copies: conversations are those found the slow way.

The slow way (``support.inbox_oracle``) was written from the requirement and shares no code with the plugin.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilan.manifest import Snapshot
from bilan.query.session import QuerySession
from bilan.sdk import Fact, Row
from bilan.testing.harness import PluginHarness
from bilan_whatsapp_inbox.conversations import conversations
from bilan_whatsapp_inbox.conversations.hours import calendar_of
from bilan_whatsapp_inbox.entries import Entry
from bilan_whatsapp_inbox.vocabulary import CONVERSATIONS, LOG, Direction, Kind
from support import inbox_oracle
from support.inbox_oracle import Week, as_seen
from support.long import times
from support.whatsapp import START, recorded

pytestmark = pytest.mark.requirement("GO-21")

SILENCE = timedelta(hours=24)
CONTACTS = ("33600000001", "33600000002")
INBOXES = ("", "", "", "7", "33600000001")
"""Mostly none; one is called like a contact."""
Make = dict[str, Any]
SAYS: tuple[Make, ...] = (
    {"kind": Kind.MESSAGE, "direction": Direction.IN, "type": "text"},
    {"kind": Kind.MESSAGE, "direction": Direction.IN, "type": "text", "contact_name": "Ana"},
    {"kind": Kind.MESSAGE, "direction": Direction.IN, "type": "interactive", "subtype": "nfm_reply"},
    {"kind": Kind.MESSAGE, "direction": Direction.IN, "type": "system", "new_phone": "336"},
    {"kind": Kind.MESSAGE, "direction": Direction.OUT, "type": "text", "agent": "bo@example.org"},
    {"kind": Kind.MESSAGE, "direction": Direction.OUT, "type": "text", "agent": "cy@example.org"},
    {"kind": Kind.MESSAGE, "direction": Direction.OUT, "type": "text", "automated": True},
    {"kind": Kind.STATUS, "direction": Direction.OUT, "status": "sent", "pricing_category": "service"},
    {"kind": Kind.STATUS, "direction": Direction.OUT, "status": "sent", "window_origin": "marketing"},
    {"kind": Kind.STATUS, "direction": Direction.OUT, "status": "delivered"},
    {"kind": Kind.STATUS, "direction": Direction.OUT, "status": "failed", "error_codes": ["131026"]},
    {"kind": Kind.CLOSED},
    {"kind": Kind.CLOSED},
    {"kind": Kind.OPENED},
    {"kind": Kind.ASSIGNED, "agent": "di@example.org"},
    {"kind": Kind.TAGGED, "tags": ["sales"]},
    {"kind": Kind.TAGGED},
    {"kind": Kind.UPDATED, "tags": ["support", "sales"], "contact_tags": ["vip"]},
    {"kind": Kind.RATED, "rating": 4.0},
    {"kind": Kind.PREFERENCE, "type": "marketing", "status": "stop"},
    {"kind": Kind.OTHER, "type": "private_note"},
)
STATED = (None, None, None, -3, 0, 5)
"""When an inbox says that a conversation was opened or closed, in hours from the row's own time."""


def told(number: int, event: tuple[int, int, str, str, int, int | None, int | None]) -> Row:
    """A row of the log; ``message`` of twenty is one that another row may tell of too."""
    quarters, say, contact, inbox, message, opened, closed = event
    at, values = START + timedelta(minutes=15 * quarters), SAYS[say]
    named: dict[str, Any] = {}
    if values["kind"] in (Kind.MESSAGE, Kind.STATUS):
        named = {"message_id": f"m{message % 20 if message < 60 else number}"}
    if opened is not None:
        named["opened_at"] = at + timedelta(hours=opened)
    if closed is not None:
        named["closed_at"] = at + timedelta(hours=closed)
    entry = Entry(
        fact_id=f"f{number}", occurred_at=at, contact_phone=contact, conversation=inbox, **named, **values
    )
    return entry.fact().row


QUARTERS = st.one_of(st.integers(0, 700), st.integers(0, 28).map(lambda day: 24 * day))
"""Seven days, and moments that are a quarter of the silence apart."""
EVENTS = st.tuples(
    QUARTERS, st.integers(0, len(SAYS) - 1), st.sampled_from(CONTACTS), st.sampled_from(INBOXES),
    st.integers(0, 400), st.sampled_from(STATED), st.sampled_from(STATED),
)  # fmt: skip
STREAMS = st.lists(EVENTS, max_size=30).map(lambda found: [told(*one) for one in enumerate(found)])
HOURS = (
    Week("Europe/Paris", {day: [(9 * 60, 12 * 60 + 30), (14 * 60, 18 * 60)] for day in range(5)}),
    Week("Asia/Kolkata", {0: [(0, 600)], 2: [(9 * 60, 24 * 60)]}, frozenset([date(2026, 3, 4)])),
)


def made(rows: Iterable[Row], **values: Any) -> list[Row]:
    """What the plugin makes of rows that came in this order, thread by thread."""
    threads = defaultdict[str, dict[str, Row]](dict)
    for row in rows:
        threads[row["thread"]].setdefault(row["fact_id"], row)
    found = [
        {**one, "thread": thread}
        for thread, of_it in threads.items()
        if thread
        for one in conversations(list(of_it.values()), values)
    ]
    return sorted(found, key=lambda one: (one["started_at"], one["thread"], one["conversation_id"]))


@pytest.mark.requirement("DC-20", "AC-22")
@settings(max_examples=times(150, 5))
@given(STREAMS, st.randoms(use_true_random=False))
def test_any_stream_shuffled_and_doubled_makes_what_is_found_the_slow_way(
    rows: list[Row], chance: random.Random
) -> None:
    arrived = [*rows, *(row for row in rows if chance.random() < 0.3)]
    chance.shuffle(arrived)

    found = made(arrived)

    assert found == inbox_oracle.conversations(rows, SILENCE)
    names = [(one["thread"], one["conversation"], one["conversation_id"]) for one in found]
    assert len(set(names)) == len(names)


@pytest.mark.requirement("AD-18")
@settings(max_examples=times(20, 5), deadline=None)
@given(STREAMS, st.sampled_from(HOURS), st.integers(1, 60))
def test_responses_are_counted_in_business_hours_whatever_the_silence(
    rows: list[Row], week: Week, silence: int
) -> None:
    found = made(
        rows, silence_hours=silence, hours=week.written, zone=week.zone,
        holidays=[day.isoformat() for day in week.holidays],
    )  # fmt: skip

    assert found == inbox_oracle.conversations(rows, timedelta(hours=silence), week)


CHANGES = (
    ("Europe/Paris", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Paris", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    # By half an hour, and at midnight, which there is twice or not at all.
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 3, 8, 5, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 11, 1, 5, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2026, 4, 23, 22, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2026, 10, 29, 21, tzinfo=UTC)),
    # Never, in zones that are half an hour and a quarter off.
    ("Asia/Kolkata", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2026, 3, 29, 1, tzinfo=UTC)),
)
OPENINGS = st.lists(st.tuples(st.integers(0, 95), st.integers(1, 96)), max_size=3).map(
    lambda found: [(15 * opens, 15 * closes) for opens, closes in found if opens < closes]
)


@pytest.mark.requirement("AD-18")
@settings(max_examples=times(40, 5), deadline=None)
@given(
    st.sampled_from(CHANGES), st.dictionaries(st.integers(0, 6), OPENINGS, min_size=3),
    st.integers(-2000, 500), st.integers(0, 2500), st.sets(st.integers(-2, 2), max_size=2),
)  # fmt: skip
def test_business_hours_are_what_the_clock_on_the_wall_shows_minute_by_minute(
    change: tuple[str, datetime], minutes: dict[int, list[tuple[int, int]]], before: int, length: int,
    holidays: set[int],
) -> None:  # fmt: skip
    zone, at = change
    days = frozenset(at.astimezone(ZoneInfo(zone)).date() + timedelta(days=day) for day in holidays)
    week = Week(zone, minutes, days)
    start = at + timedelta(minutes=before)
    end = start + timedelta(minutes=length)

    calendar = calendar_of({"hours": week.written, "zone": zone, "holidays": [f"{day}" for day in days]})

    if not week.written:
        assert calendar is None
        return
    assert calendar is not None
    assert calendar.seconds(start, end) == week.seconds(start, end)


COLUMNS = (
    "started_at", "first_reply_at", "closed_at", "contact_phone", "contact_name", "contact_tags",
    "conversation_tags", "agents", "status", "direction", "conversation_source", "messages_in",
    "messages_out", "first_response_seconds", "duration_seconds", "rating", "number", "conversation",
    "conversation_id", "thread", "first_response_business_seconds", "reference",
)  # fmt: skip


def stored(harness: PluginHarness, moment: datetime) -> list[dict[str, Any]]:
    client = QuerySession(harness.warehouse, harness.registry, frozenset([harness.source]), Snapshot(moment))
    found = list(client.rows(CONVERSATIONS, COLUMNS))
    return sorted(found, key=lambda one: (one["started_at"], one["thread"], one["conversation_id"]))


def cut(rows: Sequence[Row], chance: random.Random) -> list[list[Row]]:
    """The rows in any order, some of them twice, in pieces."""
    arrived = [*rows, *chance.sample(rows, len(rows) // 4)]
    chance.shuffle(arrived)
    ends = sorted(chance.sample(range(1, len(arrived)), 3))
    return [arrived[start:end] for start, end in zip([0, *ends], [*ends, len(arrived)], strict=True)]


@pytest.mark.requirement("DC-20")
def test_recorded_posts_cut_shuffled_and_doubled_make_what_is_found_the_slow_way(
    bilan_harness: PluginHarness,
) -> None:
    rows = recorded()
    for sequence, piece in enumerate(cut(rows, random.Random(5)), start=1):
        bilan_harness.load([Fact(LOG, row) for row in piece], sequence=sequence)

    found = stored(bilan_harness, bilan_harness.now)

    assert len(found) > 4
    assert found == inbox_oracle.conversations(rows, SILENCE)


@pytest.mark.chaos
@pytest.mark.requirement("DC-20", "AC-22")
def test_pieces_that_are_written_down_make_what_is_found_the_slow_way_as_of_any_moment(
    bilan_harness: PluginHarness,
) -> None:
    chance, arrived, sequence = random.Random(11), list[Row](), 0
    now = bilan_harness.now
    for world in range(times(2, 5)):
        events = [
            (
                chance.randrange(0, 700), chance.randrange(len(SAYS)), f"{chance.choice(CONTACTS)}{world}",
                f"{inbox}{world}" if (inbox := chance.choice(INBOXES)) else "", chance.randrange(400),
                chance.choice(STATED), chance.choice(STATED),
            )
            for _number in range(50)
        ]  # fmt: skip
        # The last of them are of these days: some are closed by a silence that is not over yet.
        shift = now.replace(minute=0, second=0) - START - timedelta(hours=170)
        rows = [_moved(told(1000 * world + number, one), shift) for number, one in enumerate(events)]
        seen: dict[datetime, list[Row]] = {}
        for piece in cut(rows, chance):
            sequence += 1
            bilan_harness.load([Fact(LOG, row) for row in piece], sequence=sequence)
            arrived += piece
            seen[now - timedelta(seconds=1000 - sequence)] = list(arrived)
        for moment, rows_by_then in seen.items():
            expected = inbox_oracle.conversations(rows_by_then, SILENCE)
            assert stored(bilan_harness, moment) == [as_seen(one, moment) for one in expected]


def _moved(row: Row, by: timedelta) -> Row:
    return {name: value + by if isinstance(value, datetime) else value for name, value in row.items()}
