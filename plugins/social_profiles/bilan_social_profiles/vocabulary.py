"""The words that every network's own words are translated into."""

from __future__ import annotations

from enum import StrEnum

NAMESPACE = "social"
POSTS = f"{NAMESPACE}.posts"
PROFILE_DAYS = f"{NAMESPACE}.profile_days"
COMMUNITY = f"{NAMESPACE}.community"


class PostKind(StrEnum):
    """What a post is. Any other word of a network is kept as it is, in lower case."""

    PHOTO = "photo"
    VIDEO = "video"
    REEL = "reel"
    """A short video in portrait, such as a YouTube Short."""
    ALBUM = "album"
    """Several pictures or videos in one post."""
    LINK = "link"
    TEXT = "text"
    STORY = "story"
    LIVE = "live"
    POLL = "poll"
    DOCUMENT = "document"
    SHARE = "share"
    """What another profile posted, handed on."""
    OTHER = "other"


class ItemKind(StrEnum):
    """What somebody sent to a profile or wrote about it."""

    MESSAGE = "message"
    COMMENT = "comment"
    REVIEW = "review"
    MENTION = "mention"
