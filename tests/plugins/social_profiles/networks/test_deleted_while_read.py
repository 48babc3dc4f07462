"""What is deleted between the list that names it and what else is asked of it: all other things are read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bilan_social_profiles.vocabulary import COMMUNITY, POSTS
from plugins.social_profiles.networks.conftest import Connect
from support.networks import expected, faults
from support.networks.bluesky_sessions import error as bluesky_error
from support.networks.calls import Answer, Call, answer
from support.networks.population import arriving
from support.networks.server import Networks
from support.networks.sites import Site
from support.networks.world import Comment, Form, Network, Post, World
from support.networks.youtube import error as youtube_error
from support.pulled import PulledSource

pytestmark = [pytest.mark.requirement("AD-17"), pytest.mark.integration]

LEFT_OUT = "A post or comment was deleted while it was read, and is left out."
THREADS = {
    Network.MASTODON: ("mastodon.context", answer({"error": "Record not found"}, 404)),
    Network.BLUESKY: ("bluesky.getPostThread", bluesky_error(400, "NotFound", "Post not found")),
    Network.YOUTUBE: ("youtube.comments", youtube_error(404, "commentNotFound", "No such comment.")),
}
COMMENTS = {Network.FACEBOOK: "meta.post_comments", Network.INSTAGRAM: "meta.media_comments"}


def newest(world: World, network: Network) -> Post:
    return world.only(network).listed(world.now)[0]


def deleting(post: Post | Comment) -> Callable[[World], None]:
    def delete(world: World) -> None:
        post.deleted_at = world.now

    return delete


def posts_of(source: PulledSource) -> set[str]:
    return {row["post"] for row in source.rows(POSTS)}


def items_of(source: PulledSource) -> set[str]:
    return {row["item"] for row in source.rows(COMMUNITY)}


def test_a_post_that_is_deleted_before_its_insights_are_read_is_left_out_and_said(
    world: World, server: Networks, connect: Connect
) -> None:
    server.order("meta.media_insights", faults.doing(deleting(newest(world, Network.INSTAGRAM))))
    source, account = connect(Network.INSTAGRAM), world.only(Network.INSTAGRAM)

    assert source.pull() == 1
    assert posts_of(source) == set(expected.posts(world, account))
    assert len(posts_of(source)) == 8
    assert items_of(source) == set(expected.community(world, account))
    assert source.notes == [LEFT_OUT]
    source.pull()
    assert source.notes == []


def test_a_post_whose_insights_meta_does_not_have_is_read_without_them(
    world: World, server: Networks, connect: Connect
) -> None:
    server.order("meta.media_insights", faults.missing())
    source, post = connect(Network.INSTAGRAM), newest(world, Network.INSTAGRAM)

    assert source.pull() == 1
    (row,) = [row for row in source.rows(POSTS) if row["post"] == post.id]
    assert (row.get("impressions"), row["reactions"]) == (None, post.figure("reactions", world.now))
    assert (len(posts_of(source)), source.notes) == (9, [])


@pytest.mark.parametrize(("ends", "notes"), [(False, []), (True, [LEFT_OUT])])
def test_a_story_that_ends_while_it_is_read_is_left_out_and_the_others_are_not(
    world: World, server: Networks, connect: Connect, ends: bool, notes: list[str]
) -> None:
    account, stories = world.only(Network.INSTAGRAM), list[Post]()
    for hours in (2, 20):
        story = arriving(world, Network.INSTAGRAM, hours=hours)
        story.form, story.comments, story.figures = (
            Form.STORY,
            [],
            {"views": 672, "reach": 336, "replies": 672},
        )
        story.deleted_at = story.at + timedelta(days=1)
        stories.append(story)

    def listed(_call: Call, proceed: faults.Proceed, site: Site) -> Answer:
        found = proceed()
        if ends:
            deleting(stories[1])(site.world)
        return found

    server.order("meta.user_stories", listed)
    source = connect(Network.INSTAGRAM)

    assert source.pull() == 1
    told = {row["post"]: row for row in source.rows(POSTS) if row["kind"] == "story"}
    assert set(told) == {story.id for story in (stories[:1] if ends else stories)}
    assert told[stories[0].id]["impressions"] == stories[0].figure("views", world.now) > 0
    assert source.notes == notes
    world.move(days=2)
    source.pull()
    assert set(told) < posts_of(source), "a story that has ended stays"
    assert len(posts_of(source)) == len(told) + len([post for post in account.posts if post not in stories])


@pytest.mark.parametrize("network", list(COMMENTS))
def test_a_post_that_is_deleted_before_all_its_comments_are_read_stops_nothing(
    world: World, server: Networks, connect: Connect, network: Network
) -> None:
    post = newest(world, network)
    author = world.only(Network.INSTAGRAM).posts[0].comments
    post.comments = [
        Comment(f"99{number}", post.at + timedelta(minutes=number), author[0].author, "First!")
        for number in range(1, 6)
    ]
    server.order(COMMENTS[network], faults.doing(deleting(post)))
    source = connect(network)

    assert source.pull() == 1
    others = set(expected.community(world, world.only(network)))
    assert items_of(source) >= others
    assert len(items_of(source) - others) == 3, "the first page of its comments had come with the list"
    assert source.notes == [LEFT_OUT]


@pytest.mark.parametrize("network", list(COMMENTS))
def test_a_comment_that_is_deleted_where_a_page_of_them_ends_hides_no_other(
    world: World, server: Networks, connect: Connect, network: Network
) -> None:
    post = newest(world, network)
    author = world.only(Network.INSTAGRAM).posts[0].comments[0].author
    post.comments = [
        Comment(f"99{number}", post.at + timedelta(minutes=number), author, "First!")
        for number in range(1, 6)
    ]
    server.order(COMMENTS[network], faults.doing(deleting(post.comments[2])))
    source = connect(network)

    assert source.pull() == 1
    assert items_of(source) >= set(expected.community(world, world.only(network)))
    assert source.notes == []


@pytest.mark.parametrize("network", list(THREADS))
def test_a_comment_that_is_deleted_before_its_answers_are_read_is_left_as_it_was(
    world: World, server: Networks, connect: Connect, network: Network
) -> None:
    endpoint, gone = THREADS[network]
    answered = [one for post in world.only(network).posts for one in post.comments if one.answers]
    latest = max(answered, key=lambda one: one.at)
    # More than YouTube tells together with the comment.
    latest.answers += [Comment(f"99{number}", world.now, latest.author, "Me too") for number in range(9)]
    source = connect(network)
    source.pull()
    before = {row["item"]: row for row in source.rows(COMMUNITY)}
    server.forget()
    server.order(endpoint, lambda _call, _proceed, _site: gone)

    assert source.pull() == 1
    assert {row["item"]: row for row in source.rows(COMMUNITY)} == before
    assert LEFT_OUT in source.notes
