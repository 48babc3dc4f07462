"""Changes of lists follow from what is told of a contact, in whatever order and however often it is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.sdk import Row
from bilan_contacts.entries import ListEntry
from bilan_contacts.list_changes import list_changes
from bilan_contacts.vocabulary import Kind, Status

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
COUNTED = ("added", "unsubscribed", "blacklisted", "removed")


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def told(hours: float, kind: Kind, **values: Any) -> Row:
    """What is told of Ann, so many hours after Monday, 2 March 2026, nine o'clock."""
    named: dict[str, Any] = {"contact": "ann@example.org", "audience": "News", **values}
    return ListEntry(occurred_at=at(hours), kind=kind, **named).fact().row


def made(*rows: Row) -> list[tuple[float, str, int]]:
    return [
        ((row["occurred_at"] - START) / timedelta(hours=1), row["change"], row["growth"])
        for row in list_changes(rows, {})
    ]


def test_a_table_and_a_webhook_that_tell_the_same_are_counted_once() -> None:
    listed = told(5, Kind.MEMBER, status=Status.UNSUBSCRIBED, signed_up_at=at(0), added_at=at(1))
    posts = (told(1.001, Kind.ADDED), told(4.999, Kind.UNSUBSCRIBED, reason="manual"))

    assert made(listed, *posts) == [(0, "signed_up", 0), (1, "added", 1), (4.999, "unsubscribed", -1)]


def test_who_comes_again_is_no_new_contact() -> None:
    rows = (told(0, Kind.ADDED), told(5, Kind.UNSUBSCRIBED), told(9, Kind.ADDED))

    assert [(row["change"], row["new_contact"]) for row in list_changes(rows, {})] == [
        ("added", True), ("unsubscribed", False), ("added", False),
    ]  # fmt: skip


def test_a_contact_on_two_lists_is_new_once_and_an_addition_twice() -> None:
    rows = (told(0, Kind.ADDED), told(1, Kind.ADDED, audience="Offers"))

    assert [(row["growth"], row["new_contact"]) for row in list_changes(rows, {})] == [(1, True), (1, False)]


def test_who_left_before_anything_was_known_of_them_is_a_removal() -> None:
    assert made(told(3, Kind.UNSUBSCRIBED)) == [(3, "unsubscribed", -1)]


def test_an_address_that_bounces_after_it_was_unsubscribed_leaves_once() -> None:
    rows = (told(0, Kind.ADDED), told(2, Kind.UNSUBSCRIBED), told(4, Kind.BLACKLISTED, reason="hard"))

    assert made(*rows) == [(0, "added", 1), (2, "unsubscribed", -1), (4, "blacklisted", 0)]


def test_tables_that_contradict_each_other_at_one_moment_keep_growth_whole() -> None:
    rows = [told(3, Kind.UNSUBSCRIBED), told(3, Kind.STATUS, status=Status.MEMBER)]
    rows += [told(0, Kind.ADDED), told(3, Kind.MEMBER, status=Status.UNSUBSCRIBED)]

    assert made(*rows) == [
        (0, "added", 1), (3, "unsubscribed", -1), (3, "added", 1), (3, "unsubscribed", -1),
    ]  # fmt: skip


def test_a_sign_up_that_is_never_confirmed_is_no_growth() -> None:
    pending = told(0, Kind.MEMBER, status=Status.PENDING, signed_up_at=at(0))
    gone = told(9, Kind.MEMBER, status=Status.REMOVED)

    assert made(pending, gone) == [(0, "signed_up", 0), (9, "removed", 0)]


def test_a_changed_address_is_neither_growth_nor_loss() -> None:
    old = (told(0, Kind.ADDED), told(5, Kind.MOVED_TO, other_address="ann@new.example"))
    moved = told(5, Kind.MOVED_FROM, other_address="ann@example.org")
    listed = told(6, Kind.MEMBER, status=Status.MEMBER, signed_up_at=at(-1), added_at=at(0))

    assert made(*old) == [(0, "added", 1), (5, "address_changed", 0)]
    assert made(listed, moved) == [(5, "address_changed", 0), (6, "profile_updated", 0)]


def test_a_member_of_whom_nobody_says_since_when_is_no_addition() -> None:
    assert made(told(3, Kind.MEMBER, status=Status.MEMBER)) == []
    assert made(told(3, Kind.MEMBER, status=Status.MEMBER), told(4, Kind.UNSUBSCRIBED)) == [
        (4, "unsubscribed", -1)
    ]


def test_what_was_told_once_of_a_member_holds_when_they_leave() -> None:
    listed = told(1, Kind.MEMBER, status=Status.MEMBER, added_at=at(1), language="fr", origin="Form")
    (_added, left) = list_changes((listed, told(9, Kind.UNSUBSCRIBED)), {})

    assert (left["language"], left["origin"]) == ("fr", "Form")


def _row(hours: int, kind: Kind, audience: str, status: Status, since: int) -> Row:
    values: dict[str, Any] = {"audience": audience}
    if kind in (Kind.MEMBER, Kind.STATUS):
        values |= {"status": status, "added_at": at(min(since, hours))}
    return told(hours, kind, **values)


ROWS = st.lists(
    st.builds(
        _row,
        st.integers(0, 30),
        st.sampled_from(Kind),
        st.sampled_from(("News", "Offers")),
        st.sampled_from(Status),
        st.integers(0, 30),
    ),
    max_size=12,
)


@pytest.mark.requirement("GO-21")
@given(ROWS, st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_gives_the_same_changes(rows: list[Row], random: Any) -> None:
    again = rows + rows[: len(rows) // 2]
    random.shuffle(again)

    assert sorted(map(repr, list_changes(again, {}))) == sorted(map(repr, list_changes(rows, {})))


@given(ROWS)
def test_nobody_comes_twice_without_leaving_in_between(rows: list[Row]) -> None:
    for audience in ("News", "Offers"):
        growth = [
            row["growth"] for row in list_changes(rows, {}) if row["audience"] == audience and row["growth"]
        ]
        moved = any(row["kind"] in (Kind.MOVED_TO, Kind.MOVED_FROM) for row in rows)
        assert moved or all(one != other for one, other in pairwise(growth))


@given(ROWS)
def test_a_contact_is_new_once(rows: list[Row]) -> None:
    assert sum(row["new_contact"] for row in list_changes(rows, {})) <= 1
