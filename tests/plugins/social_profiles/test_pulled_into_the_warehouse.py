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


def assert_complete(social_agency: Agency, source: Source, network: Network) -> None:
    """Everything is there as the network says it now, and nothing else."""
    world, account = social_agency.world, social_agency.world.only(network)
    posts = expected.posts(world, account)
    assert told({row["post"]: row for row in social_agency.rows(POSTS, source.id)}, posts) == posts
    items = expected.community(world, account)
    # What was received below a post stays, though it went with the post on the network.
    gone = {oracle.post_id(account, post) for post in account.posts if not post.there(world.now)}
    rows = {row["item"]: row for row in social_agency.rows(COMMUNITY, source.id)}
    kept = {item: row for item, row in rows.items() if item in items or row["post"] not in gone}
    assert told(kept, items) == items
    found = social_agency.days(source.id)
    days = expected.days(world, account, min(found), world.now.date() - timedelta(days=1))
    assert told({day: found.get(day, {}) for day in days}, days) == days


@EVERY
async def test_everything_is_there_after_a_pull(social_agency: Agency, network: Network) -> None:
    source = await social_agency.source(network)
    run = await social_agency.pull(source)
    assert (run.state, run.failure, run.rejected) == (State.SUCCEEDED, None, 0)
    assert_complete(social_agency, source, network)
    today = social_agency.days(source.id)[NOW.date()]
    assert today["followers"] == oracle.followers(social_agency.world, social_agency.world.only(network))
    assert social_agency.server.strayed == []


@pytest.mark.parametrize("network", list(Network) if LONG else [Network.MASTODON, Network.FACEBOOK])
async def test_a_pull_that_dies_at_its_writes_gives_the_same(social_agency: Agency, network: Network) -> None:
    # Every other write ends the process: each piece is lost once, before it is written, or in the middle.
    social_agency.together(0.0)
    social_agency.kill(*range(0, 16, 2), within=network in {Network.BLUESKY, Network.FACEBOOK})
    source = await social_agency.source(network)
    await social_agency.pull_to_its_end(source)
    assert_complete(social_agency, source, network)
    history = await social_agency.bilan.services.pulls.history(social_agency.owner, source.id)
    assert [one.state for one in history] == [State.SUCCEEDED]


async def test_the_history_counts_what_was_new_restated_and_taken_away(social_agency: Agency) -> None:
    network, world = Network.MASTODON, social_agency.world
    source, account = await social_agency.source(network), world.only(network)
    first = await social_agency.pull(source)
    posts, items = len(expected.posts(world, account)), len(expected.community(world, account))
    assert (first.new, first.known) == (posts + items + 1, 0)

    world.move(hours=1)
    arriving(world, network, minutes=30)
    own = [post for post in account.listed(world.now) if not post.shared and not post.answers]
    world.restate(own[1], reactions=4_321)
    own[2].deleted_at = world.now
    second = await social_agency.pull(source)
    assert_complete(social_agency, source, network)
    # The new post, the restated one, and the one that is gone; the day and all else were there.
    assert second.new == 3
    pulls = social_agency.bilan.services.pulls
    history = await pulls.history(social_agency.owner, source.id)
    assert [one.id for one in history] == [second.id, first.id]


async def test_a_withdrawn_metric_stays_where_it_was_and_is_named_at_its_source(
    social_agency: Agency,
) -> None:
    def visits() -> dict[date, int]:
        days = social_agency.days(source.id)
        return {day: row["profile_visits"] for day, row in days.items() if "profile_visits" in row}

    source = await social_agency.source(Network.FACEBOOK)
    await social_agency.pull(source)
    before = visits()
    assert len(before) > 30
    social_agency.world.move(days=2)
    social_agency.world.withdraw("page_views_total")
    run = await social_agency.pull(source)
    assert (run.state, visits()) == (State.SUCCEEDED, before)
    assert "impressions" in social_agency.days(source.id)[max(before) + timedelta(days=1)]
    named = (await social_agency.bilan.services.sources.get(social_agency.owner, source.id)).notes
    assert ["page_views_total" in str(note) for note in named] == [True]


async def test_a_page_that_was_deleted_meanwhile_is_said_and_its_figures_stay(social_agency: Agency) -> None:
    source = await social_agency.source(Network.FACEBOOK)
    await social_agency.pull(source)
    posts = social_agency.rows(POSTS, source.id)
    social_agency.world.move(hours=7)
    social_agency.world.only(Network.FACEBOOK).deleted_at = social_agency.world.now
    run = await social_agency.pull(source)
    assert run.state is State.FAILED
    assert "What was read of it stays." in str(run.failure)
    assert social_agency.rows(POSTS, source.id) == posts


async def test_a_back_fill_brings_its_days_alone(social_agency: Agency) -> None:
    source = await social_agency.source(Network.FACEBOOK)
    first, last = date(2026, 10, 10), date(2026, 10, 20)
    begun = await social_agency.bilan.services.pulls.back_fill(social_agency.owner, source.id, first, last)
    await social_agency.work()
    run = await social_agency.bilan.services.pulls.get(social_agency.owner, begun.id)
    assert (run.state, run.range) == (State.SUCCEEDED, PullRange(first, last))
    account = social_agency.world.only(Network.FACEBOOK)
    inside = {
        ident
        for ident, row in expected.posts(social_agency.world, account).items()
        if first <= row["published_at"].date() <= last
    }
    assert inside
    assert {row["post"] for row in social_agency.rows(POSTS, source.id)} == inside
    days = expected.days(social_agency.world, account, first, last)
    assert told(social_agency.days(source.id), days) == days


async def test_a_network_that_sends_elsewhere_is_not_followed(social_agency: Agency) -> None:
    server, source = social_agency.server, await social_agency.source(Network.BLUESKY)
    server.order("bluesky.getAuthorFeed", faults.moved("https://evil.example/feed"), skip=1)
    run = await social_agency.pull(source)
    assert (run.state, server.strayed) == (State.FAILED, [])
    assert "evil.example" in str(run.failure)
    assert (await social_agency.pull(source)).state is State.SUCCEEDED
    assert_complete(social_agency, source, Network.BLUESKY)
