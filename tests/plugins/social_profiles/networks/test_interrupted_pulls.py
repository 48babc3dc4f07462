"""A pull that is killed, limited and failing gives what one that ran through gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilan.sdk import PullRange
from plugins.social_profiles.networks.conftest import connected
from support.long import times
from support.networks import faults
from support.networks.faults import Act
from support.networks.population import arriving, populated
from support.networks.server import Networks, networks
from support.networks.world import Network
from support.pulled import Place

pytestmark = pytest.mark.integration

Table = Mapping[Place, Mapping[str, Any]]
Faults = tuple[tuple[str, int], ...]
"""What goes wrong, and after how many good answers."""
NONE: frozenset[int] = frozenset()
SITES = {Network.FACEBOOK: "meta.", Network.INSTAGRAM: "meta."}
WITHDRAWN = {
    Network.FACEBOOK: ("page_views_total", "post_clicks"),
    Network.INSTAGRAM: ("profile_links_taps",),
}
ACTS: Mapping[str, Callable[[], Act]] = {
    "limited": faults.limited,
    "failing": faults.failing,
    "cut off": faults.dropped,
    "a page of a proxy": faults.html,
}
interruptions = st.frozensets(st.integers(1, 40), max_size=6)
troubles = st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 40)), max_size=4).map(tuple)


def pulled_twice(
    network: Network,
    kills: tuple[frozenset[int], frozenset[int]] = (NONE, NONE),
    wrong: tuple[Faults, Faults] = ((), ()),
) -> tuple[Table, list[str]]:
    """What a source holds and notes after two pulls.

    Between them two days pass: figures restate, a post is deleted, another is written, metrics are withdrawn.
    """
    world = populated(posts=7)
    with networks(world, largest=3) as server:
        source = connected(server, network)
        _order(server, network, wrong[0])
        source.pull(kills=kills[0])
        server.forget()
        world.move(days=2)
        own = [post for post in world.only(network).listed(world.now) if not post.shared and not post.answers]
        own[0].deleted_at = world.now
        world.restate(own[1], reactions=12_345)
        world.withdraw(*WITHDRAWN.get(network, ()))
        arriving(world, network, hours=3)
        _order(server, network, wrong[1])
        source.pull(kills=kills[1])
        return source.table, sorted(set(source.notes))


def _order(server: Networks, network: Network, wrong: Faults) -> None:
    for name, skip in wrong:
        server.order(SITES.get(network, f"{network.value}."), ACTS[name](), skip)


@cache
def run_through(network: Network) -> tuple[Table, list[str]]:
    """What a source holds whose pulls ran through."""
    return pulled_twice(network)


@pytest.mark.requirement("AD-17")
@pytest.mark.parametrize("network", list(Network))
def test_a_pull_that_is_killed_at_every_checkpoint_gives_the_same(network: Network) -> None:
    with networks(populated(posts=7), largest=3) as server:
        source = connected(server, network)
        assert source.pull() == 1
        behind_each = frozenset(range(1, source.checkpoints))
        other = connected(server, network)
        assert other.pull(kills=behind_each) == len(behind_each) + 1 > 5
        assert other.table == source.table
        assert other.state == source.state


@pytest.mark.requirement("AD-17")
@settings(max_examples=times(8, 25))
@given(st.sampled_from(list(Network)), st.tuples(interruptions, interruptions), st.tuples(troubles, troubles))
def test_a_pull_that_is_killed_limited_and_failing_gives_the_same(
    network: Network, kills: tuple[frozenset[int], frozenset[int]], wrong: tuple[Faults, Faults]
) -> None:
    assert pulled_twice(network, kills, wrong) == run_through(network)


@pytest.mark.parametrize("network", list(Network))
def test_a_back_fill_that_is_killed_and_limited_gives_the_same(network: Network) -> None:
    october = PullRange(date(2026, 10, 1), date(2026, 10, 31))
    with networks(populated(posts=7), largest=3) as server:
        source = connected(server, network)
        source.pull(october)
        assert source.table
        behind_each = frozenset(range(1, source.checkpoints))
        other = connected(server, network)
        _order(server, network, (("limited", 2), ("failing", 5), ("cut off", 9)))
        assert other.pull(october, kills=behind_each) > len(behind_each)
        assert other.table == source.table
