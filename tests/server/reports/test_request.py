"""What was filled in becomes a request, and is printed in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bilan.parameters.times import PRESETS, period_text
from bilan.reports.common import Locality, parameters_of
from bilan.reports.described import described, interval_in_words
from bilan.reports.request import request_for
from bilan.sdk.errors import Invalid
from bilan.sdk.parameters import Choice, Parameter, ParameterKind
from bilan.sdk.periods import Compare, Interval, IntervalUnit, Period, Preset, Span
from bilan.sdk.reports import ReportKind, ReportRequest
from fixtures.declarations import SALES
from fixtures.reports import NoFacts

AS_OF = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
PARIS = Locality("Europe/Paris", 0)


def kind(*parameters: Parameter, default: Preset = Preset.LAST_30_DAYS) -> ReportKind:
    return ReportKind(
        SALES.key, SALES.label, SALES.description, parameters, SALES.build, SALES.datasets, default
    )


def request(of: ReportKind, raw: Mapping[str, Any], locality: Locality = PARIS) -> ReportRequest:
    return request_for(of, raw, as_of=AS_OF, locality=locality, client=None)


@pytest.mark.requirement("AD-01", "DC-15")
def test_every_kind_gets_period_comparison_zone_first_weekday_and_title() -> None:
    keys = [parameter.key for parameter in parameters_of(SALES, PARIS)]

    assert keys == ["title", "country", "period", "compare", "zone", "first_weekday", "kept"]


def test_with_nothing_filled_in_the_defaults_count() -> None:
    made = request(SALES, {}, Locality("Asia/Tokyo", 6))

    assert made == ReportRequest(
        kind="shop.sales",
        title=None,
        values={"country": ""},
        period=Period(Preset.LAST_30_DAYS),
        compare=Compare.PREVIOUS,
        zone="Asia/Tokyo",
        first_weekday=6,
        as_of=AS_OF,
    )


def test_a_report_since_the_oldest_message_is_compared_with_nothing_by_default() -> None:
    assert request(kind(default=Preset.SINCE_OLDEST), {}).compare is Compare.NONE


@pytest.mark.requirement("DC-23")
def test_today_is_the_day_in_the_reports_zone() -> None:
    asked = {"period": "yesterday"}

    in_paris = request(SALES, asked).span()
    in_new_york = request(SALES, {**asked, "zone": "America/New_York"}).span()

    assert in_paris == Span(date(2026, 3, 10), date(2026, 3, 11), "Europe/Paris")
    assert in_new_york == Span(date(2026, 3, 9), date(2026, 3, 10), "America/New_York")


@pytest.mark.requirement("BZ-25", "BZ-26")
def test_a_range_of_dates_and_a_relative_range_are_both_understood() -> None:
    custom = request(SALES, {"period": "2026-01-05..2026-01-09"})
    relative = request(SALES, {"period": {"preset": "previous_week"}, "first_weekday": "sunday"})

    assert custom.span() == Span(date(2026, 1, 5), date(2026, 1, 10), "Europe/Paris")
    assert relative.span() == Span(date(2026, 3, 1), date(2026, 3, 8), "Europe/Paris")


def test_a_mistake_names_its_field() -> None:
    with pytest.raises(Invalid) as caught:
        request(SALES, {"compare": "last_decade"})

    assert caught.value.path == ("compare",)


def test_parameters_are_printed_with_the_words_they_were_chosen_by() -> None:
    colours = Parameter(
        "colours",
        SALES.label,
        ParameterKind.CHOICES,
        choices=lambda _ask, _values: (Choice("r", "Red"), Choice("g", "Green")),
    )
    cut = Parameter("cut", SALES.label, ParameterKind.INTERVAL, default="2 weeks")
    loud = Parameter("loud", SALES.label, ParameterKind.FLAG)
    nothing = Parameter("nothing", SALES.label, ParameterKind.TEXT)
    of = kind(colours, cut, loud, nothing)
    made = request(of, {"title": "Spring", "colours": "g,r", "period": "2026-01-05..2026-01-09"})

    printed = {
        one.key: (one.value, [str(text) for text in one.shown]) for one in described(of, made, NoFacts())
    }

    assert printed == {
        "title": ("Spring", ["Spring"]),
        "colours": (["g", "r"], ["Green", "Red"]),
        "cut": ("2 weeks", ["Every 2 weeks"]),
        "loud": (False, ["No"]),
        "period": ("2026-01-05..2026-01-09", ["2026-01-05 to 2026-01-09"]),
        "compare": ("previous_period", ["The period before"]),
        "zone": ("Europe/Paris", ["Europe/Paris"]),
        "first_weekday": ("monday", ["Monday"]),
    }


def test_secrets_are_not_printed() -> None:
    of = kind(Parameter("key", SALES.label, ParameterKind.SECRET))

    assert "key" not in [one.key for one in described(of, request(of, {"key": "s3cret"}), NoFacts())]


@pytest.mark.requirement("DC-15")
def test_every_named_period_has_words() -> None:
    assert set(PRESETS) == set(Preset)
    assert str(period_text(Period(Preset.LAST_7_DAYS))) == "Last 7 days"


@pytest.mark.requirement("DC-16")
@pytest.mark.parametrize(
    ("interval", "words"),
    [
        (Interval(), "Days"),
        (Interval(IntervalUnit.DAY, 10), "Every 10 days"),
        (Interval(IntervalUnit.WEEK), "Weeks"),
        (Interval(IntervalUnit.MONTH), "Months"),
        (Interval(IntervalUnit.QUARTER), "Quarters"),
        (Interval(IntervalUnit.HOUR), "Hours"),
        (Interval(IntervalUnit.NONE), "No breakdown by time"),
    ],
)
def test_intervals_are_said_in_words(interval: Interval, words: str) -> None:
    assert str(interval_in_words(interval)) == words
