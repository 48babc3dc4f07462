"""The growth of lists: every figure counted by hand over a week of two lists."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bilan.registry.declared import Registry
from bilan.reports.blocks import every
from bilan.sdk import Document, Fact, Invalid, Kpis
from bilan.testing.harness import PluginHarness, open_harness
from bilan_contacts.entries import ListEntry
from bilan_contacts.vocabulary import Kind, Status
from support.document_blocks import chart, csv_files, followed, table, tiles

pytestmark = pytest.mark.requirement("AD-05")

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
WEEK = {"period": "2026-03-02..2026-03-08", "zone": "UTC", "compare": "none"}
Build = Callable[..., Document]


def entry(days: float, contact: str, kind: Kind, audience: str = "News", **values: Any) -> Fact:
    at = MONDAY + timedelta(days=days)
    return ListEntry(
        occurred_at=at, kind=kind, contact=f"{contact}@example.org", audience=audience, **values
    ).fact()


FACTS = [
    # Before the week: Ann, Bo and Cy joined.
    entry(-6, "ann", Kind.ADDED, language="fr", origin="Form"),
    entry(-5, "bo", Kind.ADDED, language="fr", origin="Form"),
    entry(-4, "cy", Kind.ADDED, language="en", origin="Event"),
    # Monday: Dee and Ed are new; a table says so of Ed. Ann joins a second list.
    entry(0, "dee", Kind.ADDED, language="fr", origin="Form"),
    entry(0, "ed", Kind.MEMBER, status=Status.MEMBER, added_at=MONDAY, language="de", origin="Form"),
    entry(0, "ann", Kind.ADDED, "Offers"),
    # Tuesday: Fay signs up and never confirms; Bo unsubscribes, which a post tells twice.
    entry(1, "fay", Kind.SIGNED_UP, language="en"),
    entry(1, "bo", Kind.UNSUBSCRIBED, reason="manual"),
    entry(1, "bo", Kind.UNSUBSCRIBED, reason="manual"),
    # Wednesday: Cy bounces; Bo, who is away, bounces as well.
    entry(2, "cy", Kind.BLACKLISTED, reason="hard"),
    entry(2, "bo", Kind.BLACKLISTED, reason="hard"),
    # Friday: Gus comes by an event, Ann is taken off the second list, Dee has a new profile.
    entry(4, "gus", Kind.ADDED, language="en", origin="Event"),
    entry(4, "ann", Kind.REMOVED, "Offers"),
    entry(4, "dee", Kind.PROFILE_UPDATED, language="en"),
]


@pytest.fixture(scope="module")
def lists(
    bilan_registry: Registry, bilan_warehouse_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Generator[PluginHarness]:
    """The facts of the week, on the Monday after it."""
    with open_harness(bilan_registry, bilan_warehouse_folder, tmp_path_factory.mktemp("lists")) as opened:
        harness = replace(opened, source=uuid4(), now=MONDAY + timedelta(days=7))
        harness.load(FACTS)
        yield harness


@pytest.fixture(scope="module")
def growth(lists: PluginHarness) -> Build:
    """Builds the report of the week, each once."""
    built = dict[str, Document]()

    def build(**values: Any) -> Document:
        key = str(values)
        if key not in built:
            built[key] = lists.build("contacts.growth", {**WEEK, **values})
        return built[key]

    return build


def shown(document: Document) -> Kpis:
    return next(one for one in every(document.blocks) if isinstance(one, Kpis))


def lines(document: Document, key: str) -> dict[Any, list[Any]]:
    return {row[0]: row[1:] for row in table(document, key).rows}


def test_the_leading_figures_count_each_who_came_and_left_once(growth: Build) -> None:
    assert tiles(growth(), "figures") == {
        "new_contacts": 3, "additions": 4, "removals": 3, "unsubscribed": 1, "blacklisted": 1,
        "taken_off": 1, "net_growth": 1,
    }  # fmt: skip
    assert str(shown(growth()).headline) == "Lists grew by 1: 4 came and 3 left."


def test_new_contacts_are_told_by_the_way_they_came(growth: Build) -> None:
    assert lines(growth(), "by_origin") == {
        "Form": [2, 2, 1, 1, 0, 0, 1],
        "": [0, 1, 1, 0, 0, 1, 0],
        "Event": [1, 1, 1, 0, 1, 0, 0],
    }


def test_lists_and_languages_have_their_own_growth(growth: Build) -> None:
    assert lines(growth(), "by_audience") == {
        "News": [3, 3, 2, 1, 1, 0, 1],
        "Offers": [0, 1, 1, 0, 0, 1, 0],
    }
    assert lines(growth(), "by_language") == {
        "fr": [1, 1, 1, 1, 0, 0, 0],
        "de": [1, 1, 0, 0, 0, 0, 1],
        "en": [1, 1, 1, 0, 1, 0, 0],
        "": [0, 1, 1, 0, 0, 1, 0],
    }


def test_days_have_who_came_and_who_left(growth: Build) -> None:
    moved = chart(growth(), "moved")

    assert [one.values for one in moved.series] == [[3, 0, 0, 0, 1, 0, 0], [0, 1, 1, 0, 1, 0, 0]]
    assert [one.values for one in chart(growth(), "net_growth").series] == [[3, -1, -1, 0, 0, 0, 0]]


@pytest.mark.parametrize(
    ("movement", "figures", "headline"),
    [
        ("additions", ["new_contacts", "additions"], "Members who came: 4."),
        ("removals", ["removals", "unsubscribed", "blacklisted", "taken_off"], "Members who left: 3."),
    ],
)
def test_additions_or_removals_can_be_shown_alone(
    growth: Build, movement: str, figures: list[str], headline: str
) -> None:
    document = growth(movement=movement)

    assert list(tiles(document, "figures")) == figures
    assert str(shown(document).headline) == headline
    assert len(table(document, "by_audience").columns) == 1 + len(figures)


@pytest.mark.parametrize(
    ("values", "net"),
    [({"audience": ["Offers"]}, 0), ({"origin": ["Form"]}, 1), ({"language": ["de"]}, 1)],
)
def test_the_report_is_narrowed_to_lists_origins_and_languages(
    growth: Build, values: dict[str, Any], net: int
) -> None:
    assert tiles(growth(**values), "figures")["net_growth"] == net


@pytest.mark.requirement("AD-01")
def test_the_week_before_stands_beside(growth: Build) -> None:
    before = {one.key: one.previous for one in shown(growth(compare="previous_period")).tiles}

    assert (before["contacts.additions"], before["contacts.removals"]) == (3, 0)


@pytest.mark.requirement("AD-15")
def test_a_goal_says_how_far_additions_have_come(growth: Build) -> None:
    notes = {one.key: str(one.note) for one in shown(growth(goal=8)).tiles if one.note}

    assert notes == {"contacts.additions": "0.5 of the goal of 8"}


def test_a_goal_of_nothing_is_refused(growth: Build) -> None:
    with pytest.raises(Invalid, match="A goal is a number above zero"):
        growth(goal=0)


@pytest.mark.requirement("AD-06", "GO-13")
def test_every_figure_leads_to_its_rows_and_stands_in_the_file(growth: Build, lists: PluginHarness) -> None:
    assert all(one.agrees for one in followed(lists, growth()))
    files = csv_files(lists, growth())
    assert any("Form,2,2,1,1,0,0,1" in line for lines in files.values() for line in lines)


def test_a_period_in_which_no_list_changed_says_so(growth: Build) -> None:
    document = growth(period="2025-03-03..2025-03-09")

    assert shown(document).headline is None
    assert "No list changed in this period." in repr(document.blocks)


def test_contacts_meet_in_the_activity_of_all_sources(lists: PluginHarness) -> None:
    rows = lists.client.rows("contact.activity", ("contact", "category", "action", "subject", "dataset"))

    assert {
        (row["action"], row["subject"]) for row in rows if row["contact"] == "ann@example.org"
    } == {("added", "News"), ("added", "Offers"), ("removed", "Offers")}  # fmt: skip
