"""Which messages the engagement report is about, and which statistics it offers."""

from __future__ import annotations

from typing import Any

import pytest

from bilan.manifest import Snapshot
from bilan.query.session import QuerySession
from bilan.sdk.errors import Invalid
from bilan_email_campaigns.reports.statistics import choices
from fixtures.email_reports import MAIN, NOW, MailRoom, table, tile
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


PEOPLE = ("ann@a.org", "bob@a.org", "cy@a.org", "dee@a.org")


@pytest.mark.parametrize(
    ("channel", "happened", "statistics"),
    [
        pytest.param(
            "email",
            {"sent": 2, "opened": 3, "clicked": 5, "unsubscribed": 7, "bounced": 11, "delivered": 13,
             "complained": 17},
            # Three opens are of three people, five clicks of four.
            {"Sends": 2, "Opens": 3, "Unique opens": 3, "Clicks": 5, "Unique clicks": 4, "Unsubscribes": 7,
             "Bounces": 11, "Delivered": 13, "Spam reports": 17},
            marks=pytest.mark.requirement("BZ-14"),
        ),
        pytest.param(
            "push",
            {"sent": 2, "opened": 3, "influenced_open": 5, "bounced": 7, "body_click": 11},
            {"Push sends": 2, "Push opens": 3, "Push influenced opens": 5, "Push bounces": 7,
             "Push body clicks": 11},
            marks=pytest.mark.requirement("BZ-15"),
        ),
        pytest.param(
            "web_push",
            {"sent": 2, "opened": 3, "bounced": 5, "body_click": 7},
            {"Web push sends": 2, "Web push opens": 3, "Web push bounces": 5, "Web push body clicks": 7},
            marks=pytest.mark.requirement("BZ-16"),
        ),
        pytest.param(
            "in_app",
            {"impression": 2, "clicked": 3, "button1_click": 5, "button2_click": 7},
            {"In-app impressions": 2, "In-app clicks": 3, "In-app first-button clicks": 5,
             "In-app second-button clicks": 7},
            marks=pytest.mark.requirement("BZ-17"),
        ),
        pytest.param(
            "webhook", {"sent": 2, "error": 3}, {"Webhook sends": 2, "Webhook errors": 3},
            marks=pytest.mark.requirement("BZ-18"),
        ),
        pytest.param(
            "sms",
            {"sent": 2, "carrier_sent": 3, "delivered": 5, "failed": 7, "rejected": 11},
            {"SMS sends": 2, "SMS sends to carrier": 3, "SMS confirmed deliveries": 5,
             "SMS delivery failures": 7, "SMS rejections": 11},
            marks=pytest.mark.requirement("BZ-19"),
        ),
    ],
)  # fmt: skip
def test_a_channel_has_the_statistics_of_the_source_product_each_counting_its_own_events(
    mail_room: MailRoom, channel: str, happened: dict[str, int], statistics: dict[str, int]
) -> None:
    # Each outcome is that of a message of its own, as each happens to a message once.
    people = ("opened", "clicked")
    mail_room.events(
        *(
            event(kind, on(1), channel=channel, message_id=f"{kind} {n}",
                  to=PEOPLE[n % 4] if kind in people else f"{kind}{n}@a.org")
            for kind, count in happened.items()
            for n in range(count)
        )
    )  # fmt: skip
    made = table(mail_room.report(ENGAGEMENT), "campaigns")
    [row] = mail_room.rows(made)
    assert {str(column.label): row[column.key] for column in made.columns if column.metric} == statistics
