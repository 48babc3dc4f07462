"""Posts of a Mailchimp audience: who may send them, and what each of them tells."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from bilan.sdk import Fact, Invalid, Reject, Reply, Unauthenticated, WebhookRequest
from bilan_contacts.webhooks.mailchimp_audience import MailchimpAudience

HOOK = MailchimpAudience()
SETTINGS = {"secret": "a long word"}
FIRED = "2026-03-26 21:35:57"


def post(kind: str, secret: str | None = "a long word", **fields: str) -> WebhookRequest:
    """A post as Mailchimp documents it: a form, with what it is about below “data”."""
    form = {"type": kind, "fired_at": FIRED, "data[list_id]": "a6b5da1054"}
    form |= {f"data[{name}]": value for name, value in fields.items()}
    query = {} if secret is None else {"secret": secret}
    return request(urlencode(form).encode(), query)


def request(body: bytes, query: dict[str, str]) -> WebhookRequest:
    received_at = datetime(2026, 3, 27, tzinfo=UTC)
    return WebhookRequest(body, {}, query, "application/x-www-form-urlencoded", received_at)


def rows(sent: WebhookRequest) -> list[dict[str, Any]]:
    found = list(HOOK.parse(sent, SETTINGS))
    assert all(isinstance(one, Fact) for one in found)
    return [one.row for one in found if isinstance(one, Fact)]


def test_a_post_to_the_address_with_the_secret_is_taken() -> None:
    HOOK.verify(post("subscribe", email="a@example.org"), SETTINGS)


@pytest.mark.parametrize("secret", [None, "", "another word"])
def test_a_post_without_the_secret_or_with_another_is_refused(secret: str | None) -> None:
    with pytest.raises(Unauthenticated, match="without the secret, or with a wrong one"):
        HOOK.verify(post("subscribe", secret), SETTINGS)


def test_a_source_without_a_secret_takes_no_post() -> None:
    with pytest.raises(Unauthenticated, match="has no secret yet"):
        HOOK.verify(post("subscribe", ""), {})


def test_the_call_before_the_address_is_saved_is_answered() -> None:
    assert HOOK.greet(request(b"", {"secret": "a long word"}), SETTINGS) == Reply("ready")
    assert HOOK.greet(request(b"", {}), SETTINGS) is None
    with pytest.raises(Unauthenticated):
        HOOK.greet(request(b"", {"secret": "mistyped"}), SETTINGS)


@pytest.mark.parametrize(
    ("sent", "kind", "reason"),
    [
        (post("subscribe", email="API@mailchimp.example"), "added", ""),
        (post("unsubscribe", email="api@mailchimp.example", action="unsub", reason="manual"),
         "unsubscribed", "manual"),
        (post("unsubscribe", email="api@mailchimp.example", action="delete", reason="manual"),
         "removed", "manual"),
        (post("profile", email="api@mailchimp.example"), "profile_updated", ""),
        (post("cleaned", email="api@mailchimp.example", reason="hard", campaign_id="4fjk"),
         "blacklisted", "hard"),
    ],
)  # fmt: skip
def test_each_documented_event_tells_what_became_of_the_member(
    sent: WebhookRequest, kind: str, reason: str
) -> None:
    (row,) = rows(sent)

    assert (row["kind"], row["contact"], row["audience"], row["reason"]) == (
        kind, "api@mailchimp.example", "a6b5da1054", reason,
    )  # fmt: skip
    assert row["occurred_at"] == datetime(2026, 3, 26, 21, 35, 57, tzinfo=UTC)


def test_a_changed_address_is_told_of_both() -> None:
    sent = post("upemail", new_id="51da", new_email="New@example.org", old_email="old@example.org")

    assert [(row["kind"], row["contact"], row["other_address"]) for row in rows(sent)] == [
        ("moved_to", "old@example.org", "new@example.org"),
        ("moved_from", "new@example.org", "old@example.org"),
    ]


@pytest.mark.parametrize(
    ("sent", "detail"),
    [
        (post("campaign", id="5aa2", subject="News", status="sent", reason=""), "campaign · sent · News"),
        (post("something_new"), "something_new"),
    ],
)
def test_what_is_about_no_member_or_unknown_is_kept_with_its_name(sent: WebhookRequest, detail: str) -> None:
    (row,) = rows(sent)

    assert (row["kind"], row["contact"], row["detail"]) == ("other", "", detail)


def test_the_same_post_again_is_the_same_fact() -> None:
    sent = post("subscribe", email="a@example.org", id="1")

    assert rows(sent) == rows(sent)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"fired_at=2026-03-26+21%3A35%3A57", "This post does not say what happened (“type”)."),
        (b"type=subscribe", "This post does not say when it happened (“fired_at”)."),
        (b"type=subscribe&fired_at=2026-03-26+21%3A35%3A57",
         "This post names no address (“data[email]”)."),
        (b"type=upemail&fired_at=2026-03-26+21%3A35%3A57&data[old_email]=a@example.org",
         "This post names no address (“data[new_email]”)."),
    ],
)  # fmt: skip
def test_a_post_that_lacks_something_is_a_reject_that_says_what(body: bytes, reason: str) -> None:
    (found,) = HOOK.parse(request(body, {}), SETTINGS)

    assert isinstance(found, Reject)
    assert str(found.reason) == reason


@pytest.mark.parametrize("body", [b"", b"&" * 500 + b"type=subscribe"])
def test_a_body_that_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid):
        HOOK.parse(request(body, {}), SETTINGS)
