"""A category of what contacts do that nobody names, or that nothing has, is caught by the contract's rule."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bilan.registry.gather import load
from bilan.sdk import Activity, ActivityCategory, Row
from bilan.sdk.messages import messages
from bilan.testing import activity_rules
from bilan.testing.harness import open_harness
from fixtures.declarations import SHOP, orders, plugin
from support.rules import order

pytestmark = pytest.mark.requirement("GO-14", "FX-07")

_ = messages("shop")[0]


@pytest.fixture
def breaches(bilan_warehouse_folder: Path, tmp_path: Path) -> Generator[Any]:
    """What the rule says of a shop with these categories, where somebody ordered."""

    def ordered(_row: Row) -> Activity:
        return Activity("ana@example.org", "shop", "ordered")

    with ExitStack() as stack:

        def found(*named: str) -> list[str]:
            categories = tuple(ActivityCategory(key, _("Shop")) for key in named)
            answers = {
                "register_plugin": replace(SHOP, activities=categories),
                "register_datasets": (orders(activity=ordered),),
            }
            registry = load([("shop", plugin(**answers))], installed=False)
            harness = stack.enter_context(open_harness(registry, bilan_warehouse_folder, tmp_path))
            assert harness.load([order(1)]) == []
            return list(activity_rules.check_categories(harness, registry.declared[-1]))

        yield found


def test_categories_are_those_that_activities_have(breaches: Any) -> None:
    assert breaches("shop") == []
    (unnamed,) = breaches()
    assert unnamed == (
        "contacts do something of the category shop, which nobody names: "
        "declare ActivityCategory('shop', …) among its activities"
    )
    (unreached,) = breaches("shop", "till")
    assert unreached == (
        "the category till is named, but no activity of its samples has it: "
        "show one in a sample, or leave the category out"
    )
