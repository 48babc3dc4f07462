"""Which messages the engagement report is about, and which statistics it offers."""

from __future__ import annotations

from typing import Any

import pytest

from bilan.manifest import Snapshot
from bilan.query.session import QuerySession
from bilan.sdk.errors import Invalid
from bilan_email_campaigns.metrics.channels import CHANNEL_METRICS
from bilan_email_campaigns.reports.statistics import choices
from fixtures.email_reports import MAIN, NOW, MailRoom, tile
from support.engagement import ENGAGEMENT, canvas, event, figures, keys, on


@pytest.mark.requirement("BZ-08", "BZ-09")
def test_campaigns_and_canvases_are_picked_one_by_one(mail_room: MailRoom) -> None:
    mail_room.events(
        event("sent", on(1), "a"),
        event("sent", on(1), "b"),
        canvas("sent", on(1), "b"),
        canvas("sent", on(1), "c"),
    )

    made = mail_room.report(ENGAGEMENT, {"campaigns": ["a"], "canvases": ["b"]})

    assert [row[1] for row in figures(mail_room, made)] == ["a"]
    assert [row[1] for row in figures(mail_room, made, "canvases")] == ["b"]


@pytest.mark.requirement("BZ-09")
def test_a_campaign_that_does_not_exist_is_refused_by_name(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(1), "spring"))

    with pytest.raises(Invalid, match="sprong is not offered; the nearest is spring"):
        mail_room.report(ENGAGEMENT, {"campaigns": ["sprong"]})


@pytest.mark.requirement("BZ-08", "BZ-10")
@pytest.mark.parametrize(
    ("match", "campaigns"),
    [("any", ["both", "listed", "mixed", "promo", "vip"]), ("all", ["both", "mixed"])],
)
def test_messages_having_any_or_all_of_the_tags_are_selected(
    mail_room: MailRoom, match: str, campaigns: list[str]
) -> None:
    mail_room.events(
        event("sent", on(1), "promo", tags=["promo"]),
        event("sent", on(1), "vip", tags=["vip", "old"]),
        event("sent", on(1), "both", tags=["vip", "promo"]),
        event("sent", on(1), "neither", tags=["old"]),
        event("sent", on(1), "listed"),
        event("sent", on(1), "mixed", tags=["vip"]),
    )
    # The sender's list knows tags that the events do not carry.
    mail_room.campaigns({"campaign": "listed", "tags": ["promo"]}, {"campaign": "mixed", "tags": ["promo"]})

    made = mail_room.report(ENGAGEMENT, {"tags": ["promo", "vip"], "match": match})

    assert [row[1] for row in figures(mail_room, made)] == campaigns


@pytest.mark.requirement("BZ-11")
def test_tags_are_looked_up_anew_at_each_run(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(1), "first", tags=["promo"]))
    recurring = {"tags": ["promo"]}
    before = mail_room.report(ENGAGEMENT, recurring)

    mail_room.events(event("sent", on(2), "second", tags=["promo"]))
    after = mail_room.report(ENGAGEMENT, recurring)

    assert [row[1] for row in figures(mail_room, before)] == ["first"]
    assert [row[1] for row in figures(mail_room, after)] == ["first", "second"]


@pytest.mark.requirement("BZ-12", "BZ-13")
def test_only_the_statistics_of_the_selected_channels_are_offered(mail_room: MailRoom) -> None:
    mail_room.events(
        event("sent", on(1), "mail"),
        event("sent", on(1), "app", channel="push"),
        event("sent", on(1), "text", channel="sms"),
    )
    client = QuerySession(mail_room.warehouse, mail_room.registry, frozenset([MAIN]), Snapshot(NOW))

    def offered(**values: Any) -> set[str]:
        return {mail_room.registry.metrics[choice.value].group for choice in choices(client, values)} - {""}

    assert offered(campaigns=("mail",)) == {"email"}
    assert offered(campaigns=("mail", "app")) == {"email", "push"}
    assert offered() == {"email", "push", "sms"}
    assert offered(channels=("sms",)) == {"sms"}


@pytest.mark.requirement("BZ-13")
def test_a_channel_is_offered_with_all_its_statistics(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(1), channel="push"))

    assert keys(mail_room.report(ENGAGEMENT)) == [
        "push_sends", "push_opens", "push_influenced_opens", "push_bounces", "push_body_clicks",
    ]  # fmt: skip


@pytest.mark.requirement("BZ-13")
def test_a_statistic_of_another_channel_is_refused_by_name(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(1)))

    with pytest.raises(Invalid, match=r"email\.push_opens is not offered") as caught:
        mail_room.report(ENGAGEMENT, {"statistics": ["email.push_opens"]})

    assert caught.value.path == ("statistics",)


@pytest.mark.requirement("BZ-12", "BZ-34")
def test_both_files_hold_the_chosen_statistics_and_no_other(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(1)), canvas("sent", on(1), channel="push"))
    chosen = ["email.clicks", "email.sends", "email.push_sends"]

    made = mail_room.report(ENGAGEMENT, {"statistics": chosen})

    # In the order in which they are offered.
    assert keys(made) == keys(made, "canvases") == ["sends", "clicks", "push_sends"]


def test_test_messages_count_only_when_asked_for(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(1)), event("sent", on(1), test=True))

    assert tile(mail_room.report(ENGAGEMENT), "email.sends").value == 1
    assert tile(mail_room.report(ENGAGEMENT, {"include_tests": True}), "email.sends").value == 2


@pytest.mark.requirement("BZ-14", "BZ-15", "BZ-16", "BZ-17", "BZ-18", "BZ-19")
def test_each_channel_has_as_many_statistics_as_the_source_product() -> None:
    groups = [metric.group for metric in CHANNEL_METRICS]

    assert {group: groups.count(group) for group in groups} == {
        "email": 9, "push": 5, "web_push": 4, "in_app": 4, "webhook": 2, "sms": 5,
    }  # fmt: skip
