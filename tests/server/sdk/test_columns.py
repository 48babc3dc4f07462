"""Columns say the same as rows, and each of their values is read once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.sdk import (
    ArrowValues,
    DateOrder,
    DictionaryColumn,
    Fact,
    FactColumns,
    Reject,
    Unreadable,
    constant,
    each,
    each_text,
    encode,
    messages,
    read_instant,
    read_instants,
    read_text,
    refusals,
    row_by_row,
)

_ = messages("tests")[0]

ODD = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.decimals(allow_nan=False) | st.lists(st.text(max_size=2) | st.sampled_from([1, True]), max_size=2)
    | st.sampled_from(["", " ", "1", "a", "é ", " nbsp\u00a0"])
)  # fmt: skip
FEW = st.lists(st.sampled_from(["a", "b", "", None, 1, "1"]), min_size=1, max_size=20)


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same and not only equal, as 1 and True are."""
    return repr(one) == repr(other)


@given(st.lists(ODD, max_size=20) | FEW)
def test_a_column_holds_the_values_that_it_was_made_of(values: list[Any]):
    column = encode(values)
    assert len(column) == len(values)
    assert same(column.values(), values)
    assert same(column.pick([*range(0, len(values), 2)]).values(), values[::2])


def test_a_list_of_words_is_read_once():
    assert len(encode([["a", "b"], ["a"], ["a", "b"]]).dictionary) == 2
    assert len(encode([["a"], "a", None, ["a"]]).dictionary) == 3


def test_a_word_in_a_million_rows_is_read_once():
    words = encode(["open", "click", "open", "open"])
    read = list[str]()

    def upper(word: str) -> str:
        read.append(word)
        return word.upper()

    kinds = each(upper, words)

    assert (read, kinds.values()) == (["open", "click"], ["OPEN", "CLICK", "OPEN", "OPEN"])


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), ODD), max_size=20), st.booleans())
def test_columns_are_read_together_as_their_rows_are(rows: list[tuple[Any, ...]], shared: bool):
    columns = [encode([row[place] for row in rows]) for place in range(3)]
    columns += [constant("same", len(rows)), *([each(str.upper, columns[0])] if shared else [])]

    read = each(lambda *values: repr(values), *columns)

    upper = [(row[0].upper(),) if shared else () for row in rows]
    assert read.values() == [repr((*row, "same", *more)) for row, more in zip(rows, upper, strict=True)]


def _number(value: str) -> int:
    if not value.isdigit():
        raise Unreadable(_("“{value}” is no number.", value=value))
    return int(value)


def test_what_cannot_be_read_says_why_in_the_row_it_stands_in_and_is_read_no_further():
    ones, others = each(_number, encode(["1", "x", "2", "3"])), each(_number, encode(["1", "y", "z", "4"]))
    called = list[tuple[int, int]]()

    def add(one: int, other: int) -> int:
        called.append((one, other))
        return one + other

    sums = each(add, ones, others)

    assert called == [(1, 1), (3, 4)]
    assert {row: str(reason) for row, reason in refusals(ones, others).items()} == {
        1: "“x” is no number.", 2: "“z” is no number.",
    }  # fmt: skip
    assert {row: str(reason) for row, reason in refusals(sums).items()} == {
        1: "“x” is no number.", 2: "“z” is no number.",
    }  # fmt: skip


ZONES = st.sampled_from([UTC, ZoneInfo("UTC"), ZoneInfo("Europe/Paris"), ZoneInfo("America/St_Johns")])
NAIVE = st.datetimes()
OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
AWARE = st.datetimes(timezones=OFFSETS | st.sampled_from([UTC, ZoneInfo("Asia/Kathmandu")]))
WRITTEN = (
    (NAIVE | AWARE).map(lambda at: at.isoformat())
    | NAIVE.map(lambda at: at.isoformat(" ", "milliseconds"))
    | NAIVE.map(lambda at: f" {at.date().isoformat()} ")
    | AWARE.map(lambda at: at.isoformat().replace("+00:00", "Z"))
)
OTHERWISE = st.sampled_from(
    ["", "  ", "31/01/2026 08:30", "02/03/2026", "25-01-26", "Jan 31, 2026", "1767225600", "20260105",
     "123E-5", "2026-13-01", "soon",
     "2026-01-05 08:00 UTC", "2026-W02-1", "0001-01-01T00:00:00+23:00"]
)  # fmt: skip
MOMENTS = (
    st.lists(NAIVE | st.none(), max_size=8)
    | st.lists(NAIVE | AWARE, max_size=8)
    | st.lists(WRITTEN | st.just(""), max_size=8)
    | st.lists(WRITTEN | OTHERWISE | ODD | st.dates() | NAIVE, max_size=8)
)


ORDERS = st.none() | st.sampled_from(DateOrder)


def alone(values: Sequence[Any], zone: Any, *, order: DateOrder | None = None) -> list[Any]:
    """Each value read by itself: a moment, or the sentence why it is none."""
    found = list[Any]()
    for value in values:
        try:
            found.append(read_instant(value, zone, order=order))
        except Unreadable as error:
            found.append(str(error))
    return found


def told(column: DictionaryColumn) -> list[Any]:
    """The column's moments, or the sentences why they are none."""
    return [str(value) if isinstance(value, Unreadable) else value for value in column.values()]


@given(MOMENTS, ZONES, ORDERS)
def test_moments_are_read_in_columns_as_they_are_read_alone(values: list[Any], zone: Any, order: Any):
    found = told(read_instants(encode(values), zone, order=order))

    assert found == alone(values, zone, order=order)
    assert {value.utcoffset() for value in found if isinstance(value, datetime)} <= {timedelta()}


@pytest.mark.parametrize(("unit", "written"), [("us", None), ("us", "UTC"), ("ms", "Asia/Kathmandu")])
@given(st.lists(st.datetimes().map(lambda at: at.replace(microsecond=0)) | st.none(), max_size=8), ZONES)
def test_moments_in_a_parquet_file_are_read_as_python_has_them(
    unit: str, written: str | None, values: list[datetime | None], zone: Any
):
    array = pa.array(values, pa.timestamp("us")).cast(pa.timestamp(unit, written))

    column = read_instants(DictionaryColumn(ArrowValues(array), range(len(array))), zone)

    assert told(column) == alone(array.to_pylist(), zone)


@pytest.mark.parametrize("micros", [-(2**62), 2**62])
def test_a_moment_beyond_the_calendar_breaks_the_file_off(micros: int):
    array = pa.array([micros, 0], pa.int64()).view(pa.timestamp("us"))
    with pytest.raises((ValueError, OverflowError)):
        read_instants(DictionaryColumn(ArrowValues(array), range(2)), UTC)


@given(st.lists(ODD, max_size=12) | st.lists(st.integers(), max_size=9) | st.lists(st.text(), max_size=9))
def test_text_is_read_in_columns_as_it_is_read_alone(values: list[Any]):
    assert each_text(encode(values)).values() == [read_text(value).strip() for value in values]


def facts(*numbers: int, rejects: Sequence[int] = ()) -> FactColumns:
    """Facts that hold their numbers, and rejects."""
    reason = _("No.")
    return FactColumns(
        "shop.orders",
        {"order": encode([f"{number}" for number in numbers]), "gift": constant(True, len(numbers))},
        numbers,
        [Reject(number, reason, "raw") for number in rejects],
    )


def numbers(found: FactColumns) -> list[int]:
    return [item.number or 0 for item in found.items()]


def test_columns_of_facts_are_facts_and_rejects_in_the_order_of_the_file():
    found = list(row_by_row([facts(1, 3, 4, rejects=[2, 4, 5]), Fact("shop.baskets", {}, 6)]))

    assert [type(item).__name__ for item in found] == ["Fact", "Reject", "Fact", "Reject", "Reject", "Fact"]
    assert [item.number for item in found] == [1, 2, 3, 4, 5, 6]
    assert getattr(found[2], "row", None) == {"order": "3", "gift": True}


@given(st.sets(st.integers(1, 30), min_size=1), st.sets(st.integers(1, 30)), st.data())
def test_columns_of_facts_are_cut_anywhere(given_numbers: set[int], rejects: set[int], data: st.DataObject):
    whole = facts(*sorted(given_numbers), rejects=sorted(rejects))
    rows = data.draw(st.integers(0, len(whole) - 1))

    before, after = whole.split(rows)

    assert len(before) == rows
    assert [*before.items(), *after.items()] == list(whole.items())
