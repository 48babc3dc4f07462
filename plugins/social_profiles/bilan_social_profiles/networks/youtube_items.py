"""What YouTube's resources ``video`` and ``commentThread`` say, as facts.

https://developers.google.com/youtube/v3/docs/videos#resource,
https://developers.google.com/youtube/v3/docs/commentThreads#resource and
https://developers.google.com/youtube/v3/docs/comments#resource.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from bilan.sdk import Fact, JsonObject, Unreadable, read_count, read_instant, read_object, read_text
from bilan_social_profiles.hashtags import hashtags_in
from bilan_social_profiles.networks.facts import Profile
from bilan_social_profiles.textdomain import _
from bilan_social_profiles.vocabulary import ItemKind, PostKind

WATCH = "https://www.youtube.com/watch?v="
THUMBNAILS = ("high", "medium", "standard", "maxres", "default")
"""The sizes of pictures, that which suits a report first."""


def published_at(resource: JsonObject) -> datetime:
    """When a video or comment was published (UTC). Raises ``Unreadable`` where it does not say."""
    if at := read_instant(read_object(resource.get("snippet")).get("publishedAt"), UTC):
        return at
    raise Unreadable(_("This post does not say when it was published."))


def read_video(video: JsonObject, profile: Profile, picture: str) -> Fact:
    """A video of the channel. Of shares, reach and impressions the Data API tells nothing."""
    snippet, figures = read_object(video.get("snippet")), read_object(video.get("statistics"))
    ident = read_text(video.get("id"))
    if not ident:
        raise Unreadable(_("This item has no id."))
    title, description = read_text(snippet.get("title")), read_text(snippet.get("description"))
    return profile.post(
        ident,
        published_at(video),
        kind=(PostKind.LIVE if video.get("liveStreamingDetails") else PostKind.VIDEO).value,
        text=title,
        url=WATCH + ident,
        reactions=read_count(figures.get("likeCount")),
        comments=read_count(figures.get("commentCount")),
        video_views=read_count(figures.get("viewCount")),
        hashtags=hashtags_in(f"{title}\n{description}"),
        picture=picture,
    )


def picture_address(video: JsonObject) -> str:
    """Where the picture of a video is."""
    sizes = read_object(read_object(video.get("snippet")).get("thumbnails"))
    found = (read_object(sizes.get(size)).get("url") for size in THUMBNAILS)
    return next((read_text(address) for address in found if address), "")


def top_comment(thread: JsonObject) -> JsonObject:
    """The comment that a thread starts with."""
    return read_object(read_object(thread.get("snippet")).get("topLevelComment"))


def read_thread(thread: JsonObject, profile: Profile, replied_at: datetime | None) -> Fact:
    """A comment under a video of the channel, with when the channel answered it."""
    comment = top_comment(thread)
    snippet, ident = read_object(comment.get("snippet")), read_text(comment.get("id"))
    video = read_text(read_object(thread.get("snippet")).get("videoId"))
    if not ident:
        raise Unreadable(_("This item has no id."))
    return profile.item(
        ident,
        ItemKind.COMMENT,
        published_at(comment),
        replied_at=replied_at,
        author=read_text(snippet.get("authorDisplayName")),
        text=read_text(snippet.get("textOriginal") or snippet.get("textDisplay")),
        post=video,
        url=f"{WATCH}{video}&lc={ident}" if video else "",
    )


def author_of(comment: JsonObject) -> str:
    """The id of the channel that wrote a comment."""
    return read_text(read_object(read_object(comment.get("snippet")).get("authorChannelId")).get("value"))


def first_reply(comments: Iterable[Any], channel: str) -> datetime | None:
    """When the channel first replied among these comments; ``None`` where it did not."""
    own = (one for one in map(read_object, comments) if author_of(one) == channel)
    return min(map(published_at, own), default=None)
