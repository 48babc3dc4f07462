"""What Mastodon's entities Status and Notification say, as facts.

https://docs.joinmastodon.org/entities/Status/,
https://docs.joinmastodon.org/entities/MediaAttachment/ and
https://docs.joinmastodon.org/entities/Notification/.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bilan.sdk import Fact, JsonObject, Unreadable, read_count, read_instant, read_object, read_text
from bilan_social_profiles.hashtags import read_hashtags
from bilan_social_profiles.networks.facts import Profile, added
from bilan_social_profiles.networks.texts import plain_text
from bilan_social_profiles.textdomain import _
from bilan_social_profiles.vocabulary import ItemKind, PostKind

MEDIA = {
    "image": PostKind.PHOTO,
    "gifv": PostKind.VIDEO,
    "video": PostKind.VIDEO,
}


def written_at(status: JsonObject) -> datetime:
    """When a status was written (UTC). Raises ``Unreadable`` where it does not say."""
    if at := read_instant(status.get("created_at"), UTC):
        return at
    raise Unreadable(_("This post does not say when it was published."))


def id_of(status: JsonObject) -> str:
    """The id of an entity. Raises ``Unreadable`` where it has none."""
    if ident := read_text(status.get("id")).strip():
        return ident
    raise Unreadable(_("This item has no id."))


def read_status(status: JsonObject, profile: Profile, picture: str) -> Fact:
    """A post of the profile. Boosts and quotes are its shares; views are not counted on Mastodon."""
    return profile.post(
        id_of(status),
        written_at(status),
        kind=kind_of(status).value,
        text=text_of_status(status),
        url=read_text(status.get("url") or status.get("uri")),
        reactions=read_count(status.get("favourites_count")),
        comments=read_count(status.get("replies_count")),
        shares=added(read_count(status.get("reblogs_count")), read_count(status.get("quotes_count"))),
        hashtags=read_hashtags(
            [read_text(read_object(tag).get("name")) for tag in _list(status.get("tags"))]
        ),
        picture=picture,
    )


def text_of_status(status: JsonObject) -> str:
    """The subject and the text of a status, without markup."""
    parts = (read_text(status.get("spoiler_text")).strip(), plain_text(read_text(status.get("content"))))
    return "\n\n".join(part for part in parts if part)


def kind_of(status: JsonObject) -> PostKind:
    """What a status is, by what is attached to it."""
    media = _list(status.get("media_attachments"))
    if len(media) > 1:
        return PostKind.ALBUM
    if media:
        return MEDIA.get(read_text(read_object(media[0]).get("type")), PostKind.OTHER)
    if status.get("poll"):
        return PostKind.POLL
    return PostKind.LINK if status.get("card") else PostKind.TEXT


def picture_address(status: JsonObject) -> str:
    """Where the picture of a status is: of its first attachment, else of the page that it links to."""
    for one in map(read_object, _list(status.get("media_attachments"))):
        if found := one.get("preview_url") or (one.get("url") if one.get("type") == "image" else None):
            return read_text(found)
    return read_text(read_object(status.get("card")).get("image"))


def read_mention(notification: JsonObject, profile: Profile, replied_at: datetime | None) -> Fact:
    """A status that mentions the profile: a comment where it answers one of its own."""
    status = read_object(notification.get("status"))
    answers = read_text(status.get("in_reply_to_account_id")) == profile.profile_id
    return profile.item(
        id_of(status),
        ItemKind.COMMENT if answers else ItemKind.MENTION,
        written_at(status),
        replied_at=replied_at,
        author=read_text(read_object(status.get("account")).get("acct")),
        text=text_of_status(status),
        post=read_text(status.get("in_reply_to_id")) if answers else "",
        url=read_text(status.get("url")),
    )


def replied_in(context: JsonObject, item: str, profile_id: str) -> datetime | None:
    """When the account first answered the status of a thread (``Context``); ``None`` where it did not."""
    found = [
        written_at(status)
        for status in map(read_object, _list(context.get("descendants")))
        if read_text(status.get("in_reply_to_id")) == item
        and read_text(read_object(status.get("account")).get("id")) == profile_id
    ]
    return min(found, default=None)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
