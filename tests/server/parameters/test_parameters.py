"""What is filled in becomes values, or a sentence about the field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.parameters.times import parse_interval, parse_period, parse_zone
from bilan.parameters.validation import check, plain, validate
from bilan.sdk.errors import Invalid
from bilan.sdk.messages import messages
from bilan.sdk.parameters import Choice, Parameter, ParameterKind
from bilan.sdk.periods import Interval, IntervalUnit, Period, Preset
from bilan.sdk.query import QueryClient

_ = messages("bilan")[0]
NOBODY = cast("QueryClient", object())


def one(kind: ParameterKind, **more: Any) -> Parameter:
    return Parameter("field", _("Field"), kind, **more)


def value(kind: ParameterKind, raw: Any, **more: Any) -> Any:
    return validate([one(kind, **more)], {"field": raw}, client=None)["field"]


def refusal(
    parameters: list[Parameter], raw: Mapping[str, Any], client: QueryClient | None = None
) -> tuple[str, tuple[str, ...]]:
    with pytest.raises(Invalid) as caught:
        validate(parameters, raw, client=client)
    return str(caught.value.message), caught.value.path


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        (ParameterKind.TEXT, "  spring ", "spring"),
        (ParameterKind.TEXT, "", ""),
        (ParameterKind.SECRET, " pass word ", " pass word "),
        (ParameterKind.NUMBER, "12", 12),
        (ParameterKind.NUMBER, -3, -3),
        (ParameterKind.NUMBER, 5.0, 5),
        (ParameterKind.NUMBER, "", None),
        (ParameterKind.FLAG, "on", True),
        (ParameterKind.FLAG, "Off", False),
        (ParameterKind.FLAG, True, True),
        (ParameterKind.FLAG, "", False),
        (ParameterKind.TAGS, "new, vip,,new", ("new", "vip")),
        (ParameterKind.TAGS, ["b", "a", "b"], ("b", "a")),
        (ParameterKind.TAGS, [], ()),
        (ParameterKind.PERIOD, "last_7_days", Period(Preset.LAST_7_DAYS)),
        (ParameterKind.PERIOD, "Previous month", Period(Preset.PREVIOUS_MONTH)),
        (
            ParameterKind.PERIOD,
            "2026-01-01..2026-01-31",
            Period(first=date(2026, 1, 1), last=date(2026, 1, 31)),
        ),
        (
            ParameterKind.PERIOD,
            {"first": "2026-02-01", "last": date(2026, 2, 3)},
            Period(first=date(2026, 2, 1), last=date(2026, 2, 3)),
        ),
        (ParameterKind.PERIOD, {"preset": "yesterday"}, Period(Preset.YESTERDAY)),
        (ParameterKind.INTERVAL, "day", Interval(IntervalUnit.DAY)),
        (ParameterKind.INTERVAL, "7 days", Interval(IntervalUnit.DAY, 7)),
        (ParameterKind.INTERVAL, "2 weeks", Interval(IntervalUnit.WEEK, 2)),
        (ParameterKind.INTERVAL, "none", Interval(IntervalUnit.NONE)),
        (ParameterKind.INTERVAL, {"unit": "quarter"}, Interval(IntervalUnit.QUARTER)),
        (ParameterKind.INTERVAL, {"unit": "week", "count": 3}, Interval(IntervalUnit.WEEK, 3)),
        (ParameterKind.ZONE, "europe/paris", "Europe/Paris"),
        (ParameterKind.ZONE, "UTC", "UTC"),
    ],
)
def test_each_kind_reads_what_people_and_programs_send(kind: ParameterKind, raw: Any, expected: Any) -> None:
    assert value(kind, raw) == expected
    assert type(value(kind, raw)) is type(expected)


@pytest.mark.parametrize(
    ("kind", "raw", "sentence"),
    [
        (ParameterKind.TEXT, 5, "Here a text is expected."),
        (ParameterKind.TEXT, "x" * 10_001, "The text is longer than 10000 characters."),
        (ParameterKind.NUMBER, "twelve", "twelve is no whole number."),
        (ParameterKind.NUMBER, 1.5, "1.5 is no whole number."),
        (ParameterKind.NUMBER, True, "Here a whole number is expected."),
        (ParameterKind.NUMBER, float("inf"), "inf is no whole number."),
        (ParameterKind.FLAG, "maybe", "maybe is neither on nor off."),
        (ParameterKind.TAGS, 3, "Here a list of texts is expected."),
        (ParameterKind.TAGS, {"a": 1}, "Here a list of texts is expected."),
        (
            ParameterKind.PERIOD,
            "2026-13-01..2026-12-31",
            "2026-13-01 is no date; write it as year-month-day, like 2026-01-31.",
        ),
        (
            ParameterKind.PERIOD,
            "2026-02-02..2026-02-01",
            "The period starts on 2026-02-02, after its last day 2026-02-01; swap the two.",
        ),
        (
            ParameterKind.INTERVAL,
            "fortnight",
            "fortnight is no interval; write day, 7 days, 2 weeks, month, quarter or none.",
        ),
        (
            ParameterKind.INTERVAL,
            "2 months",
            "Only days and weeks can be counted in steps of more than one.",
        ),
        (ParameterKind.ZONE, "Paris", "Paris is no time zone; write one like Europe/Paris or UTC."),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence_and_the_field(
    kind: ParameterKind, raw: Any, sentence: str
) -> None:
    assert refusal([one(kind)], {"field": raw}) == (sentence, ("field",))


def test_an_absent_key_takes_the_default_and_an_empty_one_means_nothing() -> None:
    parameters = [one(ParameterKind.PERIOD, default="last_30_days")]
    assert validate(parameters, {}, client=None) == {"field": Period(Preset.LAST_30_DAYS)}
    assert validate(parameters, {"field": None}, client=None) == {"field": Period(Preset.LAST_30_DAYS)}
    assert validate(parameters, {"field": ""}, client=None) == {"field": None}


@pytest.mark.parametrize("raw", [{}, {"field": ""}, {"field": "   "}])
def test_a_required_field_must_be_filled_in(raw: dict[str, str]) -> None:
    assert refusal([one(ParameterKind.TEXT, required=True)], raw) == ("Field must be filled in.", ("field",))


def test_an_unknown_key_is_refused_by_its_name_with_the_nearest_one() -> None:
    parameters = [
        Parameter("campaign", _("Campaign"), ParameterKind.TEXT),
        Parameter("tags", _("Tags"), ParameterKind.TAGS),
    ]
    assert refusal(parameters, {"campagin": "x"}) == (
        "There is no campagin here; the nearest is campaign.",
        ("campagin",),
    )
    assert refusal([], {"x": 1}) == ("There is no x here; nothing can be filled in.", ("x",))


FRUIT = (Choice("apple", "Apple"), Choice("banana", "Banana"), Choice("cherry", "Cherry"))


def test_a_choice_must_be_offered_and_several_come_in_the_order_offered() -> None:
    assert value(ParameterKind.CHOICE, "banana", choices=FRUIT) == "banana"
    assert value(ParameterKind.CHOICES, ["cherry", "apple"], choices=FRUIT) == ("apple", "cherry")
    assert refusal([one(ParameterKind.CHOICE, choices=FRUIT)], {"field": "bananna"}) == (
        "bananna is not offered; the nearest is banana.",
        ("field",),
    )
    assert refusal([one(ParameterKind.CHOICES, choices=FRUIT)], {"field": "apple,plum"})[0].startswith(
        "plum is not offered"
    )


def offered(_ask: QueryClient, values: Mapping[str, Any]) -> tuple[Choice, ...]:
    return tuple(Choice(f"{values['letter']}{n}", str(n)) for n in range(2))


DEPENDENT = [
    Parameter("item", _("Item"), ParameterKind.CHOICE, choices=offered, depends_on=("letter",)),
    Parameter("letter", _("Letter"), ParameterKind.TEXT, required=True),
]


def test_choices_are_asked_with_what_they_depend_on_wherever_that_was_declared() -> None:
    assert validate(DEPENDENT, {"item": "b1", "letter": "b"}, client=NOBODY) == {"item": "b1", "letter": "b"}
    assert refusal(DEPENDENT, {"item": "a1", "letter": "b"}, NOBODY) == (
        "a1 is not offered; the nearest is b1.",
        ("item",),
    )


def test_without_facts_to_ask_a_dependent_choice_is_taken_as_it_comes() -> None:
    assert validate(DEPENDENT, {"item": "z9", "letter": "b"}, client=None) == {"item": "z9", "letter": "b"}


def test_every_mistake_is_told_once() -> None:
    checked = check(
        [*DEPENDENT, one(ParameterKind.NUMBER)], {"item": "a1", "field": "x", "odd": 1}, client=NOBODY
    )
    assert [error.path for error in checked.errors] == [("odd",), ("letter",), ("field",)]
    assert checked.values == {"item": "a1"}


def test_parameters_that_depend_on_each_other_still_end() -> None:
    circle = [
        Parameter("a", _("A"), ParameterKind.TEXT, depends_on=("b",)),
        Parameter("b", _("B"), ParameterKind.TEXT, depends_on=("a",)),
    ]
    assert validate(circle, {"a": "1", "b": "2"}, client=None) == {"a": "1", "b": "2"}


days = st.dates(date(1900, 1, 2), date(2299, 12, 30))
periods = st.one_of(
    st.builds(Period, st.sampled_from(Preset)),
    st.tuples(days, days).map(lambda both: Period(first=min(both), last=max(both))),
)
steps = st.sampled_from([IntervalUnit.DAY, IntervalUnit.WEEK])
intervals = st.one_of(
    st.builds(Interval, steps, st.integers(min_value=1, max_value=366)),
    st.builds(Interval, st.sampled_from(IntervalUnit)),
)


@given(period=periods, interval=intervals, tags=st.lists(st.text(st.characters(codec="utf-8"))))
def test_what_is_stored_is_read_back_the_same(period: Period, interval: Interval, tags: list[str]) -> None:
    parameters = [
        Parameter("period", _("Period"), ParameterKind.PERIOD),
        Parameter("interval", _("Interval"), ParameterKind.INTERVAL),
        Parameter("tags", _("Tags"), ParameterKind.TAGS),
    ]
    values = validate(parameters, {"period": period, "interval": interval, "tags": tags}, client=None)
    assert (values["period"], values["interval"]) == (period, interval)
    assert validate(parameters, plain(values), client=None) == values


def test_the_parsers_stand_alone() -> None:
    assert parse_period("this-month") == Period(Preset.THIS_MONTH)
    assert parse_interval("3 Days") == Interval(IntervalUnit.DAY, 3)
    assert parse_zone("Asia/Tokyo") == "Asia/Tokyo"


def test_what_a_parameter_cannot_use_is_refused_by_its_own_check() -> None:
    def check_even(value: int) -> None:
        if value % 2:
            raise Invalid(_("{value} is odd.", value=value))

    even = one(ParameterKind.NUMBER, check=check_even)
    assert validate([even], {"field": "4"}, client=None) == {"field": 4}
    assert validate([even], {"field": ""}, client=None) == {"field": None}
    assert refusal([even], {"field": "5"}) == ("5 is odd.", ("field",))
