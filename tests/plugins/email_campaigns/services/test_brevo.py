"""Brevo's events are the same facts, fetched or posted; its campaigns have the totals that it states."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bilan.sdk import Fact, PullRange, SampleReply, Unauthenticated, Unavailable
from bilan_email_campaigns.services.brevo import NAMES
from bilan_email_campaigns.sources import BREVO
from bilan_email_campaigns.webhooks.brevo import KINDS
from fixtures.email_campaigns import parsed, request
from support.email_services.brevo import KEY, Brevo
from support.email_services.service import PulledSource

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
MESSAGE = "<202603190900.1@smtp-relay.mailin.fr>"


def happened(event: str, moment: datetime, **more: str) -> dict[str, Any]:
    return {
        "email": "ann@a.org", "date": moment.isoformat(), "subject": "Your order", "messageId": MESSAGE,
        "event": event, "tag": "orders", "ip": "192.0.2.1", "from": "shop@shop.example", **more,
    }  # fmt: skip


def campaign(number: int, sent_at: str, **stated: int) -> dict[str, Any]:
    nothing = {"sent": 0, "delivered": 0}
    return {
        "id": number, "name": f"News {number}", "subject": "News", "type": "classic", "status": "sent",
        "createdAt": "2026-03-01T08:00:00.000Z", "sentDate": sent_at, "tag": "letter",
        "recipients": {"lists": [4, 7], "exclusionLists": []},
        "statistics": {"globalStats": stated or nothing, "campaignStats": [], "remaining": 0},
    }  # fmt: skip


STATED = {
    "uniqueClicks": 30, "clickers": 33, "complaints": 1, "delivered": 940, "sent": 1000, "softBounces": 20,
    "hardBounces": 40, "uniqueViews": 300, "unsubscriptions": 5, "viewed": 450, "trackableViews": 200,
    "estimatedViews": 310, "appleMppOpens": 120, "deferred": 3, "returnBounce": 0,
}  # fmt: skip


@pytest.fixture
def service() -> Brevo:
    day = datetime(2026, 3, 19, 9, tzinfo=UTC)
    events = [
        happened("requests", day),
        happened("delivered", day + timedelta(seconds=2)),
        happened("opened", day + timedelta(hours=1)),
        happened("clicks", day + timedelta(hours=1, minutes=1), link="https://shop.example/a"),
        happened("hardBounces", day + timedelta(days=1), reason="550 no such user", email="bob@b.org"),
    ]
    return Brevo(campaigns=[campaign(3, "2026-03-18T10:00:00.000+01:00", **STATED)], events=events)


def source(service: Brevo, **settings: Any) -> PulledSource:
    return PulledSource(service, BREVO, {"api_key": KEY, **settings}, NOW)


WHOLE = [
    ("queued", "ann@a.org", "19 09:00:00", ""),
    ("delivered", "ann@a.org", "19 09:00:02", ""),
    ("opened", "ann@a.org", "19 10:00:00", ""),
    ("clicked", "ann@a.org", "19 10:01:00", "https://shop.example/a"),
    ("bounced", "bob@b.org", "20 09:00:00", ""),
]


def told(pulled: PulledSource) -> list[tuple[Any, ...]]:
    return [
        (kind, recipient, at.strftime("%d %H:%M:%S"), url)
        for kind, recipient, at, url in pulled.told("kind", "recipient", "occurred_at", "url")
    ]


def test_events_and_stated_totals_are_read(service: Brevo) -> None:
    pulled = source(service)
    pulled.pull()
    assert told(pulled) == WHOLE
    [totals] = pulled.rows("email.campaign_totals")
    expected = {
        "campaign": "3", "campaign_name": "News 3", "audience": "4,7", "tags": ["letter"], "recipients": 1000,
        "delivered": 940, "hard_bounces": 40, "soft_bounces": 20, "bounces": 60, "opens": 450,
        "unique_opens": 300, "machine_opens": 120, "clicks": 33, "unique_clicks": 30, "unsubscribes": 5,
        "complaints": 1, "occurred_at": datetime(2026, 3, 18, 9, tzinfo=UTC),
    }  # fmt: skip
    assert {key: totals[key] for key in expected} == expected
    assert (pulled.rejects, pulled.notes) == ([], [])


def test_totals_that_stand_at_lists_alone_are_summed_over_them(service: Brevo) -> None:
    [one] = service.campaigns
    lists = [{"listId": 4, "sent": 600, "delivered": 590}, {"listId": 7, "sent": 400, "delivered": 350}]
    one["statistics"] = {"globalStats": {"sent": 0, "delivered": 0}, "campaignStats": lists}
    pulled = source(service)
    pulled.pull()
    [totals] = pulled.rows("email.campaign_totals")
    assert (totals["recipients"], totals["delivered"], totals["opens"]) == (1000, 940, None)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_an_event_is_the_same_fact_posted_or_fetched(service: Brevo, name: str) -> None:
    at = datetime(2026, 3, 19, 9, 30, tzinfo=UTC)
    service.events = [happened(name, at, link="https://shop.example/a")]
    pulled = source(service)
    pulled.pull()
    post = {
        "event": NAMES[name], "email": "Ann@a.org", "id": 77, "message-id": MESSAGE.strip("<>"),
        "ts_event": int(at.timestamp()), "ts": 1, "date": "2026-03-19 10:30:00", "subject": "Your order",
        "X-Mailin-custom": json.dumps({"campaign": "orders"}), "link": "https://shop.example/a",
    }  # fmt: skip
    assert BREVO.webhook
    [fact] = parsed(BREVO.webhook, request(post))
    assert isinstance(fact, Fact)
    [row] = pulled.rows("email.events")
    assert fact.row["fact_id"] == row["fact_id"]
    assert (fact.row["kind"], row["kind"]) == (KINDS[NAMES[name]], KINDS[NAMES[name]])


def test_two_opens_of_a_minute_are_two_and_an_unknown_event_keeps_its_name(service: Brevo) -> None:
    at = datetime(2026, 3, 19, 9, 30, tzinfo=UTC)
    service.events = [
        happened("opened", at), happened("opened", at + timedelta(seconds=1)), happened("forwarded", at),
    ]  # fmt: skip
    pulled = source(service)
    pulled.pull()
    assert pulled.told("kind", "reason") == [("opened", ""), ("other", "forwarded"), ("opened", "")]


@pytest.mark.parametrize("largest", [1, 3, 2_500])
def test_wherever_it_is_killed_nothing_is_missing_and_nothing_there_twice(
    service: Brevo, largest: int
) -> None:
    service.largest = largest
    days = PullRange(date(2026, 3, 18), date(2026, 3, 20))
    count = source(service).pull(days)
    for number in range(1, count + 1):
        pulled = source(service)
        pulled.pull(days, kill_at=frozenset({number}))
        assert told(pulled) == WHOLE
        assert len(pulled.rows("email.campaign_totals")) == 1


def test_the_next_pull_reads_the_days_since_and_campaigns_again(service: Brevo) -> None:
    pulled = source(service)
    pulled.pull()
    service.calls.clear()
    pulled.now = NOW + timedelta(days=1)
    service.campaigns[0]["statistics"]["globalStats"]["viewed"] = 451
    pulled.pull()
    days = [call.params["startDate"] for call in service.calls if call.url.endswith("events")]
    assert sorted(set(days)) == ["2026-03-19", "2026-03-20", "2026-03-21"]
    assert pulled.rows("email.campaign_totals")[0]["opens"] == 451


def test_past_days_are_those_that_were_asked_for(service: Brevo) -> None:
    pulled = source(service)
    pulled.pull(PullRange(date(2026, 3, 20), date(2026, 3, 20)))
    assert told(pulled) == WHOLE[4:]
    assert pulled.rows("email.campaigns") == []


def test_a_key_that_ended_is_said_and_a_service_that_is_away_is_asked_again(service: Brevo) -> None:
    service.key = "another"
    assert isinstance(source(service).failing(), Unauthenticated)
    assert isinstance(source(service, api_key="").failing(), Unauthenticated)
    service.key = KEY
    service.before = lambda _request, number: SampleReply({}, 503) if number == 9 else None
    service.calls.clear()
    pulled = source(service)
    assert isinstance(pulled.failing(), Unavailable)
    pulled.pull()
    assert told(pulled) == WHOLE
    assert str(pulled.pulls.check(pulled.context()).said) == "The key reads the account Shop."
