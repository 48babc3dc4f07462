"""Every sample post of the four services comes out as listed."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bilan.sdk import UNDATED
from bilan_email_campaigns.sources import BREVO, MAILGUN, POSTMARK, SENDGRID
from fixtures.email_campaigns import RECEIVED_AT, Case, cases, request, rows

SERVICES = {kind.key: kind for kind in (SENDGRID, POSTMARK, MAILGUN, BREVO)}
ALL = cases(*SERVICES)
KINDS = {"autoresponded": "other", "unknown": "other"}

TIMES = {
    # Neither has a time of its own.
    "delivery_status_is_none_event.json": UNDATED,
    "bounce_unsubscribe_variant.json": UNDATED,
    # "ts_event", "s_epoch" and a "ts_epoch" in seconds, which the listing's library does not read.
    "complaint.json": datetime(2020, 11, 9, 14, 54, 14, tzinfo=UTC),
    "proxy_open_event.json": datetime(2018, 8, 17, 6, 18, 2, tzinfo=UTC),
    "unique_proxy_open_event.json": datetime(2018, 8, 17, 6, 18, 2, tzinfo=UTC),
    "error_email.json": datetime(2020, 11, 9, 14, 53, 43, tzinfo=UTC),
}
MESSAGES = {
    # These two lack the sending library's own id; the service's own one also stands on opens and clicks.
    "compatibility_message_id_from_smtp_id.json": (
        "wrfRRvF7Q0GgwUo2CvDmEA.filter0425p1mdw1.13037.57168B4A1D.0"
    ),
    "dropped_bounced.json": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
}
TAGS = {
    "dropped_bounced.json": ["cat facts"],
    "proxy_open_event.json": ["transactionalTag"],
    "unique_proxy_open_event.json": ["transactionalTag"],
    "bounce_unsubscribe_variant.json": [],
}


def parsed(case: Case, *, received_at: datetime = RECEIVED_AT) -> list[dict[str, Any]]:
    webhook = SERVICES[case.service].webhook
    assert webhook is not None
    return rows(webhook, request(case.payload, case.content_type, received_at=received_at))


def test_there_are_fifty_six_samples() -> None:
    assert Counter(case.service for case in ALL) == {
        "sendgrid": 10, "postmark": 9, "mailgun": 21, "brevo": 16,
    }  # fmt: skip


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.service}-{case.file}")
def test_a_sample_comes_out_as_listed(case: Case) -> None:
    [row], [listed] = parsed(case), case.events

    assert row["kind"] == KINDS.get(listed["event_type"], listed["event_type"])
    assert row["occurred_at"] == (TIMES.get(case.file) or datetime.fromisoformat(listed["timestamp"]))
    assert row["undated"] is (row["occurred_at"] == UNDATED)
    assert row["message_id"] == MESSAGES.get(case.file, listed["message_id"] or "")
    assert row["recipient"] == (listed["recipient"] or "")
    assert row["reject_reason"] == (listed["reject_reason"] or "")
    assert row["tags"] == TAGS.get(case.file, listed["tags"])
    assert row["url"] == (listed["click_url"] or "")
    assert row["user_agent"] == (listed["user_agent"] or "")
    assert row["event_id"] == (listed["event_id"] or row["fact_id"])
    if words := listed["mta_response"] or listed["description"]:
        assert row["reason"] == words


def test_copies_count_once_and_different_events_apart() -> None:
    # The two SendGrid deliveries carry the same event id: the same event.
    facts = {(case.service, row["fact_id"]) for case in ALL for row in parsed(case)}
    assert len(facts) == 55


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.service}-{case.file}")
def test_the_hour_of_receipt_changes_nothing(case: Case) -> None:
    assert parsed(case) == parsed(case, received_at=RECEIVED_AT + timedelta(hours=1))


@pytest.mark.requirement("AD-07")
def test_only_the_proxies_opens_are_made_by_machines() -> None:
    machines = [case.file for case in ALL if parsed(case)[0]["machine"]]
    assert machines == ["proxy_open_event.json", "unique_proxy_open_event.json"]


def test_bounces_are_hard_or_soft_in_the_services_own_words() -> None:
    classes = {case.file: row["bounce_class"] for case in ALL for row in parsed(case) if row["bounce_class"]}
    assert classes == {
        "bounce_event.json": "hard",
        "deferred_event.json": "soft",
        "subscription_change_bounce.json": "hard",
        "failed_permanent_event.json": "hard",
        "failed_greylisted_event.json": "soft",
        "failed_temporary_event.json": "soft",
        "legacy_invalid_mailbox.json": "hard",
        "legacy_alt_smtp_code.json": "hard",
        "hard_bounce.json": "hard",
        "soft_bounce_event.json": "soft",
        "invalid_email.json": "hard",
    }
