"""The engagement report, over hand-made events with the expected figures beside them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from bilan.clock import FrozenClock
from bilan.query import Query
from bilan.sdk.document import Cell, Document, Mark, Notice, ParameterValue, Section
from bilan.sdk.errors import Invalid
from bilan.sdk.periods import Interval, IntervalUnit, Span
from bilan.sdk.units import Unit
from bilan_email_campaigns.metrics.channels import CHANNEL_METRICS
from bilan_email_campaigns.metrics.rates import RATE_METRICS
from bilan_email_campaigns.reports.engaged_tables import PAGE
from bilan_email_campaigns.reports.statistics import choices
from bilan_email_campaigns.reports.timelines import drawable
from fixtures.email_reports import MAIN, NOW, OTHER, MailRoom, chart, plain, table, tables, tile

ENGAGEMENT = "email.engagement"


def on(day: int, hour: int = 9, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


Row = dict[str, Any]


def event(kind: str, when: datetime, campaign: str = "spring", to: str = "ann@a.org", **more: Any) -> Row:
    return {"kind": kind, "occurred_at": when, "campaign": campaign, "recipient": to, **more}


def canvas(kind: str, when: datetime, key: str = "welcome", step: str = "s1", **more: Any) -> Row:
    return {"kind": kind, "occurred_at": when, "canvas": key, "step": step, "recipient": "ann@a.org", **more}


def keys(document: Document, name: str = "campaigns") -> list[str]:
    """The statistics of a table, in order."""
    return [column.key.removeprefix("email.") for column in table(document, name).columns if column.metric]


def figures(room: MailRoom, document: Document, name: str = "campaigns") -> list[tuple[Any, ...]]:
    """The first day, the campaign or Canvas, and the statistics of each row."""
    chosen = [column.key for column in table(document, name).columns if column.metric]
    column = "canvas" if name == "canvases" else "campaign"
    return [
        (row["first_day"], row[column], *(row[key] for key in chosen))
        for row in room.rows(table(document, name))
    ]


@pytest.mark.requirement("BZ-01", "BZ-27", "BZ-34")
def test_every_campaign_has_a_row_a_day_with_all_chosen_statistics(mail_room: MailRoom) -> None:
    mail_room.events(
        event("sent", on(1)),
        event("delivered", on(1)),
        event("sent", on(1), to="bob@b.org"),
        event("bounced", on(1), to="bob@b.org", bounce_class="hard"),
        event("opened", on(1)),
        event("opened", on(1, 23)),
        event("opened", on(2, 0)),
        event("clicked", on(2), url="https://a"),
        event("clicked", on(2), url="https://b"),
        event("unsubscribed", on(3)),
        event("complained", on(3)),
        event("sent", on(2), "summer"),
    )

    made = mail_room.report(ENGAGEMENT)

    assert keys(made) == [
        "sends", "opens", "unique_opens", "clicks", "unique_clicks", "unsubscribes", "bounces", "delivered",
        "spam_reports",
    ]  # fmt: skip
    assert figures(mail_room, made) == [
        ("2026-03-01", "spring", 2, 2, 1, 0, 0, 0, 1, 1, 0),
        ("2026-03-02", "spring", 0, 1, 1, 2, 1, 0, 0, 0, 0),
        ("2026-03-02", "summer", 1, 0, 0, 0, 0, 0, 0, 0, 0),
        ("2026-03-03", "spring", 0, 0, 0, 0, 0, 1, 0, 0, 1),
    ]


@pytest.mark.requirement("DC-18")
def test_totals_are_counted_anew_over_the_period_never_summed(mail_room: MailRoom) -> None:
    mail_room.events(
        event("opened", on(1)), event("opened", on(2)), event("opened", on(2), "summer"), event("sent", on(1))
    )

    made = mail_room.report(ENGAGEMENT)

    # Ann opened "spring" on two days and "summer" on one: two pairs, though the rows say three.
    assert [row[4] for row in figures(mail_room, made)] == [1, 1, 1]
    totals = dict(zip(keys(made), (table(made, "campaigns").totals or [])[-9:], strict=True))
    assert totals["unique_opens"] == 2
    assert tile(made, "email.unique_opens").value == 2
    assert tile(made, "email.opens").value == 3


@pytest.mark.requirement("BZ-03", "DC-13")
def test_there_is_one_file_for_campaigns_and_one_for_canvases(mail_room: MailRoom) -> None:
    mail_room.events(
        *(event("sent", on(1), f"campaign {number}") for number in range(7)),
        *(canvas("sent", on(1), f"canvas {number}") for number in range(5)),
    )

    made = mail_room.report(ENGAGEMENT)

    files = {one.file: len(mail_room.rows(one)) for one in tables(made).values() if one.file}
    assert files == {"campaigns": 7, "canvases": 5}


@pytest.mark.requirement("BZ-03", "DC-13")
@pytest.mark.parametrize(
    ("facts", "left"), [([event("sent", on(1))], "campaigns"), ([canvas("sent", on(1))], "canvases")]
)
def test_an_empty_file_is_left_out(mail_room: MailRoom, facts: list[dict[str, Any]], left: str) -> None:
    mail_room.events(*facts)

    assert list(tables(mail_room.report(ENGAGEMENT))) == [left]


def test_a_report_about_nothing_says_so(mail_room: MailRoom) -> None:
    made = mail_room.report(ENGAGEMENT)

    section = made.blocks[-1]
    assert isinstance(section, Section)
    (notice,) = section.blocks
    assert isinstance(notice, Notice)
    assert str(notice.text) == "Nothing is known of the selected messages in this period."


@pytest.mark.requirement("BZ-04", "BZ-29")
def test_variants_and_steps_have_rows_of_their_own_where_the_data_has_them(mail_room: MailRoom) -> None:
    mail_room.events(
        event("sent", on(1), variant="a", variant_name="Red"),
        event("sent", on(1), to="bob@b.org", variant="b", variant_name="Blue"),
        event("opened", on(1), variant="a", variant_name="Red"),
        event("unsubscribed", on(1)),
        canvas("sent", on(1), step="s1", step_name="Hello"),
        canvas("sent", on(1), step="s2", step_name="Again"),
    )

    made = mail_room.report(
        ENGAGEMENT, {"level": "variant", "statistics": ["email.sends", "email.unsubscribes"]}
    )

    campaigns = [
        (row["variant"], row["variant_name"], row["whole"], row["email.sends"], row["email.unsubscribes"])
        for row in mail_room.rows(table(made, "campaigns"))
    ]
    # The sender does not say to which variant the unsubscription belongs.
    assert campaigns == [("", "", True, 0, 1), ("a", "Red", False, 1, 0), ("b", "Blue", False, 1, 0)]
    steps = [
        (row["canvas"], row["step"], row["step_name"], row["email.sends"])
        for row in mail_room.rows(table(made, "canvases"))
    ]
    assert steps == [("welcome", "s1", "Hello", 1), ("welcome", "s2", "Again", 1)]


@pytest.mark.requirement("BZ-29", "DC-16")
def test_without_an_interval_each_campaign_has_one_row(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(1)), event("opened", on(2)), event("opened", on(3)))

    made = mail_room.report(ENGAGEMENT, {"interval": "none"})

    assert figures(mail_room, made) == [("2026-03-01", "spring", 1, 2, 1, 0, 0, 0, 0, 0, 0)]
    assert mail_room.rows(table(made, "campaigns"))[0]["last_day"] == "2026-03-31"


@pytest.mark.requirement("BZ-28", "DC-16")
def test_weeks_are_counted_from_the_periods_first_day_and_a_shorter_last_one_is_marked(
    mail_room: MailRoom,
) -> None:
    mail_room.events(event("sent", on(3)), event("sent", on(9)), event("sent", on(10)), event("sent", on(17)))

    made = mail_room.report(
        ENGAGEMENT,
        {"interval": "week", "period": "2026-03-03..2026-03-18", "statistics": ["email.sends"]},
    )

    rows = mail_room.rows(table(made, "campaigns"))
    assert [(r["first_day"], r["last_day"], r["partial"], r["email.sends"]) for r in rows] == [
        ("2026-03-03", "2026-03-09", False, 2),
        ("2026-03-10", "2026-03-16", False, 1),
        ("2026-03-17", "2026-03-18", True, 1),
    ]


@pytest.mark.requirement("DC-16")
def test_an_interval_that_is_still_running_is_marked(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(30)), event("sent", on(31)))

    rows = mail_room.rows(table(mail_room.report(ENGAGEMENT), "campaigns"))

    assert [(row["first_day"], row["unfinished"]) for row in rows] == [
        ("2026-03-30", False),
        ("2026-03-31", True),
    ]


def test_an_hourly_breakdown_is_refused(mail_room: MailRoom) -> None:
    with pytest.raises(Invalid) as caught:
        mail_room.report(ENGAGEMENT, {"interval": "hour"})

    assert caught.value.path == ("interval",)


@pytest.mark.requirement("BZ-24")
def test_by_default_the_period_runs_from_the_oldest_selected_message_to_today(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(20, month=1), "older"), event("sent", on(5, 23, month=2)))

    everything = mail_room.report(ENGAGEMENT)
    spring = mail_room.report(ENGAGEMENT, {"campaigns": ["spring"], "zone": "Europe/Paris"})

    assert everything.period == ("2026-01-20", "2026-03-31")
    assert spring.period == ("2026-02-06", "2026-03-31")


@pytest.mark.requirement("BZ-25", "BZ-26", "DC-15")
@pytest.mark.parametrize(
    ("period", "days"),
    [
        ("2026-03-02..2026-03-03", ("2026-03-02", "2026-03-03")),
        ("last_7_days", ("2026-03-24", "2026-03-30")),
        ("previous_month", ("2026-02-01", "2026-02-28")),
        ("this_quarter", ("2026-01-01", "2026-03-31")),
    ],
)
def test_a_range_of_ones_own_or_a_relative_one_replaces_it(
    mail_room: MailRoom, period: str, days: tuple[str, str]
) -> None:
    mail_room.events(*(event("sent", on(day)) for day in (1, 2, 3, 24, 30)), event("sent", on(9, month=2)))

    made = mail_room.report(ENGAGEMENT, {"period": period})

    assert made.period == days
    expected = [
        day for day in ("2026-02-09", *(f"2026-03-{n:02}" for n in (1, 2, 3, 24, 30)))
        if days[0] <= day <= days[1]
    ]  # fmt: skip
    assert [row[0] for row in figures(mail_room, made)] == expected


def test_events_without_a_time_are_in_no_period_and_the_report_says_so(mail_room: MailRoom) -> None:
    undated = datetime(1990, 1, 1, tzinfo=UTC)
    mail_room.events(event("sent", on(3)), event("sent", undated, undated=True))

    made = mail_room.report(ENGAGEMENT)

    assert made.period == ("2026-03-03", "2026-03-31")
    assert tile(made, "email.sends").value == 1
    assert "Some events carry no time. They are in no period and so not in this report." in map(
        str, made.notes
    )


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


@pytest.mark.requirement("BZ-06")
def test_running_again_may_update_the_statistics(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(1)))
    before = mail_room.report(ENGAGEMENT)

    mail_room.events(event("sent", on(1), to="late@a.org"))
    after = mail_room.report(ENGAGEMENT)

    assert (tile(before, "email.sends").value, tile(after, "email.sends").value) == (1, 2)


@pytest.mark.requirement("BZ-12", "BZ-13")
def test_only_the_statistics_of_the_selected_channels_are_offered(mail_room: MailRoom) -> None:
    mail_room.events(
        event("sent", on(1), "mail"),
        event("sent", on(1), "app", channel="push"),
        event("sent", on(1), "text", channel="sms"),
    )
    ask = Query(mail_room.warehouse, mail_room.registry, FrozenClock(NOW)).ask([MAIN])

    def offered(**values: Any) -> set[str]:
        return {mail_room.registry.metrics[choice.value].group for choice in choices(ask, values)} - {""}

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


@pytest.mark.requirement("DC-18")
def test_rates_stand_beside_the_counts_and_divide_sums(mail_room: MailRoom) -> None:
    mail_room.events(
        *(event("sent", on(1), to=f"{n}@a.org") for n in range(4)),
        *(event("delivered", on(1), to=f"{n}@a.org") for n in range(3)),
        event("bounced", on(1), to="3@a.org", bounce_class="soft"),
        *(event("opened", on(1), to=f"{n}@a.org") for n in range(2)),
        event("clicked", on(1), to="0@a.org"),
        event("delivered", on(2), "summer"),
    )

    made = mail_room.report(ENGAGEMENT, {"rates": True, "interval": "none"})

    assert keys(made)[9:] == [metric.key.removeprefix("email.") for metric in RATE_METRICS]
    expected = {
        "delivery_rate": 4 / 4,
        "open_rate": 2 / 4,
        "human_open_rate": 2 / 4,
        "click_rate": 1 / 4,
        "click_to_open_rate": 1 / 2,
        "hard_bounce_rate": 0.0,
        "soft_bounce_rate": 1 / 4,
        "complaint_rate": 0.0,
        "unsubscribe_rate": 0.0,
    }
    assert {key: tile(made, f"email.{key}").value for key in expected} == expected
    row = mail_room.rows(table(made, "campaigns"))[0]
    assert (row["email.delivery_rate"], row["email.open_rate"]) == (3 / 4, 2 / 3)


@pytest.mark.requirement("DC-18", "GO-15")
def test_every_statistic_states_its_formula(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(1)))

    made = mail_room.report(ENGAGEMENT, {"rates": True})

    printed = {definition.key for definition in made.definitions}
    assert {f"email.{key}" for key in keys(made)} <= printed
    # A ratio brings what it divides.
    assert {"email.unique_human_opens", "email.hard_bounces", "email.soft_bounces"} <= printed
    assert all(str(definition.formula) for definition in made.definitions)


@pytest.mark.requirement("DC-18")
def test_totals_that_only_a_sender_states_are_marked_in_a_row_of_their_own(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(2)), event("delivered", on(2)), event("opened", on(2)))
    mail_room.totals(
        {"campaign": "file", "campaign_name": "From a file", "occurred_at": on(4), "reported_at": on(20),
         "recipients": 100, "delivered": 80, "unique_opens": 40, "opens": 70},
    )  # fmt: skip

    made = mail_room.report(
        ENGAGEMENT, {"statistics": ["email.sends", "email.unique_opens", "email.clicks"], "rates": True}
    )

    campaigns = table(made, "campaigns")
    stated = campaigns.rows[-1]
    assert [plain(value) for value in stated[:7]] == [
        "2026-03-04", "2026-03-20", "file", "From a file", False, False, True,
    ]  # fmt: skip
    cells = dict(zip(keys(made), stated[7:], strict=True))
    assert cells["sends"] == Cell(100, Mark.REPORTED)
    assert cells["unique_opens"] == Cell(40, Mark.REPORTED)
    assert cells["clicks"] is None
    assert cells["open_rate"] == Cell(0.5, Mark.REPORTED)
    assert cells["click_rate"] is None
    assert [row[6] for row in campaigns.rows[:-1]] == [False]


@pytest.mark.requirement("DC-18")
def test_counted_and_stated_figures_are_never_added_in_silence(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(2)), event("delivered", on(2)), event("opened", on(2)))
    mail_room.totals(
        {"campaign": "file", "occurred_at": on(4), "recipients": 100, "delivered": 79, "unique_opens": 40}
    )

    made = mail_room.report(ENGAGEMENT, {"rates": True})

    sends, rate, clicks = (tile(made, f"email.{key}") for key in ("sends", "open_rate", "clicks"))
    assert (sends.value, sends.mark) == (101, Mark.MIXED)
    assert str(sends.note) == "1 counted from events, 100 as senders' reports state it."
    assert (rate.value, rate.mark) == (41 / 80, Mark.MIXED)
    assert (clicks.value, clicks.mark) == (0, None)
    totals = dict(zip(keys(made), (table(made, "campaigns").totals or [])[7:], strict=True))
    assert totals["sends"] == Cell(101, Mark.MIXED, sends.note)
    assert totals["clicks"] == 0


@pytest.mark.requirement("DC-18")
def test_stated_totals_of_a_campaign_with_events_are_not_counted_twice(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(2)))
    mail_room.totals({"campaign": "spring", "occurred_at": on(2), "recipients": 100})

    made = mail_room.report(ENGAGEMENT)

    assert (tile(made, "email.sends").value, tile(made, "email.sends").mark) == (1, None)
    assert len(mail_room.rows(table(made, "campaigns"))) == 1


@pytest.mark.requirement("DC-18")
def test_a_file_that_only_has_totals_still_gives_the_report(mail_room: MailRoom) -> None:
    mail_room.totals(
        {"campaign": "a", "occurred_at": on(4), "recipients": 100, "unique_opens": 40},
        {"campaign": "b", "occurred_at": on(5), "recipients": 50, "tags": ["promo"]},
        {"campaign": "c", "occurred_at": datetime(1990, 1, 1, tzinfo=UTC), "undated": True, "recipients": 7},
    )

    everything = mail_room.report(ENGAGEMENT)
    in_march = mail_room.report(ENGAGEMENT, {"period": "2026-03-01..2026-03-04"})
    promo = mail_room.report(ENGAGEMENT, {"tags": ["promo"]})

    sends = tile(everything, "email.sends")
    assert (sends.value, sends.mark) == (157, Mark.REPORTED)
    assert everything.period == ("2026-03-04", "2026-03-31")
    assert [row[1] for row in figures(mail_room, everything)] == ["a", "b", "c"]
    assert [row[1] for row in figures(mail_room, in_march)] == ["a"]
    assert "One campaign is left out because its sender's report gives no send date." in map(
        str, in_march.notes
    )
    assert [row[1] for row in figures(mail_room, promo)] == ["b"]


@pytest.mark.requirement("AD-01")
def test_tiles_show_the_change_against_the_period_before(mail_room: MailRoom) -> None:
    mail_room.events(*(event("sent", on(day), to=f"{day}@a.org") for day in (3, 4, 10, 11, 12)))

    made = mail_room.report(
        ENGAGEMENT, {"period": "2026-03-09..2026-03-15", "compare": "previous_period", "interval": "day"}
    )

    sends = tile(made, "email.sends")
    assert (sends.value, sends.previous, sends.compared) == (3, 2, True)
    assert made.compared == ("2026-03-02", "2026-03-08")
    series = chart(made, "email_count")
    assert series.categories == [f"2026-03-{day:02}" for day in range(9, 16)]
    assert series.category_unit is Unit.DATE
    assert series.series[0].values == [0, 1, 1, 1, 0, 0, 0]
    assert series.previous[0].values == [0, 1, 1, 0, 0, 0, 0]


def test_a_period_too_long_to_draw_by_day_is_drawn_by_month(mail_room: MailRoom) -> None:
    mail_room.events(
        event("sent", datetime(2024, 12, 31, tzinfo=UTC)), event("sent", on(1)), event("sent", on(2))
    )

    made = mail_room.report(ENGAGEMENT, {"statistics": ["email.sends"]})

    drawn = chart(made, "email_count")
    assert (len(drawn.categories), drawn.categories[1]) == (16, "2025-01-01")
    assert (drawn.series[0].values[0], drawn.series[0].values[-1]) == (1, 2)
    # The table keeps the interval that was asked for.
    assert [row[0] for row in figures(mail_room, made)] == ["2024-12-31", "2026-03-01", "2026-03-02"]


@pytest.mark.parametrize(
    ("unit", "first", "drawn"),
    [
        (IntervalUnit.DAY, date(2025, 2, 25), IntervalUnit.DAY),
        (IntervalUnit.DAY, date(2025, 2, 24), IntervalUnit.MONTH),
        (IntervalUnit.WEEK, date(2020, 1, 1), IntervalUnit.WEEK),
        (IntervalUnit.DAY, date(1990, 1, 1), IntervalUnit.QUARTER),
        (IntervalUnit.NONE, date(1990, 1, 1), IntervalUnit.NONE),
    ],
)
def test_at_most_four_hundred_points_are_drawn(unit: IntervalUnit, first: date, drawn: IntervalUnit) -> None:
    assert drawable(Interval(unit), Span(first, date(2026, 4, 1), "UTC")) == Interval(drawn)


@pytest.mark.requirement("DC-23")
def test_days_are_cut_in_the_reports_zone(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(1, 23)))

    made = mail_room.report(ENGAGEMENT, {"zone": "Europe/Paris"})

    assert [row[0] for row in figures(mail_room, made)] == ["2026-03-02"]
    assert made.zone == "Europe/Paris"


def test_test_messages_count_only_when_asked_for(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(1)), event("sent", on(1), test=True))

    assert tile(mail_room.report(ENGAGEMENT), "email.sends").value == 1
    assert tile(mail_room.report(ENGAGEMENT, {"include_tests": True}), "email.sends").value == 2


def test_the_same_key_at_two_sources_stays_two_campaigns(mail_room: MailRoom) -> None:
    mail_room.sources[OTHER] = "Other"
    mail_room.events(event("sent", on(1), "1", campaign_name="Ours"), event("opened", on(1), "1"))
    mail_room.events(event("opened", on(1), "1", campaign_name="Theirs"), source=OTHER)

    made = mail_room.report(ENGAGEMENT)

    rows = mail_room.rows(table(made, "campaigns"))
    assert [(row["source"], row["campaign_name"], row["email.opens"]) for row in rows] == [
        ("Main", "Ours", 1),
        ("Other", "Theirs", 1),
    ]
    assert tile(made, "email.unique_opens").value == 2


@pytest.mark.requirement("GO-15")
def test_the_report_says_how_far_each_source_had_reported(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(1)), event("sent", on(9, 17)))

    (events,) = [one for one in mail_room.report(ENGAGEMENT).provenance if one.dataset == "email.events"]

    assert (events.source, events.rows, events.watermark) == ("Main", 2, "2026-03-09T17:00:00Z")


@pytest.mark.requirement("BZ-20", "DC-13")
def test_compression_and_delimiter_are_part_of_the_report(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(1)))

    def filed(document: Document) -> dict[str, tuple[Any, list[str]]]:
        found: list[ParameterValue] = [
            one for one in document.parameters if one.key in ("compression", "delimiter")
        ]
        return {one.key: (one.value, [str(text) for text in one.shown]) for one in found}

    assert filed(mail_room.report(ENGAGEMENT)) == {
        "compression": ("zip", ["ZIP"]),
        "delimiter": ("comma", ["Comma"]),
    }
    assert filed(mail_room.report(ENGAGEMENT, {"compression": "gzip", "delimiter": "pipe"})) == {
        "compression": ("gzip", ["gzip"]),
        "delimiter": ("pipe", ["Pipe"]),
    }
    with pytest.raises(Invalid):
        mail_room.report(ENGAGEMENT, {"delimiter": "dash"})


@pytest.mark.requirement("BZ-22", "DC-03")
def test_the_export_is_guarded_as_contact_data(mail_room: MailRoom) -> None:
    assert mail_room.registry.reports[ENGAGEMENT].personal


@pytest.mark.requirement("BZ-14", "BZ-15", "BZ-16", "BZ-17", "BZ-18", "BZ-19")
def test_each_channel_has_as_many_statistics_as_the_source_product() -> None:
    groups = [metric.group for metric in CHANNEL_METRICS]

    assert {group: groups.count(group) for group in groups} == {
        "email": 9, "push": 5, "web_push": 4, "in_app": 4, "webhook": 2, "sms": 5,
    }  # fmt: skip


def test_a_table_longer_than_a_page_is_complete(mail_room: MailRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    assert PAGE == 20_000
    monkeypatch.setattr("bilan_email_campaigns.reports.engaged_tables.PAGE", 3)
    mail_room.events(*(event("sent", on(1), f"{number:02}") for number in range(10)))

    made = mail_room.report(ENGAGEMENT, {"statistics": ["email.sends"]})

    assert figures(mail_room, made) == [("2026-03-01", f"{number:02}", 1) for number in range(10)]
