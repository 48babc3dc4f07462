"""Numbers in every form that programs and people give them, written at random and read back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from bilan.sdk import DecimalMark, Invalid, Unreadable, decimal_mark, read_count, read_number

POINT, COMMA = DecimalMark.POINT, DecimalMark.COMMA
Write = Callable[[float], str]


def in_locale(locale: str, form: str) -> Write:
    return lambda number: format_decimal(number, format=form, locale=locale)


FORMS: dict[str, tuple[DecimalMark, Write]] = {
    "English": (POINT, in_locale("en", "#,##0.00")),
    "French": (COMMA, in_locale("fr", "#,##0.00")),
    "German": (COMMA, in_locale("de", "#,##0.00")),
    "Swiss": (POINT, in_locale("de_CH", "#,##0.00")),
    "Indian": (POINT, in_locale("en_IN", "#,##,##0.00")),
    "Spanish, three decimals": (COMMA, in_locale("es", "#,##0.000")),
    "plain, with a comma": (COMMA, lambda number: f"{number:.2f}".replace(".", ",")),
}


@pytest.mark.requirement("DC-27")
@pytest.mark.parametrize("form", FORMS)
@given(number=st.integers(0, 10**15 - 1))
def test_a_count_is_read_back_from_any_form(form: str, number: int) -> None:
    mark, write = FORMS[form]
    assert read_count(write(number), mark=mark) == number


@pytest.mark.parametrize("form", FORMS)
@given(cents=st.integers(-(10**11), 10**11))
def test_a_number_is_read_back_from_any_form(form: str, cents: int) -> None:
    mark, write = FORMS[form]
    assert read_number(write(cents / 100), mark=mark) == cents / 100


@given(numbers=st.lists(st.integers(0, 10**7), min_size=1), form=st.sampled_from(["#,##0.00", "#,##0"]))
@pytest.mark.parametrize("locale", ["en", "de", "fr"])
@pytest.mark.requirement("DC-27")
def test_a_column_is_read_as_it_was_written_or_asked_about(
    locale: str, numbers: list[int], form: str
) -> None:
    written = [format_decimal(number, format=form, locale=locale) for number in numbers]
    try:
        mark = decimal_mark(written, None, "Recipients", whole=True)
    except Invalid:
        assert all(number % 1000 == 0 and number for number in numbers)
        return
    assert [read_count(one, mark=mark) for one in written] == numbers


@pytest.mark.requirement("DC-27")
@pytest.mark.parametrize(
    ("values", "mark"),
    [
        (["1.234", "120.000"], COMMA),
        (["120.000", "950"], COMMA),
        (["120,000", "950"], POINT),
        (["120.000", "0.000"], POINT),
        (["119.000", "98.00"], POINT),
        (["120.000", "1,120.000"], POINT),
    ],
)
@pytest.mark.parametrize("wanted", [None, POINT, COMMA])
def test_the_whole_column_decides_its_decimal_mark_whatever_is_wanted(
    values: Sequence[str], mark: DecimalMark, wanted: DecimalMark | None
) -> None:
    assert decimal_mark(values, wanted, "Recipients", whole=True) is mark


@pytest.mark.requirement("DC-27")
@pytest.mark.parametrize("values", [["120.000", "1.000"], ["120,000"], ["1.000", "", "N/A", "many"]])
def test_a_column_in_which_everything_ends_in_three_figures_is_asked_about(values: list[str]) -> None:
    with pytest.raises(Invalid, match=r"point, comma.*--decimals") as refused:
        decimal_mark(values, None, "Recipients", whole=True)
    assert refused.value.path == ("mapping", "Recipients")
    assert decimal_mark(values, COMMA, "Recipients", whole=True) is COMMA


@pytest.mark.parametrize("values", [["1,234", "1.234"], ["1,000", "2.000"]])
def test_a_column_that_mixes_marks_is_refused_whatever_is_wanted(values: list[str]) -> None:
    with pytest.raises(Invalid, match="are written in different ways"):
        decimal_mark(values, POINT, "Recipients", whole=True)


@given(value=st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers()))
def test_reading_a_count_gives_one_or_says_why_not(value: object) -> None:
    try:
        found = read_count(value)
    except Unreadable:
        return
    assert found is None or 0 <= found < 10**18
