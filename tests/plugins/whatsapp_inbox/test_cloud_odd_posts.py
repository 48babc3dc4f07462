"""What the WhatsApp Cloud API tells besides the recorded posts, and what is none of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bilan.sdk import Invalid
from bilan_whatsapp_inbox.webhooks.whatsapp_cloud import WhatsAppCloud
from support.whatsapp import about, change, read

CLOUD = WhatsAppCloud()
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECONDS = str(int(AT.timestamp()))


def only(body: Any) -> dict[str, Any]:
    """The one row of a post in which nothing is rejected."""
    rows, rejects = read(CLOUD, body)
    assert [str(one.reason) for one in rejects] == []
    (row,) = rows
    return row


def why(body: Any) -> str:
    """Why the one item of a post is rejected."""
    rows, (reject,) = read(CLOUD, body)
    assert rows == []
    return str(reject.reason)


def test_an_echo_is_a_message_that_a_person_sent() -> None:
    echo = {"from": "331", "to": "33600000001", "id": "e", "timestamp": SECONDS, "type": "text"}

    row = only(change(about("1", message_echoes=[echo]), "smb_message_echoes"))

    assert (row["kind"], row["direction"], row["contact_phone"], row["automated"]) == (
        "message", "out", "33600000001", False,
    )  # fmt: skip


def test_a_message_of_a_type_that_nobody_knows_is_kept_with_its_name() -> None:
    poll = {"from": "33600000001", "id": "p", "timestamp": SECONDS, "type": "poll", "poll": {}}

    row = only(change(about("1", messages=[poll])))

    assert (row["kind"], row["type"], row["occurred_at"]) == ("message", "poll", AT)


def test_a_contact_without_a_number_is_known_by_their_id() -> None:
    hidden = {"from_user_id": "FR.1", "id": "m", "timestamp": SECONDS, "type": "text"}
    named = [{"profile": {"name": "Ana"}, "user_id": "FR.1"}]

    row = only(change(about("1", messages=[hidden], contacts=named)))

    assert (row["contact_phone"], row["contact_name"]) == ("FR.1", "Ana")


def test_a_new_number_is_kept_beside_the_old_one() -> None:
    notice = {
        "from": "33600000001", "id": "s", "timestamp": SECONDS, "type": "system",
        "system": {"type": "user_changed_number", "wa_id": "33600000002"},
    }  # fmt: skip

    row = only(change(about("1", messages=[notice])))

    assert (row["contact_phone"], row["new_phone"], row["subtype"]) == (
        "33600000001", "33600000002", "user_changed_number",
    )  # fmt: skip


def test_the_answer_to_a_flow_is_told_from_other_answers() -> None:
    answer = {
        "from": "33600000001", "id": "f", "timestamp": SECONDS, "type": "interactive",
        "interactive": {"type": "nfm_reply", "nfm_reply": {"name": "flow"}},
    }  # fmt: skip

    assert only(change(about("1", messages=[answer])))["subtype"] == "nfm_reply"


def test_what_is_told_of_a_template_is_kept_under_its_name() -> None:
    body = change({"event": "REJECTED", "message_template_id": 7}, "message_template_status_update",
                  time=int(SECONDS))  # fmt: skip

    row = only(body)

    assert (row["kind"], row["type"], row["subtype"], row["occurred_at"], row["contact_phone"]) == (
        "other", "message_template_status_update", "REJECTED", AT, "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (change(about("1", messages=[{"type": "text"}])), "Of this item only its kind, “text”, can be read."),
        (
            change(about("1", statuses=[{"status": "read"}])),
            "Of this item only its kind, “read”, can be read.",
        ),
        (change({}, "flows"), "Of this item only its kind, “flows”, can be read."),
        (
            change(about("1", messages=[{"id": "m", "type": "text", "from": "331"}])),
            "This message does not say when it was written, and with whom.",
        ),
        (change(about("1", messages=["text"])), "This item is no object."),
        (change(about("1", messages=[{"id": "m"}])), "This item does not say what happened."),
        ({"entry": [{"id": "account"}]}, "This entry holds no changes."),
    ],
)
def test_an_item_of_which_too_little_can_be_read_is_a_reject(body: Any, reason: str) -> None:
    assert why(body) == reason


def test_one_item_that_cannot_be_read_stops_no_other() -> None:
    good = {"from": "33600000001", "id": "m", "timestamp": SECONDS, "type": "text"}

    rows, rejects = read(CLOUD, change(about("1", messages=[{"type": "text"}, good, 3])))

    assert ([row["message_id"] for row in rows], [one.number for one in rejects]) == (["m"], [1, 3])


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"entry": 1}', b"null"])
def test_a_body_of_another_service_cannot_be_read(body: bytes) -> None:
    with pytest.raises(Invalid):
        read(CLOUD, body)


def test_a_status_that_does_not_say_to_whom_is_a_reject() -> None:
    """It belongs to no contact, and would be missing from what is counted of messages."""
    status = {"id": "wamid.1", "status": "sent", "timestamp": SECONDS}

    assert why(change(about("1", statuses=[status]))) == (
        "This status does not say when it was reached, by which message, and to whom."
    )
