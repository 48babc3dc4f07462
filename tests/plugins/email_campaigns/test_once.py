"""What can happen to a message only once counts once, whatever ids its repeats carry."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bilan.manifest import Snapshot
from bilan.query.session import QuerySession
from bilan.sdk.datasets import Row
from bilan.sdk.periods import Interval, IntervalUnit, Span
from bilan.sdk.query import Question
from bilan.sdk.sources import SourceKind
from bilan_email_campaigns.readers.generic import GenericReader
from bilan_email_campaigns.sources import MAILGUN, POSTMARK, SENDGRID
from bilan_email_campaigns.vocabulary import EVENTS
from fixtures.email_campaigns import imported, request, rows
from fixtures.email_reports import MAIN, NOW, MailRoom

pytestmark = pytest.mark.requirement("DC-25")

CASES = Path(__file__).parent / "cases"
LATER = NOW + timedelta(days=365)


def posted(kind: SourceKind, name: str) -> list[Row]:
    """The events of a recording, in its order."""
    text = (CASES / "webhooks" / name).read_text()
    posts = json.loads(text) if name.endswith(".json") else map(json.loads, text.splitlines())
    assert kind.webhook is not None
    return [row for post in posts for row in rows(kind.webhook, request(post))]


def figures(room: MailRoom, *names: str, as_of: datetime = LATER) -> dict[str, Any]:
    client = QuerySession(room.warehouse, room.registry, frozenset(room.sources), Snapshot(as_of))
    totals = client(Question(EVENTS, tuple(f"email.{name}" for name in names))).totals
    return {key.removeprefix("email."): value for key, value in totals.items()}


def stored(room: MailRoom, *, as_of: datetime = LATER) -> dict[str, bool]:
    """The events by the ids of their facts, and whether each is a repeat."""
    client = QuerySession(room.warehouse, room.registry, frozenset(room.sources), Snapshot(as_of))
    return {row["fact_id"]: row["repeat"] for row in client.rows(EVENTS, ("fact_id", "repeat"))}


def write(room: MailRoom, batches: Iterable[Sequence[Row]]) -> None:
    """Write the events under a source of their own, so that nothing before is seen."""
    source = uuid4()
    room.sources = {source: "Main"}
    for batch in batches:
        room.events(*batch, source=source)


def together(events: Sequence[Row]) -> list[list[Row]]:
    return [list(events)]


def one_by_one(events: Sequence[Row]) -> list[list[Row]]:
    return [[event] for event in events]


def the_latest_first(events: Sequence[Row]) -> list[list[Row]]:
    return [[event] for event in reversed(events)]


def twice_in_three(events: Sequence[Row]) -> list[list[Row]]:
    return [list(events[2:]), list(events[:2]), list(events)]


WAYS = (together, one_by_one, the_latest_first, twice_in_three)
RECORDED = {
    # Three times the bounce, twice the complaint of one message: the events of the higher ids are repeats.
    "mailgun-repeats.jsonl": (
        MAILGUN,
        {"sends": 1, "hard_bounces": 1, "bounces": 1, "spam_reports": 1, "unsubscribes": 0},
    ),
    # The suppression notices a second later tell of the same bounce and the same complaint once more.
    "postmark-bounce-and-suppression.jsonl": (
        POSTMARK,
        {"hard_bounces": 1, "bounces": 1, "spam_reports": 1, "unsubscribes": 0},
    ),
    # A delivery retried under a new id, leaving the list beside leaving the group, a complaint told twice.
    "sendgrid-repeats.json": (
        SENDGRID,
        {"sends": 1, "delivered": 1, "unsubscribes": 1, "spam_reports": 1, "delivery_rate": 1.0,
         "complaint_rate": 1.0, "unsubscribe_rate": 1.0},
    ),
}  # fmt: skip


def test_a_recording_counts_each_outcome_once_and_keeps_every_event(mail_room: MailRoom) -> None:
    for name, (kind, expected) in RECORDED.items():
        events = posted(kind, name)
        for way in WAYS:
            write(mail_room, way(events))
            assert figures(mail_room, *expected) == expected, (name, way)
            assert len(stored(mail_room)) == len(events)


def test_the_earliest_event_counts_and_the_others_are_repeats(mail_room: MailRoom) -> None:
    for way in WAYS:
        write(mail_room, way(posted(SENDGRID, "sendgrid-repeats.json")))
        # Of the two deliveries of one second that of the smaller id counts.
        assert stored(mail_room) == {
            "e0": False, "e1": False, "e1b": True, "e2": False, "e3": True, "e4": False, "e5": True,
        }  # fmt: skip


def delivered(day: int, **values: Any) -> Row:
    return {
        "kind": "delivered", "occurred_at": datetime(2026, 3, day, 8, tzinfo=UTC), "recipient": "ann@a.org",
        "campaign": "spring", **values,
    }  # fmt: skip


def by_day(room: MailRoom, *, as_of: datetime = LATER) -> dict[int, int]:
    """Deliveries by the day of March, where there are any."""
    client = QuerySession(room.warehouse, room.registry, frozenset(room.sources), Snapshot(as_of))
    month = Span(date(2026, 3, 1), date(2026, 4, 1), "UTC")
    answer = client(Question(EVENTS, ("email.delivered",), month, Interval(IntervalUnit.DAY)))
    assert answer.totals["email.delivered"] == sum(row.values["email.delivered"] for row in answer.rows)
    return {
        row.bucket.starts_at.day: row.values["email.delivered"]
        for row in answer.rows
        if row.bucket and row.values["email.delivered"]
    }


def test_an_earlier_event_that_arrives_later_moves_the_count(
    mail_room: MailRoom,
) -> None:
    at = [NOW + timedelta(hours=hour) for hour in range(4)]
    mail_room.events(delivered(10), at=at[0])
    mail_room.events(delivered(12), at=at[1])
    mail_room.events(delivered(8), at=at[2])
    mail_room.events(delivered(9), at=at[3])

    assert [by_day(mail_room, as_of=moment) for moment in at] == [{10: 1}, {10: 1}, {8: 1}, {8: 1}]


def test_what_happened_to_another_message_is_no_repeat(mail_room: MailRoom) -> None:
    for other in (
        {"recipient": "bob@b.org"},
        {"campaign": "summer"},
        {"message_id": "<1@a.org>"},
        {"channel": "sms"},
        {"kind": "bounced", "bounce_class": "hard"},
        {"canvas": "journey", "step": "one"},
        {"test": True},
    ):
        write(mail_room, [[delivered(10), delivered(11, **other)]])
        assert list(stored(mail_room).values()) == [False, False], other


def test_what_names_no_message_or_may_happen_again_counts_each_time(mail_room: MailRoom) -> None:
    for row in (
        {"campaign": ""},
        {"recipient": ""},
        {"kind": "bounced", "bounce_class": "soft"},
        {"kind": "opened"},
    ):
        write(mail_room, [[delivered(10, **row), delivered(11, **row)]])
        assert list(stored(mail_room).values()) == [False, False], row


def test_one_message_to_two_is_delivered_to_both_of_them(mail_room: MailRoom) -> None:
    both = [delivered(10, message_id="<1@a.org>", recipient=one) for one in ("ann@a.org", "bob@b.org")]
    mail_room.events(*both, *both)
    assert figures(mail_room, "delivered") == {"delivered": 2}


def test_a_dated_event_counts_before_one_without_a_time(mail_room: MailRoom) -> None:
    undated = delivered(1, occurred_at=datetime(1990, 1, 1, tzinfo=UTC), undated=True)
    mail_room.events(undated)
    mail_room.events(delivered(10))
    assert by_day(mail_room) == {10: 1}
    assert figures(mail_room, "delivered") == {"delivered": 1}


def test_a_batch_that_was_withdrawn_made_nothing_a_repeat(mail_room: MailRoom) -> None:
    mail_room.events(delivered(10), at=NOW)
    moment = NOW + timedelta(hours=1)
    earlier = {"channel": "email", "fact_id": "earlier", **delivered(8)}
    events = mail_room.registry.datasets[EVENTS]
    for number in range(2):
        mail_room.warehouse.append(events, MAIN, [earlier], moment=moment + timedelta(hours=number))
        assert by_day(mail_room) == {8: 1}
        if not number:
            mail_room.warehouse.withdraw(moment)
            assert by_day(mail_room) == {10: 1}
    assert by_day(mail_room, as_of=moment) == {10: 1}


@pytest.mark.requirement("DC-18", "BZ-14")
def test_canvas_step_with_campaign_is_one_unique_open_and_one_unique_click(mail_room: MailRoom) -> None:
    facts, rejects = imported(GenericReader(), CASES / "files" / "canvas_step_with_campaign.csv")
    assert rejects == []
    mail_room.events(*(fact.row for fact in facts))
    assert figures(mail_room, "opens", "unique_opens", "clicks", "unique_clicks", "recipients") == {
        "opens": 3, "unique_opens": 1, "clicks": 2, "unique_clicks": 1, "recipients": 1,
    }  # fmt: skip


def test_suppressions_by_hand_that_name_no_message_are_no_repeats_of_each_other() -> None:
    assert POSTMARK.webhook is not None
    post = {
        "RecordType": "SubscriptionChange", "MessageID": "00000000-0000-0000-0000-000000000000",
        "Recipient": "ann@a.org", "SuppressSending": True, "SuppressionReason": "ManualSuppression",
        "ChangedAt": "2026-02-01T10:00:00Z",
    }  # fmt: skip
    [row] = rows(POSTMARK.webhook, request(post))
    assert (row["kind"], row["message_id"]) == ("unsubscribed", "")
