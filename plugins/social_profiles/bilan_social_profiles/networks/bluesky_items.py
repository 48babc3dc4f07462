"""What Bluesky's views of posts and notifications say, as facts.

The lexicons ``app.bsky.feed.defs#postView``, ``app.bsky.embed.*#view``,
``app.bsky.richtext.facet`` and ``app.bsky.notification.listNotifications``
(https://github.com/bluesky-social/atproto/tree/main/lexicons), and
https://docs.bsky.app/docs/advanced-guides/timestamps for what a post's time is.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bilan.sdk import Fact, JsonObject, Unreadable, read_count, read_instant, read_object, read_text
from bilan_social_profiles.hashtags import read_hashtags
from bilan_social_profiles.networks.facts import Profile, added
from bilan_social_profiles.textdomain import _
from bilan_social_profiles.vocabulary import ItemKind, PostKind

TAG = "app.bsky.richtext.facet#tag"
KINDS = {"reply": ItemKind.COMMENT, "mention": ItemKind.MENTION, "quote": ItemKind.MENTION}
"""The reasons of notifications that are kept."""
EMBEDS = {
    "app.bsky.embed.video": PostKind.VIDEO,
    "app.bsky.embed.external": PostKind.LINK,
    "app.bsky.embed.record": PostKind.SHARE,
}


def written_at(view: JsonObject) -> datetime:
    """When a post was written (UTC): the earlier of what it says itself and when the network first saw it."""
    moments = [_instant(read_object(view.get("record")).get("createdAt")), _instant(view.get("indexedAt"))]
    found = [moment for moment in moments if moment is not None]
    if not found:
        raise Unreadable(_("This post does not say when it was published."))
    return min(found)


def read_post(view: JsonObject, profile: Profile, picture: str) -> Fact:
    """A post of the profile. Reposts and quotes are its shares; views are not counted on Bluesky."""
    record, uri = read_object(view.get("record")), uri_of(view)
    return profile.post(
        uri,
        written_at(view),
        kind=kind_of(view).value,
        text=read_text(record.get("text")),
        url=address_of(uri, read_text(read_object(view.get("author")).get("handle"))),
        reactions=read_count(view.get("likeCount")),
        comments=read_count(view.get("replyCount")),
        shares=added(read_count(view.get("repostCount")), read_count(view.get("quoteCount"))),
        saves=read_count(view.get("bookmarkCount")),
        hashtags=read_hashtags(_tags(record)),
        picture=picture,
    )


def uri_of(view: JsonObject) -> str:
    """The ``at://`` address of a post. Raises ``Unreadable`` where it has none."""
    if uri := read_text(view.get("uri")).strip():
        return uri
    raise Unreadable(_("This item has no id."))


def key_of(uri: str) -> str:
    """The last part of an ``at://`` address, which tells a record apart in its collection."""
    return uri.rsplit("/", 1)[-1]


def address_of(uri: str, handle: str) -> str:
    """Where a post can be seen."""
    return f"https://bsky.app/profile/{handle or uri.split('/')[2]}/post/{key_of(uri)}"


def kind_of(view: JsonObject) -> PostKind:
    """What a post is, by what is embedded in it."""
    media = _media(view)
    name = read_text(media.get("$type")).removesuffix("#view")
    if name == "app.bsky.embed.images":
        return PostKind.ALBUM if len(_list(media.get("images"))) > 1 else PostKind.PHOTO
    return EMBEDS.get(name, PostKind.OTHER if name else PostKind.TEXT)


def picture_address(view: JsonObject) -> str:
    """Where the picture of a post is: its first image, of its video, or of the page that it links to."""
    media = _media(view)
    images = [read_object(one).get("fullsize") for one in _list(media.get("images"))]
    found = [*images, media.get("thumbnail"), read_object(media.get("external")).get("thumb")]
    return next((read_text(address) for address in found if address), "")


def read_notification(notification: JsonObject, profile: Profile, replied_at: datetime | None) -> Fact:
    """A reply, mention or quote, with when the profile answered it."""
    author, uri = read_object(notification.get("author")), uri_of(notification)
    reason = read_text(notification.get("reason"))
    return profile.item(
        uri,
        KINDS[reason],
        written_at(notification),
        replied_at=replied_at,
        author=read_text(author.get("handle")),
        text=read_text(read_object(notification.get("record")).get("text")),
        post=read_text(notification.get("reasonSubject")) if reason == "reply" else "",
        url=address_of(uri, read_text(author.get("handle"))),
    )


def replied_in(thread: JsonObject, profile_id: str) -> datetime | None:
    """When the account first answered a post (``threadViewPost``); ``None`` where it did not."""
    replies = (read_object(read_object(one).get("post")) for one in _list(thread.get("replies")))
    found = [written_at(post) for post in replies if read_object(post.get("author")).get("did") == profile_id]
    return min(found, default=None)


def _media(view: JsonObject) -> JsonObject:
    """What is embedded; of a quote with media, the media."""
    embed = read_object(view.get("embed")) or read_object(read_object(view.get("record")).get("embed"))
    return read_object(embed.get("media")) or embed


def _tags(record: JsonObject) -> list[str]:
    features = (
        read_object(feature)
        for facet in _list(record.get("facets"))
        for feature in _list(read_object(facet).get("features"))
    )
    found = [read_text(one.get("tag")) for one in features if one.get("$type") == TAG]
    return found + [read_text(tag) for tag in _list(record.get("tags"))]


def _instant(value: Any) -> datetime | None:
    # People's programs write this time: one that is none says nothing.
    try:
        return read_instant(value, UTC)
    except Unreadable:
        return None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
