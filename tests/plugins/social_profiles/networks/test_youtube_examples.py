"""The examples that YouTube's documentation prints, as facts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bilan.outbound.samples import pulled
from bilan.sdk import RateLimited, SampleReply, SampleRequest
from bilan_social_profiles.networks.facts import Profile
from bilan_social_profiles.networks.youtube import YouTube
from bilan_social_profiles.networks.youtube_items import picture_address, read_thread, read_video

PROFILE = Profile("youtube", "Google Developers", "UC_x5XG1OV2P6uZZ5FSM9Ttw")

# https://developers.google.com/youtube/v3/getting-started#partial, example 1.
VIDEO: dict[str, Any] = {
    "id": "7lCDEYXw3mM",
    "kind": "youtube#video",
    "etag": '"UCBpFjp2h75_b92t44sqraUcyu0/iYynQR8AtacsFUwWmrVaw4Smb_Q"',
    "snippet": {
        "publishedAt": "2012-06-20T22:45:24.000Z",
        "channelId": "UC_x5XG1OV2P6uZZ5FSM9Ttw",
        "title": "Google I/O 101: Q&A On Using Google APIs",
        "description": "Antonio Fuentes speaks to us and takes questions on working with Google APIs and "
        "OAuth 2.0.",
        "thumbnails": {
            "default": {"url": "https://i.ytimg.com/vi/7lCDEYXw3mM/default.jpg"},
            "medium": {"url": "https://i.ytimg.com/vi/7lCDEYXw3mM/mqdefault.jpg"},
            "high": {"url": "https://i.ytimg.com/vi/7lCDEYXw3mM/hqdefault.jpg"},
        },
        "categoryId": "28",
    },
    "contentDetails": {"duration": "PT15M51S", "aspectRatio": "RATIO_16_9"},
    "statistics": {
        "viewCount": "3057",
        "likeCount": "25",
        "dislikeCount": "0",
        "favoriteCount": "17",
        "commentCount": "12",
    },
    "status": {"uploadStatus": "STATUS_PROCESSED", "privacyStatus": "PRIVACY_PUBLIC"},
}


def test_a_video_is_a_post_with_its_views_likes_and_comments() -> None:
    assert picture_address(VIDEO) == "https://i.ytimg.com/vi/7lCDEYXw3mM/hqdefault.jpg"
    assert read_video(VIDEO, PROFILE, "a1").row == {
        "network": "youtube",
        "profile": "Google Developers",
        "profile_id": "UC_x5XG1OV2P6uZZ5FSM9Ttw",
        "post": "7lCDEYXw3mM",
        "undated": False,
        "published_at": datetime(2012, 6, 20, 22, 45, 24, tzinfo=UTC),
        "kind": "video",
        "text": "Google I/O 101: Q&A On Using Google APIs",
        "url": "https://www.youtube.com/watch?v=7lCDEYXw3mM",
        "reactions": 25,
        "comments": 12,
        "video_views": 3057,
        "engagement": 37,
        "hashtags": [],
        "picture": "a1",
    }


def test_likes_that_a_channel_hides_are_missing_and_not_nought() -> None:
    row = read_video({**VIDEO, "statistics": {"viewCount": "3057", "commentCount": "12"}}, PROFILE, "").row
    assert (row["reactions"], row["engagement"]) == (None, 12)


def test_a_thread_is_the_comment_that_it_starts_with() -> None:
    # The resources of https://developers.google.com/youtube/v3/docs/commentThreads and .../comments.
    thread = {
        "id": "Ugz1",
        "snippet": {
            "videoId": "7lCDEYXw3mM",
            "topLevelComment": {
                "id": "Ugz1",
                "snippet": {
                    "authorDisplayName": "@viewer",
                    "authorChannelId": {"value": "UCviewer"},
                    "textDisplay": "A question",
                    "textOriginal": "A question",
                    "publishedAt": "2026-11-02T10:00:00Z",
                },
            },
            "totalReplyCount": 1,
        },
    }
    row = read_thread(thread, PROFILE, datetime(2026, 11, 2, 10, 1, tzinfo=UTC)).row
    assert (row["item"], row["author"], row["text"], row["post"]) == (
        "Ugz1", "@viewer", "A question", "7lCDEYXw3mM",
    )  # fmt: skip
    assert (row["url"], row["response_seconds"]) == (
        "https://www.youtube.com/watch?v=7lCDEYXw3mM&lc=Ugz1",
        60,
    )


@pytest.mark.requirement("AD-17")
@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("Fri, 10 Apr 2026 06:50:00 GMT", 600),
        ("Fri, 10 Apr 2026 07:10:00 GMT", 24 * 3600 - 600),
        ("some day", 17 * 3600),
        ("", 17 * 3600),
    ],
)
def test_a_quota_is_renewed_after_the_midnight_that_comes_next_by_youtubes_clock(
    date: str, seconds: int
) -> None:
    # https://developers.google.com/youtube/v3/docs/errors; midnight in California is 7:00 GMT in summer.
    refusal = {"error": {"code": 403, "errors": [{"domain": "youtube.quota", "reason": "quotaExceeded"}]}}

    def answer(_request: SampleRequest) -> SampleReply:
        return SampleReply(refusal, 403, {"date": date})

    settings, began = {"api_key": "key", "account": "@hats"}, datetime(2026, 4, 9, 14, tzinfo=UTC)
    with pytest.raises(RateLimited) as error:
        list(pulled(YouTube(), answer, settings, began))
    assert error.value.seconds == seconds
