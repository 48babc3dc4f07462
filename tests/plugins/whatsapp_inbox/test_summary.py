"""The summary: figures, courses, what began conversations, and how persons answered by week and day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from bilan.drilldown.addresses import figures_of
from bilan.drilldown.drilldown import drill_down
from bilan.drilldown.figures import find
from bilan.reports.blocks import every
from bilan.reports.parts import rows_of
from bilan.sdk import (
    Chart,
    ChartKind,
    Document,
    Fact,
    Kpis,
    Notice,
    Paragraph,
    Row,
    Table,
    charts_of,
    tables_of,
)
from bilan.testing.harness import PluginHarness
from bilan_whatsapp_inbox.vocabulary import LOG, Kind
from support.whatsapp import START, became, replied, row, wrote

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


def built(harness: PluginHarness, *more: Row, **values: Any) -> Document:
    harness.load([Fact(LOG, one) for one in (*ROWS, *more)])
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


@pytest.mark.requirement("AC-07")
def test_conversations_run_over_the_period(bilan_harness: PluginHarness) -> None:
    conversations, contacts = chart(built(bilan_harness), "conversations").series

    assert (conversations.values, contacts.values) == ([1, 1, 1, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0, 0])


@pytest.mark.requirement("AC-08")
def test_messages_run_over_the_period_on_their_own_days(bilan_harness: PluginHarness) -> None:
    # In the conversation of Monday Ana writes once more at eleven in the evening, and is answered on Tuesday.
    late = (wrote(14, "late", conversation="long"), replied(16, "later", conversation="long"))
    document = built(bilan_harness, *late)

    received, sent = chart(document, "messages").series
    assert (received.values, sent.values) == ([2, 0, 0, 0, 0, 0, 0], [1, 2, 1, 0, 0, 0, 0])
    assert str(chart(document, "messages").headline) == "Messages: 2 received, 4 sent."


def test_messages_by_weekday_and_hour_begin_with_the_first_day_of_the_week(
    bilan_harness: PluginHarness,
) -> None:
    document = built(bilan_harness, zone="Asia/Kathmandu", first_weekday="sunday")

    week = chart(document, "week")
    assert week.kind is ChartKind.HEATMAP
    # Ana wrote on Monday at nine, when clocks in Kathmandu showed a quarter to three.
    assert [one.key for one in week.series] == ["7", "1", "2", "3", "4", "5", "6"]
    assert week.categories == [str(hour) for hour in range(24)]
    counted = {(one.key, n): value for one in week.series for n, value in enumerate(one.values) if value}
    assert counted == {("1", 14): 1}
    figures = table(document, "week_figures")
    assert (figures.hidden, figures.file, figures.rows) == (True, "week", [[1, 14, 1]])


@pytest.mark.requirement("AD-06")
def test_a_cell_of_the_heat_map_leads_to_its_messages(bilan_harness: PluginHarness) -> None:
    document = built(bilan_harness, zone="Asia/Kathmandu")
    paths = {block.key: path for path, block in figures_of(document.blocks)}

    # Fourteen hours into Monday, the first day.
    figure = find(document, rows_of(bilan_harness.files), f"{paths['week']}:x14y0")
    drilldown = drill_down(bilan_harness.registry, bilan_harness.client, document, figure, names={})

    keys = [column.key for column in drilldown.columns]
    shown = [dict(zip(keys, row.values, strict=True)) for row in drilldown.rows()]
    assert [(one["message_id"], one["occurred_at"]) for one in shown] == [("in 0", "2026-03-02T09:00:00Z")]
    assert drilldown.agrees


def test_what_became_of_messages_is_told_by_type_and_reason(bilan_harness: PluginHarness) -> None:
    told = (
        # The campaign is read, a template fails, a person's reply arrives; of another reply nothing is told.
        became(24.1, "campaign", "sent", pricing_category="marketing", contact_phone="33600000002"),
        became(24.2, "campaign", "delivered", contact_phone="33600000002"),
        became(24.3, "campaign", "read", contact_phone="33600000002"),
        replied(25, "failing", automated=True, type="template", contact_phone="33600000004"),
        became(25.1, "failing", "failed", error_codes=["131049"], contact_phone="33600000004"),
        became(1.1, "out 1", "delivered"),
    )
    document = built(bilan_harness, *told)

    (_figures, outcomes) = blocks_of(document, Kpis)
    assert {one.key.partition(".")[2]: one.value for one in outcomes.tiles} == {
        "messages_sent": 4,
        "messages_delivered": 2,
        "messages_read": 1,
        "messages_failed": 1,
        "delivery_rate": 2 / 3,
        "read_rate": 1 / 2,
        "failure_rate": 1 / 3,
    }
    beside = {one.key: one.beside.value for one in outcomes.tiles if one.beside}
    assert beside["whatsapp.delivery_rate"] == 3
    assert str(outcomes.headline) == "1 of 3 messages were read; one failed."
    kinds = table(document, "kinds")
    assert sorted(row[:6] for row in kinds.rows) == [
        ["template", "", 1, 1, 0, 0],
        ["text", "", 2, 1, 1, 0],
        ["text", "marketing", 1, 1, 1, 1],
    ]
    assert table(document, "errors").rows == [["131049", 1]]


def test_where_no_source_tells_what_became_of_messages_no_rate_is_shown(bilan_harness: PluginHarness) -> None:
    document = built(bilan_harness)

    assert len([*blocks_of(document, Kpis)]) == 1
    said = [str(one.text) for one in blocks_of(document, Paragraph)]
    assert "No source tells what became of messages sent in this period." in said


@pytest.mark.requirement("AC-09")
def test_conversations_are_told_by_what_began_them(bilan_harness: PluginHarness) -> None:
    document = built(bilan_harness)
    found = table(document, "by_source")

    assert [line[:2] for line in found.rows] == [["flow", 1], ["inbound", 1], ["inbox", 1]]
    assert {code: str(word) for code, word in found.columns[0].names.items()} == {
        "flow": "Flow", "inbound": "Inbound", "inbox": "Inbox",
    }  # fmt: skip
    ring = chart(document, "sources")
    assert (ring.categories, ring.series[0].values) == (["flow", "inbound", "inbox"], [1, 1, 1])


@pytest.mark.requirement("AC-11", "AC-12")
@pytest.mark.parametrize(
    ("key", "rows", "left_out"),
    [
        ("by_week", [["2026-03-02", 2]], None),
        ("by_day", [["2026-03-02", 1], ["2026-03-04", 1]], "5 days without conversations are left out."),
    ],
    ids=["weekly", "daily"],
)
def test_inbox_and_inbound_conversations_are_summed_up(
    bilan_harness: PluginHarness, key: str, rows: list[list[Any]], left_out: str | None
) -> None:
    found = table(built(bilan_harness), key)

    assert [line[:2] for line in found.rows] == rows
    assert (found.note and str(found.note)) == left_out
    assert found.totals is not None
    assert found.totals[1] == 2


@pytest.mark.requirement("AC-22")
def test_conversations_that_are_open_far_longer_than_others_are_named(bilan_harness: PluginHarness) -> None:
    # Ten are closed within ten hours; three are open: for an hour, for two days, and for a month.
    closed = [
        one
        for number in range(10)
        for one in (
            wrote(-100 + number, f"in {number}", conversation=f"done {number}"),
            row(Kind.CLOSED, -99 + 2 * number, conversation=f"done {number}"),
        )
    ]
    now = 24 * 6 + 1
    waiting = [
        wrote(now - 1, "new", conversation="new"),
        wrote(now - 48, "old", conversation="old", agent="bo@example.org", tags=["late"]),
        wrote(now - 24 * 30, "oldest", conversation="oldest"),
    ]
    harness = replace(bilan_harness, now=START + timedelta(hours=now))
    harness.load([Fact(LOG, one) for one in (*closed, *waiting)])

    document = harness.build("whatsapp.summary", {"period": "2026-02-20..2026-03-08"})

    # Nine in ten take ten hours at most, so what is open for more than thirty is far beyond them.
    found = table(document, "still_open")
    assert [[line[1], line[2], line[3], line[4]] for line in found.rows] == [
        ["oldest", [], [], 30 * 24 * 3600],
        ["old", ["bo@example.org"], ["late"], 48 * 3600],
    ]
    assert str(found.headline).startswith("2 conversations have been open for more than")


@pytest.mark.requirement("AC-22")
def test_nothing_is_called_late_where_too_few_were_closed(bilan_harness: PluginHarness) -> None:
    said = [str(one.text) for one in blocks_of(built(bilan_harness), Paragraph)]

    assert any(one.startswith("Too few conversations were closed") for one in said)


@pytest.mark.requirement("AC-04", "AC-08")
def test_with_the_filter_messages_are_those_of_the_conversations_that_it_leaves(
    bilan_harness: PluginHarness,
) -> None:
    document = built(bilan_harness, conversation_tags=["sales"])

    received, sent = chart(document, "messages").series
    assert (received.values, sent.values) == ([1, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0])
    assert any(
        "Tags and agents belong to conversations" in str(one.text) for one in blocks_of(document, Notice)
    )
    assert chart(document, "week").series[0].metric == "whatsapp.all_conversations"


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
    charts = charts_of(built(bilan_harness, interval="none").blocks)

    assert [one.key for one in charts] == ["week", "sources"]
