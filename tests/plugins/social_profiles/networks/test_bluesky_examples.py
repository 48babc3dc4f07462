"""The examples that Bluesky's documentation prints, as facts.

Records as printed in https://docs.bsky.app/docs/advanced-guides/posts, in the
views of posts that the lexicon ``app.bsky.feed.defs#postView`` describes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bilan_social_profiles.networks.bluesky_items import (
    kind_of,
    picture_address,
    read_notification,
    read_post,
    replied_in,
    written_at,
)
from bilan_social_profiles.networks.facts import Profile

DID = "did:plc:u5cwb2mwiv2bfq53cjufe6yn"
PROFILE = Profile("bluesky", "@atproto.com", DID)
URI = f"at://{DID}/app.bsky.feed.post/3k4duaz5vfs2b"

HELLO = {"$type": "app.bsky.feed.post", "text": "Hello World!", "createdAt": "2023-08-07T05:31:12.156888Z"}
QUOTE: dict[str, Any] = {
    "$type": "app.bsky.feed.post",
    "text": "example of a quote-post",
    "createdAt": "2023-08-07T05:49:39.417839Z",
    "embed": {
        "$type": "app.bsky.embed.record",
        "record": {
            "uri": f"at://{DID}/app.bsky.feed.post/3k44deefqdk2g",
            "cid": "bafyreiecx6dujwoeqpdzl27w67z4h46hyklk3an4i4cvvmioaqb2qbyo5u",
        },
    },
}
IMAGES: dict[str, Any] = {
    "$type": "app.bsky.feed.post",
    "text": "example post with multiple images attached",
    "createdAt": "2023-08-07T05:49:35.422015Z",
    "embed": {
        "$type": "app.bsky.embed.images",
        "images": [
            {"alt": "brief alt text description of the first image", "image": {"mimeType": "image/webp"}},
            {"alt": "brief alt text description of the second image", "image": {"mimeType": "image/png"}},
        ],
    },
}
CARD: dict[str, Any] = {
    "$type": "app.bsky.feed.post",
    "text": "post which embeds an external URL as a card",
    "createdAt": "2023-08-07T05:46:14.423045Z",
    "embed": {
        "$type": "app.bsky.embed.external",
        "external": {"uri": "https://bsky.app", "title": "Bluesky Social", "description": "See what's next."},
    },
}
REPLY: dict[str, Any] = {
    "$type": "app.bsky.feed.post",
    "text": "example of a reply",
    "createdAt": "2023-08-07T05:49:40.501974Z",
    "reply": {
        "root": {"uri": f"at://{DID}/app.bsky.feed.post/3k43tv4rft22g"},
        "parent": {"uri": f"at://{DID}/app.bsky.feed.post/3k43tv4rft22g"},
    },
}


def view(record: dict[str, Any], **further: Any) -> dict[str, Any]:
    return {
        "uri": URI,
        "cid": "bafyreibjifzpqj6o6wcq3hejh7y4z4z2vmiklkvykc57tw3pcbx3kxifpm",
        "author": {"did": DID, "handle": "atproto.com"},
        "record": record,
        "indexedAt": "2023-08-07T05:49:41.000Z",
        **further,
    }


def test_a_view_is_a_post_with_its_likes_replies_reposts_and_quotes() -> None:
    found = read_post(view(HELLO, likeCount=7, replyCount=2, repostCount=3, quoteCount=1), PROFILE, "")
    assert found.row == {
        "network": "bluesky",
        "profile": "@atproto.com",
        "profile_id": DID,
        "post": URI,
        "undated": False,
        "published_at": datetime(2023, 8, 7, 5, 31, 12, 156888, UTC),
        "kind": "text",
        "text": "Hello World!",
        "url": "https://bsky.app/profile/atproto.com/post/3k4duaz5vfs2b",
        "reactions": 7,
        "comments": 2,
        "shares": 4,
        "saves": None,
        "engagement": 13,
        "hashtags": [],
        "picture": "",
    }


@pytest.mark.parametrize(
    ("record", "kind"),
    [(HELLO, "text"), (QUOTE, "share"), (IMAGES, "album"), (CARD, "link"), (REPLY, "text")],
)
def test_what_is_embedded_says_what_a_post_is(record: dict[str, Any], kind: str) -> None:
    assert kind_of(view(record)) == kind


def test_the_picture_of_a_quote_with_images_is_its_first_image() -> None:
    images = {
        "$type": "app.bsky.embed.images#view",
        "images": [{"fullsize": "https://cdn.bsky.app/1", "thumb": "t"}],
    }
    embed = {"$type": "app.bsky.embed.recordWithMedia#view", "record": {}, "media": images}
    found = view(HELLO, embed=embed)
    assert (kind_of(found), picture_address(found)) == ("photo", "https://cdn.bsky.app/1")


def test_a_post_that_claims_to_be_of_the_future_is_as_old_as_the_network_has_known_it() -> None:
    # https://docs.bsky.app/docs/advanced-guides/timestamps: "sortAt" is the earlier of the two.
    ahead = view({**HELLO, "createdAt": "2099-01-01T00:00:00Z"})
    assert written_at(ahead) == datetime(2023, 8, 7, 5, 49, 41, tzinfo=UTC)
    assert written_at(view({**HELLO, "createdAt": "yesterday"})) == datetime(
        2023, 8, 7, 5, 49, 41, tzinfo=UTC
    )


def test_hashtags_are_those_of_the_text_and_those_beside_it() -> None:
    facet = {"index": {}, "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "Atproto"}]}
    record = {**HELLO, "facets": [facet], "tags": ["CBOR", "atproto"]}
    assert read_post(view(record), PROFILE, "").row["hashtags"] == ["atproto", "cbor"]


def test_a_reply_is_a_comment_that_took_the_account_so_long_to_answer() -> None:
    told = {**view(REPLY), "reason": "reply", "reasonSubject": REPLY["reply"]["parent"]["uri"]}
    told["author"] = {"did": "did:plc:other", "handle": "other.example"}
    answers = [
        {"post": view({**HELLO, "createdAt": "2023-08-07T05:49:40.900Z"}, author={"did": "did:plc:other"})},
        {
            "post": view(
                {**HELLO, "createdAt": "2023-08-07T05:51:40.501974Z"}, indexedAt="2023-08-07T05:51:41Z"
            )
        },
        {"$type": "app.bsky.feed.defs#blockedPost", "uri": "at://x", "blocked": True},
    ]
    found = read_notification(told, PROFILE, replied_in({"replies": answers}, DID)).row
    assert (found["kind"], found["author"], found["post"]) == (
        "comment",
        "other.example",
        f"at://{DID}/app.bsky.feed.post/3k43tv4rft22g",
    )
    assert (found["replied_at"], found["response_seconds"]) == (
        datetime(2023, 8, 7, 5, 51, 40, 501974, UTC),
        120,
    )
