"""The example of last known values is whole: it keeps the contract, and counts as the page says."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bilan.registry.gather import load
from bilan.sdk.periods import Interval, IntervalUnit, Span
from bilan.sdk.query import Question
from bilan.testing import level_rules
from bilan.testing.harness import PluginHarness, open_harness
from bilan.testing.samples import sample_inputs
from bilan.testing.source_rules import NOW
from support import club_members
from support.club_members import METRICS, PLUGIN

pytestmark = pytest.mark.requirement("GO-14", "AP-12")

PAGE = Path(__file__).parents[2] / "docs" / "writing-a-plugin.md"
# Whoever copies the example has a package of this name.
REGISTRY = load([("club", replace(PLUGIN, package="support"))], installed=False)
(CLUB,) = (one for one in REGISTRY.declared if one.plugin.name == PLUGIN.name)
KEYS = tuple(metric.key for metric in METRICS)


@pytest.fixture(scope="module")
def club(bilan_warehouse_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[PluginHarness]:
    with open_harness(REGISTRY, bilan_warehouse_folder, tmp_path_factory.mktemp("club")) as harness:
        harness.load_samples("club")
        yield harness


def test_the_page_shows_the_example_as_it_stands() -> None:
    code = Path(club_members.__file__).read_text(encoding="utf-8")

    assert f"```python\n{code}```" in PAGE.read_text(encoding="utf-8")


def test_the_example_keeps_the_contracts_rule_about_last_values(tmp_path: Path) -> None:
    assert list(level_rules.check_levels(CLUB, sample_inputs(CLUB, tmp_path, NOW))) == []


def test_the_figures_of_march_are_those_of_the_page(club: PluginHarness) -> None:
    march = Question("club.days", KEYS, Span(date(2026, 3, 1), date(2026, 4, 1), "America/Lima"))
    answer = club.client(march)

    assert dict(answer.totals) == {
        "club.members": 130,
        "club.growth": 10,
        "club.joined": 33,
        "club.left": 6,
        "club.net": 27,
        "club.moves": 39,
        "club.visits": 150,
        "club.each": 150 / 130,
    }
    assert list(map(str, answer.notes)) == [
        "Days of shops: days are those that the source itself counts by; no time zone shifts them.",
        "Change of members leaves out what was first seen within the period: Metz.",
    ]


def test_the_weeks_carry_what_was_counted_before(club: PluginHarness) -> None:
    weeks = Question(
        "club.days", ("club.members", "club.growth"),
        Span(date(2026, 3, 2), date(2026, 3, 16), "Europe/Paris"), Interval(IntervalUnit.WEEK), by=("shop",),
    )  # fmt: skip
    answer = club.client(weeks)

    assert [(row.keys, dict(row.values)) for row in answer.rows] == [
        (("Lille",), {"club.members": 110, "club.growth": 10}),
        (("Metz",), {"club.members": 20, "club.growth": None}),
        (("Lille",), {"club.members": 110, "club.growth": 0}),
        (("Metz",), {"club.members": 20, "club.growth": 0}),
    ]
    assert str(answer.notes[1]) == (
        "Members at the end: 2 values were carried on, as there were no newer ones; "
        "the oldest is from 2026-03-02."
    )
