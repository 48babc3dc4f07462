"""The engagement report's periods and intervals, and the charts over them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bilan.sdk.errors import Invalid
from bilan.sdk.periods import Interval, IntervalUnit, Span
from bilan.sdk.units import Unit
from bilan_email_campaigns.reports.timelines import drawable
from fixtures.email_reports import MailRoom, chart, table, tile
from support.engagement import ENGAGEMENT, event, figures, on


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
