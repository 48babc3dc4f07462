"""The report on buttons, counted by hand: clicks by each dimension, and what they led to."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bilan.registry.declared import Registry
from bilan.sdk import Document, Fact, Kpis, Notice, Row, Section
from bilan.testing.harness import PluginHarness, open_harness
from bilan_whatsapp_inbox.vocabulary import BUTTON_LOG, LOG, Kind
from support.document_blocks import chart, table
from support.whatsapp import replied, row, wrote

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
WEEK = {"period": "2026-03-02..2026-03-08", "compare": "previous_period"}
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")


def click(day: float, reference: str, button: str, referrer: str = "", *utm: str, missed: int = 0) -> Fact:
    told: Row = dict(zip(UTM, (*utm, "", "", "", "", ""), strict=False))
    return Fact(
        BUTTON_LOG,
        {
            "occurred_at": MONDAY + timedelta(days=day), "kind": "click", "reference": reference,
            "button": button, "referrer": referrer, "missed": missed, "fact_id": f"click {reference}", **told,
        },
    )  # fmt: skip


def came(day: float, reference: str) -> Fact:
    row = {"occurred_at": MONDAY + timedelta(days=day), "kind": "message", "reference": reference}
    return Fact(BUTTON_LOG, {**row, "message_id": f"m {reference}", "fact_id": f"message {reference}"})


@pytest.fixture(scope="module")
def inbox(
    bilan_registry: Registry, bilan_warehouse_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Generator[PluginHarness]:
    """Six clicks of a week, of which three came back, and one of the week before; three conversations."""
    with open_harness(bilan_registry, bilan_warehouse_folder, tmp_path_factory.mktemp("button")) as opened:
        inbox = replace(opened, now=datetime(2026, 3, 11, 9, tzinfo=UTC))
        inbox.load([
            click(0, "A", "Footer", "shop.example", "news", "email", "spring", "boots", "top"),
            click(1, "B", "Footer", "shop.example"),
            click(1, "C", "Header", "blog.example", "news", "email"),
            click(2, "D", "Header", "shop.example", "ads", "cpc", "spring", missed=2),
            click(3, "E", "Footer"),
            click(6, "F", "Footer"),
            click(-3, "Z", "Footer"),
            came(0.01, "A"), came(2.01, "D"), came(8, "F"),
        ])  # fmt: skip
        # A and D fall into one conversation; F wrote after the week; another began without a button.
        inbox.load([
            Fact(LOG, one)
            for one in (
                wrote(0.3, reference="A"), replied(1, agent="bo@example.org"),
                row(Kind.TAGGED, 2, tags=["sales"]), wrote(20, reference="D"),
                wrote(30, contact_phone="336", agent=""), wrote(192, contact_phone="337", reference="F"),
            )
        ])  # fmt: skip
        yield inbox


def built(inbox: PluginHarness, **values: Any) -> Document:
    return inbox.build("whatsapp.button", {**WEEK, **values})


@pytest.mark.requirement("AC-19", "AC-20", "DC-21")
def test_clicks_and_what_they_led_to_stand_first_with_the_rate(inbox: PluginHarness) -> None:
    document = built(inbox)

    assert tiles(document, "figures") == {
        "whatsapp.clicks": 6, "whatsapp.clicks_with_conversation": 3, "whatsapp.click_conversion": 0.5,
    }  # fmt: skip
    # Of two conversations that began in the week, the first came of two clicks.
    assert tiles(document, "conversations") == {
        "whatsapp.button_conversations": 1, "whatsapp.button_share": 0.5,
    }  # fmt: skip


@pytest.mark.requirement("AC-20", "DC-21")
@pytest.mark.parametrize(
    ("dimension", "rows"),
    [
        ("button", [["Footer", 4, 2, 0.5], ["Header", 2, 1, 0.5]]),
        ("referrer", [["shop.example", 3, 2, 2 / 3], ["", 2, 1, 0.5], ["blog.example", 1, 0, 0.0]]),
        ("utm_source", [["", 3, 1, 1 / 3], ["news", 2, 1, 0.5], ["ads", 1, 1, 1.0]]),
        ("utm_medium", [["", 3, 1, 1 / 3], ["email", 2, 1, 0.5], ["cpc", 1, 1, 1.0]]),
        ("utm_campaign", [["", 4, 1, 0.25], ["spring", 2, 2, 1.0]]),
        ("utm_term", [["", 5, 2, 0.4], ["boots", 1, 1, 1.0]]),
        ("utm_content", [["", 5, 2, 0.4], ["top", 1, 1, 1.0]]),
    ],
)
def test_clicks_are_counted_by_each_dimension(
    inbox: PluginHarness, dimension: str, rows: list[list[Any]]
) -> None:
    found = table(built(inbox), f"by_{dimension}")

    assert [[*one[:3], pytest.approx(one[3])] for one in rows] == found.rows
    assert found.totals == [None, 6, 3, 0.5]
    assert found.file == f"by_{dimension}"


@pytest.mark.requirement("AC-04")
def test_the_filter_narrows_conversations_and_says_that_clicks_know_no_tags(inbox: PluginHarness) -> None:
    narrowed = built(inbox, conversation_tags=["sales"], agents=["bo@example.org"])

    assert tiles(narrowed, "conversations") == {
        "whatsapp.button_conversations": 1, "whatsapp.button_share": 1.0,
    }  # fmt: skip
    assert tiles(narrowed, "figures")["whatsapp.clicks"] == 6
    assert "Clicks have no tags and no agents; the Filter by these narrows the conversations alone." in said(
        narrowed
    )


def test_clicks_are_narrowed_by_button_and_by_where_they_came_from(inbox: PluginHarness) -> None:
    narrowed = built(inbox, button=["Header"], utm_source=["ads", "other"])

    assert tiles(narrowed, "figures") == {
        "whatsapp.clicks": 1, "whatsapp.clicks_with_conversation": 1, "whatsapp.click_conversion": 1.0,
    }  # fmt: skip
    assert "These are the conversations from all buttons, however the clicks are narrowed." in said(narrowed)


def test_clicks_that_could_not_be_written_down_are_told_beside_the_figures(inbox: PluginHarness) -> None:
    assert said(built(inbox)) == [
        "2 clicks led to WhatsApp but could not be written down, and are missing here.",
    ]


def test_without_a_click_the_report_says_where_buttons_are_made(inbox: PluginHarness) -> None:
    empty = built(inbox, button=["None of them"])

    assert "There are no clicks here. Buttons are made under Administration, WhatsApp buttons." in said(empty)
    assert tiles(empty, "figures")["whatsapp.click_conversion"] is None


def test_over_time_each_day_has_its_clicks_and_those_that_led_on(inbox: PluginHarness) -> None:
    found = chart(built(inbox, interval="day"), "clicks")

    assert [one.values for one in found.series] == [[1, 2, 1, 1, 0, 0, 1], [1, 0, 1, 0, 0, 0, 1]]


def tiles(document: Document, key: str) -> dict[str, Any]:
    """The figures of the tiles with this key."""
    sections = (one for one in document.blocks if isinstance(one, Section))
    blocks = (block for one in sections for block in one.blocks if isinstance(block, Kpis))
    found = next(one for one in blocks if one.key == key)
    return {kpi.key: kpi.value for kpi in found.tiles}


def said(document: Document) -> list[str]:
    """The notices of all sections."""
    sections = (one for one in document.blocks if isinstance(one, Section))
    return [str(block.text) for one in sections for block in one.blocks if isinstance(block, Notice)]
