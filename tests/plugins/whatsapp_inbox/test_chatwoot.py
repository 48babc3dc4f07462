"""Chatwoot's webhooks, after its documentation's own examples."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bilan.sdk import StaleSignature, Unauthenticated
from bilan_whatsapp_inbox.conversations import conversations
from bilan_whatsapp_inbox.webhooks.chatwoot import Chatwoot
from support.whatsapp import RECEIVED_AT, read, request

CHATWOOT = Chatwoot()
AT = datetime(2021, 7, 23, 18, 2, 48, tzinfo=UTC)
CONVERSATION: dict[str, Any] = {
    "id": 10, "inbox_id": 1, "status": "open", "labels": ["billing"], "timestamp": 1627063369,
    "meta": {
        "sender": {"id": 14, "name": "Ana", "phone_number": "+33612345678", "type": "contact"},
        "assignee": {"id": 1, "name": "John", "email": "john@example.org", "type": "user"},
    },
}  # fmt: skip
MESSAGE: dict[str, Any] = {
    "event": "message_created", "id": 118, "content": "hi", "created_at": "2021-07-23T18:02:48.000Z",
    "message_type": "incoming", "content_type": "text", "private": False, "content_attributes": {},
    "sender": {"id": 14, "name": "Ana", "type": "contact"}, "conversation": CONVERSATION,
}  # fmt: skip
JOHN = {"id": 1, "name": "John", "email": "john@example.org", "type": "user"}


def only(**values: Any) -> dict[str, Any]:
    rows, rejects = read(CHATWOOT, {**MESSAGE, **values})
    assert [str(one.reason) for one in rejects] == []
    (row,) = rows
    return row


def of_conversation(event: str, **values: Any) -> dict[str, Any]:
    rows, rejects = read(CHATWOOT, {**CONVERSATION, "event": event, **values})
    assert [str(one.reason) for one in rejects] == []
    (row,) = rows
    return row


def test_a_message_of_the_contact_names_them_and_the_conversation() -> None:
    row = only()

    assert (row["kind"], row["direction"], row["occurred_at"], row["contact_phone"], row["contact_name"]) == (
        "message", "in", AT, "33612345678", "Ana",
    )  # fmt: skip
    assert (row["conversation"], row["agent"], row["tags"], row["fact_id"]) == ("10", "", ["billing"], "118")


def test_a_message_of_an_agent_names_the_agent() -> None:
    row = only(message_type="outgoing", sender=JOHN)

    assert (row["direction"], row["automated"], row["agent"]) == ("out", False, "john@example.org")


@pytest.mark.parametrize(
    "values",
    [
        {"message_type": "template", "sender": JOHN},
        {"message_type": "outgoing", "sender": {"id": 3, "name": "Bot", "type": "agent_bot"}},
        {"message_type": "outgoing", "sender": None},
        {"message_type": 3, "sender": None},
        {"message_type": "outgoing", "sender": JOHN, "content_attributes": {"automation_rule_id": 4}},
    ],
    ids=["template", "bot", "nobody", "template by number", "rule"],
)
def test_a_message_of_a_machine_is_marked(values: dict[str, Any]) -> None:
    assert (only(**values)["direction"], only(**values)["automated"]) == ("out", True)


@pytest.mark.parametrize(
    ("values", "kept"), [({"private": True}, "private_note"), ({"message_type": "activity"}, "activity")]
)
def test_a_note_among_agents_is_no_message(values: dict[str, Any], kept: str) -> None:
    assert (only(**values)["kind"], only(**values)["type"]) == ("other", kept)


def test_an_updated_message_is_the_same_one() -> None:
    assert only(event="message_updated")["fact_id"] == only()["fact_id"]


def test_the_answer_to_a_survey_is_a_rating() -> None:
    answer = {"submitted_values": {"csat_survey_response": {"rating": 4, "feedback_message": "fine"}}}
    rows, rejects = read(
        CHATWOOT,
        {
            **MESSAGE, "event": "message_updated", "message_type": "template", "content_type": "input_csat",
            "content_attributes": answer, "updated_at": "2021-07-23T19:00:00Z",
        },
    )  # fmt: skip

    assert rejects == []
    survey, rating = rows
    assert (survey["kind"], survey["automated"]) == ("message", True)
    assert (rating["kind"], rating["rating"], rating["occurred_at"]) == (
        "rated", 4.0, datetime(2021, 7, 23, 19, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("event", "status", "kind"),
    [
        ("conversation_created", "open", "opened"),
        ("conversation_status_changed", "resolved", "closed"),
        ("conversation_status_changed", "open", "opened"),
        ("conversation_resolved", "open", "closed"),
        ("conversation_updated", "resolved", "updated"),
    ],
)
def test_a_conversation_is_opened_updated_and_closed(event: str, status: str, kind: str) -> None:
    row = of_conversation(event, status=status)

    assert (row["kind"], row["conversation"], row["agent"], row["tags"]) == (
        kind, "10", "john@example.org", ["billing"],
    )  # fmt: skip


def test_a_conversation_is_made_of_its_posts() -> None:
    reply = {
        **MESSAGE,
        "id": 119,
        "created_at": "2021-07-23T18:12:48.000Z",
        "message_type": "outgoing",
        "sender": JOHN,
    }
    closed = {**CONVERSATION, "event": "conversation_status_changed", "status": "resolved",
              "updated_at": 1627065168.0}  # fmt: skip
    rows, _rejects = read(CHATWOOT, [closed, reply, MESSAGE])

    (one,) = conversations(rows, {})

    assert (one["started_at"], one["closed_at"], one["agents"]) == (
        AT, AT + timedelta(minutes=30), ["john@example.org"],
    )  # fmt: skip
    assert (one["first_response_seconds"], one["conversation_tags"]) == (600, ["billing"])


def test_an_event_that_nobody_knows_is_kept_with_its_name() -> None:
    row = of_conversation("contact_updated")

    assert (row["kind"], row["type"]) == ("other", "contact_updated")


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"event": "message_created"}, "Of this item only its kind, “message_created”, can be read."),
        (
            {"event": "conversation_updated"},
            "Of this item only its kind, “conversation_updated”, can be read.",
        ),
        ({"event": "anything"}, "Of this item only its kind, “anything”, can be read."),
        ({"id": 3}, "This item does not say what happened."),
        (7, "This item is no object."),
    ],
)
def test_an_event_of_which_too_little_can_be_read_is_a_reject(item: Any, reason: str) -> None:
    rows, (reject,) = read(CHATWOOT, [item])

    assert (rows, str(reject.reason)) == ([], reason)


def signed(body: bytes, at: datetime, secret: str = "right") -> dict[str, str]:
    second = str(int(at.timestamp()))
    signature = hmac.new(secret.encode(), second.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"x_chatwoot_timestamp": second, "x_chatwoot_signature": f"sha256={signature}"}


def test_a_post_is_taken_only_with_its_signature_and_while_it_is_young() -> None:
    body, settings = json.dumps(MESSAGE).encode(), {"secret": "right", "max_age": 60}

    CHATWOOT.verify(request(body, **signed(body, RECEIVED_AT)), settings)
    for headers in ({}, signed(body, RECEIVED_AT, "another"), signed(b"other", RECEIVED_AT)):
        with pytest.raises(Unauthenticated):
            CHATWOOT.verify(request(body, **headers), settings)
    with pytest.raises(StaleSignature):
        CHATWOOT.verify(request(body, **signed(body, RECEIVED_AT - timedelta(hours=2))), settings)
