"""Grid of a slide: columns a gutter apart, rows below each other, lengths in groups that have the room."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.rendering.deck.grid import GAP, GUTTER, PAGE, TITLE, Frame, emu, evenly, filled_up
from bilan.rendering.deck.master import CONTENT, KICKER_IDX, MESSAGE_IDX, layout_of, open_master
from bilan.rendering.deck.palette import palette_of
from bilan.rendering.deck.words import Writer
from bilan.sdk.rendering import Brand

FRAME = Frame(1, 2, 10, 5)


def test_columns_are_as_wide_as_their_spans_with_a_gutter_between() -> None:
    # Twelve columns of 0.5125 inches and eleven gutters of 0.35 are ten inches.
    narrow, wide = FRAME.columns(4, 8)
    assert (narrow.x, narrow.width) == (1, pytest.approx(4 * 0.5125 + 3 * 0.35))
    assert (wide.x, wide.width) == (pytest.approx(1 + 4 * 0.8625), pytest.approx(8 * 0.5125 + 7 * 0.35))
    assert {(one.y, one.height) for one in (narrow, wide)} == {(2, 5)}


@given(st.lists(st.integers(1, 12), min_size=1, max_size=6))
def test_columns_fill_their_frame_whatever_their_spans(spans: list[int]) -> None:
    columns = FRAME.columns(*spans)
    assert columns[-1].x + columns[-1].width == pytest.approx(FRAME.x + FRAME.width)
    for left, right in pairwise(columns):
        assert right.x - left.x - left.width == pytest.approx(GUTTER)


def test_rows_stand_below_each_other_and_the_last_is_what_is_left() -> None:
    first, second, rest = FRAME.rows(1, 2)
    assert [(one.y, one.height) for one in (first, second)] == [(2, 1), (3 + GAP, 2)]
    assert (rest.y, rest.height) == (pytest.approx(5.4), pytest.approx(1.6))
    assert {(one.x, one.width) for one in (first, second, rest)} == {(1, 10)}


def test_a_frame_stands_at_the_other_side_from_right_to_left() -> None:
    assert FRAME.place("ltr") == (emu(1), emu(2), emu(10), emu(5))
    left, *others = FRAME.place("rtl")
    assert (left + emu(10) + emu(1), others) == (12_192_000, [emu(2), emu(10), emu(5)])


def test_lengths_are_spread_evenly_over_the_fewest_groups() -> None:
    assert evenly([1] * 15, 14) == [range(8), range(8, 15)]
    assert evenly([2, 9, 2, 2], 9) == [range(1), range(1, 2), range(2, 4)]
    assert evenly([], 9) == []


@given(st.lists(st.floats(0.1, 12), max_size=30), st.floats(1, 10))
def test_no_group_has_more_than_the_room_and_no_length_is_lost(lengths: list[float], room: float) -> None:
    groups = evenly(lengths, room)
    assert [place for group in groups for place in group] == list(range(len(lengths)))
    assert all(len(group) == 1 or sum(lengths[n] for n in group) <= room for group in groups)
    assert len(groups) == len(filled_up(lengths, room))


def test_the_places_of_the_master_stand_on_the_grid() -> None:
    deck = open_master(palette_of(Brand(None)), Writer("en"), Brand(None), "Acme", "July")
    places = {one.placeholder_format.idx: one for one in layout_of(deck, CONTENT).placeholders}
    part, title, message = places[KICKER_IDX], places[0], places[MESSAGE_IDX]
    assert [(one.left, one.width) for one in (part, title)] == [(emu(TITLE.x), emu(TITLE.width))] * 2
    assert (title.top, part.top) == (emu(TITLE.y), emu(PAGE.y))
    assert message.left == emu(PAGE.x)
    assert abs(message.width - emu(PAGE.width)) <= 1
