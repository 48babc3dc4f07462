"""Last known values that could not all count are caught by the contract's rule."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bilan.registry.gather import load
from bilan.sdk.conditions import Is
from bilan.sdk.metrics import Latest
from bilan.sdk.sources import Post
from bilan.testing import level_rules
from bilan.testing.samples import sample_inputs
from bilan.testing.source_rules import NOW
from support.club_members import METRICS, PLUGIN, posts

pytestmark = pytest.mark.requirement("GO-14")

LILLE = {"shop": "Lille", "day": "2026-03-02", "members": 110, "joined": 5, "left": 2, "visits": 50}
METZ = {**LILLE, "shop": "Metz"}


def breaches(folder: Path, latest: Latest, *told: dict[str, Any]) -> list[str]:
    """What the rule says of the club where its members are counted so, and tills tell this besides."""
    more = tuple(Post(json.dumps(one).encode()) for one in told)
    sample = replace(PLUGIN.samples[0], posts=lambda: iter((*posts(), *more)))
    metrics = (replace(METRICS[0], formula=latest), *METRICS[1:])
    plugin = replace(PLUGIN, package="support", metrics=metrics, samples=(sample,))
    registry = load([("club", plugin)], installed=False)
    (one,) = (each for each in registry.declared if each.plugin is plugin)
    return list(level_rules.check_levels(one, sample_inputs(one, folder, NOW)))


def test_one_value_of_each_thing_at_a_time_is_right_also_where_it_is_told_again(tmp_path: Path) -> None:
    assert breaches(tmp_path, Latest("members", per=("shop",)), LILLE, METZ) == []


def test_two_values_of_what_is_taken_for_one_thing_are_caught(tmp_path: Path) -> None:
    assert breaches(tmp_path, Latest("members", per=("visits",)), METZ) == [
        (
            "club.members adds up the last values per visits, but its samples tell two of visits 50, "
            "day 2026-03-02: name in “per” what tells them apart"
        )
    ]


def test_facts_that_a_formula_does_not_look_at_are_no_values(tmp_path: Path) -> None:
    of_lille = Latest("members", per=("visits",), where=Is("shop", "Lille"))
    assert breaches(tmp_path, of_lille, METZ, {**METZ, "members": None, "shop": "Lyon"}) == []
