"""Single values, as senders and people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.sdk import (
    Unreadable,
    digest,
    read_flag,
    read_instant,
    read_integer,
    read_object,
    read_text,
    read_texts,
)
from bilan_email_campaigns.values import address

PARIS = ZoneInfo("Europe/Paris")
MOMENT = datetime(2026, 1, 31, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        1769844600,
        1769844600.0,
        "1769844600",
        1769844600000,
        "1769844600000000",
        "2026-01-31T07:30:00Z",
        "2026-01-31 07:30:00 UTC",
        "2026-01-31T02:30:00-05:00",
        "2026-01-31 08:30",
        "31/01/2026 08:30",
        "31.01.2026, 08:30:00",
        "31/01/26 8h30",
        "2026/01/31 08:30",
        "Jan 31, 2026 08:30 am",
        "31 janvier 2026 à 08:30",
        "31 January 2026, 8:30 AM",
        "Sat, 31 Jan 2026 08:30:00 +0100",
        datetime(2026, 1, 31, 8, 30),  # noqa: DTZ001 - as files hold it
        MOMENT,
    ],
)
def test_a_moment_is_read_however_it_is_written(written: Any) -> None:
    assert read_instant(written, PARIS) == MOMENT


@pytest.mark.parametrize("written", [None, "", "  "])
def test_an_empty_value_is_no_moment(written: Any) -> None:
    assert read_instant(written, PARIS) is None


@pytest.mark.parametrize(
    "written",
    [
        "soon",
        "31/31/2026",
        "2026-13-01",
        "1/2/3",
        "123/1/2026",
        "31 pluviôse 2026",
        True,
        [],
        {},
        "inf",
        "1e999999999",
    ],
)
def test_what_is_no_moment_is_said_to_be_none(written: Any) -> None:
    with pytest.raises(Unreadable, match="is no moment"):
        read_instant(written, PARIS)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001 - hypothesis adds the zone below
def test_a_moment_survives_being_counted_in_any_unit(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC)
    microseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert read_instant(microseconds, PARIS) == moment
    assert read_instant(str(microseconds // 1000), PARIS) == moment.replace(
        microsecond=moment.microsecond // 1000 * 1000
    )
    assert read_instant(f"{microseconds // 10**6}.{microseconds % 10**6:06}", PARIS) == moment


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())))
def test_reading_a_moment_gives_one_or_says_why_not(value: Any) -> None:
    try:
        found = read_instant(value, PARIS)
    except Unreadable:
        return
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    ("written", "number"),
    [("1 234", 1234), ("1,234", 1234), ("1.234.567", 1234567), ("12", 12), (12.0, 12), ("-3", -3), (0, 0),
     ("", None), (None, None), ("–", None), ("n/a", None)],
)  # fmt: skip
def test_a_whole_number_is_read_however_it_is_grouped(written: Any, number: int | None) -> None:
    assert read_integer(written) == number


@pytest.mark.parametrize("written", ["12.5", "many", "1,23", "1e999999999"])
def test_what_is_no_whole_number_is_said_to_be_none(written: str) -> None:
    with pytest.raises(Unreadable, match="is no whole number"):
        read_integer(written)


def test_texts_come_out_of_lists_and_of_written_lists_once_each() -> None:
    assert read_texts("cat facts") == ["cat facts"]
    assert read_texts(["a", ["b", "a"], None, ""]) == ["a", "b"]
    assert read_texts('["a","b"]') == ["a", "b"]
    assert read_texts("[draft") == ["[draft"]
    assert read_texts(None, {}) == []
    assert read_texts("[" * 200_000) == ["[" * 200_000]


def test_an_address_loses_its_name_and_its_capitals() -> None:
    assert address(" Ann <Ann@Example.com> ") == "ann@example.com"
    assert address("R001") == "r001"
    assert address(None) == ""


def test_a_flag_may_be_a_word() -> None:
    assert [read_flag(value) for value in (True, "true", 1, "Oui", "yes")] == [True] * 5
    assert [read_flag(value) for value in (False, "false", 0, "", None, "no", [])] == [False] * 7


def test_an_object_may_come_as_text() -> None:
    assert read_object('{"a": 1}') == {"a": 1}
    assert [read_object(value) for value in ("{", "[1]", None, 3, '"a"', '{"a":' * 200_000)] == [{}] * 6


def test_half_a_character_does_not_get_through() -> None:
    assert read_text("a\ud800") == "a?"


def test_a_digest_does_not_depend_on_the_order_of_fields() -> None:
    assert digest({"a": 1, "b": [2, {"c": 3, "d": None}]}) == digest({"b": [2, {"d": None, "c": 3}], "a": 1})
    assert digest({"a": 1}) != digest({"a": "1"})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"Ann@example.org", "Ann@example.org"),
        ("e\u0301".encode(), "\u00e9"),
        (b"\xff\x00", "ff00"),
        (date(2026, 5, 1), "2026-05-01"),
        (datetime(2026, 5, 1, 8, tzinfo=UTC), "2026-05-01 08:00:00+00:00"),
        (time(8, 30), "08:30:00"),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        ({"a": 1}, ""),
    ],
)  # fmt: skip
def test_what_files_hold_beside_texts_is_a_text_and_not_lost(value: Any, text: str) -> None:
    assert read_text(value) == text


def test_lists_of_texts_within_each_other_are_read_so_far_and_no_farther() -> None:
    deep: Any = ["a"]
    for _level in range(19):
        deep = [deep]
    assert read_texts(deep, "b") == ["a", "b"]
    with pytest.raises(Unreadable, match="within each other"):
        read_texts([deep])


def test_what_is_no_number_is_no_moment_either_and_empty_in_both() -> None:
    # As pandas writes what is missing among numbers.
    assert read_instant(float("nan"), UTC) is None
    assert read_integer(float("nan")) is None
