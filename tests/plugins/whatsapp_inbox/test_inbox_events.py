"""Events of any inbox, in a small format of JSON."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bilan.sdk import Invalid, Unauthenticated
from bilan_whatsapp_inbox.conversations import conversations
from bilan_whatsapp_inbox.webhooks.inbox_events import InboxEvents
from support.plugins import ROOT
from support.whatsapp import read, request

INBOX = InboxEvents()
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
MESSAGE: dict[str, Any] = {
    "event": "message", "id": "m-1", "occurred_at": "2026-03-02T09:00:00Z", "contact": "+33 6 12 34 56 78",
    "direction": "in",
}  # fmt: skip


def only(**values: Any) -> dict[str, Any]:
    rows, rejects = read(INBOX, {**MESSAGE, **values})
    assert [str(one.reason) for one in rejects] == []
    (row,) = rows
    return row


def test_the_example_of_the_documentation_is_one_conversation() -> None:
    text = (ROOT / "plugins" / "whatsapp_inbox" / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)

    rows, rejects = read(INBOX, json.loads(example))

    assert rejects == []
    (one,) = conversations(rows, {})
    assert {
        name: one[name] for name in ("started_at", "closed_at", "agents", "conversation_tags", "rating")
    } == {
        "started_at": AT,
        "closed_at": AT + timedelta(hours=1),
        "agents": ["bo@example.org"],
        "conversation_tags": ["sales"],
        "rating": 5.0,
    }
    assert one["first_response_seconds"] == 300


def test_a_message_says_who_wrote_and_when() -> None:
    row = only(contact_name="Ana", number="0033 1 00 00 00 01", type="text", automated=False)

    assert (row["kind"], row["direction"], row["occurred_at"], row["fact_id"], row["message_id"]) == (
        "message", "in", AT, "m-1", "m-1",
    )  # fmt: skip
    assert (row["contact_phone"], row["contact_name"], row["number"]) == ("33612345678", "Ana", "33100000001")


def test_a_status_is_about_its_message() -> None:
    row = only(event="status", id="", message_id="m-7", status="failed", error_codes=["131026"])

    assert (row["kind"], row["about"], row["status"], row["error_codes"], row["direction"]) == (
        "status", "m-7", "failed", ["131026"], "out",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "direction"), [("Received", "in"), ("sent", "out"), ("entrant", "in"), ("Sortant", "out")]
)
def test_directions_are_read_in_the_words_of_both_languages(written: str, direction: str) -> None:
    assert only(direction=written)["direction"] == direction


def test_an_event_with_the_id_of_a_message_is_another_row() -> None:
    """Inboxes number messages and assignments each for themselves."""
    rows, _rejects = read(INBOX, [{**MESSAGE, "id": "7"}, {**MESSAGE, "event": "assigned", "id": "7"}])

    assert [(row["kind"], row["fact_id"]) for row in rows] == [("message", "7"), ("assigned", "assigned 7")]


def test_an_event_that_nobody_knows_is_kept_with_its_name() -> None:
    row = only(event="snoozed")

    assert (row["kind"], row["type"]) == ("other", "snoozed")


def test_two_events_that_say_the_same_are_one() -> None:
    (first, second), _rejects = read(INBOX, [{**MESSAGE, "id": ""}, {**MESSAGE, "id": ""}])

    assert first["fact_id"] == second["fact_id"]


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"event": "message"}, "Of this item only its kind, “message”, can be read."),
        ({"event": "snoozed"}, "Of this item only its kind, “snoozed”, can be read."),
        ({"id": "1"}, "This item does not say what happened."),
        ({**MESSAGE, "occurred_at": ""}, "This event does not say when it happened (“occurred_at”)."),
        ({**MESSAGE, "contact": ""}, "This event names neither a “contact” nor a “conversation”."),
        ({**MESSAGE, "direction": "up"}, "The direction of a message is “in” or “out”, not “up”."),
        ({**MESSAGE, "event": "rated", "rating": "five"}, "“five” is no number."),
        (
            {**MESSAGE, "event": "status", "status": "sent"},
            "This status does not say of which message it is (“message_id”).",
        ),
        (
            {**MESSAGE, "event": "rated", "score": 5},
            "An event “rated” says “rating”, which this one lacks.",
        ),
        (
            {key: value for key, value in MESSAGE.items() if "tags" not in key} | {"event": "tagged"},
            "An event “tagged” says “tags”, which this one lacks.",
        ),
        ("message", "This item is no object."),
    ],
)
def test_an_event_of_which_too_little_can_be_read_is_a_reject(item: Any, reason: str) -> None:
    rows, (reject,) = read(INBOX, [item])

    assert (rows, str(reject.reason)) == ([], reason)


def test_a_time_without_a_zone_is_read_in_that_of_the_source() -> None:
    (row,), _rejects = read(
        INBOX, {**MESSAGE, "occurred_at": "2026-03-02T10:00:00"}, {"zone": "Europe/Paris"}
    )

    assert row["occurred_at"] == AT


@pytest.mark.parametrize("given", ["", "Bearer another", "Bearer "])
def test_a_post_without_the_secret_is_refused(given: str) -> None:
    with pytest.raises(Unauthenticated):
        INBOX.verify(request(MESSAGE, authorization=given), {"secret": "right"})
    INBOX.verify(request(MESSAGE, authorization="Bearer right"), {"secret": "right"})


def test_a_body_that_is_no_json_cannot_be_read() -> None:
    with pytest.raises(Invalid):
        read(INBOX, b"{")
