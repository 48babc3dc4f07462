"""One campaign in full, over hand-made events with the expected figures beside them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bilan.sdk.document import Cell, Document, Mark, Notice, Section
from bilan.sdk.errors import Invalid
from bilan.sdk.units import Unit
from fixtures.email_reports import MailRoom, chart, table, tables, tile

CAMPAIGN = "email.campaign"
SPRING = {"campaign": "spring"}

Row = dict[str, Any]


def on(day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def event(kind: str, when: datetime, to: str = "ann@a.org", **more: Any) -> Row:
    known = {"campaign": "spring", "campaign_name": "Spring sale", "domain": to.partition("@")[2]}
    return {"kind": kind, "occurred_at": when, "recipient": to, **known, **more}


def figures(document: Document, *keys: str) -> dict[str, Any]:
    return {key: tile(document, f"email.{key}").value for key in keys}


@pytest.fixture
def sale(mail_room: MailRoom) -> MailRoom:
    """Five sent, four delivered, one bounced for good; two opened, one of them through a proxy too."""
    people = ("ann@a.org", "bob@b.org", "cid@b.org", "dee@b.org")
    mail_room.events(
        *(event("sent", on(2, 9, 30), to) for to in (*people, "eve@gone.org")),
        *(event("delivered", on(2, 9, 31), to) for to in people),
        event("bounced", on(2, 9, 32), "eve@gone.org", bounce_class="hard"),
        event("opened", on(2, 9, 35), machine=True, country="US", city="Reston"),
        event("opened", on(2, 10, 5), country="FR", city="Lyon"),
        event("opened", on(2, 10, 50), "bob@b.org", country="FR", city="Paris"),
        event("opened", on(4, 12), country="FR", city="Lyon"),
        event("clicked", on(2, 10, 6), url="https://shop/a"),
        event("clicked", on(2, 10, 7), url="https://shop/a"),
        event("clicked", on(3, 9, 29), url="https://shop/b"),
        event("clicked", on(2, 10, 51), "bob@b.org", url="https://shop/a"),
        event("unsubscribed", on(5), "bob@b.org"),
        event("complained", on(6), "cid@b.org"),
    )
    return mail_room


@pytest.mark.requirement("AD-03")
def test_the_tiles_hold_everything_one_wants_to_know_of_a_campaign(sale: MailRoom) -> None:
    made = sale.report(CAMPAIGN, SPRING)

    expected = {
        "recipients": 5,
        "sends": 5,
        "delivered": 4,
        "unique_opens": 2,
        "opens": 4,
        "last_open": "2026-03-04T12:00:00Z",
        "unique_clicks": 2,
        "clicks": 4,
        "last_click": "2026-03-03T09:29:00Z",
        "bounces": 1,
        "hard_bounces": 1,
        "soft_bounces": 0,
        "unsubscribes": 1,
        "spam_reports": 1,
        "delivery_rate": 4 / 5,
        "open_rate": 2 / 4,
        "click_rate": 2 / 4,
        "click_to_open_rate": 2 / 2,
        "hard_bounce_rate": 1 / 5,
        "complaint_rate": 1 / 4,
        "unsubscribe_rate": 1 / 4,
    }
    assert figures(made, *expected) == expected
    assert made.title == "Spring sale"
    assert made.period == ("2026-03-02", "2026-03-31")


@pytest.mark.requirement("AD-07")
def test_machines_are_told_apart_from_people_and_both_are_shown(sale: MailRoom) -> None:
    made = sale.report(CAMPAIGN, SPRING)

    expected = {"opens": 4, "machine_opens": 1, "human_opens": 3, "unique_human_opens": 2}
    expected |= {"clicks": 4, "machine_clicks": 0, "human_clicks": 4, "unique_human_clicks": 2}
    section = next(one for one in made.blocks if isinstance(one, Section) and one.key == "machines")
    only_that = Document(kind="", title="", as_of="", zone="", blocks=(section,))
    assert figures(only_that, *expected) == expected


@pytest.mark.requirement("AD-03")
def test_links_are_listed_by_their_clicks_with_their_share(sale: MailRoom) -> None:
    links = sale.rows(table(sale.report(CAMPAIGN, SPRING), "links"))

    assert [(row["url"], row["email.clicks"], row["email.unique_clicks"], row["share"]) for row in links] == [
        ("https://shop/a", 3, 2, 0.75),
        ("https://shop/b", 1, 1, 0.25),
    ]


@pytest.mark.requirement("AD-03")
def test_the_first_24_hours_begin_with_the_hour_of_the_first_send(sale: MailRoom) -> None:
    made = sale.report(CAMPAIGN, SPRING)

    hours = chart(made, "first_day")
    assert hours.category_unit is Unit.INSTANT
    assert (hours.categories[0], hours.categories[-1]) == ("2026-03-02T09:00:00Z", "2026-03-03T08:00:00Z")
    # The click at 09:29 on the third is a day and half an hour later, and the open on the fourth too.
    assert hours.series[0].values == [1, 2, *[0] * 22]
    assert hours.series[1].values == [0, 3, *[0] * 22]
    rows = sale.rows(table(made, "first_day"))
    assert len(rows) == 24
    assert (rows[1]["email.unique_opens"], rows[1]["email.unique_clicks"]) == (2, 2)


@pytest.mark.requirement("AD-03", "DC-23")
def test_the_first_24_hours_stay_24_where_the_clocks_change(mail_room: MailRoom) -> None:
    # In Paris the hour after 02:00 on 29 March is left out.
    mail_room.events(
        event("sent", on(28, 22, 15)), event("opened", on(29, 21, 59)), event("opened", on(29, 22))
    )

    hours = chart(mail_room.report(CAMPAIGN, {**SPRING, "zone": "Europe/Paris"}), "first_day")

    assert (hours.categories[0], hours.categories[-1]) == ("2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z")
    assert hours.series[0].values == [*[0] * 23, 1]


@pytest.mark.requirement("AD-03")
def test_top_places_and_domains_are_shown_where_the_data_has_them(sale: MailRoom) -> None:
    made = sale.report(CAMPAIGN, SPRING)

    countries = [
        (row["country"], row["email.unique_opens"], row["email.opens"])
        for row in sale.rows(table(made, "country"))
    ]
    assert countries == [("FR", 2, 3), ("US", 1, 1)]
    cities = [row["city"] for row in sale.rows(table(made, "city"))]
    assert sorted(cities) == ["Lyon", "Paris", "Reston"]
    keys = ("domain", *(f"email.{key}" for key in ("recipients", "delivered", "bounces", "open_rate")))
    domains = [tuple(row[key] for key in keys) for row in sale.rows(table(made, "domain"))]
    assert domains == [("b.org", 3, 3, 0, 1 / 3), ("a.org", 1, 1, 0, 1.0), ("gone.org", 1, 0, 1, None)]


def test_without_places_the_report_has_no_part_about_them(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(2)))

    made = mail_room.report(CAMPAIGN, SPRING)

    assert {"links", "country", "city"} & set(tables(made)) == set()
    assert "places" not in [one.key for one in made.blocks if isinstance(one, Section)]


@pytest.mark.requirement("AD-03")
def test_rates_stand_beside_those_of_all_campaigns_together(sale: MailRoom) -> None:
    others = {"campaign": "summer", "campaign_name": "Summer"}
    sale.events(
        *(event(kind, on(3), f"{n}@a.org", **others) for n in range(6) for kind in ("sent", "delivered")),
        event("opened", on(3), "1@a.org", **others),
        event("sent", on(3), campaign="trial", test=True),
    )
    sale.totals(
        {"campaign": "file", "occurred_at": on(1), "recipients": 100, "delivered": 90, "unique_opens": 27}
    )

    rows = table(sale.report(CAMPAIGN, SPRING), "average").rows

    labels = [str(row[0].value) for row in rows if isinstance(row[0], Cell)]
    found = {label: (row[1], row[2]) for label, row in zip(labels, rows, strict=True)}
    assert found["Delivery rate"] == (4 / 5, (4 + 6 + 90) / (5 + 6 + 100))
    assert found["Open rate"] == (2 / 4, (2 + 1 + 27) / (4 + 6 + 90))
    assert found["Complaint rate"] == (1 / 4, 1 / 10)


@pytest.mark.requirement("AD-01")
def test_a_campaigns_tiles_show_the_change_against_the_days_before(sale: MailRoom) -> None:
    made = sale.report(CAMPAIGN, {**SPRING, "period": "2026-03-04..2026-03-05", "compare": "previous_period"})

    opens = tile(made, "email.opens")
    assert (opens.value, opens.previous, opens.compared) == (1, 3, True)
    assert made.compared == ("2026-03-02", "2026-03-03")


@pytest.mark.requirement("DC-18", "AD-03")
def test_a_campaign_known_by_its_totals_alone_has_the_same_tiles_marked(mail_room: MailRoom) -> None:
    mail_room.totals(
        {"campaign": "file", "campaign_name": "From a file", "subject": "Hello", "occurred_at": on(4),
         "recipients": 100, "delivered": 80, "hard_bounces": 12, "soft_bounces": 8, "opens": 70,
         "unique_opens": 40, "machine_opens": 9, "unsubscribes": 2, "complaints": 0, "last_open": on(9, 17)},
    )  # fmt: skip
    mail_room.hours(
        {"campaign": "file", "occurred_at": on(4, 9), "unique_opens": 11, "unique_clicks": 3},
        {"campaign": "file", "occurred_at": on(5, 8), "unique_opens": 2, "unique_clicks": 0},
        {"campaign": "file", "occurred_at": on(5, 9), "unique_opens": 1, "unique_clicks": 1},
    )

    made = mail_room.report(CAMPAIGN, {"campaign": "file"})

    assert (made.title, made.subtitle) == ("From a file", "Hello")
    expected = {
        "recipients": 100, "delivered": 80, "unique_opens": 40, "opens": 70, "machine_opens": 9,
        "hard_bounces": 12, "soft_bounces": 8, "unsubscribes": 2, "spam_reports": 0,
        "last_open": "2026-03-09T17:00:00Z", "open_rate": 0.5, "hard_bounce_rate": 0.12,
    }  # fmt: skip
    assert figures(made, *expected) == expected
    marks = {key: tile(made, f"email.{key}").mark for key in expected}
    # An unsubscribe rate of 2.5 % is past the limit, which is the more urgent thing to say.
    assert marks.pop("unsubscribes") is Mark.RED_FLAG
    assert set(marks.values()) == {Mark.REPORTED}
    assert figures(made, "clicks", "human_opens") == {"clicks": None, "human_opens": None}
    hours = chart(made, "first_day")
    assert hours.series[0].values == [11, *[0] * 22, 2]
    assert hours.series[1].values == [3, *[0] * 23]


@pytest.mark.requirement("AD-04")
def test_a_tile_past_its_limit_is_flagged(sale: MailRoom) -> None:
    made = sale.report(CAMPAIGN, SPRING)

    flagged = ("spam_reports", "complaint_rate", "unsubscribes", "unsubscribe_rate")
    assert [tile(made, f"email.{key}").mark for key in flagged] == [Mark.RED_FLAG] * 4
    assert str(tile(made, "email.spam_reports").note) == "Complaint rate above 0.001."
    assert tile(made, "email.delivered").mark is None


def test_a_campaign_on_another_channel_shows_that_channels_counts(mail_room: MailRoom) -> None:
    mail_room.events(
        event("sent", on(2), channel="push"),
        event("opened", on(2), channel="push"),
        event("opened", on(3), channel="push"),
    )

    made = mail_room.report(CAMPAIGN, SPRING)

    assert [one.key for one in made.blocks if isinstance(one, Section)] == ["push"]
    assert figures(made, "push_sends", "push_opens") == {"push_sends": 1, "push_opens": 2}


def test_an_unknown_campaign_is_refused_by_name(sale: MailRoom) -> None:
    with pytest.raises(Invalid, match="springs is not offered; the nearest is spring"):
        sale.report(CAMPAIGN, {"campaign": "springs"})


def test_a_campaign_nothing_happened_to_in_the_period_says_so(sale: MailRoom) -> None:
    made = sale.report(CAMPAIGN, {**SPRING, "period": "2026-01-01..2026-01-31"})

    assert figures(made, "sends", "open_rate") == {"sends": 0, "open_rate": None}


def test_a_listed_campaign_without_facts_says_so(mail_room: MailRoom) -> None:
    mail_room.campaigns({"campaign": "draft", "name": "Draft", "created_at": on(1)})

    made = mail_room.report(CAMPAIGN, {"campaign": "draft"})

    overview = made.blocks[0]
    assert isinstance(overview, Section)
    assert isinstance(overview.blocks[0], Notice)
    assert str(overview.blocks[0].text) == "Nothing is known of this campaign in this period."


@pytest.mark.requirement("GO-14")
def test_a_part_that_fails_is_marked_and_the_others_stand(
    sale: MailRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bilan_email_campaigns.reports.breakdowns.LINKS", ("email.no_such_metric",))

    made = sale.report(CAMPAIGN, SPRING)

    sections = {one.key: one for one in made.blocks if isinstance(one, Section)}
    (notice,) = sections["links"].blocks
    assert isinstance(notice, Notice)
    assert notice.level == "error"
    assert figures(made, "sends") == {"sends": 5}
    assert "domain" in tables(made)


@pytest.mark.requirement("GO-15")
def test_every_tile_and_column_names_the_definition_behind_it(sale: MailRoom) -> None:
    made = sale.report(CAMPAIGN, SPRING)

    printed = {definition.key for definition in made.definitions}
    for one in tables(made).values():
        assert {column.metric for column in one.columns if column.metric} <= printed
    assert {"email.recipients", "email.machine_opens", "email.click_to_open_rate"} <= printed


@pytest.mark.requirement("AD-03")
def test_the_average_leaves_out_events_without_a_time_like_every_other_figure(sale: MailRoom) -> None:
    before = table(sale.report(CAMPAIGN, SPRING), "average").rows
    undated = {"occurred_at": datetime(1990, 1, 1, tzinfo=UTC), "undated": True, "campaign": "old"}
    sale.events(
        *({"kind": "delivered", "recipient": f"{n}@a.org", **undated} for n in range(50)),
        {"kind": "opened", "recipient": "0@a.org", **undated},
    )
    assert table(sale.report(CAMPAIGN, SPRING), "average").rows == before
