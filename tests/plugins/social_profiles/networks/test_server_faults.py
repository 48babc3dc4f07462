"""The tests' own server of networks: what a test can order to go wrong, and what it counts."""

from __future__ import annotations

import threading
from collections.abc import Generator
from datetime import date, timedelta
from io import BytesIO

import httpx2
import pytest
from PIL import Image

from support.networks import faults, oracle
from support.networks.population import (
    CHANNEL,
    DID,
    META_TOKEN,
    NOW,
    PAGE,
    PAGE_TOKEN,
    YOUTUBE_KEY,
    arriving,
    populated,
)
from support.networks.server import Networks, endpoints, networks
from support.networks.world import SETTLED, Network, World

pytestmark = pytest.mark.integration

STATUSES = "https://mastodon.example/api/v1/accounts/14715/statuses"


@pytest.fixture
def world() -> World:
    return populated(posts=3)


@pytest.fixture
def server(world: World) -> Generator[Networks]:
    with networks(world) as serving:
        yield serving


@pytest.fixture
def client(server: Networks) -> Generator[httpx2.Client]:
    with server.client() as client:
        yield client


def test_a_fault_waits_for_its_turn_and_ends(server: Networks, client: httpx2.Client) -> None:
    server.order("mastodon.statuses", faults.failing(503), skip=1, times=2)
    assert [client.get(STATUSES).status_code for _turn in range(4)] == [200, 503, 503, 200]
    assert server.counts["mastodon.statuses"] == 4
    assert endpoints(server.calls) == ["mastodon.statuses"] * 4


def test_a_fault_takes_an_endpoint_a_network_or_all(server: Networks, client: httpx2.Client) -> None:
    server.order("mastodon.account", faults.failing(500), times=None)
    server.order("youtube.", faults.failing(502), times=None)
    assert client.get(STATUSES).status_code == 200
    assert client.get("https://mastodon.example/api/v1/accounts/14715").status_code == 500
    assert client.get("https://www.googleapis.com/youtube/v3/channels").status_code == 502


def test_each_network_limits_in_words_of_its_own(server: Networks, client: httpx2.Client) -> None:
    server.order("", faults.limited(seconds=90), times=None)
    mastodon = client.get(STATUSES)
    assert (mastodon.status_code, mastodon.json()) == (429, {"error": "Too many requests"})
    assert mastodon.headers["x-ratelimit-reset"] == "2026-11-20T09:31:30.000Z"
    bluesky = client.get(f"https://public.api.bsky.app/xrpc/app.bsky.actor.getProfile?actor={DID}")
    assert (bluesky.status_code, bluesky.json()["error"]) == (429, "RateLimitExceeded")
    assert int(bluesky.headers["ratelimit-reset"]) == (NOW + timedelta(seconds=90)).timestamp()
    graph = "https://graph.facebook.com/v25.0"
    for token, code in ((META_TOKEN, 4), (PAGE_TOKEN, 32)):
        limited = client.get(f"{graph}/{PAGE}?access_token={token}")
        assert (limited.status_code, limited.json()["error"]["code"]) == (403, code)
    assert '"estimated_time_to_regain_access": 2' in limited.headers["x-business-use-case-usage"]
    youtube = client.get(
        f"https://www.googleapis.com/youtube/v3/channels?key={YOUTUBE_KEY}&id={CHANNEL}&part=id"
    )
    assert youtube.json()["error"]["errors"][0]["reason"] == "quotaExceeded"


def test_a_connection_ends_within_the_body(server: Networks, client: httpx2.Client) -> None:
    server.order("mastodon.statuses", faults.dropped(0.5))
    with pytest.raises(httpx2.RemoteProtocolError):
        client.get(STATUSES)
    assert client.get(STATUSES).status_code == 200


def test_an_answer_never_comes(server: Networks, client: httpx2.Client) -> None:
    server.order("mastodon.statuses", faults.hanging(server.released))
    with pytest.raises(httpx2.ReadTimeout):
        client.get(STATUSES, timeout=0.2)


def test_an_answer_waits_for_the_test(server: Networks, client: httpx2.Client) -> None:
    release, answered = threading.Event(), list[int]()
    server.order("mastodon.statuses", faults.slow(release))
    asking = threading.Thread(target=lambda: answered.append(client.get(STATUSES).status_code))
    asking.start()
    assert answered == []
    release.set()
    asking.join()
    assert answered == [200]


def test_json_is_cut_short_and_a_proxy_answers_with_a_page(server: Networks, client: httpx2.Client) -> None:
    server.order("mastodon.statuses", faults.malformed())
    server.order("mastodon.statuses", faults.html(502))
    with pytest.raises(ValueError, match=r"Unterminated|Expecting|Invalid"):
        client.get(STATUSES).json()
    assert "Bad Gateway" in client.get(STATUSES).text


def test_something_happens_between_two_pages(server: Networks, client: httpx2.Client, world: World) -> None:
    server.sites[0].largest = 2
    server.order(
        "mastodon.statuses", faults.doing(lambda world: arriving(world, Network.MASTODON, minutes=1)), skip=1
    )
    first = client.get(STATUSES)
    second = client.get(first.links["next"]["url"])
    seen = [one["id"] for one in (*first.json(), *second.json())]
    newest = world.only(Network.MASTODON).listed(NOW)
    assert seen == [post.id for post in newest[1:5]]


def test_a_redirection_leads_elsewhere(server: Networks, client: httpx2.Client) -> None:
    server.order("mastodon.statuses", faults.moved("https://elsewhere.example/statuses"))
    with pytest.raises(httpx2.ConnectError):
        client.get(STATUSES, follow_redirects=True)
    assert server.strayed == ["elsewhere.example"]


def test_hosts_are_found_by_a_plain_address_too(server: Networks) -> None:
    base = server.base("graph.facebook.com")
    page = httpx2.get(
        f"{base}/v25.0/{PAGE}/posts?access_token={PAGE_TOKEN}&limit=1&fields=full_picture"
    ).json()
    assert page["paging"]["next"].startswith(f"{base}/v25.0/{PAGE}/posts?")
    again = httpx2.get(page["paging"]["next"]).json()
    pictures = [one["full_picture"] for one in (*page["data"], *again["data"]) if "full_picture" in one]
    assert all(picture.startswith(f"{server.url}/@scontent.xx.fbcdn.net/") for picture in pictures)


def test_pictures_are_real(server: Networks, client: httpx2.Client, world: World) -> None:
    sent = client.get("https://files.mastodon.example/media_attachments/files/original/picture1.png")
    assert sent.content == world.pictures["picture1"].content
    assert Image.open(BytesIO(sent.content)).size == (64, 48)
    assert client.get("https://files.mastodon.example/media/none.png").status_code == 404


def test_figures_grow_settle_and_are_restated(world: World) -> None:
    post = world.only(Network.YOUTUBE).posts[-1]
    final = post.figures["views"]
    told = [post.figure("views", post.at + timedelta(days=days)) for days in (0, 7, 14, 28, 90)]
    assert told == [0, final // 4, final // 2, final, final]
    world.now = post.at + SETTLED
    world.restate(post, views=3)
    later, before = world.now + timedelta(days=1), world.now - timedelta(seconds=1)
    assert (post.figure("views", later), post.figure("views", before)) == (3, final - 1)


def test_the_oracle_leaves_out_what_is_not_the_accounts_own(world: World) -> None:
    account = world.only(Network.MASTODON)
    own = oracle.posts(world, account)
    assert len(own) == len(account.listed(NOW)) - 1
    assert [one.answers for one in own.values()].count(True) == 1


def test_the_oracle_counts_days_that_are_over_by_the_networks_midnight(world: World) -> None:
    page = world.only(Network.FACEBOOK)
    first, last = date(2026, 11, 16), date(2026, 11, 20)
    # Friday 09:30 UTC: Thursday ended at 08:00 in California; 48 hours after its end Tuesday stands.
    found = oracle.days(world, page, first, last)
    assert [(day.day, one.settled) for day, one in found.items()] == [
        (16, True), (17, True), (18, False), (19, False),
    ]  # fmt: skip
