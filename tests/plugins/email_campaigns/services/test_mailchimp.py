"""Campaigns of Mailchimp are pulled with all that happened, whatever happens meanwhile."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bilan.sdk import Invalid, NotFound, PullRange, SampleReply, SampleRequest, Unauthenticated, Unavailable
from bilan_email_campaigns.sources import MAILCHIMP
from support.email_services.mailchimp import KEY, Mailchimp, Sent
from support.email_services.service import PulledSource

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def did(action: str, moment: datetime, **more: str) -> dict[str, Any]:
    return {"action": action, "timestamp": moment.isoformat(), **more}


@pytest.fixture
def service() -> Mailchimp:
    """Two campaigns, of which the first has all that can happen."""
    march = Sent(
        "c1", at(3), "March", ["Ann@a.org", "bob@b.org", "cid@c.org", "dan@d.org"],
        activity={
            "Ann@a.org": [
                did("open", at(3, 10), ip="192.0.2.1"),
                did("click", at(3, 11), url="https://x.org/a", ip="192.0.2.1"),
            ],
            "bob@b.org": [did("bounce", at(3, 9, 5), type="hard")],
        },
        unsubscribed={"cid@c.org": (at(4), "I never signed up")},
        complained={"dan@d.org": at(5)},
    )  # fmt: skip
    return Mailchimp(campaigns=[march, Sent("c2", at(10), "Spring", ["ann@a.org"])])


def source(service: Mailchimp, **settings: Any) -> PulledSource:
    return PulledSource(service, MAILCHIMP, {"api_key": KEY, **settings}, NOW)


WHOLE = [
    ("sent", "ann@a.org", at(3), "", "", ""),
    ("sent", "bob@b.org", at(3), "", "", ""),
    ("sent", "cid@c.org", at(3), "", "", ""),
    ("sent", "dan@d.org", at(3), "", "", ""),
    ("bounced", "bob@b.org", at(3, 9, 5), "", "hard", ""),
    ("opened", "ann@a.org", at(3, 10), "", "", ""),
    ("clicked", "ann@a.org", at(3, 11), "https://x.org/a", "", ""),
    ("unsubscribed", "cid@c.org", at(4), "", "", "I never signed up"),
    ("complained", "dan@d.org", at(5), "", "", ""),
    ("sent", "ann@a.org", at(10), "", "", ""),
]
COLUMNS = ("kind", "recipient", "occurred_at", "url", "bounce_class", "reason")


def test_all_that_happened_is_an_event_and_each_campaign_has_its_report(service: Mailchimp) -> None:
    pulled = source(service)
    pulled.pull()
    assert pulled.told(*COLUMNS) == WHOLE
    assert [(row["campaign"], row["name"]) for row in pulled.rows("email.campaigns")] == [
        ("c1", "March"), ("c2", "Spring"),
    ]  # fmt: skip
    first = pulled.rows("email.campaign_totals")[0]
    counted = ("recipients", "hard_bounces", "opens", "clicks", "unsubscribes", "complaints")
    assert [first[name] for name in counted] == [4, 1, 1, 1, 1, 1]
    assert {row["campaign_name"] for row in pulled.rows("email.events")} == {"March", "Spring"}
    assert (pulled.notes, pulled.rejects) == ([], [])


@pytest.mark.parametrize("largest", [1, 2, 1_000])
def test_wherever_it_is_killed_nothing_is_missing_and_nothing_there_twice(
    service: Mailchimp, largest: int
) -> None:
    service.largest = largest
    count = source(service).pull()
    for number in range(1, count + 1):
        pulled = source(service)
        pulled.pull(kill_at=frozenset({number}))
        assert pulled.told(*COLUMNS) == WHOLE


def test_the_next_pull_asks_for_what_was_done_since_and_for_no_recipient_again(service: Mailchimp) -> None:
    pulled = source(service)
    pulled.pull()
    pulled.now = NOW + timedelta(days=1)
    service.campaigns[0].activity["cid@c.org"] = [did("open", NOW + timedelta(hours=3))]
    service.campaigns.append(Sent("c3", NOW + timedelta(hours=1), "Late", ["eve@e.org"]))
    service.calls.clear()
    pulled.pull()
    assert pulled.told(*COLUMNS)[len(WHOLE) :] == [
        ("sent", "eve@e.org", NOW + timedelta(hours=1), "", "", ""),
        ("opened", "cid@c.org", NOW + timedelta(hours=3), "", "", ""),
    ]
    asked = [call for call in service.calls if call.url.endswith("email-activity")]
    assert {call.params.get("since") for call in asked} == {(NOW - timedelta(days=1)).isoformat()}
    assert Counter(call.url.split("/")[-2] for call in service.calls if "sent-to" in call.url) == {"c3": 2}


def test_past_days_are_those_in_which_campaigns_were_sent(service: Mailchimp) -> None:
    pulled = source(service)
    pulled.pull(PullRange(date(2026, 3, 10), date(2026, 3, 10)))
    assert pulled.told("kind", "campaign") == [("sent", "c2")]
    assert pulled.state is None


def test_the_first_pull_reads_ninety_days(service: Mailchimp) -> None:
    service.campaigns += [
        Sent("old", NOW - timedelta(days=91), "Old", ["a@a.org"]),
        Sent("young", NOW - timedelta(days=89), "Young", ["a@a.org"]),
    ]
    pulled = source(service)
    pulled.pull()
    assert {row["campaign"] for row in pulled.rows("email.campaigns")} == {"c1", "c2", "young"}


def test_many_campaigns_of_one_moment_are_each_read(service: Mailchimp) -> None:
    service.largest = 3
    service.campaigns = [Sent(f"c{number}", at(7), f"{number}", ["a@a.org"]) for number in range(10)]
    pulled = source(service)
    pulled.pull()
    assert len(pulled.rows("email.campaigns")) == 10


def test_a_campaign_that_is_deleted_meanwhile_is_left_out_and_counted(service: Mailchimp) -> None:
    def before(request: SampleRequest, _number: int) -> None:
        if request.url.endswith("c1/email-activity"):
            service.campaigns = [one for one in service.campaigns if one.id != "c1"]

    service.before = before
    pulled = source(service)
    pulled.pull()
    assert ("sent", "c2") in pulled.told("kind", "campaign")
    assert pulled.notes == ["A campaign was deleted while it was read, and is left out."]


def test_recipients_that_are_deleted_between_two_pages_hide_nobody(service: Mailchimp) -> None:
    service.largest = 30
    people = [f"p{number:03}@a.org" for number in range(90)]
    service.campaigns = [Sent("c1", at(3), "March", list(people))]
    removed: list[str] = []

    def before(request: SampleRequest, _number: int) -> None:
        if request.url.endswith("sent-to") and request.params["offset"] != "0" and len(removed) < 2:
            removed.append(service.campaigns[0].to.pop(0))

    service.before = before
    pulled = source(service)
    pulled.pull()
    assert {row["recipient"] for row in pulled.rows("email.events")} == set(people)
    assert len(removed) == 2


def test_without_recipients_the_reports_alone_are_read(service: Mailchimp) -> None:
    pulled = source(service, recipients=False)
    pulled.pull()
    assert pulled.told("kind") == []
    assert len(pulled.rows("email.campaign_totals")) == 2
    assert service.asked("sent-to") == 0


def test_a_key_that_ended_is_said_and_one_that_is_none(service: Mailchimp) -> None:
    service.key = "another-us19"
    assert isinstance(source(service).failing(), Unauthenticated)
    assert MAILCHIMP.pull is not None
    for key in ("", "0123", "0123-us19.evil.org/", "0123-us19@evil"):
        with pytest.raises(Invalid, match="ends in its data centre"):
            MAILCHIMP.pull.hosts({"api_key": key})


def test_a_service_that_is_away_fails_the_pull_and_the_next_one_has_all(service: Mailchimp) -> None:
    service.before = lambda _request, number: SampleReply({}, 503) if number == 7 else None
    pulled = source(service)
    assert isinstance(pulled.failing(), Unavailable)
    pulled.pull()
    assert pulled.told(*COLUMNS) == WHOLE


def test_an_action_that_is_new_is_kept_with_its_name_and_what_is_none_is_a_reject(service: Mailchimp) -> None:
    service.campaigns[1].activity["ann@a.org"] = [
        did("reply", at(11)), {"action": "open", "timestamp": "yesterday"},
    ]  # fmt: skip
    pulled = source(service)
    pulled.pull()
    assert pulled.rejects == ["“yesterday” is no moment; write it as 2026-01-31T08:00:00Z."]
    assert ("other", "reply") in pulled.told("kind", "reason")


def test_save_and_test_says_whose_account_it_is(service: Mailchimp) -> None:
    pulled = source(service)
    said = pulled.pulls.check(pulled.context()).said
    assert str(said) == "The key reads the account Freddie's with 1234 contacts."


def test_only_the_data_centre_of_the_key_is_asked(service: Mailchimp) -> None:
    pulled = source(service)
    assert pulled.pulls.hosts(pulled.settings) == ("us19.api.mailchimp.com",)
    with pytest.raises(NotFound):
        pulled.context().client.get("https://us19.api.mailchimp.com/3.0/nowhere", headers=_signed(pulled))


def _signed(pulled: PulledSource) -> dict[str, str]:
    pulled.pull()
    call = pulled.service.calls[-1]
    return {"authorization": call.headers["authorization"]}
