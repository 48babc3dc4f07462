"""The summary: figures, courses, what began conversations, and how persons answered by week and day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import pytest

from bilan.reports.blocks import every
from bilan.sdk import Chart, Document, Fact, Kpis, Table, charts_of, tables_of
from bilan.testing.harness import PluginHarness
from bilan_whatsapp_inbox.vocabulary import LOG, Kind
from support.whatsapp import replied, row, wrote

B = TypeVar("B")

pytestmark = pytest.mark.requirement("AC-06")

PERIOD = {"period": "2026-03-02..2026-03-08"}
ROWS = (
    # Monday: Ana writes at nine and is answered after an hour; closed at noon, rated 4.
    wrote(0, tags=["sales"]), replied(1, agent="bo@example.org"), row(Kind.CLOSED, 3),
    row(Kind.RATED, 4, rating=4.0),
    # Tuesday: a campaign reaches Cy, who says nothing.
    replied(24, "campaign", automated=True, contact_phone="33600000002"),
    # Wednesday: a person writes to Di.
    replied(48, "first", contact_phone="33600000003", agent="bo@example.org"),
)  # fmt: skip


def built(harness: PluginHarness, **values: Any) -> Document:
    harness.load([Fact(LOG, one) for one in ROWS])
    return harness.build("whatsapp.summary", {**PERIOD, **values})


def table(document: Document, key: str) -> Table:
    return next(one for one in tables_of(document.blocks) if one.key == key)


def chart(document: Document, key: str) -> Chart:
    return next(one for one in charts_of(document.blocks) if one.key == key)


def blocks_of(document: Document, kind: type[B]) -> Iterator[B]:
    return (block for block in every(document.blocks) if isinstance(block, kind))


def tiles_of(document: Document) -> dict[str, Any]:
    kpis = next(blocks_of(document, Kpis))
    return {kpi.key.partition(".")[2]: kpi.value for kpi in kpis.tiles}


@pytest.mark.requirement("AC-10")
def test_the_leading_figures_are_those_of_the_period(bilan_harness: PluginHarness) -> None:
    document = built(bilan_harness)

    # Three hours, and a day of silence each.
    assert tiles_of(document) == {
        "all_conversations": 3,
        "distinct_contacts": 3,
        "mean_duration": (3 + 24 + 24) * 3600 / 3,
        "mean_first_response": 3600,
        "mean_rating": 4.0,
    }


@pytest.mark.requirement("AC-10", "DC-19")
def test_a_mean_leaves_out_what_has_no_event_and_says_of_how_many_it_is(bilan_harness: PluginHarness) -> None:
    document = built(bilan_harness)

    # Of three conversations one was answered by a person, one was rated, and all are over.
    tiles = [tile for kpis in blocks_of(document, Kpis) for tile in kpis.tiles]
    beside = {tile.key: (tile.beside.key, tile.beside.value) for tile in tiles if tile.beside}
    assert beside == {
        "whatsapp.mean_duration": ("whatsapp.closed_conversations", 3),
        "whatsapp.mean_first_response": ("whatsapp.replied_conversations", 1),
        "whatsapp.mean_rating": ("whatsapp.rated_conversations", 1),
    }
    rating = chart(document, "mean_rating")
    assert (rating.series[0].values, rating.beside[0].values) == (
        [4.0, None, None, None, None, None, None],
        [1, 0, 0, 0, 0, 0, 0],
    )
    formulas = {one.key: str(one.formula) for one in document.definitions}
    assert formulas["whatsapp.mean_rating"] == (
        "the mean of the ratings, over the conversations that have one, on the day on which they started"
    )
    assert "whatsapp.rated_conversations" in formulas


@pytest.mark.requirement("AC-07", "AC-08")
def test_conversations_and_messages_run_over_the_period(bilan_harness: PluginHarness) -> None:
    document = built(bilan_harness)

    conversations, contacts = chart(document, "conversations").series
    received, sent = chart(document, "messages").series
    assert (conversations.values, contacts.values) == ([1, 1, 1, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0, 0])
    assert (received.values, sent.values) == ([1, 0, 0, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0, 0])


@pytest.mark.requirement("AC-09")
def test_conversations_are_told_by_what_began_them(bilan_harness: PluginHarness) -> None:
    found = table(built(bilan_harness), "by_source")

    assert [line[:2] for line in found.rows] == [["flow", 1], ["inbound", 1], ["inbox", 1]]


@pytest.mark.requirement("AC-11", "AC-12")
@pytest.mark.parametrize(
    ("key", "counts"), [("by_week", [2]), ("by_day", [1, 0, 1, 0, 0, 0, 0])], ids=["weekly", "daily"]
)
def test_inbox_and_inbound_conversations_are_summed_up(
    bilan_harness: PluginHarness, key: str, counts: list[int]
) -> None:
    found = table(built(bilan_harness), key)

    assert [line[1] for line in found.rows] == counts


@pytest.mark.requirement("AC-04")
@pytest.mark.parametrize(
    ("values", "count"),
    [
        ({"conversation_tags": ["sales"]}, 1),
        ({"agents": ["bo@example.org"]}, 2),
        ({"contact_tags": ["vip"]}, 0),
    ],
    ids=["tag", "agent", "contact's tag"],
)
def test_the_summary_is_narrowed_by_tags_and_agents(
    bilan_harness: PluginHarness, values: dict[str, list[str]], count: int
) -> None:
    assert tiles_of(built(bilan_harness, **values))["all_conversations"] == count


def test_without_a_breakdown_there_are_no_courses(bilan_harness: PluginHarness) -> None:
    assert list(charts_of(built(bilan_harness, interval="none").blocks)) == []
