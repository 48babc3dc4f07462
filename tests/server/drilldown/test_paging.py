"""The rows behind a figure in pages: there and back, while facts arrive, and from cursors of nobody's."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bilan.drilldown.drilldown import Drilldown
from bilan.drilldown.paging import page
from bilan.drilldown.values import Rows, Window
from bilan.sdk.errors import Invalid
from fixtures.email_reports import MAIN, OTHER, MailRoom
from support.drilldowns import drill, tile_address

MARCH = {"period": "2026-03-01..2026-03-31"}
SAME = "2026-03-02T09:00:00Z"


def opens(names: range, hour: int) -> list[dict[str, Any]]:
    """Opens of one moment, told apart by their recipients alone."""
    return [
        {"kind": "opened", "occurred_at": datetime(2026, 3, 2, hour, tzinfo=UTC), "campaign": "spring",
         "fact_id": f"{number:03}", "recipient": f"{number:03}@a.org"}
        for number in names
    ]  # fmt: skip


@pytest.fixture
def drilldown(mail_room: MailRoom) -> Drilldown:
    """Fifty opens, all in the same moment."""
    mail_room.events(*opens(range(100, 150), 9))
    return opened(mail_room)


@pytest.fixture(scope="module")
def unchanged(shared_mail_room: MailRoom) -> Drilldown:
    """The same, for tests that only read them."""
    shared_mail_room.events(*opens(range(100, 150), 9))
    return opened(shared_mail_room)


def opened(room: MailRoom) -> Drilldown:
    """The opens of the period."""
    made = room.report("email.engagement", MARCH)
    return drill(room, made, tile_address(room, made, "email.opens"))


def people(drilldown: Drilldown, shown: Rows) -> list[int]:
    place = [column.key for column in drilldown.columns].index("recipient")
    return [int(str(row[place]).removesuffix("@a.org")) for row in shown.rows]


@pytest.mark.requirement("AD-06")
@pytest.mark.parametrize("by", ["", "-recipient"])
def test_pages_lead_there_and_back(drilldown: Drilldown, by: str) -> None:
    whole = list(range(149, 99, -1)) if by else list(range(100, 150))

    first = page(drilldown, Window(20, by=by))
    second = page(drilldown, Window(20, first.end, by=by))
    third = page(drilldown, Window(20, second.end, by=by))

    assert [people(drilldown, one) for one in (first, second, third)] == [
        whole[:20],
        whole[20:40],
        whole[40:],
    ]
    assert [(one.first, one.previous, one.more) for one in (first, second, third)] == [
        (1, False, True),
        (21, True, True),
        (41, True, False),
    ]
    assert page(drilldown, Window(20, before=third.start, by=by)) == second
    assert page(drilldown, Window(20, before=second.start, by=by)) == first
    nothing = page(drilldown, Window(20, third.end, by=by))
    assert (nothing.rows, nothing.start, nothing.previous, nothing.more) == ((), "", True, False)


@pytest.mark.requirement("AD-06", "DC-16")
def test_each_row_is_seen_once_while_facts_that_were_received_in_time_are_still_written(
    drilldown: Drilldown, mail_room: MailRoom
) -> None:
    seen: list[int] = []
    shown, late = page(drilldown, Window(7)), 0
    while shown.rows:
        seen += people(drilldown, shown)
        # One more before everything that was seen; with counted offsets each would show a row again.
        mail_room.events(*opens(range(late, late + 1), 8))
        shown, late = page(drilldown, Window(7, shown.end)), late + 1

    assert late == 8
    assert seen == list(range(100, 150))


@pytest.mark.requirement("AD-06")
def test_the_same_fact_of_two_sources_is_two_rows(mail_room: MailRoom) -> None:
    mail_room.sources[OTHER] = "Other"
    for source in (MAIN, OTHER):
        mail_room.events(*opens(range(2), 9), source=source)
    drilldown = opened(mail_room)

    seen, shown = list[int](), page(drilldown, Window(1))
    while shown.rows:
        seen, shown = [*seen, *people(drilldown, shown)], page(drilldown, Window(1, shown.end))

    assert seen == [0, 0, 1, 1]


def cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


KEY = [SAME, "120", str(MAIN)]


def test_a_cursor_is_opaque_and_holds_nobody(drilldown: Drilldown) -> None:
    shown = page(drilldown, Window(21, by="recipient"))

    assert json.loads(base64.urlsafe_b64decode(shown.end + "==")) == ["recipient", 21, KEY]
    assert people(drilldown, page(drilldown, Window(2, cursor("", 21, KEY)))) == [121, 122]


@pytest.mark.requirement("AD-06")
@pytest.mark.parametrize(
    "text",
    [
        "x", "=", "%00", "é", "' OR 1=1 --", "A" * 100_000, "bnVsbA", base64.b64encode(b"item:3").decode(),
        cursor(), cursor("", 21), cursor("", 21, KEY, 1), cursor("", 21, KEY[:2]),
        cursor("", 21, [*KEY, "x"]),
        cursor("recipient", 21, KEY), cursor("", 0, KEY), cursor("", 2**63, KEY), cursor("", "21", KEY),
        cursor("", 21, [None, *KEY[1:]]), cursor("", 21, ["yesterday", *KEY[1:]]),
        cursor("", 21, [9, *KEY[1:]]),
        cursor("", 21, ["2026-03-02T09:00:00", *KEY[1:]]), cursor("", 21, [SAME, 120, KEY[2]]),
        cursor("", 21, [SAME, {"x": 1}, KEY[2]]), cursor("", 21, [SAME, "\ud800", KEY[2]]),
        cursor("", 21, [*KEY[:2], "Main"]), cursor("", 21, [*KEY[:2], None]), cursor("", float("nan"), KEY),
    ],
)  # fmt: skip
@pytest.mark.parametrize("way", ["after", "before"])
def test_what_is_no_place_among_the_rows_is_refused_in_a_sentence(
    unchanged: Drilldown, text: str, way: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        page(unchanged, Window(20, **{way: text}))

    assert str(refusal.value).endswith(
        "is no place among these rows in this order; begin with the first page."
    )
    assert len(str(refusal.value)) < 150
    assert refusal.value.path == (way,)


@pytest.mark.parametrize("name", ["120'", "120\\", "120\t\n", "120\0", "'; DROP TABLE email__events; --", ""])
@pytest.mark.parametrize("moment", [SAME, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
def test_a_place_where_no_row_stands_is_only_a_place(unchanged: Drilldown, name: str, moment: str) -> None:
    after = page(unchanged, Window(50, cursor("", 21, [moment, name, KEY[2]])))
    before = page(unchanged, Window(50, before=cursor("", 21, [moment, name, KEY[2]])))

    assert sorted(people(unchanged, before) + people(unchanged, after)) == list(range(100, 150))
