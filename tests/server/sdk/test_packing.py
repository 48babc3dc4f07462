"""Conditions survive being stored, whatever they hold."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.sdk.conditions import (
    AllOf,
    AnyOf,
    Between,
    Condition,
    Contains,
    HasAll,
    HasAny,
    In,
    Is,
    Not,
    OnClock,
    Present,
)
from bilan.sdk.packing import packed, unpacked

columns = st.sampled_from(("kind", "spent", "tags"))
scalars = (
    st.text()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.datetimes(timezones=st.just(UTC))
)
texts = st.lists(st.text(), max_size=3).map(tuple)
plain = st.one_of(
    st.builds(Is, columns, scalars),
    st.builds(In, columns, st.lists(scalars, max_size=3).map(tuple)),
    st.builds(Contains, columns, st.text()),
    st.builds(HasAny, columns, texts),
    st.builds(HasAll, columns, texts),
    st.builds(Between, columns, st.none() | scalars, st.none() | scalars),
    st.builds(Present, columns),
    st.builds(OnClock, columns, st.text(), st.none() | st.integers(1, 7), st.none() | st.integers(0, 23)),
)


def several(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    parts = st.lists(inner, max_size=3).map(tuple)
    return st.builds(Not, inner) | st.builds(AllOf, parts) | st.builds(AnyOf, parts)


@given(st.recursive(plain, several, max_leaves=8))
def test_a_condition_comes_back_from_json_as_it_was(condition: Condition) -> None:
    stored = msgspec.json.decode(msgspec.json.encode(packed(condition)))

    assert unpacked(stored) == condition


def test_a_packed_condition_reads_as_what_it_says() -> None:
    condition = AllOf((Is("kind", "opened"), Not(Present("canvas")), Between("day", date(2026, 3, 1), None)))

    assert packed(condition) == [
        "all",
        ["is", "kind", "opened"],
        ["not", ["present", "canvas"]],
        ["between", "day", {"date": "2026-03-01"}, None],
    ]
    assert packed(Is("at", datetime(2026, 3, 1, tzinfo=UTC))) == [
        "is",
        "at",
        {"instant": "2026-03-01T00:00:00+00:00"},
    ]


@pytest.mark.parametrize(
    "stored",
    [[], ["is"], ["is", 5, "x"], ["or", ["present", "a"]], ["is", "a", {"zone": "UTC"}], ["not", "a"],
     ["is", "a", None], ["has_any", "tags", "red"]],
)  # fmt: skip
def test_anything_else_is_no_condition(stored: list[Any]) -> None:
    with pytest.raises(ValueError, match="is no"):
        unpacked(stored)
