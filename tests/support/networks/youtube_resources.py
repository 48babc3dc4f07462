"""YouTube's resources (https://developers.google.com/youtube/v3/docs): numbers of statistics are strings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from support.networks.content import YOUTUBE, address
from support.networks.identifiers import zulu
from support.networks.world import Account, Comment, Post

SHOWN = 5
"""Answers that a thread shows; all of them come by ``comments.list``."""
SIZES = {"default": (120, 90), "medium": (320, 180), "high": (480, 360)}


def uploads(account: Account) -> str:
    """The playlist of a channel's uploads."""
    return f"UU{account.id.removeprefix('UC')}"


def rounded(count: int) -> int:
    """Subscribers as everybody sees them: "rounded down to three significant figures"."""
    unit = 10 ** max(0, len(str(count)) - 3)
    return count // unit * unit


def channel(account: Account, parts: list[str], base: str, now: datetime) -> dict[str, Any]:
    """A ``youtube#channel``."""
    shown = [post for post in account.listed(now) if not post.private]
    views = sum(post.figure("views", now) for post in shown)
    hidden = {} if account.hides_followers else {"subscriberCount": str(rounded(account.followers(now)))}
    every: dict[str, Any] = {
        "snippet": {
            "title": account.name,
            "description": account.about,
            "customUrl": f"@{account.handle}",
            "publishedAt": zulu(account.created_at),
            "thumbnails": _thumbnails(account.avatar, base),
        },
        "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": uploads(account)}},
        "statistics": {
            "viewCount": str(views),
            **hidden,
            "hiddenSubscriberCount": account.hides_followers,
            "videoCount": str(len(shown)),
        },
        "status": {"privacyStatus": "public", "isLinked": True},
    }
    return _resource("youtube#channel", account.id, every, parts)


def playlist_item(account: Account, post: Post, position: int, parts: list[str], base: str) -> dict[str, Any]:
    """A ``youtube#playlistItem``: which video stands at which place."""
    whose = {"channelId": account.id, "channelTitle": account.name}
    every: dict[str, Any] = {
        "snippet": {
            **_snippet(post, base),
            **whose,
            "playlistId": uploads(account),
            "position": position,
            "resourceId": {"kind": "youtube#video", "videoId": post.id},
            "videoOwnerChannelTitle": account.name,
            "videoOwnerChannelId": account.id,
        },
        "contentDetails": {"videoId": post.id, "videoPublishedAt": zulu(post.at)},
        "status": {"privacyStatus": "public"},
    }
    return _resource("youtube#playlistItem", f"{uploads(account)}.{post.id}", every, parts)


def video(account: Account, post: Post, parts: list[str], base: str, now: datetime) -> dict[str, Any]:
    """A ``youtube#video``. Figures that its owner hides are left out."""
    counts = {"viewCount": str(post.figure("views", now)), "favoriteCount": "0"}
    if "likes_off" not in post.figures:
        counts["likeCount"] = str(post.figure("reactions", now))
    if "comments_off" not in post.figures:
        counts["commentCount"] = str(post.commented(now))
    every: dict[str, Any] = {
        "snippet": {
            **_snippet(post, base),
            "channelId": account.id,
            "channelTitle": account.name,
            "categoryId": "28",
            "liveBroadcastContent": "none",
            **({"tags": list(post.tags)} if post.tags else {}),
        },
        "contentDetails": {"duration": "PT15M51S", "dimension": "2d", "definition": "hd", "caption": "false"},
        "statistics": counts,
        "status": {"uploadStatus": "processed", "privacyStatus": "public", "embeddable": True},
    }
    return _resource("youtube#video", post.id, every, parts)


def thread(account: Account, post: Post, comment: Comment, parts: list[str], now: datetime) -> dict[str, Any]:
    """A ``youtube#commentThread``: a comment with the first answers to it."""
    answers = [one for one in comment.answers if one.there(now)]
    top = {
        "kind": "youtube#comment",
        "etag": comment.id,
        "id": comment.id,
        "snippet": _said(account, post, comment),
    }
    below = [reply(account, post, comment, one, ["snippet"]) for one in answers[:SHOWN]]
    every: dict[str, Any] = {
        "snippet": {
            "channelId": account.id,
            "videoId": post.id,
            "topLevelComment": top,
            "canReply": True,
            "totalReplyCount": len(answers),
            "isPublic": True,
        }
    }
    if below:
        every["replies"] = {"comments": below}
    return _resource("youtube#commentThread", comment.id, every, parts)


def reply(account: Account, post: Post, comment: Comment, one: Comment, parts: list[str]) -> dict[str, Any]:
    """A ``youtube#comment`` that answers another."""
    every = {"snippet": {**_said(account, post, one), "parentId": comment.id}}
    return _resource("youtube#comment", f"{comment.id}.{one.id}", every, parts)


def _resource(kind: str, ident: str, every: dict[str, Any], parts: list[str]) -> dict[str, Any]:
    """A resource with the parts that were asked for."""
    chosen = {part: every[part] for part in parts if part in every}
    return {"kind": kind, "etag": ident[::-1], "id": ident, **chosen}


def _snippet(post: Post, base: str) -> dict[str, Any]:
    title, _line, rest = post.text.partition("\n")
    return {
        "publishedAt": zulu(post.at),
        "title": title,
        "description": rest.strip(),
        "thumbnails": _thumbnails(post.pictures[0], base) if post.pictures else {},
    }


def _thumbnails(name: str, base: str) -> dict[str, Any]:
    return {
        size: {"url": address(base, YOUTUBE, f"vi/{size}", name), "width": width, "height": height}
        for size, (width, height) in SIZES.items()
    }


def _said(account: Account, post: Post, comment: Comment) -> dict[str, Any]:
    return {
        "channelId": account.id,
        "videoId": post.id,
        "textDisplay": comment.text,
        "textOriginal": comment.text,
        "authorDisplayName": f"@{comment.author.handle}",
        "authorChannelId": {"value": comment.author.id},
        "canRate": True,
        "viewerRating": "none",
        "likeCount": 0,
        "publishedAt": zulu(comment.at),
        "updatedAt": zulu(comment.at),
    }
