"""Senders that report opens and clicks but no deliveries, beside one that reports both."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bilan.sdk.document import Mark
from fixtures.email_reports import OTHER, MailRoom, table, tile

PERIOD = {"period": "2026-03-01..2026-03-31", "compare": "none"}
RATED = PERIOD | {"rates": True, "interval": "none"}
SILENT = (
    "Other reports opens or clicks and no deliveries: "
    "rates of delivered e-mails that hold them are too high, or cannot be stated."
)
LEFT_EMPTY = (
    "A rate is left empty where more is known of the part than of the whole: "
    "a source does not report the whole, or it lies before the period."
)


@pytest.fixture
def two_senders(mail_room: MailRoom) -> MailRoom:
    """A room that reads two sources."""
    mail_room.sources[OTHER] = "Other"
    return mail_room


def event(kind: str, to: str, campaign: str = "spring") -> dict[str, Any]:
    return {
        "kind": kind, "occurred_at": datetime(2026, 3, 3, 9, tzinfo=UTC), "campaign": campaign,
        "recipient": f"{to}@a.org",
    }  # fmt: skip


def mailed(room: MailRoom, people: str, *, openers: str) -> None:
    """Deliveries and opens of one source, each letter a person."""
    room.events(*(event("delivered", who) for who in people), *(event("opened", who) for who in openers))


def opened(room: MailRoom, openers: str) -> None:
    """Opens of the other source, which never says what it delivered."""
    room.events(*(event("opened", who, "autumn") for who in openers), source=OTHER)


@pytest.mark.requirement("DC-18")
def test_no_rate_is_stated_of_more_opens_than_deliveries_and_the_tile_says_why(two_senders: MailRoom) -> None:
    mailed(two_senders, "abc", openers="ab")
    opened(two_senders, "vwxyz")

    made = two_senders.report("email.engagement", RATED)

    shown = tile(made, "email.open_rate")
    assert (shown.value, shown.mark) == (None, None)
    assert str(shown.note) == "Unique opens (7) outnumber Delivered (3), so no rate is stated."
    assert (tile(made, "email.unique_opens").value, tile(made, "email.delivered").value) == (7, 3)
    assert tile(made, "email.click_rate").value == 0.0
    rows = two_senders.rows(table(made, "campaigns"))
    assert {row["campaign"]: row["email.open_rate"] for row in rows} == {"spring": 2 / 3, "autumn": None}
    assert {SILENT, LEFT_EMPTY} <= set(map(str, made.notes))


@pytest.mark.requirement("DC-18")
@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("email.engagement", RATED),
        ("email.campaign", PERIOD),
        ("email.campaign", PERIOD | {"campaign": "autumn"}),
    ],
)
def test_reports_with_rates_name_the_senders_without_deliveries(
    two_senders: MailRoom, kind: str, asked: dict[str, Any]
) -> None:
    mailed(two_senders, "abcdefghij", openers="ab")
    opened(two_senders, "z")

    made = two_senders.report(kind, asked)

    assert SILENT in map(str, made.notes)
    assert LEFT_EMPTY not in map(str, made.notes)


@pytest.mark.requirement("DC-18")
@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"period": "2026-03-04..2026-03-31", "compare": "none"}, False),
        ({"period": "2026-03-03..2026-03-31", "compare": "none"}, True),
        ({"period": "2026-04-01..2026-04-30", "compare": "previous_period"}, True),
    ],
)
def test_a_sender_that_fell_silent_before_is_not_named(
    two_senders: MailRoom, asked: dict[str, Any], named: bool
) -> None:
    mailed(two_senders, "abcdefghij", openers="ab")
    opened(two_senders, "z")

    made = two_senders.report("email.engagement", asked | {"rates": True, "interval": "none"})

    assert (SILENT in map(str, made.notes)) is named


@pytest.mark.requirement("DC-18")
def test_counts_alone_need_no_word_about_deliveries(two_senders: MailRoom) -> None:
    mailed(two_senders, "abc", openers="ab")
    opened(two_senders, "vwxyz")

    made = two_senders.report("email.engagement", RATED | {"rates": False})

    assert not {SILENT, LEFT_EMPTY} & set(map(str, made.notes))


@pytest.mark.requirement("DC-18")
def test_nothing_is_said_where_every_sender_reports_deliveries(two_senders: MailRoom) -> None:
    mailed(two_senders, "abc", openers="ab")
    two_senders.events(event("delivered", "y", "autumn"), event("opened", "y", "autumn"), source=OTHER)

    made = two_senders.report("email.engagement", RATED)

    assert tile(made, "email.open_rate").value == 3 / 4
    assert not {SILENT, LEFT_EMPTY} & set(map(str, made.notes))


@pytest.mark.requirement("AD-04")
def test_more_unsubscribes_than_deliveries_are_flagged_though_no_rate_is_stated(
    two_senders: MailRoom,
) -> None:
    two_senders.events(event("delivered", "a"), event("unsubscribed", "a"), event("unsubscribed", "b"))

    listed = two_senders.report("email.campaign", PERIOD)
    alone = two_senders.report("email.campaign", PERIOD | {"campaign": "spring"})

    (row,) = table(listed, "campaigns").rows
    (place,) = [n for n, c in enumerate(table(listed, "campaigns").columns) if c.key == "email.unsubscribes"]
    assert (row[place].value, row[place].mark) == (2, Mark.RED_FLAG)  # pyright: ignore[reportAttributeAccessIssue, reportOptionalMemberAccess]
    assert tile(alone, "email.unsubscribes").mark is Mark.RED_FLAG
    assert tile(alone, "email.unsubscribe_rate").value is None


@pytest.mark.requirement("DC-18")
def test_stated_totals_are_held_against_counted_deliveries_by_the_same_rule(two_senders: MailRoom) -> None:
    mailed(two_senders, "a", openers="abc")
    sent = datetime(2026, 3, 3, 9, tzinfo=UTC)
    two_senders.totals(
        {"campaign": "summer", "sent_at": sent, "occurred_at": sent, "delivered": 1, "unique_opens": 1}
    )

    shown = tile(two_senders.report("email.engagement", RATED), "email.open_rate")

    assert (shown.value, shown.mark) == (None, Mark.MIXED)
    assert str(shown.note) == "Unique opens (4) outnumber Delivered (2), so no rate is stated."
