"""Lists that change between two of their pages: nothing is lost, and no pull is stuck."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bilan.sdk import Invalid, PullRange, Unauthenticated
from bilan_social_profiles.vocabulary import COMMUNITY, POSTS
from plugins.social_profiles.networks.conftest import Connect
from support.networks import expected, faults
from support.networks.calls import Answer, Call
from support.networks.population import arriving
from support.networks.server import Networks
from support.networks.sites import Site
from support.networks.world import Network, Post, World
from support.networks.youtube import error as youtube_error
from support.pulled import PulledSource

pytestmark = [pytest.mark.requirement("AD-17"), pytest.mark.integration]

LISTS = {
    Network.MASTODON: "mastodon.statuses",
    Network.BLUESKY: "bluesky.getAuthorFeed",
    Network.FACEBOOK: "meta.page_posts",
    Network.INSTAGRAM: "meta.user_media",
    Network.YOUTUBE: "youtube.playlistItems",
}
COMMENTS = {
    Network.MASTODON: "mastodon.notifications",
    Network.BLUESKY: "bluesky.listNotifications",
    Network.YOUTUBE: "youtube.commentThreads",
}
EVERY = pytest.mark.parametrize("network", list(Network))


def own(world: World, network: Network) -> list[Post]:
    """The posts that stand for the account, newest first."""
    return [post for post in world.only(network).listed(world.now) if not post.shared and not post.answers]


def posts_of(source: PulledSource) -> set[str]:
    return {row["post"] for row in source.rows(POSTS)}


def told(world: World, network: Network) -> set[str]:
    return set(expected.posts(world, world.only(network)))


@EVERY
def test_a_post_that_arrives_between_two_pages_hides_no_other(
    world: World, server: Networks, connect: Connect, network: Network
) -> None:
    before = told(world, network)
    server.order(LISTS[network], faults.doing(lambda world: arriving(world, network, minutes=1)), skip=1)
    source = connect(network)
    assert source.pull() == 1
    assert posts_of(source) >= before
    source.pull()
    assert posts_of(source) == told(world, network)


@EVERY
def test_a_post_that_is_deleted_between_two_pages_stops_nothing(
    world: World, server: Networks, connect: Connect, network: Network
) -> None:
    # The last one of the first page: on the Graph API a cursor that names it is invalid from then on.
    def delete(world: World) -> None:
        world.only(network).listed(world.now)[2].deleted_at = world.now

    server.order(LISTS[network], faults.doing(delete), skip=1)
    source = connect(network)
    assert source.pull() == 1
    assert posts_of(source) >= told(world, network)
    source.pull()
    assert posts_of(source) == told(world, network)
    items = set(expected.community(world, world.only(network)))
    assert {row["item"] for row in source.rows(COMMUNITY)} >= items


@EVERY
@pytest.mark.parametrize("gone", [2, 3])
def test_posts_that_are_deleted_between_two_pages_hide_no_other_from_a_back_fill(
    world: World, server: Networks, connect: Connect, network: Network, gone: int
) -> None:
    # Two of the three that the first page had, or all of them: nothing of it is found again.
    def delete(world: World) -> None:
        for post in world.only(network).listed(world.now)[:gone]:
            post.deleted_at = world.now

    server.order(LISTS[network], faults.doing(delete), skip=1)
    source = connect(network)
    today = world.now.date()
    assert source.pull(PullRange(today - timedelta(days=200), today)) == 1
    assert posts_of(source) >= told(world, network)


@pytest.mark.parametrize("network", list(COMMENTS))
def test_comments_that_are_deleted_between_two_pages_hide_no_other(
    world: World, server: Networks, connect: Connect, network: Network
) -> None:
    account = world.only(network)

    def delete(world: World) -> None:
        written = [one for post in account.posts for one in post.comments if one.there(world.now)]
        for comment in sorted(written, key=lambda one: one.at)[-2:]:
            comment.deleted_at = world.now

    server.order(COMMENTS[network], faults.doing(delete), skip=1)
    source = connect(network)
    assert source.pull() == 1
    items = {row["item"] for row in source.rows(COMMUNITY)}
    assert items >= set(expected.community(world, account))


@pytest.mark.parametrize("network", [Network.FACEBOOK, Network.INSTAGRAM])
def test_a_pull_goes_on_after_its_place_was_deleted_meanwhile(
    world: World, server: Networks, connect: Connect, network: Network
) -> None:
    source = connect(network)
    server.order(LISTS[network], faults.unauthenticated(), skip=1)
    with pytest.raises(Unauthenticated, match="Connect again"):
        source.pull()
    assert source.state
    assert (source.state["step"], set(source.state["next"])) == ("posts", {"after"})
    own(world, network)[2].deleted_at = world.now
    assert source.pull() == 1
    source.pull()
    assert posts_of(source) == told(world, network)


def test_a_place_that_youtube_no_longer_knows_is_left(
    world: World, server: Networks, connect: Connect
) -> None:
    def unknown(_call: Call, _proceed: faults.Proceed, _site: Site) -> Answer:
        return youtube_error(400, "invalidPageToken", "The request specifies an invalid page token.")

    source = connect(Network.YOUTUBE)
    server.order("youtube.playlistItems", unknown, skip=1)
    assert source.pull() == 1
    assert posts_of(source) == told(world, Network.YOUTUBE)


def test_a_list_that_is_refused_again_and_again_is_said(server: Networks, connect: Connect) -> None:
    def unknown(call: Call, proceed: faults.Proceed, _site: Site) -> Answer:
        refused = youtube_error(400, "invalidPageToken", "The request specifies an invalid page token.")
        return refused if call.get("pageToken") else proceed()

    source = connect(Network.YOUTUBE)
    server.order("youtube.playlistItems", unknown, times=None)
    with pytest.raises(Invalid):
        source.pull()
    assert server.counts["youtube.playlistItems"] == 4
