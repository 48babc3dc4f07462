"""What Bluesky shows of profiles and posts: ``app.bsky.actor.defs``, ``app.bsky.feed.defs`` and embeds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from support.networks.content import BLUESKY, address
from support.networks.identifiers import cid, zulu
from support.networks.world import Account, Comment, Form, Person, Post


def uri(account: Account, key: str) -> str:
    """The address of a post: ``at://did:plc:…/app.bsky.feed.post/3k…``."""
    return f"at://{account.id}/app.bsky.feed.post/{key}"


def profile(account: Account, base: str, now: datetime) -> dict[str, Any]:
    """A ``profileViewDetailed``."""
    return {
        **_basic(account, base),
        "description": account.about,
        "followersCount": account.followers(now),
        "followsCount": 12,
        "postsCount": sum(not post.shared for post in account.listed(now)),
        "indexedAt": zulu(account.created_at),
    }


def post_view(account: Account, post: Post, base: str, now: datetime) -> dict[str, Any]:
    """A ``postView``; of a repost, the other's."""
    author = _person(post.shared) if post.shared else _basic(account, base)
    address_ = f"at://{author['did']}/app.bsky.feed.post/{post.id}"
    view = {
        "uri": address_,
        "cid": cid(address_, post.text),
        "author": author,
        "record": _record(post),
        "replyCount": sum(one.there(now) for one in post.comments),
        "repostCount": post.figure("shares", now),
        "likeCount": post.figure("reactions", now),
        "quoteCount": post.figure("quotes", now),
        "bookmarkCount": post.figure("saves", now),
        "indexedAt": zulu(post.at),
        "labels": [],
    }
    embed = _embed(account, post, base)
    return {**view, "embed": embed} if embed else view


def feed_post(account: Account, post: Post, base: str, now: datetime) -> dict[str, Any]:
    """A ``feedViewPost``: with a reason where it is a repost, with what it answers where it is a reply."""
    view: dict[str, Any] = {"post": post_view(account, post, base, now)}
    if post.shared:
        kind = "app.bsky.feed.defs#reasonRepost"
        view["reason"] = {"$type": kind, "by": _basic(account, base), "indexedAt": zulu(post.at)}
    if post.answers:
        gone = {"$type": "app.bsky.feed.defs#notFoundPost", "uri": _answered(post), "notFound": True}
        view["reply"] = {"root": gone, "parent": gone}
    return view


def reply_view(
    account: Account, post: Post | None, comment: Comment, base: str, now: datetime, to: Comment | None = None
) -> dict[str, Any]:
    """A ``postView`` of what somebody wrote below a post of the account, or to it."""
    own = comment.author.id == account.id
    author = _basic(account, base) if own else _person(comment.author)
    address_ = f"at://{author['did']}/app.bsky.feed.post/{comment.id}"
    above = f"at://{to.author.id}/app.bsky.feed.post/{to.id}" if to else post and uri(account, post.id)
    root = uri(account, post.id) if post else above
    reply = {"root": _strong(root), "parent": _strong(above)} if above and root else None
    return {
        "uri": address_,
        "cid": cid(address_),
        "author": author,
        "record": _said(comment, reply),
        "replyCount": sum(one.there(now) for one in comment.answers),
        "repostCount": 0,
        "likeCount": 0,
        "quoteCount": 0,
        "indexedAt": zulu(comment.at),
        "labels": [],
    }


def notice(account: Account, post: Post | None, reason: str, comment: Comment, base: str) -> dict[str, Any]:
    """A notification: who answered which post, or mentioned the account."""
    address_ = f"at://{comment.author.id}/app.bsky.feed.post/{comment.id}"
    about = {"reasonSubject": uri(account, post.id)} if post else {}
    reply = (
        {"root": _strong(about["reasonSubject"]), "parent": _strong(about["reasonSubject"])}
        if about
        else None
    )
    return {
        "uri": address_,
        "cid": cid(address_),
        "author": _person(comment.author),
        "reason": reason,
        **about,
        "record": _said(comment, reply),
        "isRead": False,
        "indexedAt": zulu(comment.at),
        "labels": [],
    }


def _basic(account: Account, base: str) -> dict[str, Any]:
    return {
        "did": account.id,
        "handle": account.handle,
        "displayName": account.name,
        "avatar": address(base, BLUESKY, "img/avatar/plain", account.avatar),
        "createdAt": zulu(account.created_at),
        "labels": [],
    }


def _person(somebody: Person) -> dict[str, Any]:
    return {"did": somebody.id, "handle": somebody.handle, "displayName": somebody.name, "labels": []}


def _strong(address_: str) -> dict[str, str]:
    return {"uri": address_, "cid": cid(address_)}


def _answered(post: Post) -> str:
    assert post.answers
    return f"at://{post.answers.id}/app.bsky.feed.post/3jwdwj2ctlk26"


def _said(comment: Comment, reply: dict[str, Any] | None) -> dict[str, Any]:
    record = {
        "$type": "app.bsky.feed.post",
        "text": comment.text,
        "createdAt": zulu(comment.at),
        "langs": ["en"],
    }
    return {**record, "reply": reply} if reply else record


def _record(post: Post) -> dict[str, Any]:
    """The record that the author wrote: text, facets for links and hashtags by UTF-8 bytes, the reply."""
    whole: dict[str, Any] = {
        "$type": "app.bsky.feed.post",
        "text": post.text,
        "createdAt": zulu(post.at),
        "langs": ["en"],
    }
    facets = [
        _facet(post.text, f"#{tag}", {"$type": "app.bsky.richtext.facet#tag", "tag": tag})
        for tag in post.tags
    ]
    if post.link and post.link in post.text:
        facets.append(
            _facet(post.text, post.link, {"$type": "app.bsky.richtext.facet#link", "uri": post.link})
        )
    if facets:
        whole["facets"] = facets
    if post.answers:
        whole["reply"] = {"root": _strong(_answered(post)), "parent": _strong(_answered(post))}
    return whole


def _facet(text: str, part: str, feature: dict[str, str]) -> dict[str, Any]:
    start = len(text[: text.index(part)].encode())
    return {"index": {"byteStart": start, "byteEnd": start + len(part.encode())}, "features": [feature]}


def _embed(account: Account, post: Post, base: str) -> dict[str, Any] | None:
    if post.form is Form.VIDEO:
        thumbnail = address(base, BLUESKY, "watch/thumbnail", post.pictures[0])
        playlist = address(base, BLUESKY, "watch", post.pictures[0], "m3u8")
        return {
            "$type": "app.bsky.embed.video#view",
            "cid": cid(post.id),
            "playlist": playlist,
            "thumbnail": thumbnail,
        }
    if post.form in {Form.PHOTO, Form.ALBUM}:
        images = [
            {
                "thumb": address(base, BLUESKY, "img/feed_thumbnail/plain", name),
                "fullsize": address(base, BLUESKY, "img/feed_fullsize/plain", name),
                "alt": "",
                "aspectRatio": {"width": 640, "height": 480},
            }
            for name in post.pictures
        ]
        return {"$type": "app.bsky.embed.images#view", "images": images}
    if post.form is Form.LINK:
        external = {"uri": post.link, "title": "A page", "description": "What it is about"}
        return {"$type": "app.bsky.embed.external#view", "external": external}
    return None
