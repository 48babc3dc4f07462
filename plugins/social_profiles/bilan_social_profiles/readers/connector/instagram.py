"""Instagram professional accounts: posts, stories and reels with their figures, and followers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bilan.sdk import CompanionTables, Fact, Reject, RowFacts, TableRow, Unreadable, read_flag, read_text
from bilan_social_profiles.facts import post_fact, profile_day_fact
from bilan_social_profiles.post_kinds import read_post_kind
from bilan_social_profiles.readers.connector.versions import (
    Columns,
    Profiles,
    Version,
    Versions,
    count,
    ident,
    moment,
    synced,
)
from bilan_social_profiles.textdomain import _
from bilan_social_profiles.vocabulary import PostKind

NETWORK = "instagram"
MEDIA = "instagram_business_media_history_data"
INSIGHTS = "instagram_business_media_insights_data"
USERS = "instagram_business_user_history_data"
TABLES = (MEDIA, INSIGHTS, USERS)
FAMILIES = {
    PostKind.ALBUM.value: "carousel_album",
    PostKind.STORY.value: "story",
    PostKind.REEL.value: "reel",
}
"""What columns of a type of post begin with; the others have those of photos and videos."""


def read(tables: CompanionTables, profiles: Profiles) -> Iterator[RowFacts | Reject]:
    """The followers of accounts, and posts with their last known figures."""
    users = Versions(tables, USERS, _user)
    yield from users.facts(lambda key: [profile_day_fact(
        network=NETWORK, day=key[1], **_named(users.last[key], profiles)
    )])  # fmt: skip
    media = Versions(tables, MEDIA, _media)
    insights = Versions(tables, INSIGHTS, lambda row: Version(ident(row, "id"), synced(row), row))

    def post(key: str) -> list[Fact]:
        if key not in media.last:
            raise Unreadable(
                _("Its post is not in {table}, so nobody knows whose and of what type it is; hand both over "
                  "together.", table=MEDIA)
            )  # fmt: skip
        known = _named(media.last[key], profiles)
        return [post_fact(network=NETWORK, post=key, **known, **_figures(insights.last.get(key, {}), known))]

    yield from media.facts(post)
    yield from insights.facts(post)


def _named(columns: Columns, profiles: Profiles) -> dict[str, Any]:
    return {**columns, "profile": profiles.of(columns["profile_id"], columns["profile"])}


def _user(row: TableRow) -> Version:
    """The followers on the day on which the connector asked."""
    account, day = ident(row, "id"), synced(row).date()
    columns = {
        "profile": read_text(row.get("username")),
        "profile_id": account,
        "followers": count(row, "followers_count"),
    }
    return Version((account, day), synced(row), columns)


def _media(row: TableRow) -> Version:
    """A post; a picture of an album speaks of the album, where that has no row of its own."""
    album = read_text(row.get("carousel_album_id"))
    kind = PostKind.STORY if read_flag(row.get("is_story")) else PostKind.ALBUM if album else ""
    columns = {
        "published_at": moment(row, "created_time"),
        "profile": read_text(row.get("username")),
        "profile_id": ident(row, "user_id"),
        "kind": str(kind or read_post_kind(read_text(row.get("media_type")))),
        "text": read_text(row.get("caption")),
        "url": "" if album else read_text(row.get("permalink")),
    }
    return Version(album or ident(row, "id"), (not album, synced(row)), columns)


def _figures(known: Columns, post: Columns) -> dict[str, Any]:
    """The figures of a post, of the columns that its type has."""
    family, row = FAMILIES.get(post["kind"], "video_photo"), dict(known)
    if not row:
        return {}
    return {
        "impressions": count(row, f"{family}_impressions"),
        "reach": count(row, f"{family}_reach"),
        "reactions": count(row, f"{family}_likes", "like_count"),
        "comments": count(row, f"{family}_comments", f"{family}_replies", "comment_count"),
        "shares": count(row, f"{family}_shares"),
        "saves": count(row, f"{family}_saved"),
        "video_views": _video_views(row, post["kind"], family),
    }


def _video_views(row: TableRow, kind: str, family: str) -> int | None:
    if kind == PostKind.REEL:
        return count(row, "reel_plays", "reel_views")
    return count(row, "video_views", f"{family}_views") if kind == PostKind.VIDEO else None
