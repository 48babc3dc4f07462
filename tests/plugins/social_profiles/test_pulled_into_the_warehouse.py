"""Sources of every network, pulled by a whole server: its warehouse says what the networks say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from bilan.sdk import PullRange
from bilan.sources import Source
from bilan.work import State
from bilan_social_profiles.vocabulary import COMMUNITY, POSTS
from support.long import LONG
from support.networks import expected, faults, oracle
from support.networks.engine import Agency
from support.networks.population import (
    NOW,
    arriving,
)
from support.networks.world import Network

pytestmark = [pytest.mark.requirement("AD-17"), pytest.mark.integration]

EVERY = pytest.mark.parametrize("network", list(Network))


def told(rows: Mapping[Any, Mapping[str, Any]], like: Mapping[Any, Mapping[str, Any]]) -> dict[Any, Any]:
    """The rows, with the columns that are expected of each."""
    return {key: {name: row.get(name) for name in like.get(key, row)} for key, row in rows.items()}


def assert_complete(house: Agency, source: Source, network: Network) -> None:
    """Everything is there as the network says it now, and nothing else."""
    world, account = house.world, house.world.only(network)
    posts = expected.posts(world, account)
    assert told({row["post"]: row for row in house.rows(POSTS, source.id)}, posts) == posts
    items = expected.community(world, account)
    # What was received below a post stays, though it went with the post on the network.
    gone = {oracle.post_id(account, post) for post in account.posts if not post.there(world.now)}
    rows = {row["item"]: row for row in house.rows(COMMUNITY, source.id)}
    kept = {item: row for item, row in rows.items() if item in items or row["post"] not in gone}
    assert told(kept, items) == items
    found = house.days(source.id)
    days = expected.days(world, account, min(found), world.now.date() - timedelta(days=1))
    assert told({day: found.get(day, {}) for day in days}, days) == days


@EVERY
async def test_everything_is_there_after_a_pull(house: Agency, network: Network) -> None:
    source = await house.source(network)
    run = await house.pull(source)
    assert (run.state, run.failure, run.rejected) == (State.SUCCEEDED, None, 0)
    assert_complete(house, source, network)
    today = house.days(source.id)[NOW.date()]
    assert today["followers"] == oracle.followers(house.world, house.world.only(network))
    assert house.server.strayed == []


@pytest.mark.parametrize("network", list(Network) if LONG else [Network.MASTODON, Network.FACEBOOK])
async def test_a_pull_that_dies_at_its_writes_gives_the_same(house: Agency, network: Network) -> None:
    # Every other write ends the process: each piece is lost once, before it is written, or in the middle.
    # After four deaths a pull is given up, and the next one goes on from its checkpoint.
    house.together(0.0)
    house.kill(*range(0, 16, 2), within=network in {Network.BLUESKY, Network.FACEBOOK})
    source = await house.source(network)
    await house.pull_to_its_end(source)
    assert_complete(house, source, network)
    history = await house.bilan.services.pulls.history(house.owner, source.id)
    assert [one.state for one in history] == [State.SUCCEEDED, *[State.FAILED] * (len(history) - 1)]
    assert len(history) > 1


async def test_the_history_counts_what_was_new_restated_and_taken_away(house: Agency) -> None:
    network, world = Network.MASTODON, house.world
    source, account = await house.source(network), world.only(network)
    first = await house.pull(source)
    posts, items = len(expected.posts(world, account)), len(expected.community(world, account))
    assert (first.new, first.known) == (posts + items + 1, 0)

    world.move(hours=1)
    arriving(world, network, minutes=30)
    own = [post for post in account.listed(world.now) if not post.shared and not post.answers]
    world.restate(own[1], reactions=4_321)
    own[2].deleted_at = world.now
    second = await house.pull(source)
    assert_complete(house, source, network)
    # The new post, the restated one, and the one that is gone; the day and all else were there.
    assert second.new == 3
    assert [one.id for one in await house.bilan.services.pulls.history(house.owner, source.id)] == [
        second.id, first.id,
    ]  # fmt: skip


async def test_a_withdrawn_metric_stays_where_it_was_and_is_named_at_its_source(house: Agency) -> None:
    def visits() -> dict[date, int]:
        days = house.days(source.id)
        return {day: row["profile_visits"] for day, row in days.items() if "profile_visits" in row}

    source = await house.source(Network.FACEBOOK)
    await house.pull(source)
    before = visits()
    assert len(before) > 30
    house.world.move(days=2)
    house.world.withdraw("page_views_total")
    run = await house.pull(source)
    assert (run.state, visits()) == (State.SUCCEEDED, before)
    assert "impressions" in house.days(source.id)[max(before) + timedelta(days=1)]
    named = (await house.bilan.services.sources.get(house.owner, source.id)).notes
    assert ["page_views_total" in str(note) for note in named] == [True]


async def test_a_page_that_was_deleted_meanwhile_is_said_and_its_figures_stay(house: Agency) -> None:
    source = await house.source(Network.FACEBOOK)
    await house.pull(source)
    posts = house.rows(POSTS, source.id)
    house.world.move(hours=7)
    house.world.only(Network.FACEBOOK).deleted_at = house.world.now
    run = await house.pull(source)
    assert run.state is State.FAILED
    assert "What was read of it stays." in str(run.failure)
    assert house.rows(POSTS, source.id) == posts


async def test_a_back_fill_brings_its_days_alone(house: Agency) -> None:
    source = await house.source(Network.FACEBOOK)
    first, last = date(2026, 10, 10), date(2026, 10, 20)
    begun = await house.bilan.services.pulls.back_fill(house.owner, source.id, first, last)
    await house.work()
    run = await house.bilan.services.pulls.get(house.owner, begun.id)
    assert (run.state, run.range) == (State.SUCCEEDED, PullRange(first, last))
    account = house.world.only(Network.FACEBOOK)
    inside = {
        ident
        for ident, row in expected.posts(house.world, account).items()
        if first <= row["published_at"].date() <= last
    }
    assert inside
    assert {row["post"] for row in house.rows(POSTS, source.id)} == inside
    days = expected.days(house.world, account, first, last)
    assert told(house.days(source.id), days) == days


async def test_a_network_that_sends_elsewhere_is_not_followed(house: Agency) -> None:
    server, source = house.server, await house.source(Network.BLUESKY)
    server.order("bluesky.getAuthorFeed", faults.moved("https://evil.example/feed"), skip=1)
    run = await house.pull(source)
    assert (run.state, server.strayed) == (State.FAILED, [])
    assert "evil.example" in str(run.failure)
    assert (await house.pull(source)).state is State.SUCCEEDED
    assert_complete(house, source, Network.BLUESKY)
