"""What mail servers report of messages is read as they write it, whoever wrote the server."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.sdk import DeliveryReport, Fact, Invalid, ReportedOutcome, Unauthenticated
from bilan_email_campaigns.bounces.facts import facts_in
from bilan_email_campaigns.bounces.webhook import BounceWebhook
from bilan_email_campaigns.sample import DATA
from fixtures.email_campaigns import multipart, request

MAILS: Mapping[str, bytes] = {path.stem: path.read_bytes() for path in (DATA / "bounces").glob("*.eml")}
SETTINGS = {"campaign_header": "X-Campaign", "secret": "s3cret"}
HOOK = BounceWebhook()
WHAT = ("kind", "recipient", "bounce_class", "reject_reason", "message_id", "campaign", "occurred_at")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=UTC)


def found(raw: bytes) -> tuple[list[dict[str, Any]], list[DeliveryReport]]:
    items = list(facts_in(raw, SETTINGS))
    facts = [dict(one.row) for one in items if isinstance(one, Fact)]
    return facts, [one for one in items if isinstance(one, DeliveryReport)]


def told(name: str) -> list[tuple[Any, ...]]:
    return [tuple(row[key] for key in WHAT) for row in found(MAILS[name])[0]]


NEWS, SPRING = "<news-2026-03.417@example.org>", "<spring.{}@example.org>"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "postfix",
            [
                ("bounced", "nobody@example.com", "hard", "invalid", NEWS, "march-news", at("10 08:15:02")),
                ("bounced", "full@example.com", "soft", "bounced", NEWS, "march-news", at("10 08:15:02")),
            ],
        ),
        ("delayed", [("deferred", "slow@example.net", "soft", "bounced", SPRING.format(9), "spring",
                      at("11 13:19:58"))]),
        ("exchange", [("bounced", "gone@contoso.example", "hard", "invalid", SPRING.format(11), "",
                       at("12 07:00:12"))]),
        ("qmail", [("bounced", "left@old.example.net", "hard", "invalid", SPRING.format(12), "",
                    at("13 10:11:12"))]),
        ("exim", [("bounced", "away@example.edu", "hard", "blocked", SPRING.format(13), "",
                   at("14 08:00:01"))]),
        ("complaint", [("complained", "angry@example.com", "", "spam", SPRING.format(14), "spring",
                        at("15 14:00"))]),
        ("away", []),
    ],
)  # fmt: skip
def test_a_report_says_what_happened_to_whom_and_when(name: str, expected: list[tuple[Any, ...]]) -> None:
    assert told(name) == expected


def test_the_reason_is_what_the_other_server_said_and_the_subject_is_read_in_plain_words() -> None:
    first = found(MAILS["postfix"])[0][0]
    assert first["reason"] == "5.1.1 550 5.1.1 <nobody@example.com>: Recipient address rejected: User unknown"
    assert first["subject"] == "Nouveautés de mars"
    assert found(MAILS["qmail"])[0][0]["reason"] == "5.1.1 Sorry, no mailbox here by that name. (#5.1.1)"


def test_the_core_hears_of_bounces_and_complaints_and_not_of_delays() -> None:
    told = {name: found(MAILS[name])[1] for name in ("exchange", "complaint", "delayed")}
    assert [(one.message_id, one.outcome, one.recipients, one.answer[:6]) for one in told["exchange"]] == [
        ("<spring.11@example.org>", ReportedOutcome.BOUNCED, ("gone@contoso.example",), "5.1.10")
    ]
    assert [(one.message_id, one.outcome, one.recipients) for one in told["complaint"]] == [
        ("<spring.14@example.org>", ReportedOutcome.COMPLAINED, ("angry@example.com",))
    ]
    assert told["delayed"] == []


def test_where_a_message_was_forwarded_both_addresses_are_named_and_the_first_is_the_recipient() -> None:
    raw = MAILS["exchange"].replace(b"Original-Recipient: rfc822;gone@", b"Original-Recipient: rfc822;ann@")
    facts, reports = found(raw)
    assert facts[0]["recipient"] == "ann@contoso.example"
    assert reports[0].recipients == ("gone@contoso.example", "ann@contoso.example")


@pytest.mark.parametrize(
    ("action", "kind", "reason"),
    [
        ("failed", "bounced", "5.1.10 550 5.1.10 R"),
        ("Failed (permanent)", "bounced", "5.1.10 550 5.1.10 R"),
        ("delivered", "delivered", "5.1.10 550 5.1.10 R"), ("relayed", "other", "5.1.10 relayed"),
        ("expanded", "other", "5.1.10 expanded"), ("error", "bounced", "5.1.10 550 5.1.10 R"),
        ("unheard-of", "other", "5.1.10 unheard"),
    ],
)  # fmt: skip
def test_every_action_of_the_standard_has_a_kind_and_others_keep_their_name(
    action: str, kind: str, reason: str
) -> None:
    raw = MAILS["exchange"].replace(b"Action: failed", f"Action: {action}".encode())
    [row] = found(raw)[0]
    assert row["kind"] == kind
    assert row["reason"][: len(reason)] == reason


@pytest.mark.parametrize(
    ("status", "expected"),
    [("5.1.1", "hard"), ("4.2.2", "soft"), ("5.2.2", "soft"), ("4.4.7", "soft"), ("5.7.1", "hard")],
)
def test_the_class_follows_from_the_status_and_a_full_mailbox_is_soft(status: str, expected: str) -> None:
    raw = MAILS["exchange"].replace(b"Status: 5.1.10", f"Status: {status}".encode())
    assert found(raw)[0][0]["bounce_class"] == expected


def test_a_status_that_says_no_more_than_its_class_gives_way_to_the_answer() -> None:
    raw = MAILS["exchange"].replace(b"Status: 5.1.10", b"Status: 5.0.0")
    assert found(raw)[1][0].answer.startswith("5.1.10 ")


@pytest.mark.parametrize("said", ["abuse", "fraud", "virus", "opt-out", "not-spam", "other"])
def test_every_type_of_feedback_has_a_kind_and_others_keep_their_name(said: str) -> None:
    kinds = {"abuse": "complained", "fraud": "complained", "virus": "complained", "opt-out": "unsubscribed"}
    raw = MAILS["complaint"].replace(b"Feedback-Type: abuse", f"Feedback-Type: {said}".encode())
    [row] = found(raw)[0]
    assert (row["kind"], row["reason"]) == (kinds.get(said, "other"), said)


def test_the_same_report_is_the_same_fact_whichever_way_it_comes() -> None:
    again = b"Received: by another.example.org; Tue, 10 Mar 2026 09:15:09 +0100\n" + MAILS["postfix"]
    assert [row["fact_id"] for row in found(again)[0]] == [
        row["fact_id"] for row in found(MAILS["postfix"])[0]
    ]


@given(st.binary(max_size=400), st.integers(0, 4000), st.sampled_from(sorted(MAILS)))
def test_whatever_a_mail_is_made_of_reading_it_raises_nothing(junk: bytes, place: int, name: str) -> None:
    raw = MAILS[name]
    for one in (junk, raw[:place], raw[:place] + junk + raw[place:]):
        list(facts_in(one, SETTINGS))


def test_a_mail_may_be_posted_as_it_is_or_in_a_form() -> None:
    raw = MAILS["qmail"]
    bearer = {"authorization": "Bearer s3cret"}
    form = {"secret": ["s3cret"], "message": [raw.decode()]}
    content_type, body = multipart(form)
    posts = [
        request(raw, "message/rfc822", bearer),
        request(urlencode(form, doseq=True).encode(), "application/x-www-form-urlencoded"),
        request(body, content_type),
        request(urlencode({"body-mime": raw.decode()}).encode(), "application/x-www-form-urlencoded", bearer),
    ]
    for post in posts:
        HOOK.verify(post, SETTINGS)
        facts = [one.row["fact_id"] for one in HOOK.parse(post, SETTINGS) if isinstance(one, Fact)]
        assert facts == [row["fact_id"] for row in found(raw)[0]]


@pytest.mark.parametrize("secret", ["", "wrong"])
def test_a_post_without_the_secret_is_refused(secret: str) -> None:
    form = urlencode({"secret": secret, "message": "x"}).encode()
    posts = [
        request(MAILS["qmail"], "message/rfc822", {"authorization": f"Bearer {secret}"}),
        request(form, "application/x-www-form-urlencoded"),
    ]
    for post in posts:
        for settings in (SETTINGS, {**SETTINGS, "secret": ""}):
            with pytest.raises(Unauthenticated):
                HOOK.verify(post, settings)


def test_a_post_that_reports_nothing_is_refused_in_a_sentence() -> None:
    with pytest.raises(Invalid, match="in which a mail server reports something"):
        list(HOOK.parse(request(MAILS["away"], "message/rfc822"), SETTINGS))


def test_the_samples_are_e_mails_with_ids_of_their_own() -> None:
    ids = [message_from_bytes(raw)["Message-ID"] for raw in MAILS.values()]
    assert len(set(ids)) == len(MAILS) == len(list(Path(DATA / "bounces").iterdir()))
