"""The list of campaigns: narrowed, sorted, and flagged where something is wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bilan.sdk.document import Cell, Mark, Notice, Section, Value
from fixtures.email_reports import MAIN, OTHER, MailRoom, table, tile

CAMPAIGN = "email.campaign"

Row = dict[str, Any]


def on(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def mailing(campaign: str, day: int, people: int, *, opened: int = 0, **more: Any) -> list[Row]:
    """So many delivered e-mails of a campaign, some of them opened."""
    kinds = {"sent": people, "delivered": people, "opened": opened}
    return [
        {"kind": kind, "occurred_at": on(day), "campaign": campaign, "recipient": f"{n}@a.org", **more}
        for kind, number in kinds.items()
        for n in range(number)
    ]


def listed(room: MailRoom, **raw: Any) -> list[str]:
    """The campaigns of the list, in its order."""
    return [row["campaign"] for row in room.rows(table(room.report(CAMPAIGN, raw), "campaigns"))]


def marked(value: Value) -> Mark | None:
    return value.mark if isinstance(value, Cell) else None


@pytest.fixture
def season(mail_room: MailRoom) -> MailRoom:
    """Four campaigns: by events, by a stated total, archived, and a test."""
    mail_room.events(
        *mailing("spring", 2, 10, opened=5, tags=["promo"], category="sale", campaign_name="Spring"),
        *mailing("alerts", 3, 4, opened=4, category="service", campaign_name="alerts"),
        *mailing("old", 1, 3),
        *mailing("trial", 4, 2),
    )
    mail_room.campaigns(
        {"campaign": "old", "archived": True},
        {"campaign": "trial", "test": True},
        {"campaign": "alerts", "tags": ["vip"]},
    )
    mail_room.totals(
        {"campaign": "file", "campaign_name": "From file", "occurred_at": on(5), "category": "sale",
         "tags": ["promo", "vip"], "recipients": 100, "delivered": 90, "unique_opens": 30},
    )  # fmt: skip
    return mail_room


@pytest.mark.requirement("AD-04")
def test_every_campaign_of_the_period_has_a_row_with_its_traits_and_counts(season: MailRoom) -> None:
    made = season.report(CAMPAIGN)

    columns = [column.key for column in table(made, "campaigns").columns]
    assert columns[:10] == [
        "campaign", "campaign_name", "sent", "channels", "category", "tags", "as_reported",
        "email.recipients", "email.delivered", "email.unique_opens",
    ]  # fmt: skip
    assert [list(row.values())[:10] for row in season.rows(table(made, "campaigns"))] == [
        ["file", "From file", "2026-03-05T09:00:00Z", ["email"], "sale", ["promo", "vip"], True, 100, 90, 30],
        ["alerts", "alerts", "2026-03-03T09:00:00Z", ["email"], "service", ["vip"], False, 4, 4, 4],
        ["spring", "Spring", "2026-03-02T09:00:00Z", ["email"], "sale", ["promo"], False, 10, 10, 5],
    ]
    recipients = tile(made, "email.recipients")
    assert (recipients.value, recipients.mark) == (114, Mark.MIXED)


@pytest.mark.requirement("AD-04")
def test_archived_and_test_campaigns_are_left_out_unless_asked_for(season: MailRoom) -> None:
    assert listed(season, sort="name", ascending=True) == ["alerts", "file", "spring"]
    assert listed(season, include_archived=True) == ["file", "alerts", "spring", "old"]
    assert listed(season, include_tests=True) == ["file", "trial", "alerts", "spring"]


@pytest.mark.requirement("AD-04")
@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"categories": ["sale"]}, ["file", "spring"]),
        ({"categories": ["sale", "service"]}, ["file", "alerts", "spring"]),
        ({"tags": ["vip"]}, ["file", "alerts"]),
        ({"tags": ["vip", "promo"]}, ["file", "alerts", "spring"]),
        ({"tags": ["vip", "promo"], "match": "all"}, ["file"]),
        ({"categories": ["sale"], "tags": ["vip"]}, ["file"]),
        ({"period": "2026-03-02..2026-03-03"}, ["alerts", "spring"]),
    ],
)
def test_the_list_is_narrowed_by_category_tag_and_period(
    season: MailRoom, raw: dict[str, Any], expected: list[str]
) -> None:
    assert listed(season, **raw) == expected


@pytest.mark.requirement("AD-04")
def test_the_list_is_narrowed_by_channel(season: MailRoom) -> None:
    season.events(*mailing("app", 6, 2, channel="push"))

    assert listed(season, channels=["push"]) == ["app"]
    assert listed(season, channels=["email"]) == ["file", "alerts", "spring"]
    rows = season.rows(table(season.report(CAMPAIGN), "campaigns"))
    assert (rows[0]["channels"], rows[0]["email.push_sends"], rows[0]["email.delivered"]) == (["push"], 2, 0)


@pytest.mark.requirement("AD-04")
@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"sort": "sent"}, ["file", "alerts", "spring"]),
        ({"sort": "sent", "ascending": True}, ["spring", "alerts", "file"]),
        ({"sort": "name"}, ["spring", "file", "alerts"]),
        ({"sort": "delivered"}, ["file", "spring", "alerts"]),
        # 4 of 4, 5 of 10, 30 of 90.
        ({"sort": "open_rate"}, ["alerts", "spring", "file"]),
        ({"sort": "open_rate", "ascending": True, "show": "rates"}, ["file", "spring", "alerts"]),
    ],
)
def test_the_list_is_sorted_by_what_was_chosen(
    season: MailRoom, raw: dict[str, Any], expected: list[str]
) -> None:
    assert listed(season, **raw) == expected


@pytest.mark.requirement("AD-04")
def test_what_has_no_figure_to_sort_by_comes_last_either_way(season: MailRoom) -> None:
    # The file states no unsubscribes.
    assert listed(season, sort="unsubscribes")[-1] == "file"
    assert listed(season, sort="unsubscribes", ascending=True)[-1] == "file"


@pytest.mark.requirement("AD-04", "DC-18")
def test_percentages_replace_counts_when_asked_for(season: MailRoom) -> None:
    made = table(season.report(CAMPAIGN, {"show": "rates", "sort": "name"}), "campaigns")

    metrics = [column.key for column in made.columns if column.metric]
    assert metrics == [
        "email.delivery_rate", "email.open_rate", "email.human_open_rate", "email.click_rate",
        "email.click_to_open_rate", "email.hard_bounce_rate", "email.soft_bounce_rate",
        "email.complaint_rate", "email.unsubscribe_rate",
    ]  # fmt: skip
    rates = {row["campaign"]: row["email.open_rate"] for row in season.rows(made)}
    assert rates == {"spring": 0.5, "alerts": 1.0, "file": 30 / 90}


@pytest.mark.requirement("AD-04")
@pytest.mark.parametrize("show", ["counts", "rates"])
def test_complaints_and_unsubscribes_past_their_limits_are_flagged(mail_room: MailRoom, show: str) -> None:
    mail_room.totals(
        # Exactly 0.1 % and 1.5 %: nothing is wrong yet.
        {"campaign": "at", "occurred_at": on(2), "recipients": 2000, "delivered": 2000, "complaints": 2,
         "unsubscribes": 30},
        {"campaign": "past", "occurred_at": on(1), "recipients": 2000, "delivered": 2000, "complaints": 3,
         "unsubscribes": 31},
    )  # fmt: skip

    made = table(mail_room.report(CAMPAIGN, {"show": show}), "campaigns")

    keys = [column.key for column in made.columns]
    watched = ["email.unsubscribes", "email.spam_reports"]
    if show == "rates":
        watched = ["email.unsubscribe_rate", "email.complaint_rate"]
    marks = [[marked(row[keys.index(key)]) for key in watched] for row in made.rows]
    assert marks == [[Mark.REPORTED, Mark.REPORTED], [Mark.RED_FLAG, Mark.RED_FLAG]]


@pytest.mark.requirement("AD-04")
def test_counted_complaints_are_flagged_too(mail_room: MailRoom) -> None:
    complaint = {"kind": "complained", "occurred_at": on(2), "campaign": "spring", "recipient": "1@a.org"}
    mail_room.events(*mailing("spring", 2, 20), complaint)

    (row,) = table(mail_room.report(CAMPAIGN), "campaigns").rows

    assert isinstance(row[-1], Cell)
    assert (row[-1].value, row[-1].mark) == (1, Mark.RED_FLAG)
    assert str(row[-1].note) == "Complaint rate above 0.001."


def test_canvases_and_messages_outside_campaigns_are_not_listed(mail_room: MailRoom) -> None:
    mail_room.events(*mailing("", 2, 3), *mailing("", 2, 2, canvas="welcome"), *mailing("spring", 2, 1))
    mail_room.totals({"campaign": "journey", "canvas": True, "occurred_at": on(2), "recipients": 9})

    made = mail_room.report(CAMPAIGN)

    assert [row["campaign"] for row in mail_room.rows(table(made, "campaigns"))] == ["spring"]
    assert (tile(made, "email.delivered").value, tile(made, "email.delivered").mark) == (1, None)


def test_with_several_sources_each_row_says_which(season: MailRoom) -> None:
    season.sources[OTHER] = "Other"
    season.events(*mailing("spring", 7, 1, campaign_name="Theirs"), source=OTHER)

    rows = season.rows(table(season.report(CAMPAIGN), "campaigns"))

    assert [(row["source"], row["campaign_name"]) for row in rows if row["campaign"] == "spring"] == [
        ("Other", "Theirs"),
        (season.sources[MAIN], "Spring"),
    ]


def test_an_empty_list_says_so(mail_room: MailRoom) -> None:
    section = mail_room.report(CAMPAIGN).blocks[1]

    assert isinstance(section, Section)
    (notice,) = section.blocks
    assert isinstance(notice, Notice)
    assert str(notice.text) == "There are no campaigns in this period."


def visible(room: MailRoom, **raw: Any) -> list[str]:
    """The columns of the list that people see, in order."""
    columns = table(room.report(CAMPAIGN, raw), "campaigns").columns
    return [column.key.removeprefix("email.") for column in columns if not column.data]


@pytest.mark.requirement("AD-04")
def test_people_see_eight_to_ten_columns_and_data_files_hold_all(season: MailRoom) -> None:
    assert visible(season) == [
        "campaign_name", "sent", "recipients", "delivered", "unique_opens", "unique_clicks",
        "hard_bounces", "soft_bounces", "unsubscribes", "spam_reports",
    ]  # fmt: skip
    assert visible(season, show="rates") == [
        "campaign_name", "sent", "delivery_rate", "open_rate", "click_rate", "click_to_open_rate",
        "hard_bounce_rate", "soft_bounce_rate", "complaint_rate", "unsubscribe_rate",
    ]  # fmt: skip


@pytest.mark.requirement("AD-04")
def test_the_list_shows_the_channels_that_occur_in_its_period(season: MailRoom) -> None:
    season.events(*mailing("app", 20, 2, channel="push"), *mailing("phone", 20, 2, channel="sms"))
    with_all = visible(season)
    assert with_all[:3] == ["campaign_name", "sent", "channels"]
    assert len(with_all) == 10
    assert {"push_sends", "sms_sends"} <= set(with_all)
    assert not {"in_app_impressions", "webhook_sends", "web_push_sends"} & set(with_all)

    early = table(season.report(CAMPAIGN, {"period": "2026-03-01..2026-03-10"}), "campaigns")
    assert [column.key for column in early.columns if "push" in column.key or "sms" in column.key] == []


@pytest.mark.requirement("AD-04")
def test_a_person_chooses_the_columns_of_the_list(season: MailRoom) -> None:
    chosen = ["email.opens", "email.click_rate"]
    assert visible(season, statistics=chosen) == ["campaign_name", "sent", "opens", "click_rate"]
    season.sources[OTHER] = "Other"
    assert visible(season, statistics=chosen)[0] == "campaign_name"  # all are of one source
    season.events(*mailing("elsewhere", 6, 2), source=OTHER)
    assert visible(season, statistics=chosen)[0] == "source"
