"""The tests' own server of networks answers as the networks' documentation prints it."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx2
import pytest

from support.networks.population import (
    BLUESKY_PASSWORD,
    CHANNEL,
    DID,
    INSTAGRAM,
    MASTODON_TOKEN,
    META_TOKEN,
    NOW,
    PAGE,
    PAGE_TOKEN,
    YOUTUBE_KEY,
    YOUTUBE_REFRESH,
    YOUTUBE_TOKEN,
    arriving,
    populated,
)
from support.networks.server import Networks, networks
from support.networks.world import Day, Form, Network, World

pytestmark = pytest.mark.integration

MASTODON, XRPC = "https://mastodon.example/api/v1", "https://bsky.social/xrpc"
UPLOADS = f"UU{CHANNEL.removeprefix('UC')}"
GRAPH, DATA = "https://graph.facebook.com/v25.0", "https://www.googleapis.com/youtube/v3"
OWN = {"authorization": f"Bearer {MASTODON_TOKEN}"}


@pytest.fixture(scope="module")
def world() -> World:
    return populated()


@pytest.fixture(scope="module")
def serving(world: World) -> Generator[Networks]:
    with networks(world) as server:
        yield server


@pytest.fixture
def client(serving: Networks, world: World) -> Generator[httpx2.Client]:
    """A client at the present moment of the world, after which no fault and no change of pages stays."""
    world.now = NOW
    with serving.client() as client:
        yield client
    serving.forget()
    for site in serving.sites:
        site.largest = None


@pytest.fixture
def session(client: httpx2.Client) -> dict[str, str]:
    """What createSession gives for the app password."""
    given = {"identifier": "atelier.bsky.social", "password": BLUESKY_PASSWORD}
    return client.post(f"{XRPC}/com.atproto.server.createSession", json=given).json()


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def small(serving: Networks, most: int) -> None:
    for site in serving.sites:
        site.largest = most


# Mastodon: docs.joinmastodon.org, methods/accounts, methods/notifications, entities/Status, api/rate-limits.


def test_a_status_has_every_field_of_the_documented_example(client: httpx2.Client) -> None:
    # entities/Status, "Example"; those about a viewer ("favourited" and the like) are optional.
    fields = {
        "id", "created_at", "in_reply_to_id", "in_reply_to_account_id", "sensitive", "spoiler_text",
        "visibility",
        "language", "uri", "url", "replies_count", "reblogs_count", "favourites_count", "content", "reblog",
        "account", "media_attachments", "mentions", "tags", "emojis", "card", "poll",
    }  # fmt: skip
    for one in client.get(f"{MASTODON}/accounts/14715/statuses").json():
        assert fields <= one.keys()


def test_long_links_are_marked_up_as_the_guidelines_print_it(client: httpx2.Client, world: World) -> None:
    account = world.only(Network.MASTODON)
    linked = next(post for post in account.posts if post.form is Form.LINK)
    content = client.get(f"{MASTODON}/statuses/{linked.id}").json()["content"]
    assert '<span class="invisible">https://</span><span class="ellipsis">example.org/pages/' in content
    assert content.startswith("<p>")
    assert "#<span>" in content


def test_a_wrong_token_is_refused_in_the_documented_words(client: httpx2.Client) -> None:
    for method in ("accounts/verify_credentials", "notifications"):
        refused = client.get(f"{MASTODON}/{method}", headers=bearer("wrong"))
        assert (refused.status_code, refused.json()) == (401, {"error": "The access token is invalid"})
    absent = client.get(f"{MASTODON}/accounts/1/statuses")
    assert (absent.status_code, absent.json()) == (404, {"error": "Record not found"})


def test_pages_of_statuses_are_linked_by_max_id_and_min_id(
    client: httpx2.Client, serving: Networks, world: World
) -> None:
    small(serving, 4)
    address, found = f"{MASTODON}/accounts/14715/statuses?limit=40&exclude_reblogs=true", list[str]()
    pages = 0
    while address:
        page = client.get(address)
        found += [one["id"] for one in page.json()]
        address = page.links.get("next", {}).get("url", "")
        pages += 1
        if address:
            assert f"max_id={found[-1]}" in address
            assert "exclude_reblogs=true" in address
    own = [post.id for post in world.only(Network.MASTODON).listed(NOW) if not post.shared]
    assert (found, pages) == (own, 3)


def test_min_id_gives_the_next_newer_ones_and_since_id_the_newest(client: httpx2.Client) -> None:
    def ids(query: str) -> list[str]:
        return [one["id"] for one in client.get(f"{MASTODON}/accounts/14715/statuses?{query}").json()]

    every = ids("limit=40")
    assert ids(f"limit=2&min_id={every[-1]}") == every[-3:-1]
    assert ids(f"limit=2&since_id={every[-1]}") == every[:2]
    assert ids(f"limit=2&max_id={every[2]}") == every[3:5]


def test_mentions_come_with_their_status_and_other_kinds_can_be_left_out(client: httpx2.Client) -> None:
    every = client.get(f"{MASTODON}/notifications?limit=80", headers=OWN).json()
    mentions = client.get(f"{MASTODON}/notifications?types[]=mention&limit=80", headers=OWN).json()
    assert {one["type"] for one in every} == {"mention", "favourite"}
    assert mentions == [one for one in every if one["type"] == "mention"]
    # methods/notifications, sample call: the status of a mention names the account among its mentions.
    assert mentions[0]["status"]["mentions"][0]["acct"] == "atelier"


def test_every_answer_says_how_many_requests_are_left(client: httpx2.Client, serving: Networks) -> None:
    headers = client.get(f"{MASTODON}/accounts/lookup?acct=atelier").headers
    assert headers["x-ratelimit-limit"] == "300"
    assert 0 <= int(headers["x-ratelimit-remaining"]) < 300
    assert headers["x-ratelimit-reset"] == "2026-11-20T09:35:00.000Z"


def test_a_private_status_is_for_those_who_may_see_it(client: httpx2.Client, world: World) -> None:
    post = arriving(world, Network.MASTODON, hours=1)
    post.private = True
    try:
        everybody = client.get(f"{MASTODON}/accounts/14715/statuses").json()
        owner = client.get(f"{MASTODON}/accounts/14715/statuses", headers=OWN).json()
    finally:
        world.only(Network.MASTODON).posts.remove(post)
    assert owner[0]["id"] == post.id
    assert post.id not in [one["id"] for one in everybody]


# Bluesky: atproto.com/specs/xrpc, docs.bsky.app (rate limits), the lexicons.


def test_views_have_what_their_lexicons_require(client: httpx2.Client, session: dict[str, str]) -> None:
    headers = bearer(session["accessJwt"])
    assert {"accessJwt", "refreshJwt", "handle", "did"} <= session.keys()
    feed = client.get(f"{XRPC}/app.bsky.feed.getAuthorFeed", params={"actor": DID}, headers=headers).json()[
        "feed"
    ]
    for one in feed:
        assert {"uri", "cid", "author", "record", "indexedAt"} <= one["post"].keys()
        assert {"did", "handle"} <= one["post"]["author"].keys()
    notices = client.get(f"{XRPC}/app.bsky.notification.listNotifications", headers=headers).json()
    for one in notices["notifications"]:
        assert {"uri", "cid", "author", "reason", "record", "isRead", "indexedAt"} <= one.keys()
        assert one["reason"] in {"reply", "mention"}


def test_facets_count_bytes(client: httpx2.Client, session: dict[str, str]) -> None:
    params = {"actor": DID, "limit": 100}
    feed = client.get(
        f"{XRPC}/app.bsky.feed.getAuthorFeed", params=params, headers=bearer(session["accessJwt"])
    )
    for one in feed.json()["feed"]:
        record = one["post"]["record"]
        index = record["facets"][0]["index"]
        cut = record["text"].encode()[index["byteStart"] : index["byteEnd"]].decode()
        assert cut == f"#{record['facets'][0]['features'][0]['tag']}"


def test_a_feed_is_over_when_no_cursor_comes(
    client: httpx2.Client, session: dict[str, str], serving: Networks, world: World
) -> None:
    small(serving, 4)
    params, found = {"actor": DID, "limit": "100"}, list[Any]()
    while True:
        page = client.get(
            f"{XRPC}/app.bsky.feed.getAuthorFeed", params=params, headers=bearer(session["accessJwt"])
        ).json()
        found += page["feed"]
        if "cursor" not in page:
            break
        params["cursor"] = page["cursor"]
    assert len(found) == len(world.only(Network.BLUESKY).posts)
    assert [one["reason"]["$type"] for one in found if "reason" in one] == ["app.bsky.feed.defs#reasonRepost"]


def test_an_access_token_is_over_after_two_hours_and_a_refresh_token_gives_another(
    client: httpx2.Client, session: dict[str, str], world: World
) -> None:
    world.move(hours=2)
    profile = f"{XRPC}/app.bsky.actor.getProfile?actor={DID}"
    over = client.get(profile, headers=bearer(session["accessJwt"]))
    assert (over.status_code, over.json()) == (400, {"error": "ExpiredToken", "message": "Token has expired"})
    wrong = client.get(profile, headers=bearer(session["refreshJwt"]))
    assert (wrong.status_code, wrong.json()["error"]) == (400, "InvalidToken")
    again = client.post(
        f"{XRPC}/com.atproto.server.refreshSession", headers=bearer(session["refreshJwt"])
    ).json()
    assert client.get(profile, headers=bearer(again["accessJwt"])).json()["handle"] == "atelier.bsky.social"


def test_a_session_needs_the_right_password(client: httpx2.Client) -> None:
    given = {"identifier": "atelier.bsky.social", "password": "wrong"}
    refused = client.post(f"{XRPC}/com.atproto.server.createSession", json=given)
    assert (refused.status_code, refused.json()["error"]) == (401, "AuthenticationRequired")
    anonymous = client.get(f"{XRPC}/app.bsky.actor.getProfile?actor={DID}")
    assert (anonymous.status_code, anonymous.json()["error"]) == (401, "AuthMissing")


def test_the_public_view_needs_no_session(client: httpx2.Client) -> None:
    answer = client.get(f"https://public.api.bsky.app/xrpc/app.bsky.actor.getProfile?actor={DID}")
    assert answer.json()["followersCount"] > 0
    assert answer.headers["ratelimit-policy"] == "3000;w=300"


def test_at_most_25_posts_are_given_at_once(client: httpx2.Client, session: dict[str, str]) -> None:
    uris = [f"at://{DID}/app.bsky.feed.post/{number}" for number in range(26)]
    address, headers = f"{XRPC}/app.bsky.feed.getPosts", bearer(session["accessJwt"])
    assert client.get(address, params={"uris": uris}, headers=headers).status_code == 400
    assert client.get(address, params={"uris": uris[:25]}, headers=headers).json() == {"posts": []}


# Meta: developers.facebook.com: docs/graph-api, docs/platforminsights/page, documentation/instagram-platform.


def graph(client: httpx2.Client, path: str, token: str = PAGE_TOKEN, **params: str) -> Any:
    return client.get(f"{GRAPH}/{path}", params={"access_token": token, **params}).json()


def test_page_insights_have_the_printed_shape(client: httpx2.Client, world: World) -> None:
    # docs/platforminsights/page: the answer to {page-id}/insights/page_impressions_unique.
    page = world.only(Network.FACEBOOK)
    told = graph(
        client,
        f"{PAGE}/insights",
        metric="page_total_media_view_unique",
        since="2026-10-09",
        until="2026-10-11",
    )
    assert [one["period"] for one in told["data"]] == ["day", "week", "days_28"]
    assert told["data"][0].keys() == {"name", "period", "values", "title", "description", "id"}
    assert told["data"][0]["values"] == [
        {"value": page.days[date(2026, 10, 9)].figures["reach"], "end_time": "2026-10-10T07:00:00+0000"},
        {"value": page.days[date(2026, 10, 10)].figures["reach"], "end_time": "2026-10-11T07:00:00+0000"},
    ]
    assert told["data"][0]["id"] == f"{PAGE}/insights/page_total_media_view_unique/day"
    assert told["paging"].keys() == {"previous", "next"}


def test_the_first_end_time_is_a_day_after_since(client: httpx2.Client, world: World) -> None:
    # The guide: "If you set since to January 1, 2018, the end_time will be January 2, 2018 at 8:00 GMT".
    world.now = datetime(2018, 1, 5, tzinfo=UTC)
    page = world.only(Network.FACEBOOK)
    created, page.created_at = page.created_at, world.now - timedelta(days=9)
    page.days[date(2018, 1, 1)] = Day(200, 1, 0, {"views": 10})
    try:
        told = graph(client, f"{PAGE}/insights", metric="page_media_view", period="day", since="2018-01-01")
    finally:
        page.created_at = created
        del page.days[date(2018, 1, 1)]
    assert told["data"][0]["values"] == [{"value": 10, "end_time": "2018-01-02T08:00:00+0000"}]


def test_a_range_starts_with_its_day_wherever_midnight_is(client: httpx2.Client) -> None:
    def first(**params: str) -> str:
        told = graph(client, f"{PAGE}/insights", metric="page_follows", period="day", **params)
        return told["data"][0]["values"][0]["end_time"]

    day = datetime(2026, 10, 9, tzinfo=UTC)
    for hours in (0, 7):
        start = day + timedelta(hours=hours)
        ends = str(int((start + timedelta(days=1)).timestamp()))
        assert first(since=str(int(start.timestamp())), until=ends) == "2026-10-10T07:00:00+0000"


def test_ranges_are_at_most_90_days_for_pages_and_30_for_instagram(client: httpx2.Client) -> None:
    pages = graph(
        client,
        f"{PAGE}/insights",
        metric="page_follows",
        period="day",
        since="2026-08-01",
        until="2026-10-31",
    )
    assert pages["error"]["code"] == 100
    assert "more than 90 days" in pages["error"]["message"]
    series = {"metric": "reach", "period": "day", "since": "2026-10-01"}
    assert "error" in graph(client, f"{INSTAGRAM}/insights", META_TOKEN, **series, until="2026-11-01")
    assert (
        len(
            graph(client, f"{INSTAGRAM}/insights", META_TOKEN, **series, until="2026-10-31")["data"][0][
                "values"
            ]
        )
        == 30
    )


def test_a_withdrawn_metric_fails_the_whole_request(client: httpx2.Client, world: World) -> None:
    # In the words of the reference, an "invalid metric error".
    invalid = {
        "error": {
            "message": "(#100) The value must be a valid insights metric",
            "type": "OAuthException",
            "code": 100,
            "fbtrace_id": "EJplcsCHuLu",
        }
    }
    assert graph(client, f"{PAGE}/insights", metric="page_follows,page_impressions", period="day") == invalid
    world.withdraw("page_views_total")
    try:
        assert graph(client, f"{PAGE}/insights", metric="page_views_total", period="day") == invalid
        world.now -= timedelta(days=1)
        assert "data" in graph(client, f"{PAGE}/insights", metric="page_views_total", period="day")
    finally:
        del world.withdrawn["page_views_total"]


def test_figures_of_the_last_48_hours_are_still_counted(client: httpx2.Client, world: World) -> None:
    final = world.only(Network.FACEBOOK).days[date(2026, 11, 18)].figures["views"]

    def told() -> int:
        params = {"metric": "page_media_view", "period": "day", "since": "2026-11-18", "until": "2026-11-19"}
        return graph(client, f"{PAGE}/insights", **params)["data"][0]["values"][0]["value"]

    assert told() == final - final // 5
    world.now = datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert told() == final


def test_metrics_of_an_account_say_how_they_are_to_be_asked_for(client: httpx2.Client, world: World) -> None:
    refused = graph(client, f"{INSTAGRAM}/insights", META_TOKEN, metric="views,reach", period="day")
    assert "(views) should be specified with parameter metric_type=total_value" in refused["error"]["message"]
    account = world.only(Network.INSTAGRAM)
    params = {"metric_type": "total_value", "period": "day", "since": "2026-10-05", "until": "2026-10-07"}
    told = graph(client, f"{INSTAGRAM}/insights", META_TOKEN, metric="views", **params)["data"][0]
    days = [account.days[date(2026, 10, day)].figures["views"] for day in (5, 6)]
    assert told["total_value"] == {"value": sum(days)}
    assert told["id"] == f"{INSTAGRAM}/insights/views/day"
    split = graph(
        client,
        f"{INSTAGRAM}/insights",
        META_TOKEN,
        metric="follows_and_unfollows",
        breakdown="follow_type",
        **params,
    )
    shape = split["data"][0]["total_value"]["breakdowns"][0]
    assert shape["dimension_keys"] == ["follow_type"]
    assert [one["dimension_values"] for one in shape["results"]] == [["FOLLOWER"], ["NON_FOLLOWER"]]


def test_media_insights_have_the_printed_shape(client: httpx2.Client, world: World) -> None:
    # The reference of media insights: each metric once, its period "lifetime", with one value.
    post = next(one for one in world.only(Network.INSTAGRAM).posts if one.form is Form.PHOTO)
    told = graph(client, f"{post.id}/insights", META_TOKEN, metric="views,saved")["data"]
    assert told[0]["values"] == [{"value": post.figure("views", NOW)}]
    assert [one["id"] for one in told] == [
        f"{post.id}/insights/{name}/lifetime" for name in ("views", "saved")
    ]
    reel = next(one for one in world.only(Network.INSTAGRAM).posts if one.form is Form.REEL)
    refused = graph(client, f"{reel.id}/insights", META_TOKEN, metric="follows")
    assert "does not support the follows metric for this media product type" in refused["error"]["message"]


def test_the_last_page_has_no_next(client: httpx2.Client, serving: Networks, world: World) -> None:
    small(serving, 4)
    address, found = f"{GRAPH}/{PAGE}/posts?access_token={PAGE_TOKEN}&fields=id&limit=100", list[str]()
    while address:
        page = client.get(address).json()
        found += [one["id"] for one in page["data"]]
        assert page["paging"]["cursors"].keys() == {"before", "after"}
        address = page["paging"].get("next")
    assert found == [f"{PAGE}_{post.id}" for post in world.only(Network.FACEBOOK).listed(NOW)]


def test_a_cursor_is_invalid_once_its_post_is_deleted(client: httpx2.Client, world: World) -> None:
    # "It will be invalidated if the item is deleted or removed."
    page = graph(client, f"{PAGE}/posts", limit="3")
    post = world.only(Network.FACEBOOK).listed(NOW)[2]
    post.deleted_at = NOW
    try:
        after = page["paging"]["cursors"]["after"]
        assert graph(client, f"{PAGE}/posts", limit="3", after=after)["error"]["code"] == 100
    finally:
        post.deleted_at = None


def test_fields_hold_requests_of_their_own(client: httpx2.Client, world: World) -> None:
    fields = (
        "id,comments.limit(0).summary(true).filter(stream),reactions.summary(total_count).limit(0),shares"
    )
    post = world.only(Network.FACEBOOK).listed(NOW)[0]
    told = graph(client, f"{PAGE}_{post.id}", fields=fields)
    assert told["comments"]["summary"]["total_count"] == post.commented(NOW)
    assert told["reactions"]["summary"]["total_count"] == post.figure("reactions", NOW)
    assert told["shares"] == {"count": post.figure("shares", NOW)}
    wrong = graph(client, f"{PAGE}_{post.id}", fields="id,likers")
    assert (
        wrong["error"]["message"]
        == "(#100) Tried accessing nonexisting field (likers) on node type (PagePost)"
    )


@pytest.mark.parametrize(
    ("path", "token", "code", "subcode"),
    [
        (PAGE, "wrong", 190, None),
        ("1", PAGE_TOKEN, 100, 33),
        ("nobody", PAGE_TOKEN, 803, None),
        (f"{PAGE}/insights?metric=page_follows", META_TOKEN, 190, None),
        (f"{PAGE}/insights", PAGE_TOKEN, 3001, 1504028),
    ],
)
def test_errors_have_one_shape_and_the_documented_codes(
    client: httpx2.Client, path: str, token: str, code: int, subcode: int | None
) -> None:
    error = client.get(f"{GRAPH}/{path}", params={"access_token": token}).json()["error"]
    assert {"message", "type", "code", "fbtrace_id"} <= error.keys()
    assert (error["code"], error.get("error_subcode")) == (code, subcode)


def test_a_token_that_ended_says_so_by_subcode_463(client: httpx2.Client, world: World) -> None:
    world.now = NOW + timedelta(days=60)
    assert graph(client, "me/accounts", META_TOKEN)["error"]["error_subcode"] == 463
    assert graph(client, "debug_token", input_token=META_TOKEN)["data"]["is_valid"] is False
    told = graph(client, "debug_token", input_token=PAGE_TOKEN)["data"]
    assert (told["type"], told["is_valid"], told["expires_at"]) == ("PAGE", True, 0)


def test_a_token_without_a_permission_is_refused(client: httpx2.Client, world: World) -> None:
    token = world.tokens[PAGE_TOKEN]
    scopes, token.scopes = token.scopes, token.scopes - {"read_insights"}
    try:
        refused = graph(client, f"{PAGE}/insights", metric="page_follows", period="day")
    finally:
        token.scopes = scopes
    assert (refused["error"]["code"], "read_insights" in refused["error"]["message"]) == (200, True)


# YouTube: developers.google.com/youtube/v3/docs, getting-started, guides/implementation/pagination.


def youtube(client: httpx2.Client, method: str, **params: str) -> Any:
    return client.get(f"{DATA}/{method}", params={"key": YOUTUBE_KEY, **params}).json()


def test_only_the_parts_that_are_asked_for_come(client: httpx2.Client) -> None:
    told = youtube(client, "channels", part="snippet,statistics", id=CHANNEL)
    assert told["kind"] == "youtube#channelListResponse"
    assert told["pageInfo"] == {"totalResults": 1, "resultsPerPage": 5}
    assert told["items"][0].keys() == {"kind", "etag", "id", "snippet", "statistics"}


def test_statistics_are_strings_and_subscribers_are_rounded_down(client: httpx2.Client, world: World) -> None:
    # "This value is rounded down to three significant figures."
    channel = world.only(Network.YOUTUBE)
    count = channel.days[NOW.date()].followers
    statistics = youtube(client, "channels", part="statistics", forHandle="@AtelierBleu")["items"][0][
        "statistics"
    ]
    assert statistics["subscriberCount"] == f"{str(count)[:3]}{'0' * (len(str(count)) - 3)}"
    channel.days[NOW.date()].followers = 123
    told = youtube(client, "channels", part="statistics", id=CHANNEL)["items"][0]["statistics"]
    channel.days[NOW.date()].followers = count
    assert told["subscriberCount"] == "123"


def test_uploads_come_in_pages_by_token_and_shift_when_a_video_arrives(
    client: httpx2.Client, world: World
) -> None:
    params = {"part": "contentDetails", "playlistId": UPLOADS, "maxResults": "4"}
    first = youtube(client, "playlistItems", **params)
    assert first["pageInfo"] == {"totalResults": 9, "resultsPerPage": 4}
    video = arriving(world, Network.YOUTUBE, minutes=1)
    try:
        second = youtube(client, "playlistItems", **params, pageToken=first["nextPageToken"])
    finally:
        world.only(Network.YOUTUBE).posts.remove(video)
    assert second["items"][0]["contentDetails"] == first["items"][3]["contentDetails"]
    assert "prevPageToken" in second


def test_hidden_figures_are_left_out_and_disabled_comments_are_an_error(
    client: httpx2.Client, world: World
) -> None:
    unliked, silent = world.only(Network.YOUTUBE).posts[:2]
    told = youtube(client, "videos", part="statistics", id=f"{unliked.id},{silent.id},none")["items"]
    assert [one["statistics"].keys() for one in told] == [
        {"viewCount", "favoriteCount", "commentCount"},
        {"viewCount", "favoriteCount", "likeCount"},
    ]
    refused = youtube(client, "commentThreads", part="snippet", videoId=silent.id)["error"]
    assert (refused["code"], refused["errors"][0]["reason"]) == (403, "commentsDisabled")


@pytest.mark.parametrize(
    ("method", "params", "code", "reason"),
    [
        ("channels", {"id": CHANNEL}, 400, "missingRequiredParameter"),
        ("channels", {"part": "id", "id": CHANNEL, "key": "wrong"}, 400, "keyInvalid"),
        ("channels", {"part": "id", "id": CHANNEL, "key": ""}, 403, "forbidden"),
        ("channels", {"part": "id", "mine": "true"}, 401, "authError"),
        ("playlistItems", {"part": "id", "playlistId": "UUnone"}, 404, "playlistNotFound"),
        ("playlistItems", {"part": "id", "playlistId": UPLOADS, "pageToken": "?"}, 400, "invalidPageToken"),
        ("videos", {"part": "id", "id": ",".join("v" * 51)}, 400, "invalidFilters"),
        ("commentThreads", {"part": "id", "videoId": "none"}, 404, "videoNotFound"),
    ],
)  # fmt: skip
def test_errors_of_the_data_api_have_the_documented_reasons(
    client: httpx2.Client, method: str, params: dict[str, str], code: int, reason: str
) -> None:
    error = youtube(client, method, **params)["error"]
    assert (error["code"], error["errors"][0]["reason"]) == (code, reason)
    assert error["errors"][0].keys() == {"message", "domain", "reason"}


def test_an_etag_saves_the_answer(client: httpx2.Client) -> None:
    address = f"{DATA}/channels?part=snippet&id={CHANNEL}&key={YOUTUBE_KEY}"
    first = client.get(address)
    assert first.headers["etag"] == first.json()["etag"]
    assert client.get(address, headers={"if-none-match": first.json()["etag"]}).status_code == 304


def test_a_refresh_token_gives_an_access_token(client: httpx2.Client) -> None:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": YOUTUBE_REFRESH,
        "client_id": "a",
        "client_secret": "b",
    }
    told = client.post("https://oauth2.googleapis.com/token", data=form).json()
    assert told.keys() == {"access_token", "expires_in", "scope", "token_type"}
    mine = client.get(f"{DATA}/channels?part=id&mine=true", headers=bearer(told["access_token"])).json()
    assert (told["access_token"], mine["items"][0]["id"]) == (YOUTUBE_TOKEN, CHANNEL)


def test_the_quota_ends(client: httpx2.Client, serving: Networks) -> None:
    serving.youtube.quota = 1
    assert "items" in youtube(client, "channels", part="id", id=CHANNEL)
    error = youtube(client, "channels", part="id", id=CHANNEL)["error"]
    serving.youtube.quota = None
    assert (error["code"], error["errors"][0]["reason"], error["errors"][0]["domain"]) == (
        403, "quotaExceeded", "youtube.quota",
    )  # fmt: skip
