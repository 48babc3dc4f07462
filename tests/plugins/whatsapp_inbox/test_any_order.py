"""Rows that arrive in any order and in any pieces make the same conversations and messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.sdk import Row
from bilan_whatsapp_inbox.conversations import conversations
from bilan_whatsapp_inbox.messages import messages
from bilan_whatsapp_inbox.vocabulary import Kind
from support.whatsapp import became, recorded, replied, row, wrote

pytestmark = pytest.mark.requirement("DC-20")

RECORDED = recorded()
HOURS = st.integers(0, 400).map(lambda quarter: quarter / 4)


def invented(hours: float, kind: int, ident: int) -> Row:
    """A row of one contact, of a kind by number."""
    name = f"m{ident}"
    return [
        lambda: wrote(hours, name),
        lambda: replied(hours, name),
        lambda: replied(hours, name, automated=True),
        lambda: became(hours, name, "sent", pricing_category="service"),
        lambda: became(hours, name, "read"),
        lambda: row(Kind.CLOSED, hours, f"closed {ident}"),
        lambda: row(Kind.TAGGED, hours, f"tagged {ident}", tags=[name]),
        lambda: row(Kind.RATED, hours, f"rated {ident}", rating=float(ident)),
    ][kind]()


STREAMS = st.lists(st.tuples(HOURS, st.integers(0, 7)), max_size=25).map(
    lambda events: [invented(hours, kind, ident) for ident, (hours, kind) in enumerate(events)]
)


def made(rows: Sequence[Row]) -> list[Row]:
    return list(conversations(rows, {}))


@given(st.permutations(RECORDED))
def test_recorded_posts_in_any_order_make_the_same_conversations(rows: list[Row]) -> None:
    assert made(rows) == made(RECORDED)
    assert list(messages(rows, {})) == list(messages(RECORDED, {}))


@given(STREAMS.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_any_stream_in_any_order_makes_the_same_conversations(both: tuple[list[Row], list[Row]]) -> None:
    rows, shuffled = both
    assert made(rows) == made(shuffled)


@given(STREAMS)
def test_every_message_is_in_one_conversation_and_no_two_overlap(rows: list[Row]) -> None:
    found = made(rows)
    told = {one["message_id"] for one in messages(rows, {})}
    counted = sum(one["messages_in"] + one["messages_out"] for one in found)
    unsent = {r["message_id"] for r in rows if r["kind"] == Kind.STATUS and r["status"] != "sent"}
    assert counted == len(told - unsent)
    ends = [(one["started_at"], one["closed_at"]) for one in found]
    assert all(before[1] <= after[0] for before, after in pairwise(ends))
    assert len({one["conversation_id"] for one in found}) == len(found)


@given(STREAMS, st.data())
def test_only_what_lies_behind_the_last_start_before_a_row_has_to_be_made_again(
    rows: list[Row], data: st.DataObject
) -> None:
    """What stands before the last conversation that begins before a late row is as it was without it."""
    if not rows:
        return
    late = data.draw(st.sampled_from(rows))
    before = made([one for one in rows if one is not late])
    cut = max((one["started_at"] for one in before if one["started_at"] < late["occurred_at"]), default=None)
    assert _kept(before, cut) + made(_since(rows, cut)) == made(rows)


def _kept(found: list[Row], cut: datetime | None) -> list[Row]:
    return [one for one in found if cut is not None and one["started_at"] < cut]


def _since(rows: list[Row], cut: datetime | None) -> list[Row]:
    return [one for one in rows if cut is None or one["occurred_at"] >= cut]
