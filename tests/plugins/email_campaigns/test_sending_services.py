"""Every documented post of the sending services comes out as listed, once, and whatever comes beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from bilan.sdk import Fact, Invalid, Reject, SourceKind, Webhook, WebhookRequest
from bilan_email_campaigns.sending_services import SERVICES
from bilan_email_campaigns.webhooks.outcomes import Outcome
from fixtures.email_campaigns import RECEIVED_AT, Case, cases, parsed, request, rows

KINDS = {kind.key: kind for kind in SERVICES}
ALL = cases(*KINDS)
COLUMNS = {
    "kind": "", "send": False, "recipient": "", "message_id": "", "campaign": "", "bounce_class": "",
    "reject_reason": "", "reason": "", "url": "", "machine": False, "test": False,
}  # fmt: skip
DOCUMENTATION = Path("docs/email-services.md")
EMPTY: Mapping[str, tuple[Any, ...]] = {
    "amazon_ses": (
        {"Type": "SubscriptionConfirmation", "MessageId": "1", "Message": "You have chosen to subscribe"},
        {"Type": "Notification", "MessageId": "1",
         "Message": "Successfully validated SNS topic for Amazon SES event publishing."},
        {"Type": "Notification", "MessageId": "1",
         "Message": json.dumps({"notificationType": "AmazonSnsSubscriptionSucceeded", "message": "You"})},
    ),
    "sparkpost": ([{"msys": {}}], []),
    "mailjet": ([],),
    "resend": ([],),
    "mandrill": ({"form": {"mandrill_events": "[]"}},),
    "mailersend": ({"type": "webhook.test", "message": "This is a ping test message"},),
    "mailtrap": ({"events": []},),
    "postal": ([],),
    "unisender_go": ({"auth": "x", "events_by_user": []}, {"auth": "x", "events_by_user": [{"events": []}]}),
}  # fmt: skip
"""Posts with which a service tries an address, and empty batches."""
INCOMING: Mapping[str, Any] = {
    "amazon_ses": {"notificationType": "Received", "mail": {}, "receipt": {}},
    "sparkpost": [{"msys": {"relay_message": {"rcpt_to": "in@example.com"}}}],
    "resend": {"type": "email.received", "created_at": "2026-02-03T10:15:09Z", "data": {}},
    "mandrill": {"form": {"mandrill_events": json.dumps([{"event": "inbound", "ts": 1, "msg": {}}])}},
    "mailersend": {"type": "inbound.message", "data": {}},
    "mailtrap": {"events": [{"event": "inbound.message_received", "event_id": "1"}]},
    "postal": {"event": "MessageSent", "payload": {"message": {"direction": "incoming"}}, "uuid": "1"},
}


def webhook_of(service: str) -> Webhook:
    webhook = KINDS[service].webhook
    assert webhook is not None
    return webhook


def found(case: Case, received_at: datetime = RECEIVED_AT) -> list[dict[str, Any]]:
    return rows(webhook_of(case.service), request(case.payload, case.content_type, received_at=received_at))


def posted(payload: Any) -> WebhookRequest:
    is_form = isinstance(payload, dict) and "form" in payload
    return request(payload, "application/x-www-form-urlencoded" if is_form else "application/json")


def outcomes(kind: SourceKind) -> Mapping[str, Outcome]:
    return import_module(f"bilan_email_campaigns.webhooks.{kind.key}").OUTCOMES


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.service}-{case.file}")
def test_a_documented_post_comes_out_as_listed(case: Case) -> None:
    listed = [
        {**COLUMNS, **event, "occurred_at": datetime.fromisoformat(event["occurred_at"])}
        for event in case.events
    ]
    assert [{name: row[name] for name in (*COLUMNS, "occurred_at")} for row in found(case)] == listed


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.service}-{case.file}")
def test_a_post_that_comes_again_later_gives_the_same_facts(case: Case) -> None:
    assert found(case) == found(case, RECEIVED_AT + timedelta(hours=7))


def test_no_two_events_of_the_samples_are_one_fact() -> None:
    facts = [(case.service, row["fact_id"]) for case in ALL for row in found(case)]
    assert len(facts) == len(set(facts))


@pytest.mark.parametrize("kind", SERVICES, ids=lambda kind: kind.key)
def test_a_test_post_and_an_empty_batch_give_nothing(kind: SourceKind) -> None:
    for payload in EMPTY[kind.key]:
        assert parsed(webhook_of(kind.key), posted(payload)) == []


BATCHES: Mapping[str, tuple[str, Callable[[Any], list[Any]], Callable[[list[Any]], Any]]] = {
    "sparkpost": ("batch.json", list, list),
    "mailjet": ("grouped.json", list, list),
    "mandrill": (
        "batch.json", lambda payload: json.loads(payload["form"]["mandrill_events"]),
        lambda events: {"form": {"mandrill_events": json.dumps(events)}},
    ),
    "mailtrap": ("batch.json", lambda payload: payload["events"], lambda events: {"events": events}),
    "unisender_go": (
        "batch.json", lambda payload: payload["events_by_user"][0]["events"],
        lambda events: {"events_by_user": [{"events": events}]},
    ),
}  # fmt: skip
"""Of each service that posts many events at once a sample, how its events are taken out, and put in again."""


@pytest.mark.parametrize("service", BATCHES)
def test_a_batch_gives_what_its_events_give_one_by_one_and_one_that_is_none_spoils_no_other(
    service: str,
) -> None:
    file, taken, put = BATCHES[service]
    [case] = [case for case in cases(service) if case.file == file]
    events, webhook = taken(case.payload), webhook_of(service)
    assert len(events) > 1

    together = parsed(webhook, posted(put([events[0], "none", *events[1:]])))

    alone = [item for event in events for item in parsed(webhook, posted(put([event])))]
    assert [item for item in together if not isinstance(item, Reject)] == alone
    assert sum(isinstance(item, Reject) for item in together) == 1


@pytest.mark.parametrize("service", INCOMING)
def test_a_message_that_came_in_is_rejected_with_a_word(service: str) -> None:
    [reject] = parsed(webhook_of(service), posted(INCOMING[service]))
    assert isinstance(reject, Reject)
    assert str(reject.reason) == "This is about a message that came in, not about one that was sent."


@pytest.mark.parametrize("kind", SERVICES, ids=lambda kind: kind.key)
@pytest.mark.parametrize("other", SERVICES, ids=lambda kind: kind.key)
def test_what_another_service_posts_is_no_fact(kind: SourceKind, other: SourceKind) -> None:
    if kind is other:
        return
    for case in cases(other.key):
        try:
            items = parsed(webhook_of(kind.key), request(case.payload, case.content_type))
        except Invalid:
            continue
        assert all(isinstance(item, Reject) for item in items), case.file


@pytest.mark.parametrize("kind", SERVICES, ids=lambda kind: kind.key)
def test_every_documented_event_has_a_sample(kind: SourceKind) -> None:
    seen = {
        (row["kind"], row["reject_reason"], row["bounce_class"])
        for case in cases(kind.key)
        for row in found(case)
    }
    for name, outcome in outcomes(kind).items():
        row = (str(outcome.kind), str(outcome.reject_reason or ""), str(outcome.bounce_class or ""))
        assert row in seen, name


@pytest.mark.parametrize("kind", SERVICES, ids=lambda kind: kind.key)
def test_the_documentation_lists_every_event_and_what_becomes_of_it(kind: SourceKind) -> None:
    _before, section = DOCUMENTATION.read_text("utf-8").split(f"`{kind.key}`", 1)
    section = section.split("\n## ", 1)[0]
    table = re.findall(r"^\| `(.+?)` \| (.+?) \|$", section, re.MULTILINE)
    assert dict(table) == {name: words(outcome) for name, outcome in outcomes(kind).items()}


def words(outcome: Outcome) -> str:
    """An outcome as the documentation writes it."""
    more = [str(one) for one in (outcome.bounce_class, outcome.reject_reason) if one]
    return f"{outcome.kind}{' (' + ', '.join(more) + ')' if more else ''}"


def test_an_unknown_event_is_kept_with_its_name() -> None:
    unknown: Mapping[str, Any] = {
        "sparkpost": [{"msys": {"message_event": {"type": "sings", "event_id": "1"}}}],
        "mailjet": {"event": "sings", "MessageID": 1},
        "resend": {"type": "email.sings", "data": {}},
        "mandrill": {"form": {"mandrill_events": json.dumps([{"event": "sings", "_id": "1"}])}},
        "mailersend": {"type": "activity.sings", "data": {"id": "1"}, "webhook_id": "2"},
        "mailtrap": {"events": [{"event": "sings", "event_id": "1"}]},
        "postal": {"event": "MessageSings", "payload": {}, "uuid": "1"},
        "unisender_go": {"events_by_user": [{"events": [{"event_name": "sings"}]}]},
        "amazon_ses": {"eventType": "Sings", "mail": {}},
    }
    for service, payload in unknown.items():
        [row] = rows(webhook_of(service), posted(payload))
        assert (row["kind"], "ings" in row["reason"]) == ("other", True)


def test_mailtraps_json_lines_are_the_same_events() -> None:
    [case] = [case for case in cases("mailtrap") if case.file == "batch.json"]
    lines = b"\n".join(json.dumps(event).encode() for event in case.payload["events"])
    for kind in ("application/jsonl", "Application/JSONL; charset=utf-8", "application/x-ndjson"):
        assert rows(webhook_of("mailtrap"), request(lines, kind)) == found(case)


def test_a_broken_line_of_mailtrap_spoils_no_other() -> None:
    [case] = [case for case in cases("mailtrap") if case.file == "batch.json"]
    first, *others = (json.dumps(event).encode() for event in case.payload["events"])
    post = request(b"\n".join((first, b'{"event": "deliv', b"5", *others)), "application/jsonl")
    read = parsed(webhook_of("mailtrap"), post, {})

    right = request(b"\n".join((first, *others)), "application/jsonl")
    assert [one.row for one in read if isinstance(one, Fact)] == rows(webhook_of("mailtrap"), right)
    assert [(one.number, str(one.reason), one.raw) for one in read if isinstance(one, Reject)] == [
        (2, "This item is no object.", json.dumps('{"event": "deliv')), (3, "This item is no object.", "5"),
    ]  # fmt: skip


def test_amazon_ses_gives_the_same_facts_raw_and_wrapped() -> None:
    [case] = [case for case in cases("amazon_ses") if case.file == "bounce.json"]
    raw = rows(webhook_of("amazon_ses"), request(json.loads(case.payload["Message"])))
    ids = {"event_id": ""}
    assert [row | ids for row in raw] == [row | ids for row in found(case)]


def test_resend_counts_what_is_told_of_each_recipient_once() -> None:
    [case] = [case for case in cases("resend") if case.file == "sent.json"]
    again = {**case.payload, "created_at": "2026-02-03T10:15:01.999Z"}
    other = rows(webhook_of("resend"), request(again))
    assert [row["fact_id"] for row in other] == [row["fact_id"] for row in found(case)]


def test_the_field_of_the_campaign_is_the_sources() -> None:
    payload = [{"msys": {"track_event": {"type": "open", "event_id": "1", "rcpt_meta": {"code": "spring"}}}}]
    [row] = rows(webhook_of("sparkpost"), request(payload), campaign_field="code")
    assert row["campaign"] == "spring"


@pytest.mark.requirement("AD-07")
def test_only_opens_of_privacy_proxies_are_made_by_machines() -> None:
    machines = {(case.file, row["user_agent"]) for case in ALL for row in found(case) if row["machine"]}
    prefetched = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_10_5) AppleWebKit/537.36 Chrome/120.0"
    assert machines == {("open_by_privacy_proxy.json", "Mozilla/5.0"), ("batch.json", prefetched)}


def test_sns_says_when_it_posts_no_more() -> None:
    [reject] = parsed(
        webhook_of("amazon_ses"), request({"Type": "UnsubscribeConfirmation", "Message": "You"})
    )
    assert isinstance(reject, Reject)
    assert "ended the subscription" in str(reject.reason)


def test_events_of_unisender_go_are_in_utc_whatever_the_zone_of_the_source() -> None:
    [case] = [case for case in cases("unisender_go") if case.file == "spam_block.json"]
    here = rows(webhook_of("unisender_go"), request(case.payload), zone="Asia/Tokyo")
    assert here == found(case)
