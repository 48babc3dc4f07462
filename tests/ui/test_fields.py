"""What a form holds, a browser sends back: for every kind of parameter, whatever is filled in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData, UploadFile

from bilan.i18n import Translator, formatter_for
from bilan.parameters.validation import check, validate
from bilan.sdk.errors import Invalid
from bilan.sdk.messages import Message, messages
from bilan.sdk.parameters import Choice, Parameter, ParameterKind
from bilan.sdk.periods import Interval, IntervalUnit, Period, Preset
from bilan_ui.fields import MANY, PRESETS, UNITS
from bilan_ui.forms import fields, mistakes, raw_values
from bilan_ui.templating import environment, reader

_ = messages("bilan")[0]
K = ParameterKind

LETTERS = tuple(Choice(letter, letter.upper()) for letter in "abcdef")
CROWD = tuple(Choice(f"key-{number}", f"Campaign {number}") for number in range(MANY + 1))


NOBODYS = Translator({})
"""Without catalogues: English."""


def one(kind: ParameterKind, **declared: Any) -> Parameter:
    return Parameter("one", _("One"), kind, **declared)


class Controls(HTMLParser):
    """What a browser would send of a form: its successful controls."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.sent: list[tuple[str, str | UploadFile]] = []
        self.select = ""
        self.first: str | None = None
        self.chosen: str | None = None
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        match tag:
            case "input" if found.get("type") in ("checkbox", "radio"):
                if "checked" in found:
                    self.sent.append((found["name"] or "", found["value"] or ""))
            case "input" if found.get("name"):
                self.sent.append((found["name"] or "", found.get("value") or ""))
            case "select":
                self.select, self.first, self.chosen = found["name"] or "", None, None
            case "option" if self.select:
                value = found.get("value") or ""
                self.first = value if self.first is None else self.first
                self.chosen = value if "selected" in found else self.chosen
            case _:
                pass

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.sent.append((self.select, (self.chosen if self.chosen is not None else self.first) or ""))
            self.select = ""


def rendered(parameter: Parameter, raw: dict[str, Any], offered: Sequence[Choice] = ()) -> str:
    token = reader.set(formatter_for(NOBODYS, "en"))
    try:
        macros: Any = environment().get_template("macros.html").module
        (field,) = fields([parameter], raw, {"one": offered})
        return str(macros.field(field))
    finally:
        reader.reset(token)


def sent_back(parameter: Parameter, raw: dict[str, Any], offered: Sequence[Choice] = ()) -> dict[str, Any]:
    return raw_values([parameter], FormData(Controls(rendered(parameter, raw, offered)).sent))


def comes_back(parameter: Parameter, value: Any, offered: Sequence[Choice] = ()) -> None:
    raw = {"one": value}
    again = sent_back(parameter, raw, offered)
    assert validate([parameter], again, client=None) == validate([parameter], raw, client=None)


# A line of text: what a browser's field can hold.
lines = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=40)
tags = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
periods = st.one_of(
    st.sampled_from([Period(Preset(choice.value)) for choice in PRESETS]),
    st.tuples(days, days).map(lambda both: Period(first=min(both), last=max(both))),
)
counted = st.builds(Interval, st.sampled_from([IntervalUnit.DAY, IntervalUnit.WEEK]), st.integers(1, 366))
plain_units = [IntervalUnit(choice.value) for choice in UNITS[2:]]
intervals = st.one_of(counted, st.sampled_from(plain_units).map(Interval))


@given(lines)
def test_text_comes_back(text: str) -> None:
    comes_back(one(K.TEXT, default="before"), text)


@given(st.integers(-(10**9), 10**9))
def test_numbers_come_back(number: int) -> None:
    comes_back(one(K.NUMBER), number)


@pytest.mark.parametrize("default", [True, False])
@pytest.mark.parametrize("value", [True, False])
def test_a_box_comes_back_ticked_or_not_whatever_its_default(default: bool, value: bool) -> None:
    comes_back(one(K.FLAG, default=default), value)


@given(st.sampled_from("abcdef"))
def test_one_of_many_choices_comes_back(value: str) -> None:
    comes_back(one(K.CHOICE, choices=LETTERS), value, LETTERS)


@given(st.sampled_from("abc"))
def test_one_of_a_few_choices_comes_back(value: str) -> None:
    comes_back(one(K.CHOICE, choices=LETTERS[:3], default="a"), value, LETTERS[:3])


@given(st.sets(st.sampled_from("abcdef")))
def test_several_choices_come_back_none_of_them_too(values: set[str]) -> None:
    comes_back(one(K.CHOICES, choices=LETTERS, default=("a",)), sorted(values), LETTERS)


@given(st.sets(st.sampled_from([choice.value for choice in CROWD])))
def test_choices_from_a_crowd_come_back(values: set[str]) -> None:
    comes_back(one(K.CHOICES, choices=CROWD), sorted(values), CROWD)


@given(st.permutations("abcdef"), st.integers(1, 6))
def test_parts_come_back_in_their_order_and_untouched_ones_as_no_choice(order: list[str], count: int) -> None:
    chosen = order[:count]
    again = sent_back(one(K.ORDER, choices=LETTERS), {"one": chosen}, LETTERS)
    assert again["one"] == ([] if chosen == list("abcdef") else chosen)


def test_without_a_choice_every_part_is_ticked() -> None:
    assert rendered(one(K.ORDER), {}, LETTERS).count(" checked") == len(LETTERS)


@pytest.mark.parametrize(
    ("button", "order"),
    [("up:b", ["b", "a", "c"]), ("down:b", ["a", "c", "b"]), ("up:a", []), ("down:c", []), ("up:x", [])],
)
def test_a_button_moves_a_part_up_or_down_and_not_past_the_end(button: str, order: list[str]) -> None:
    parameter = one(K.ORDER, choices=LETTERS[:3])
    sent = Controls(rendered(parameter, {}, LETTERS[:3])).sent
    assert raw_values([parameter], FormData([*sent, ("one.move", button)]))["one"] == order


@given(st.lists(tags, unique=True))
def test_tags_come_back_those_that_nothing_suggests_too(values: list[str]) -> None:
    again = sent_back(one(K.TAGS), {"one": values}, LETTERS)
    assert set(again["one"]) == set(values)


@given(periods)
def test_periods_come_back(period: Period) -> None:
    comes_back(one(K.PERIOD), period)


@given(intervals)
def test_intervals_come_back(interval: Interval) -> None:
    comes_back(one(K.INTERVAL), interval)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "America/Argentina/Buenos_Aires"])
def test_zones_come_back(zone: str) -> None:
    comes_back(one(K.ZONE, default="Asia/Tokyo"), zone)


def test_a_secret_is_never_rendered_and_an_empty_one_is_left_out() -> None:
    secret = one(K.SECRET)
    assert "hush" not in rendered(secret, {"one": "hush"})
    assert sent_back(secret, {"one": "hush"}) == {}


def test_what_a_form_does_not_hold_is_left_out() -> None:
    for kind in K:
        assert raw_values([one(kind)], FormData()) == {}


def test_what_was_typed_comes_back_even_when_it_is_nonsense() -> None:
    for kind, nonsense in ((K.NUMBER, "many"), (K.ZONE, "Mars/Base"), (K.INTERVAL, "x days")):
        again = sent_back(one(kind), {"one": nonsense})
        assert again == {"one": nonsense}


def test_an_emptied_text_is_emptied_and_an_emptied_zone_takes_its_default() -> None:
    emptied = FormData([("one", "")])
    assert raw_values([one(K.TEXT, default="before")], emptied) == {"one": ""}
    assert raw_values([one(K.ZONE, default="UTC")], emptied) == {}


def test_choices_that_are_called_the_same_show_their_keys() -> None:
    markup = rendered(
        one(K.CHOICES), {}, (Choice("1", "Letter"), Choice("2", "Letter"), Choice("3", "Other"))
    )
    assert "Letter (1)" in markup
    assert "Letter (2)" in markup
    assert "Other (3)" not in markup


def test_what_was_chosen_and_is_offered_no_more_is_still_shown_so_that_nothing_changes_unseen() -> None:
    chosen = one(K.CHOICES, choices=LETTERS)
    assert "gone (no longer offered)" in rendered(chosen, {"one": ["a", "gone"]}, LETTERS)
    with pytest.raises(Invalid, match="gone is not offered"):
        validate([chosen], sent_back(chosen, {"one": ["a", "gone"]}, LETTERS), client=None)


def test_choices_that_depend_on_others_forget_what_is_offered_no_more() -> None:
    dependent = one(K.CHOICES, choices=LETTERS, depends_on=("other",))
    assert sent_back(dependent, {"one": ["a", "gone"]}, LETTERS) == {"one": ["a"]}


def test_of_a_crowd_the_ticked_come_first_and_are_counted() -> None:
    markup = rendered(one(K.CHOICES), {"one": ["key-20"]}, CROWD)
    assert f"1 of {len(CROWD)} chosen" in markup
    assert markup.index("Campaign 20") < markup.index("Campaign 0")


def test_an_error_stands_beside_its_field_and_above_the_form() -> None:
    parameters = [one(K.NUMBER), Parameter("two", _("Two"), K.ZONE)]
    wrong = check(parameters, {"one": "many", "two": "UTC"}, client=None).errors
    first, second = fields(parameters, {"one": "many"}, {}, wrong)
    assert (str(first.error), second.error) == ("many is no whole number.", None)
    assert [(found.field, str(found.message)) for found in mistakes(*wrong)] == [
        (first.id, "many is no whole number.")
    ]


def test_choices_of_one_name_show_their_value_within_a_group_alone() -> None:
    offered = (
        Choice("email.sent", _("Sent"), group=_("E-mail")),
        Choice("campaign.sent", _("Sent"), group=_("Campaign")),
        Choice("campaign.again", _("Sent"), group=_("Campaign")),
    )
    parameter = Parameter("actions", _("Actions"), ParameterKind.CHOICES, default=())
    (field,) = fields([parameter], {}, {"actions": offered})
    formatter = formatter_for(Translator.of(), "en", "UTC")
    said = [formatter.text(one.label) for one in field.options if isinstance(one.label, Message)]
    assert said == ["Sent", "Sent (campaign.sent)", "Sent (campaign.again)"]
