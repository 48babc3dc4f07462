"""What a pull of each network brings: what the network tells, no more and no less."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from bilan.sdk import NotFound, PullRange, Unauthenticated
from bilan_social_profiles.vocabulary import COMMUNITY, POSTS, PROFILE_DAYS
from plugins.social_profiles.networks.conftest import Connect
from support.networks import oracle
from support.networks.population import INSTAGRAM, NOW, PAGE, arriving
from support.networks.server import Networks
from support.networks.world import Form, Network, World
from support.pulled import PulledSource

pytestmark = pytest.mark.integration

NETWORKS = list(Network)
ANSWERS_LEFT_OUT = {Network.MASTODON, Network.BLUESKY}
COLUMNS = ("reactions", "comments", "shares", "saves", "clicks", "impressions", "reach", "video_views")
MOVING = {Form.VIDEO, Form.REEL}
DAY_COLUMNS = {
    **{name: name for name in ("reactions", "comments", "shares", "saves")},
    "views": "impressions",
    "video_views": "views",
    "reach": "reach",
    "engagement": "engagement",
    "clicks": "clicks",
    "visits": "profile_visits",
    "gained": "followers_gained",
    "lost": "followers_lost",
    "followers": "followers",
}


def expected_posts(world: World, network: Network) -> dict[str, dict[str, Any]]:
    """The figures of the account's own posts, by the columns that hold them."""
    found = dict[str, dict[str, Any]]()
    for post in oracle.posts(world, world.only(network)).values():
        if post.answers and network in ANSWERS_LEFT_OUT:
            continue
        told = post.figures
        shares = [told[name] for name in ("shares", "quotes") if told.get(name) is not None]
        row = {
            **{column: told.get(column) for column in COLUMNS},
            "impressions": told.get("views"),
            "shares": sum(filter(None, shares)) if shares else None,
        }
        if network is Network.FACEBOOK:
            row["comments"] = told["comments_top"]
            # Meta says that a photo's video was played no times: it has none.
            row["video_views"] = told["video_views"] if post.form in MOVING else None
        found[post.id] = row
    return found


def posts_of(source: PulledSource) -> dict[str, dict[str, Any]]:
    return {row["post"]: {column: row.get(column) for column in COLUMNS} for row in source.rows(POSTS)}


def days_of(source: PulledSource) -> dict[date, dict[str, Any]]:
    """The figures of days that are over, of all their parts."""
    found = dict[date, dict[str, Any]]()
    for row in source.rows(PROFILE_DAYS):
        if row["day"] < NOW.date():
            found.setdefault(row["day"], {})[row["part"]] = row[row["part"]]
    return found


@pytest.mark.requirement("AD-17")
@pytest.mark.parametrize("network", NETWORKS)
def test_a_pull_brings_every_post_with_its_figures(world: World, connect: Connect, network: Network) -> None:
    source = connect(network)
    source.pull()
    assert posts_of(source) == expected_posts(world, network)
    assert source.rejects == []
    told = oracle.posts(world, world.only(network))
    assert {row["post"]: row["published_at"] for row in source.rows(POSTS)} == {
        post: told[post].at for post in posts_of(source)
    }
    assert all((row["picture"] != "") == bool(told[row["post"]].pictures) for row in source.rows(POSTS))
    assert all(set(told[row["post"]].tags) == set(row["hashtags"]) for row in source.rows(POSTS))


@pytest.mark.parametrize("network", NETWORKS)
def test_a_pull_brings_what_people_wrote_and_when_it_was_answered(
    world: World, connect: Connect, network: Network
) -> None:
    source = connect(network)
    source.pull()
    told = oracle.community(world, world.only(network))
    assert {row["item"]: (row["received_at"], row["replied_at"]) for row in source.rows(COMMUNITY)} == {
        item: (one.at, one.replied_at) for item, one in told.items()
    }
    assert all(row["text"].endswith(told[row["item"]].text) for row in source.rows(COMMUNITY))


@pytest.mark.parametrize("network", NETWORKS)
def test_a_pull_counts_the_followers_of_the_day_on_which_it_began(
    world: World, connect: Connect, network: Network
) -> None:
    source = connect(network)
    source.pull()
    today = NOW.date()
    rows = [row for row in source.rows(PROFILE_DAYS) if row["day"] == today]
    assert [row["followers"] for row in rows] == [oracle.followers(world, world.only(network))]


@pytest.mark.parametrize("network", [Network.FACEBOOK, Network.INSTAGRAM])
def test_days_are_those_that_meta_cuts_with_what_it_counted(
    world: World, connect: Connect, network: Network
) -> None:
    source = connect(network)
    source.pull()
    found = days_of(source)
    first = NOW.date() - timedelta(days=30)
    told = oracle.days(world, world.only(network), first, NOW.date())
    assert {day for day in found if day >= first} == set(told)
    for day, expected in told.items():
        assert {name: found[day].get(DAY_COLUMNS[name]) for name in expected.figures} == expected.figures


@pytest.mark.requirement("AD-17")
@pytest.mark.parametrize("network", NETWORKS)
def test_a_back_fill_brings_the_days_that_were_asked_for_and_no_others(
    world: World, connect: Connect, network: Network
) -> None:
    first, last = date(2026, 10, 1), date(2026, 10, 31)
    source = connect(network)
    source.pull(PullRange(first, last))
    inside = {
        post: row
        for post, row in expected_posts(world, network).items()
        if first <= oracle.posts(world, world.only(network))[post].at.date() <= last
    }
    assert inside
    assert posts_of(source) == inside
    days = {row["day"] for row in source.rows(PROFILE_DAYS)}
    assert days == set(oracle.days(world, world.only(network), first, last))
    assert source.state is None


@pytest.mark.parametrize("network", NETWORKS)
def test_figures_that_restate_and_new_posts_are_there_with_the_next_pull(
    world: World, connect: Connect, network: Network
) -> None:
    source = connect(network)
    source.pull()
    before = posts_of(source)
    world.move(days=2)
    newest = max((post for post in world.only(network).posts if not post.shared), key=lambda post: post.at)
    world.restate(newest, reactions=7)
    arriving(world, network, hours=3)
    source.pull()
    assert len(posts_of(source)) == len(before) + 1
    recent = {
        post
        for post, one in oracle.posts(world, world.only(network)).items()
        if one.at > NOW - timedelta(days=25)
    }
    expected = expected_posts(world, network)
    found = posts_of(source)
    assert {post: found[post] for post in recent & set(expected)} == {
        post: expected[post] for post in recent & set(expected)
    }


@pytest.mark.parametrize("network", NETWORKS)
def test_a_post_that_was_deleted_is_retracted_and_one_that_is_only_old_stays(
    world: World, connect: Connect, network: Network
) -> None:
    source = connect(network)
    source.pull()
    account = world.only(network)
    own = sorted(
        (post for post in account.posts if not post.shared and not post.answers), key=lambda post: post.at
    )
    own[-1].deleted_at = world.now
    gone = oracle.post_id(account, own[-1])
    before = set(posts_of(source))
    assert gone in before
    world.move(days=3)
    source.pull()
    assert set(posts_of(source)) == before - {gone}
    world.move(days=40)
    source.pull()
    assert set(posts_of(source)) == before - {gone}


@pytest.mark.requirement("AD-17")
@pytest.mark.parametrize(
    ("network", "metric", "column", "scope"),
    [
        (Network.FACEBOOK, "page_views_total", "profile_visits", "facebook page"),
        (Network.INSTAGRAM, "profile_links_taps", "clicks", "instagram account"),
    ],
)
def test_a_metric_of_days_that_was_withdrawn_stays_where_it_was_and_is_named(
    world: World, connect: Connect, network: Network, metric: str, column: str, scope: str
) -> None:
    source = connect(network)
    source.pull()
    old = {row["day"]: row[column] for row in source.rows(PROFILE_DAYS) if column in row}
    assert len(old) > 25
    world.move(days=3)
    world.withdraw(metric)
    source.pull()
    assert source.notes == [
        f"Meta no longer gives the figure “{metric}” ({scope}). What was read before stays."
    ]
    assert {row["day"]: row[column] for row in source.rows(PROFILE_DAYS) if column in row} == old
    assert world.now.date() - timedelta(days=1) in {
        row["day"] for row in source.rows(PROFILE_DAYS) if "reach" in row
    }


@pytest.mark.parametrize(
    ("network", "metric", "column", "scope"),
    [
        (Network.FACEBOOK, "post_clicks", "clicks", "facebook post"),
        (Network.FACEBOOK, "post_media_view", "impressions", "facebook post"),
    ],
)
def test_posts_from_before_a_metric_was_withdrawn_stay_as_they_were_then(
    world: World, connect: Connect, network: Network, metric: str, column: str, scope: str
) -> None:
    source = connect(network)
    source.pull()
    old = posts_of(source)
    world.move(days=3)
    world.withdraw(metric)
    arriving(world, network, hours=3)
    source.pull()
    found = posts_of(source)
    assert {post: found[post] for post in old} == old
    (new,) = set(found) - set(old)
    assert found[new][column] is None
    assert found[new]["reach"] == expected_posts(world, network)[new]["reach"]
    (note,) = source.notes
    assert note.startswith(f"Meta no longer gives the figure “{metric}” ({scope}).")
    assert note.endswith("Posts from before 2026-11-20 stay as they were read then.")


def test_an_account_that_was_deleted_is_said_and_keeps_what_was_read(world: World, connect: Connect) -> None:
    for network in NETWORKS:
        source = connect(network)
        source.pull()
        kept = dict(source.table)
        world.only(network).deleted_at = world.now
        with pytest.raises(NotFound, match=r"What was read of it stays\.$"):
            source.pull()
        assert source.table == kept


@pytest.mark.parametrize("network", [Network.MASTODON, Network.BLUESKY, Network.FACEBOOK, Network.INSTAGRAM])
def test_a_token_that_was_withdrawn_ends_the_pull_and_a_new_one_goes_on(
    world: World, connect: Connect, network: Network
) -> None:
    source = connect(network)
    source.pull()
    kept = set(source.table)
    key = {Network.MASTODON: "access_token", Network.BLUESKY: "app_password"}.get(network, "access_token")
    token = world.tokens[source.settings[key]]
    token.withdrawn_at = world.now
    with pytest.raises(Unauthenticated):
        source.pull()
    world.tokens["renewed"] = type(token)("renewed", token.accounts, token.scopes)
    source.settings[key] = "renewed"
    source.pull()
    assert set(source.table) == kept


def test_a_page_and_its_account_are_found_behind_the_token_of_a_person(
    server: Networks, connect: Connect
) -> None:
    from support.networks.population import META_TOKEN, OTHER_PAGE, OTHER_PAGE_TOKEN, PAGE_TOKEN

    source = connect(Network.FACEBOOK, access_token=META_TOKEN, account="")
    pull: Any = source.kind.pull
    with source.context() as context:
        found, checked = list(pull.discover(context)), pull.check(context)
    assert [(one.name, one.key, one.settings["access_token"], one.settings["network"]) for one in found] == [
        ("Atelier Bleu (Facebook)", PAGE, PAGE_TOKEN, "facebook"),
        ("@atelier.bleu (Instagram)", INSTAGRAM, PAGE_TOKEN, "instagram"),
        ("Atelier Rouge (Facebook)", OTHER_PAGE, OTHER_PAGE_TOKEN, "facebook"),
    ]
    assert str(checked.said).startswith(
        "Sees these profiles: Atelier Bleu (Facebook), @atelier.bleu (Instagram)"
    )
    assert checked.ends_at == NOW + timedelta(days=60)


@pytest.mark.parametrize(
    ("network", "lacking", "notes", "empty"),
    [
        (Network.FACEBOOK, "read_insights", ["insights"], {"impressions", "reach", "clicks", "video_views"}),
        (Network.FACEBOOK, "pages_read_user_content", ["comments"], {"comments"}),
        (
            Network.INSTAGRAM,
            "instagram_manage_insights",
            ["insights"],
            {"impressions", "reach", "saves", "shares"},
        ),
        (Network.INSTAGRAM, "instagram_manage_comments", ["comments"], set[str]()),
    ],
)
def test_a_right_that_a_token_lacks_is_named_and_the_rest_is_read(
    world: World, connect: Connect, network: Network, lacking: str, notes: list[str], empty: set[str]
) -> None:
    source = connect(network)
    token = world.tokens[source.settings["access_token"]]
    token.scopes = token.scopes - {lacking}
    source.pull()
    assert [note.split("right to ")[1].split(":")[0].split(",")[0] for note in source.notes] == notes
    expected = expected_posts(world, network)
    assert posts_of(source) == {
        post: {column: None if column in empty else value for column, value in row.items()}
        for post, row in expected.items()
    }
    assert (source.rows(COMMUNITY) == []) == (notes == ["comments"])
    assert [row["part"] for row in source.rows(PROFILE_DAYS) if row["part"] == "followers"]
