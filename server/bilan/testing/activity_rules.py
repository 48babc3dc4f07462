"""Rules about what contacts do: the categories that a plugin's samples tell of, and those that it names."""

from __future__ import annotations

from collections.abc import Iterator

from bilan.registry.declared import Declared
from bilan.sdk.activity import ACTIVITY
from bilan.testing.harness import PluginHarness


def check_categories(harness: PluginHarness, one: Declared) -> Iterator[str]:
    """Every category that an activity has is named, and every category that is named has an activity."""
    told = harness.client.values(ACTIVITY.key, "category")
    for category in told:
        if category not in harness.client.activities:
            yield (
                f"contacts do something of the category {category}, which nobody names: "
                f"declare ActivityCategory({category!r}, …) among its activities"
            )
    for named in one.plugin.activities:
        if named.key not in told:
            yield (
                f"the category {named.key} is named, but no activity of its samples has it: "
                "show one in a sample, or leave the category out"
            )
