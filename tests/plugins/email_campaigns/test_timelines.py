"""Figures over time: which are drawn, in which steps, from when on, and what their picture says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bilan.sdk.periods import Bucket, Interval, IntervalUnit, Span
from bilan.sdk.query import AnswerRow
from bilan_email_campaigns.metrics.channels import CHANNEL_METRICS
from bilan_email_campaigns.metrics.rates import RATE_METRICS
from bilan_email_campaigns.reports.line_charts import charted_metrics, peak
from bilan_email_campaigns.reports.statistics import METRIC
from bilan_email_campaigns.reports.timelines import chart_start
from fixtures.email_reports import MailRoom, chart, tile
from support.wording import written

ENGAGEMENT = "email.engagement"


def rows(first: date, *values: Mapping[str, Any], unit: IntervalUnit = IntervalUnit.DAY) -> Any:
    """One row a bucket, from this day on."""
    days = len(values) * {IntervalUnit.DAY: 1, IntervalUnit.WEEK: 7, IntervalUnit.MONTH: 28}[unit]
    buckets: tuple[Bucket, ...] = Interval(unit).buckets(Span(first, first + timedelta(days), "UTC"))
    return [
        AnswerRow(bucket, (), {f"email.{key}": value for key, value in figures.items()})
        for bucket, figures in zip(buckets, values, strict=True)
    ]


def counts(channel: str) -> list[str]:
    return [metric.key for metric in CHANNEL_METRICS if metric.group == channel]


def test_of_nine_counts_three_that_share_a_scale_are_drawn() -> None:
    figures = dict.fromkeys((key.partition(".")[2] for key in counts("email")), 5.0)

    assert charted_metrics(counts("email"), rows(date(2026, 3, 1), figures)) == [
        "email.delivered", "email.unique_opens", "email.unique_clicks",
    ]  # fmt: skip


def test_what_a_sender_never_reports_is_not_drawn_where_something_stands_for_it() -> None:
    figures = {**dict.fromkeys((key.partition(".")[2] for key in counts("email")), 5.0), "delivered": 0}

    assert charted_metrics(counts("email"), rows(date(2026, 3, 1), figures))[0] == "email.sends"


def test_of_nine_rates_the_open_rate_and_the_click_rate_are_drawn() -> None:
    keys = [metric.key for metric in RATE_METRICS]

    assert charted_metrics(keys, []) == ["email.open_rate", "email.click_rate"]


@pytest.mark.parametrize("channel", ["push", "web_push", "in_app", "sms"])
def test_of_another_channel_at_most_three_counts_are_drawn(channel: str) -> None:
    assert 2 <= len(charted_metrics(counts(channel), [])) <= 3


def test_a_few_chosen_statistics_are_all_drawn() -> None:
    chosen = ["email.spam_reports", "email.sends", "email.bounces"]

    assert charted_metrics(chosen, []) == chosen


def test_of_many_statistics_without_a_telling_one_the_first_are_drawn() -> None:
    chosen = ["email.spam_reports", "email.unsubscribes", "email.bounces", "email.hard_bounces"]

    assert charted_metrics(chosen, []) == chosen[:3]


@pytest.mark.parametrize(
    ("values", "english", "french"),
    [
        ([3, 1295, 4], "Unique opens peaked on Mar 2, 2026 at 1,295.",
         "Le plus haut de « Ouvertures uniques » date du 2 mars 2026 : 1 295."),
        ([3, 3, 0], None, None),
        ([3, 0, 0], None, None),
        ([0, 0, 0], None, None),
        ([None, 2, 1], "Unique opens peaked on Mar 2, 2026 at 2.",
         "Le plus haut de « Ouvertures uniques » date du 2 mars 2026 : 2."),
    ],
)  # fmt: skip
def test_a_picture_says_when_its_first_line_was_highest(
    values: list[float | None], english: str | None, french: str | None
) -> None:
    said = peak(METRIC["email.unique_opens"], rows(date(2026, 3, 1), *({"unique_opens": v} for v in values)))

    assert (written(said), written(said, "fr")) == (english, french)


def test_a_longer_interval_is_named_by_its_first_and_last_day() -> None:
    weeks = rows(date(2026, 3, 1), {"unique_opens": 3}, {"unique_opens": 9}, unit=IntervalUnit.WEEK)

    said = peak(METRIC["email.unique_opens"], weeks)

    assert written(said) == "Unique opens peaked between Mar 8, 2026 and Mar 14, 2026 at 9."


def test_the_peak_of_a_rate_is_said_of_thirty_emails_or_more() -> None:
    def days(delivered: int) -> Any:
        first, second = {"open_rate": 0.5, "delivered": delivered}, {"open_rate": 0.4, "delivered": 600}
        return rows(date(2026, 3, 1), first, second)

    assert written(peak(METRIC["email.open_rate"], days(30))) == "Open rate peaked on Mar 1, 2026 at 50.0%."
    assert peak(METRIC["email.open_rate"], days(29)) is None


@pytest.mark.parametrize(
    ("opens", "begins"),
    [
        # One of more than a hundred, then nothing for half of the time.
        ([1, 0, 0, 50, 60, 0], date(2026, 3, 4)),
        ([1, 0, 0, 50, 49, 0], None),
        # Less than half of the time.
        ([1, 0, 900, 900, 900, 900], None),
        ([0, 0, 0, 0, 0, 0], None),
    ],
)
def test_a_stray_at_the_beginning_is_not_drawn(opens: list[float], begins: date | None) -> None:
    days = rows(date(2026, 3, 1), *({"opens": value} for value in opens))

    assert chart_start(["email.opens"], days) == begins


def test_every_line_that_is_drawn_has_a_say_in_where_the_picture_begins() -> None:
    days = rows(date(2026, 3, 1), *({"opens": o, "clicks": c} for o, c in ((1, 1), (0, 0), (500, 9), (5, 0))))

    assert chart_start(["email.opens"], days) == date(2026, 3, 3)
    assert chart_start(["email.opens", "email.clicks"], days) is None


def mailing(day: datetime, people: int, opened: int = 0) -> list[dict[str, Any]]:
    kinds = {"sent": people, "delivered": people, "opened": opened}
    return [
        {"kind": kind, "occurred_at": day, "campaign": "spring", "recipient": f"{n}-{day:%m%d}@a.org"}
        for kind, number in kinds.items()
        for n in range(number)
    ]


@pytest.mark.requirement("BZ-24", "BZ-34")
def test_charts_begin_after_a_stray_and_tiles_still_hold_it(mail_room: MailRoom) -> None:
    mail_room.events(
        *mailing(datetime(2009, 2, 13, tzinfo=UTC), 1),
        *mailing(datetime(2026, 3, 2, tzinfo=UTC), 101),
        *mailing(datetime(2026, 3, 9, tzinfo=UTC), 20),
    )

    made = mail_room.report(ENGAGEMENT, {"statistics": ["email.sends"]})

    assert made.period == ("2009-02-13", "2026-03-31")
    assert tile(made, "email.sends").value == 122
    # The years in which nothing happened are left out, so that days can be drawn.
    drawn = chart(made, "email_count")
    assert (drawn.categories[0], drawn.categories[-1]) == ("2026-03-01", "2026-03-31")
    assert sum(value or 0 for value in drawn.series[0].values) == 121
    assert written(made.notes[0]) == (
        "The charts begin on Mar 1, 2026. Less than a hundredth of what they show is older; "
        "it is in the tiles and tables."
    )


def test_a_period_that_somebody_chose_is_drawn_from_its_first_day(mail_room: MailRoom) -> None:
    mail_room.events(*mailing(datetime(2026, 3, 30, tzinfo=UTC), 120))

    made = mail_room.report(ENGAGEMENT, {"statistics": ["email.sends"], "period": "last_30_days"})

    assert chart(made, "email_count").categories[0] == "2026-03-01"
    assert made.notes == ()


def test_rates_are_drawn_in_steps_in_which_they_are_of_thirty_emails(mail_room: MailRoom) -> None:
    first = datetime(2026, 2, 2, tzinfo=UTC)
    for day in range(56):
        mail_room.events(*mailing(first + timedelta(day), 5, opened=2))

    made = mail_room.report(ENGAGEMENT, {"rates": True, "period": "2026-02-02..2026-03-29"})

    by_day, by_week = chart(made, "email_count"), chart(made, "email_share")
    assert (len(by_day.categories), len(by_week.categories)) == (56, 8)
    assert written(by_week.title if not isinstance(by_week.title, str) else None) == "Rates by week"
    assert by_week.series[0].values == [pytest.approx(0.4)] * 8


def test_days_without_a_delivery_are_gaps_between_rates(mail_room: MailRoom) -> None:
    for day in (2, 16):
        mail_room.events(*mailing(datetime(2026, 3, day, tzinfo=UTC), 40, opened=10))

    made = mail_room.report(ENGAGEMENT, {"rates": True, "period": "2026-03-02..2026-03-29"})

    rates = chart(made, "email_share")
    assert rates.series[0].values == [0.25, *[None] * 13, 0.25, *[None] * 13]


def test_one_line_alone_stands_before_its_comparison(mail_room: MailRoom) -> None:
    mail_room.events(
        *mailing(datetime(2026, 3, 2, tzinfo=UTC), 3), *mailing(datetime(2026, 3, 9, tzinfo=UTC), 4)
    )

    made = mail_room.report(ENGAGEMENT, {"period": "2026-03-09..2026-03-15", "compare": "previous_period"})

    drawn = chart(made, "email_count")
    assert [one.key for one in drawn.series] == [
        "email.delivered",
        "email.unique_opens",
        "email.unique_clicks",
    ]
    assert [(one.key, one.values[0]) for one in drawn.previous] == [("email.delivered", 3)]


def test_rates_above_one_are_drawn_in_longer_steps(mail_room: MailRoom) -> None:
    # What is delivered in one week is opened in the next, by more than that one has deliveries.
    for week, day in enumerate(date(2026, 1, 5) + timedelta(weeks=n) for n in range(12)):
        at = datetime(day.year, day.month, day.day, tzinfo=UTC)
        mail_room.events(*mailing(at, 35 if week % 2 else 40, opened=40 if week % 2 else 0))

    made = mail_room.report(
        ENGAGEMENT,
        {"rates": True, "interval": "week", "period": "2026-02-02..2026-03-29", "compare": "previous_period"},
    )

    rates = chart(made, "email_share")
    assert written(rates.title if not isinstance(rates.title, str) else None) == "Rates by month"
    assert rates.series[0].values == [pytest.approx(80 / 150)] * 2
    assert tile(made, "email.open_rate").previous is not None


def test_a_comparison_with_rates_above_one_is_left_to_the_tiles(mail_room: MailRoom) -> None:
    # Forty of thirty opened, ten of them delivered earlier; of it no rate is stated.
    mail_room.events(
        *mailing(datetime(2026, 3, 3, tzinfo=UTC), 30, opened=40),
        *mailing(datetime(2026, 3, 10, tzinfo=UTC), 40, opened=20),
        *mailing(datetime(2026, 3, 12, tzinfo=UTC), 40, opened=10),
    )

    made = mail_room.report(
        ENGAGEMENT, {"rates": True, "period": "2026-03-09..2026-03-15", "compare": "previous_period"}
    )

    assert [value for value in chart(made, "email_share").series[0].values if value is not None] == [
        0.5,
        0.25,
    ]
    assert chart(made, "email_share").previous == ()
    assert tile(made, "email.open_rate").previous is None
    assert tile(made, "email.unique_opens").previous == 40
