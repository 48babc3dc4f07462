"""A conversation is open until an inbox closes it or its silence is over: to the second, whoever looks."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bilan.manifest import Snapshot
from bilan.query.session import QuerySession
from bilan.sdk import Fact, Is, Question, Row
from bilan.testing.harness import PluginHarness
from bilan.warehouse.export import Format
from bilan_whatsapp_inbox.datasets import CONVERSATION_DATASET
from bilan_whatsapp_inbox.vocabulary import CONVERSATIONS, LOG, Kind
from support.whatsapp import replied, row, wrote

pytestmark = pytest.mark.requirement("AC-22")

ALL, CLOSED = "whatsapp.all_conversations", "whatsapp.closed_conversations"
DURATION = "whatsapp.mean_duration"
ENDS = ("conversation_id", "status", "closed_at", "duration_seconds")
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
Say = Callable[..., Row]
At = Callable[..., Fact]


@pytest.fixture
def at(bilan_harness: PluginHarness) -> At:
    """A row of the log at a time before the present moment."""
    now = bilan_harness.now

    def told(say: Say, before: timedelta, ident: str, **values: Any) -> Fact:
        return Fact(LOG, {**say(0, ident, **values), "occurred_at": now - before})

    return told


def closed(hours: float, ident: str, **values: Any) -> Row:
    return row(Kind.CLOSED, hours, ident, **values)


def as_of(harness: PluginHarness, moment: datetime) -> QuerySession:
    return QuerySession(harness.warehouse, harness.registry, frozenset([harness.source]), Snapshot(moment))


def ends(harness: PluginHarness, moment: datetime) -> list[tuple[Any, ...]]:
    """Each conversation's end, in the order in which they started."""
    return [tuple(one.values()) for one in as_of(harness, moment).rows(CONVERSATIONS, ENDS)]


def test_silence_closes_a_conversation_at_the_very_second(bilan_harness: PluginHarness, at: At) -> None:
    now = bilan_harness.now
    bilan_harness.load([at(wrote, 25 * HOUR, "a"), at(replied, 24 * HOUR, "b")])

    assert ends(bilan_harness, now - SECOND) == [("a", "open", None, None)]
    assert ends(bilan_harness, now) == [("a", "closed", now, 25 * 3600)]
    assert ends(bilan_harness, now + SECOND) == [("a", "closed", now, 25 * 3600)]


def test_what_is_not_over_yet_counts_as_open_in_figures_filters_and_groups(
    bilan_harness: PluginHarness, at: At
) -> None:
    bilan_harness.load([at(wrote, 24 * HOUR, "a"), at(wrote, 30 * HOUR, "b", contact_phone="336")])

    def counted(moment: datetime) -> tuple[Any, ...]:
        ask = as_of(bilan_harness, moment)
        totals = ask(Question(CONVERSATIONS, (ALL, CLOSED, DURATION))).totals
        groups = ask(Question(CONVERSATIONS, (ALL,), by=("status",))).rows
        still = ask(Question(CONVERSATIONS, (ALL,), where=Is("status", "open"))).totals
        return totals, {one.keys[0]: one.values[ALL] for one in groups}, still[ALL]

    now = bilan_harness.now
    one_open = {ALL: 2, CLOSED: 1, DURATION: 24 * 3600}
    assert counted(now - SECOND) == (one_open, {"open": 1, "closed": 1}, 1)
    assert counted(now) == ({**one_open, CLOSED: 2}, {"closed": 2}, 0)


def test_a_message_after_the_silence_opens_another_and_leaves_the_first_closed(
    bilan_harness: PluginHarness, at: At
) -> None:
    now = bilan_harness.now
    bilan_harness.load([at(wrote, 30 * HOUR, "a"), at(wrote, 6 * HOUR, "b")])

    assert ends(bilan_harness, now) == [
        ("a", "closed", now - 6 * HOUR, 24 * 3600), ("b", "open", None, None),
    ]  # fmt: skip
    assert ends(bilan_harness, now + 18 * HOUR)[1] == ("b", "closed", now + 18 * HOUR, 24 * 3600)


def test_a_late_message_that_joins_two_opens_what_was_closed_from_its_arrival_on(
    bilan_harness: PluginHarness, at: At
) -> None:
    now = bilan_harness.now
    bilan_harness.load([at(wrote, 40 * HOUR, "a"), at(wrote, 10 * HOUR, "c")], sequence=1)
    bilan_harness.load([at(replied, 20 * HOUR, "b")], sequence=900)

    assert ends(bilan_harness, now - 200 * SECOND) == [
        ("a", "closed", now - 16 * HOUR, 24 * 3600), ("c", "open", None, None),
    ]  # fmt: skip
    assert ends(bilan_harness, now) == [("a", "open", None, None)]
    end = now + 14 * HOUR
    assert ends(bilan_harness, end - SECOND) == [("a", "open", None, None)]
    assert ends(bilan_harness, end) == [("a", "closed", end, 54 * 3600)]


def test_what_is_closed_by_hand_is_closed_within_the_silence(bilan_harness: PluginHarness, at: At) -> None:
    now = bilan_harness.now
    bilan_harness.load([at(wrote, 3 * HOUR, "a"), at(closed, HOUR, "close"), at(wrote, SECOND, "b")])

    assert ends(bilan_harness, now) == [("a", "closed", now - HOUR, 2 * 3600), ("b", "open", None, None)]


def test_an_inboxs_own_conversation_is_open_until_it_says_otherwise_and_again_when_written_to(
    bilan_harness: PluginHarness, at: At
) -> None:
    now, own = bilan_harness.now, {"conversation": "7"}
    bilan_harness.load([at(wrote, 900 * HOUR, "a", **own)], sequence=1)
    bilan_harness.load([at(closed, 2 * HOUR, "close", **own)], sequence=400)
    bilan_harness.load([at(wrote, HOUR, "b", **own)], sequence=800)

    assert ends(bilan_harness, now - 900 * SECOND) == [("7", "open", None, None)]
    assert ends(bilan_harness, now - 500 * SECOND) == [("7", "closed", now - 2 * HOUR, 898 * 3600)]
    assert ends(bilan_harness, now + 900 * HOUR) == [("7", "open", None, None)]


@pytest.mark.requirement("DC-20")
@pytest.mark.parametrize("file_format", [Format.JSONL, Format.CSV])
def test_an_export_says_what_is_so_now(bilan_harness: PluginHarness, at: At, file_format: Format) -> None:
    # The export reads the server's own clock: one was over before this run of tests, one is
    # not for most of a day.
    over, still = 24 * HOUR, HOUR
    bilan_harness.load([at(wrote, over, "a"), at(wrote, still, "b", contact_phone="336")])

    pieces = bilan_harness.warehouse.export(
        CONVERSATION_DATASET, {bilan_harness.source: "N"}, format=file_format, columns=ENDS
    )
    lines = b"".join(pieces).decode().splitlines()

    end = f"{bilan_harness.now:%Y-%m-%dT%H:%M:%S}.000000Z"
    if file_format is Format.CSV:
        assert lines[1:] == [f'"a","closed","{end}",86400', '"b","open",,']
    else:
        assert [tuple(json.loads(line).values()) for line in lines] == [
            ("a", "closed", end, 86400), ("b", "open", None, None),
        ]  # fmt: skip


def test_no_contact_is_said_to_have_closed_a_conversation(bilan_harness: PluginHarness, at: At) -> None:
    bilan_harness.load([at(wrote, 30 * HOUR, "a"), at(wrote, HOUR, "b")])

    did = as_of(bilan_harness, bilan_harness.now).rows("contact.activity", ("action", "occurred_at"))
    assert [one["action"] for one in did] == ["wrote", "wrote"]
