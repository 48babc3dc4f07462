"""Periods and intervals: which days are meant, and how they are cut."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import assume, given
from hypothesis import strategies as st

from bilan.sdk.errors import Invalid
from bilan.sdk.periods import Compare, Interval, IntervalUnit, Period, Preset, Span, midnight

ZONES = [
    "UTC",
    "Europe/Paris",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
]


def day(text: str) -> date:
    return date.fromisoformat(text)


def span(start: str, end: str, zone: str = "Europe/Paris") -> Span:
    return Span(day(start), day(end), zone)


# ---- DC-15: named periods. 2 April 2026 is a Thursday, the second day of a quarter. ----

THURSDAY = day("2026-04-02")
MEANT = [
    (Preset.YESTERDAY, "2026-04-01", "2026-04-01"),
    (Preset.LAST_7_DAYS, "2026-03-26", "2026-04-01"),
    (Preset.LAST_30_DAYS, "2026-03-03", "2026-04-01"),
    (Preset.LAST_90_DAYS, "2026-01-02", "2026-04-01"),
    (Preset.THIS_MONTH, "2026-04-01", "2026-04-02"),
    (Preset.PREVIOUS_MONTH, "2026-03-01", "2026-03-31"),
    (Preset.THIS_QUARTER, "2026-04-01", "2026-04-02"),
    (Preset.PREVIOUS_QUARTER, "2026-01-01", "2026-03-31"),
    (Preset.PREVIOUS_WEEK, "2026-03-23", "2026-03-29"),
    (Preset.SINCE_OLDEST, "2026-02-14", "2026-04-02"),
]


@pytest.mark.requirement("DC-15", "AD-01")
@pytest.mark.parametrize(("preset", "first", "last"), MEANT)
def test_a_named_period_means_these_days(preset: Preset, first: str, last: str):
    found = Period(preset).resolve(THURSDAY, "Europe/Paris", oldest=day("2026-02-14"))
    assert found == Span(day(first), day(last) + timedelta(days=1), "Europe/Paris")


@pytest.mark.requirement("DC-15")
def test_every_named_period_is_in_the_table():
    assert [preset for preset, _first, _last in MEANT] == list(Preset)


@pytest.mark.requirement("DC-15")
@pytest.mark.parametrize(
    ("today", "preset", "first", "last"),
    [
        ("2026-01-01", Preset.YESTERDAY, "2025-12-31", "2025-12-31"),
        ("2026-01-01", Preset.PREVIOUS_MONTH, "2025-12-01", "2025-12-31"),
        ("2026-01-01", Preset.PREVIOUS_QUARTER, "2025-10-01", "2025-12-31"),
        ("2024-03-01", Preset.PREVIOUS_MONTH, "2024-02-01", "2024-02-29"),
        ("2024-03-31", Preset.PREVIOUS_MONTH, "2024-02-01", "2024-02-29"),
        ("2026-12-31", Preset.THIS_QUARTER, "2026-10-01", "2026-12-31"),
        ("2026-12-31", Preset.THIS_MONTH, "2026-12-01", "2026-12-31"),
        # On a Monday the previous week ended yesterday; on a Sunday, a week ago.
        ("2026-03-30", Preset.PREVIOUS_WEEK, "2026-03-23", "2026-03-29"),
        ("2026-03-29", Preset.PREVIOUS_WEEK, "2026-03-16", "2026-03-22"),
    ],
)
def test_a_named_period_at_the_edge_of_a_year_a_month_or_a_week(
    today: str, preset: Preset, first: str, last: str
):
    found = Period(preset).resolve(day(today), "UTC")
    assert (found.start, found.end) == (day(first), day(last) + timedelta(days=1))


@pytest.mark.requirement("DC-15")
@pytest.mark.parametrize(
    ("first_weekday", "first", "last"),
    [
        (0, "2026-03-23", "2026-03-29"),  # Monday
        (3, "2026-03-26", "2026-04-01"),  # Thursday: the week began today
        (4, "2026-03-20", "2026-03-26"),  # Friday: the week ends today
        (6, "2026-03-22", "2026-03-28"),  # Sunday
    ],
)
def test_the_previous_week_starts_on_the_reports_first_weekday(first_weekday: int, first: str, last: str):
    found = Period(Preset.PREVIOUS_WEEK).resolve(THURSDAY, "UTC", first_weekday=first_weekday)
    assert (found.start, found.end) == (day(first), day(last) + timedelta(days=1))


def test_since_the_oldest_without_any_fact_is_today_alone():
    found = Period(Preset.SINCE_OLDEST).resolve(THURSDAY, "UTC")
    assert (found.start, found.days) == (THURSDAY, 1)


def test_a_fact_from_the_future_does_not_turn_the_period_round():
    found = Period(Preset.SINCE_OLDEST).resolve(THURSDAY, "UTC", oldest=day("2026-05-01"))
    assert (found.start, found.days) == (THURSDAY, 1)


def test_two_dates_are_both_included():
    found = Period(first=day("2026-01-31"), last=day("2026-01-31")).resolve(THURSDAY, "UTC")
    assert found == Span(day("2026-01-31"), day("2026-02-01"), "UTC")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({}, "A period needs a name, or a first and a last day."),
        ({"first": THURSDAY}, "A period needs a name, or a first and a last day."),
        ({"preset": Preset.YESTERDAY, "last": THURSDAY}, "Choose a named period or two dates, not both."),
        (
            {"first": day("2026-04-03"), "last": THURSDAY},
            "The period starts on 2026-04-03, after its last day 2026-04-02; swap the two.",
        ),
    ],
)
def test_a_period_that_means_nothing_is_refused_with_a_sentence(arguments: dict[str, date], says: str):
    with pytest.raises(Invalid) as refusal:
        Period(**arguments)  # pyright: ignore[reportArgumentType]
    assert str(refusal.value) == says
    assert refusal.value.path == ("period",)


# ---- AD-01: comparisons ----


@pytest.mark.requirement("AD-01")
@pytest.mark.parametrize(
    ("compare", "start", "end", "compared"),
    [
        (Compare.NONE, "2026-03-01", "2026-04-01", None),
        # Whole months: a month, a quarter, a year, and ten months.
        (Compare.PREVIOUS, "2026-03-01", "2026-04-01", ("2026-02-01", "2026-03-01")),
        (Compare.PREVIOUS, "2025-02-01", "2025-03-01", ("2025-01-01", "2025-02-01")),
        (Compare.PREVIOUS, "2024-03-01", "2024-04-01", ("2024-02-01", "2024-03-01")),
        (Compare.PREVIOUS, "2026-01-01", "2026-04-01", ("2025-10-01", "2026-01-01")),
        (Compare.PREVIOUS, "2025-01-01", "2026-01-01", ("2024-01-01", "2025-01-01")),
        (Compare.PREVIOUS, "2026-01-01", "2026-11-01", ("2025-03-01", "2026-01-01")),
        # Other spans: as many days.
        (Compare.PREVIOUS, "2026-03-01", "2026-03-31", ("2026-01-30", "2026-03-01")),
        (Compare.PREVIOUS, "2026-03-02", "2026-04-01", ("2026-01-31", "2026-03-02")),
        (Compare.PREVIOUS, "2024-03-01", "2024-03-02", ("2024-02-29", "2024-03-01")),
        (Compare.YEAR, "2026-03-01", "2026-04-01", ("2025-03-01", "2025-04-01")),
        (Compare.YEAR, "2024-02-29", "2024-03-01", ("2023-02-28", "2023-03-01")),
        # Whole months stay whole, and no day is in both years.
        (Compare.YEAR, "2024-01-01", "2025-01-01", ("2023-01-01", "2024-01-01")),
        (Compare.YEAR, "2025-01-01", "2026-01-01", ("2024-01-01", "2025-01-01")),
        (Compare.YEAR, "2024-02-01", "2024-03-01", ("2023-02-01", "2023-03-01")),
        (Compare.YEAR, "2025-02-01", "2025-03-01", ("2024-02-01", "2024-03-01")),
        (Compare.YEAR, "2025-01-01", "2025-04-01", ("2024-01-01", "2024-04-01")),
        # Part of a month: both its first and its last day move.
        (Compare.YEAR, "2024-02-15", "2024-03-15", ("2023-02-15", "2023-03-15")),
        (Compare.YEAR, "2025-02-15", "2025-03-01", ("2024-02-15", "2024-02-29")),
        (Compare.YEAR, "2024-02-20", "2024-03-01", ("2023-02-20", "2023-03-01")),
        (Compare.YEAR, "2024-02-29", "2025-03-01", ("2023-02-28", "2024-02-29")),
        (Compare.YEAR, "2023-03-01", "2024-02-29", ("2022-03-01", "2023-03-01")),
    ],
)
def test_a_comparison_is_the_span_before_or_the_same_days_of_the_year_before(
    compare: Compare, start: str, end: str, compared: tuple[str, str] | None
):
    assert compare.of(span(start, end)) == (span(*compared) if compared else None)


months = st.builds(
    lambda start, count: Span(start, start + relativedelta(months=count), "UTC"),  # pyright: ignore[reportUnknownLambdaType]
    st.dates(date(1999, 1, 1), date(2035, 1, 1)).map(lambda some: some.replace(day=1)),
    st.integers(1, 12),
)
up_to_a_year = st.builds(
    lambda start, days: Span(start, start + timedelta(days=days), "UTC"),  # pyright: ignore[reportUnknownLambdaType]
    st.dates(date(1999, 1, 1), date(2035, 1, 1)),
    st.integers(1, 365),
)


@pytest.mark.requirement("AD-01")
@given(months | up_to_a_year)
def test_no_day_stands_on_both_sides_of_a_comparison(whole: Span):
    year, before = whole.a_year_before(), whole.before()
    assert year.end <= whole.start
    assert before.end == whole.start
    assert year.days >= 1
    assert before.days >= 1


@pytest.mark.requirement("AD-01")
@given(months)
def test_whole_months_are_held_against_as_many_whole_months(whole: Span):
    for other in (whole.a_year_before(), whole.before()):
        assert (other.start.day, other.end.day, other.months) == (1, 1, whole.months)
    assert whole.a_year_before().start == whole.start.replace(year=whole.start.year - 1)


@pytest.mark.requirement("AD-01")
@given(up_to_a_year)
def test_other_periods_are_held_against_as_many_days_before_and_the_same_dates_last_year(whole: Span):
    assume(not whole.months)
    year, last = whole.a_year_before(), whole.end - timedelta(days=1)
    assert whole.before().days == whole.days
    assert abs(year.days - whole.days) <= 1
    for now, then in ((whole.start, year.start), (last, year.end - timedelta(days=1))):
        leap = (now.month, now.day) == (2, 29)
        assert (then.year, then.month, then.day) == (now.year - 1, now.month, now.day - leap)


# ---- DC-16: intervals ----


def cut(interval: Interval, start: str, end: str, zone: str = "Europe/Paris") -> list[tuple[str, str, bool]]:
    """First day, the day after the last one, and whether it is cut short."""
    buckets = interval.buckets(span(start, end, zone))
    assert [bucket.index for bucket in buckets] == list(range(len(buckets)))
    return [(bucket.start.isoformat(), bucket.end.isoformat(), bucket.partial) for bucket in buckets]


@pytest.mark.requirement("DC-16")
def test_steps_of_days_start_on_the_periods_first_day_and_the_last_may_be_partial():
    assert cut(Interval(IntervalUnit.DAY, 3), "2026-03-27", "2026-04-03") == [
        ("2026-03-27", "2026-03-30", False),
        ("2026-03-30", "2026-04-02", False),
        ("2026-04-02", "2026-04-03", True),
    ]


@pytest.mark.requirement("DC-16")
def test_steps_of_weeks_start_on_the_periods_first_day_whatever_weekday_it_is():
    assert cut(Interval(IntervalUnit.WEEK, 2), "2026-04-02", "2026-05-01") == [
        ("2026-04-02", "2026-04-16", False),
        ("2026-04-16", "2026-04-30", False),
        ("2026-04-30", "2026-05-01", True),
    ]


@pytest.mark.requirement("DC-16")
def test_months_follow_the_calendar_and_are_partial_at_both_edges():
    assert cut(Interval(IntervalUnit.MONTH), "2026-01-31", "2026-03-15") == [
        ("2026-01-31", "2026-02-01", True),
        ("2026-02-01", "2026-03-01", False),
        ("2026-03-01", "2026-03-15", True),
    ]


@pytest.mark.requirement("DC-16")
def test_quarters_follow_the_calendar():
    assert cut(Interval(IntervalUnit.QUARTER), "2025-11-15", "2026-04-01") == [
        ("2025-11-15", "2026-01-01", True),
        ("2026-01-01", "2026-04-01", False),
    ]


@pytest.mark.requirement("DC-16")
def test_no_interval_is_the_whole_period():
    assert cut(Interval(IntervalUnit.NONE), "2026-01-31", "2026-03-15") == [
        ("2026-01-31", "2026-03-15", False)
    ]


@pytest.mark.requirement("DC-16", "DC-23")
@pytest.mark.parametrize(("today", "hours"), [("2026-03-29", 23), ("2026-03-30", 24), ("2026-10-25", 25)])
def test_a_day_of_changing_clocks_has_an_hour_less_or_more(today: str, hours: int):
    buckets = Interval(IntervalUnit.HOUR).buckets(span(today, str(day(today) + timedelta(days=1))))
    assert len(buckets) == hours
    assert buckets[0].starts_at.astimezone(ZoneInfo("Europe/Paris")).hour == 0


@pytest.mark.requirement("DC-16")
def test_a_bucket_is_unfinished_until_its_last_moment_has_passed():
    (bucket,) = Interval().buckets(span("2026-03-29", "2026-03-30"))
    end = datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert bucket.ends_at == end
    assert bucket.unfinished(end - timedelta(microseconds=1))
    assert not bucket.unfinished(end)


@pytest.mark.requirement("DC-23")
@pytest.mark.parametrize(
    ("zone", "today", "instant"),
    [
        ("Europe/Paris", "2026-03-29", datetime(2026, 3, 28, 23, tzinfo=UTC)),
        ("Europe/Paris", "2026-03-30", datetime(2026, 3, 29, 22, tzinfo=UTC)),
        ("Asia/Kathmandu", "2026-01-01", datetime(2025, 12, 31, 18, 15, tzinfo=UTC)),
        # Clocks went from 23:59:59 to 01:00: the day began at one.
        ("America/Sao_Paulo", "2018-11-04", datetime(2018, 11, 4, 3, tzinfo=UTC)),
        # The island left out this day: it began when the next one did.
        ("Pacific/Apia", "2011-12-30", datetime(2011, 12, 30, 10, tzinfo=UTC)),
        ("Pacific/Apia", "2011-12-31", datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ],
)
def test_a_day_starts_at_its_first_moment_in_the_zone(zone: str, today: str, instant: datetime):
    assert midnight(day(today), zone) == instant


@pytest.mark.requirement("DC-16")
@pytest.mark.parametrize(
    ("unit", "count"),
    [(IntervalUnit.DAY, 0), (IntervalUnit.DAY, 367), (IntervalUnit.MONTH, 2), (IntervalUnit.HOUR, 2)],
)
def test_an_interval_that_cannot_be_is_refused(unit: IntervalUnit, count: int):
    with pytest.raises(Invalid) as refusal:
        Interval(unit, count)
    assert refusal.value.path == ("interval",)


spans = st.builds(
    lambda start, days, zone: Span(start, start + timedelta(days=days), zone),  # pyright: ignore[reportUnknownLambdaType]
    st.dates(date(2005, 1, 1), date(2035, 1, 1)),
    st.integers(1, 200),
    st.sampled_from(ZONES),
)
stepped = st.builds(Interval, st.sampled_from([IntervalUnit.DAY, IntervalUnit.WEEK]), st.integers(1, 60))
plain = st.builds(Interval, st.sampled_from([unit for unit in IntervalUnit if unit is not IntervalUnit.HOUR]))


@pytest.mark.requirement("DC-16", "DC-23")
@given(spans, stepped | plain)
def test_buckets_cover_the_span_without_gap_or_overlap(whole: Span, interval: Interval):
    buckets = interval.buckets(whole)
    assert (buckets[0].start, buckets[-1].end) == (whole.start, whole.end)
    assert (buckets[0].starts_at, buckets[-1].ends_at) == whole.instants
    for one, following in pairwise(buckets):
        assert (one.end, one.ends_at) == (following.start, following.starts_at)
    for bucket in buckets:
        assert bucket.starts_at <= bucket.ends_at
        assert bucket.start < bucket.end


@pytest.mark.requirement("DC-16")
@given(spans)
def test_hours_cover_the_span_each_an_hour_long(whole: Span):
    buckets = Interval(IntervalUnit.HOUR).buckets(
        Span(whole.start, whole.start + timedelta(days=2), whole.zone)
    )
    for one, following in pairwise(buckets):
        assert one.ends_at == following.starts_at
        assert one.ends_at - one.starts_at == timedelta(hours=1)


@pytest.mark.requirement("DC-16")
@given(spans, stepped)
def test_only_the_last_of_counted_steps_can_be_partial(whole: Span, interval: Interval):
    *full, last = interval.buckets(whole)
    step = interval.count * (7 if interval.unit is IntervalUnit.WEEK else 1)
    assert all((bucket.end - bucket.start).days == step and not bucket.partial for bucket in full)
    assert last.partial == ((last.end - last.start).days < step)


@given(st.sampled_from(list(Preset)), st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 6))
def test_every_named_period_has_days_and_ends_no_later_than_today(preset: Preset, today: date, weekday: int):
    found = Period(preset).resolve(today, "UTC", first_weekday=weekday)
    assert found.days >= 1
    assert found.end <= today + timedelta(days=1)
