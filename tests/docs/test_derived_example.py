"""The example of a derived table is whole: it keeps the contract, and does what the page says."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bilan.manifest import Snapshot
from bilan.query.session import QuerySession
from bilan.registry.gather import load
from bilan.testing import derivation_rules
from bilan.testing.harness import PluginHarness, open_harness
from bilan.testing.samples import sample_inputs
from bilan.testing.source_rules import NOW
from support import site_visits
from support.site_visits import PLUGIN

pytestmark = pytest.mark.requirement("GO-14", "GO-21")

PAGE = Path(__file__).parents[2] / "docs" / "writing-a-plugin.md"
# Whoever copies the example has a package of this name.
REGISTRY = load([("site", replace(PLUGIN, package="support"))], installed=False)
(SITE,) = (one for one in REGISTRY.declared if one.plugin.name == PLUGIN.name)
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def opened(
    bilan_warehouse_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Generator[PluginHarness]:
    with open_harness(REGISTRY, bilan_warehouse_folder, tmp_path_factory.mktemp("site")) as harness:
        yield harness


def visits(harness: PluginHarness, moment: datetime) -> list[tuple[Any, ...]]:
    client = QuerySession(harness.warehouse, REGISTRY, frozenset([harness.source]), Snapshot(moment))
    columns = ("visit", "visitor", "views", "left_at", "state")
    return [tuple(one.values()) for one in client.rows("site.visits", columns)]


def test_the_page_shows_the_example_as_it_stands() -> None:
    code = Path(site_visits.__file__).read_text(encoding="utf-8")

    assert f"```python\n{code}```" in PAGE.read_text(encoding="utf-8")


def test_the_example_keeps_the_contracts_rule_about_derived_rows(tmp_path: Path) -> None:
    pieces = sample_inputs(SITE, tmp_path, NOW)

    assert len(pieces) == 4
    assert list(derivation_rules.check_derivations(REGISTRY, SITE, pieces)) == []


def test_a_late_view_joins_two_visits_and_a_visit_is_over_after_the_pause(opened: PluginHarness) -> None:
    site = replace(opened, source=uuid4())
    first, second, other, late = (
        item for piece in sample_inputs(SITE, site.folder, NOW) for item in piece.read(NOW)
    )
    site.load([first, second, other], sequence=1)
    begun = NOW - timedelta(seconds=999)
    apart = [("a0", "a", 1, NINE + timedelta(minutes=30), "over"),
             ("b5", "b", 1, NINE + timedelta(minutes=35), "over"),
             ("a40", "a", 1, NINE + timedelta(minutes=70), "over")]  # fmt: skip
    assert visits(site, begun) == apart

    site.load([late], sequence=2)

    joined = [("a0", "a", 3, NINE + timedelta(minutes=70), "over"), apart[1]]
    assert visits(site, NOW) == joined
    assert visits(site, begun) == apart


def test_a_shorter_pause_makes_more_visits_and_one_that_goes_on_is_under_way(opened: PluginHarness) -> None:
    site = replace(opened, source=uuid4(), settings={"pause": 10})
    site.load_samples("site", sequence=1)
    assert site.totals("site.count") == {"site.count": 4}

    now = {"id": "now", "who": "a", "at": (NOW - timedelta(minutes=10)).isoformat()}
    site.load([site_visits.view(now)], sequence=2)

    assert visits(site, NOW)[-1] == ("now", "a", 1, NOW, "over")
    assert visits(site, NOW - timedelta(seconds=1))[-1] == ("now", "a", 1, None, "under way")
