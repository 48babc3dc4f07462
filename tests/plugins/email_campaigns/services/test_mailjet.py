"""Mailjet's statistics are the same facts as what it posts; its campaigns have the counters it states."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bilan.sdk import Fact, PullRange, SampleReply, SourceKind, Unauthenticated, Unavailable
from bilan_email_campaigns.sources import SOURCES
from fixtures.email_campaigns import parsed, request
from support.email_services.mailjet import KEYS, Mailjet, SentMessage
from support.email_services.service import PulledSource

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
[MAILJET] = [kind for kind in SOURCES if kind.key == "mailjet"]


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def service() -> Mailjet:
    """Six messages, to which all happened that can."""
    campaign = {
        "ID": 99, "CustomValue": "spring", "Subject": "Spring is here", "SendStartAt": "2026-03-18T08:00:00Z",
        "CreatedAt": "2026-03-17T08:00:00Z", "IsDeleted": False,
    }  # fmt: skip
    counters = {
        "Total": 6, "MessageSentCount": 4, "MessageHardBouncedCount": 1, "MessageSoftBouncedCount": 0,
        "EventOpenedCount": 2, "MessageOpenedCount": 1, "EventClickedCount": 1, "MessageClickedCount": 1,
        "MessageUnsubscribedCount": 1, "MessageSpamCount": 1, "MessageBlockedCount": 1,
    }  # fmt: skip
    messages = [
        SentMessage(1, "Ann@a.org", at(18), "clicked", 99, opens=[at(18, 10), at(18, 10, 1)],
                    clicks=[(at(18, 10, 2), "https://x.org/a")]),
        SentMessage(2, "bob@b.org", at(18), "bounce", 99, bounces=[(at(18, 9, 3), True, False)]),
        SentMessage(3, "cid@c.org", at(18), "unsub", 99, history=[(at(18), "sent"), (at(19), "unsub")]),
        SentMessage(4, "dan@d.org", at(18), "spam", 99, history=[(at(18), "sent"), (at(19, 11), "spam")]),
        SentMessage(5, "eve@e.org", at(19), "blocked", 99, bounces=[(at(19), False, True)]),
        SentMessage(6, "fay@f.org", at(19, 23), "queued"),
    ]  # fmt: skip
    return Mailjet(campaigns=[campaign], counters={"99": counters}, messages=messages)


def source(service: Mailjet, **settings: Any) -> PulledSource:
    keys = {"api_key": KEYS[0], "secret_key": KEYS[1]}
    return PulledSource(service, kind(), {**keys, **settings}, NOW)


def kind() -> SourceKind:
    return MAILJET


COLUMNS = ("kind", "recipient", "occurred_at", "bounce_class", "url", "campaign")
WHOLE = [
    ("delivered", "ann@a.org", at(18), "", "", "spring"),
    ("delivered", "cid@c.org", at(18), "", "", "spring"),
    ("delivered", "dan@d.org", at(18), "", "", "spring"),
    ("bounced", "bob@b.org", at(18, 9, 3), "hard", "", "spring"),
    ("opened", "ann@a.org", at(18, 10), "", "", "spring"),
    ("opened", "ann@a.org", at(18, 10, 1), "", "", "spring"),
    ("clicked", "ann@a.org", at(18, 10, 2), "", "https://x.org/a", "spring"),
    ("unsubscribed", "cid@c.org", at(19), "", "", "spring"),
    ("rejected", "eve@e.org", at(19), "", "", "spring"),
    ("complained", "dan@d.org", at(19, 11), "", "", "spring"),
]


def test_all_that_happened_is_an_event_and_campaigns_have_their_counters(
    service: Mailjet,
) -> None:
    pulled = source(service)
    pulled.pull()
    assert pulled.told(*COLUMNS) == WHOLE
    [totals] = pulled.rows("email.campaign_totals")
    expected = {
        "campaign": "spring", "campaign_name": "spring", "recipients": 6, "delivered": 4, "hard_bounces": 1,
        "soft_bounces": 0, "bounces": 1, "opens": 2, "unique_opens": 1, "clicks": 1, "unique_clicks": 1,
        "unsubscribes": 1, "complaints": 1, "occurred_at": at(18, 8),
    }  # fmt: skip
    assert {key: totals[key] for key in expected} == expected
    assert (pulled.rejects, pulled.notes) == ([], [])


@pytest.mark.parametrize("largest", [1, 2, 1_000])
def test_wherever_it_is_killed_nothing_is_missing_and_nothing_there_twice(
    service: Mailjet, largest: int
) -> None:
    service.largest = largest
    days = PullRange(date(2026, 3, 18), date(2026, 3, 19))
    count = source(service).pull(days)
    for number in range(1, count + 1):
        pulled = source(service)
        pulled.pull(days, kill_at=frozenset({number}))
        assert pulled.told(*COLUMNS) == WHOLE


@pytest.mark.parametrize(
    ("event", "moment", "more", "kind"),
    [
        ("sent", at(18, 9, 1), {"smtp_reply": "250 ok"}, "delivered"),
        ("open", at(18, 10), {"agent": "Mozilla/5.0 (X11)", "geo": "FR"}, "opened"),
        ("click", at(18, 10, 2), {"url": "https://x.org/a"}, "clicked"),
    ],
)
def test_an_event_is_the_same_fact_posted_or_fetched(
    service: Mailjet, event: str, moment: datetime, more: dict[str, Any], kind: str
) -> None:
    pulled = source(service)
    pulled.pull()
    post = {
        "event": event, "time": int(moment.timestamp()), "MessageID": 1, "email": "ann@a.org",
        "mj_campaign_id": 99, "mj_contact_id": 1, "customcampaign": "", "CustomID": "", "Payload": "", **more,
    }  # fmt: skip
    assert MAILJET.webhook
    [fact] = parsed(MAILJET.webhook, request(post))
    assert isinstance(fact, Fact)
    assert [row["kind"] for row in pulled.rows("email.events") if row["fact_id"] == fact.row["fact_id"]] == [
        kind
    ]


def test_the_next_pull_reads_the_messages_of_the_last_days_again(service: Mailjet) -> None:
    pulled = source(service)
    pulled.pull()
    service.messages[0].opens.append(NOW + timedelta(hours=1))
    service.calls.clear()
    pulled.now = NOW + timedelta(days=1)
    pulled.pull()
    assert pulled.told(*COLUMNS)[len(WHOLE) :] == [
        ("opened", "ann@a.org", NOW + timedelta(hours=1), "", "", "spring")
    ]
    days = {int(call.params["FromTS"]) for call in service.calls if call.url.endswith("message")}
    assert (len(days), min(days)) == (8, int(at(14, 0).timestamp()))


def test_past_days_are_those_on_which_messages_were_sent(service: Mailjet) -> None:
    pulled = source(service)
    pulled.pull(PullRange(date(2026, 3, 19), date(2026, 3, 19)))
    assert pulled.told("kind", "recipient") == [("rejected", "eve@e.org")]


def test_keys_that_ended_are_said_and_a_service_that_is_away_is_asked_again(service: Mailjet) -> None:
    assert isinstance(source(service, secret_key="").failing(), Unauthenticated)
    service.keys = ("other", "keys")
    assert isinstance(source(service).failing(), Unauthenticated)
    service.keys = KEYS
    service.calls.clear()
    service.before = lambda _request, number: SampleReply({}, 503) if number == 9 else None
    pulled = source(service)
    assert isinstance(pulled.failing(), Unavailable)
    pulled.pull()
    assert pulled.told(*COLUMNS) == WHOLE
    assert str(pulled.pulls.check(pulled.context()).said) == "The key reads the account Shop."
