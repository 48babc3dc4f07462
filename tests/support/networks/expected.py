"""What the rows of a source must say, worked out from the oracle: its figures by their columns.

Which documented figure stands in which column is the plugin's to decide, and written down once more here.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from support.networks import oracle
from support.networks.oracle import ExpectedPost
from support.networks.world import Account, Form, Network, World

KINDS = {
    Form.TEXT: "text",
    Form.LINK: "link",
    Form.PHOTO: "photo",
    Form.ALBUM: "album",
    Form.VIDEO: "video",
    Form.REEL: "reel",
}
DAY_COLUMNS = {
    Network.FACEBOOK: {
        "followers": "followers", "followers_gained": "gained", "followers_lost": "lost",
        "impressions": "views", "reach": "reach", "engagement": "engagement",
        "profile_visits": "visits", "clicks": "clicks", "views": "video_views",
    },
    Network.INSTAGRAM: {
        "followers_gained": "gained", "followers_lost": "lost", "impressions": "views", "reach": "reach",
        "engagement": "engagement", "clicks": "clicks", "reactions": "reactions", "comments": "comments",
        "shares": "shares", "saves": "saves",
    },
}  # fmt: skip


def posts(world: World, account: Account) -> dict[str, dict[str, Any]]:
    """The posts that stand for the account: answers to others do not."""
    told = oracle.posts(world, account)
    return {ident: _post(account, post) for ident, post in told.items() if not post.answers}


def _post(account: Account, post: ExpectedPost) -> dict[str, Any]:
    network, figures = account.network, dict(post.figures)
    row: dict[str, Any] = {
        "published_at": post.at,
        "text": post.text if network is not Network.YOUTUBE else post.text.partition("\n")[0],
        "hashtags": list(post.tags),
        "kind": "reel" if network is Network.INSTAGRAM and post.form is Form.VIDEO else KINDS[post.form],
        "comments": figures.get("comments_top", figures.get("comments")),
    }
    for column in ("reactions", "shares", "saves", "reach", "clicks", "video_views"):
        row[column] = figures.get(column)
    if "quotes" in figures:
        row["shares"] = (figures["shares"] or 0) + (figures["quotes"] or 0)
    row["impressions"] = figures.get("views")
    parts = [
        row[column] for column in ("reactions", "comments", "shares", "saves") if row[column] is not None
    ]
    row["engagement"] = figures.get("engagement", sum(parts) if parts else None)
    return row


def days(world: World, account: Account, first: date, last: date) -> dict[date, dict[str, Any]]:
    """The days whose history the network tells."""
    columns = DAY_COLUMNS.get(account.network, {})
    told = oracle.days(world, account, first, last)
    return {day: {column: one.figures[name] for column, name in columns.items()} for day, one in told.items()}


def community(world: World, account: Account) -> dict[str, dict[str, Any]]:
    """What others wrote, with when the account answered first."""
    handles = {Network.MASTODON, Network.BLUESKY}
    return {
        ident: {
            "received_at": item.at,
            "author": item.handle if account.network in handles else item.author,
            "text": item.text,
            "post": item.post,
            "kind": "comment" if item.post else "mention",
            "replied_at": item.replied_at,
            "response_seconds": round((item.replied_at - item.at).total_seconds())
            if item.replied_at
            else None,
        }
        for ident, item in oracle.community(world, account).items()
    }
