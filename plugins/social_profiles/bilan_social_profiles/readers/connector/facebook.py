"""Facebook pages: their days, their posts, and what these have reached so far."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any

from bilan.sdk import CompanionTables, Fact, Reject, RowFacts, TableRow, Unreadable, read_flag, read_text
from bilan_social_profiles.facts import post_fact, profile_day_fact
from bilan_social_profiles.post_kinds import read_post_kind
from bilan_social_profiles.readers.connector.versions import (
    Profiles,
    Version,
    Versions,
    added,
    count,
    ident,
    moment,
    seconds,
    synced,
)
from bilan_social_profiles.textdomain import _

NETWORK = "facebook"
DAYS = "facebook_pages_daily_page_metrics_total_data"
POSTS = "facebook_pages_post_history_data"
METRICS = "facebook_pages_lifetime_post_metrics_total_data"
TABLES = (DAYS, POSTS, METRICS)
MOODS = ("like", "love", "wow", "haha", "sorry", "anger")
MILLISECONDS = 0.001


def read(tables: CompanionTables, profiles: Profiles) -> Iterator[RowFacts | Reject]:
    """The days of pages, and posts with their last known figures."""
    days = Versions(tables, DAYS, _day)
    yield from days.facts(lambda key: [profile_day_fact(
        day=key[1], network=NETWORK, profile=profiles.of(key[0]), profile_id=key[0], **days.last[key]
    )])  # fmt: skip
    posts, metrics = Versions(tables, POSTS, _post), Versions(tables, METRICS, _metrics)

    def post(key: str) -> list[Fact]:
        page = key.partition("_")[0]
        known: dict[str, Any] = {"published_at": None, **posts.last.get(key, {}), **metrics.last.get(key, {})}
        profile = profiles.of(page)
        return [post_fact(network=NETWORK, profile=profile, profile_id=page, post=key, **known)]

    yield from posts.facts(post)
    yield from metrics.facts(post)


def _day(row: TableRow) -> Version:
    page, day = ident(row, "page_id"), _ended(row)
    columns = {
        "followers": count(row, "page_fans"),
        "followers_gained": count(row, "page_fan_adds"),
        "followers_lost": count(row, "page_fan_removes"),
        "impressions": count(row, "page_impressions"),
        "impressions_organic": count(row, "page_impressions_organic"),
        "impressions_paid": count(row, "page_impressions_paid"),
        "engagement": count(row, "page_post_engagements"),
        "reactions": added(row, *(f"page_actions_post_reactions_{mood}_total" for mood in MOODS)),
        "views": count(row, "page_video_views"),
        "profile_visits": count(row, "page_views_total"),
        "watch_seconds": seconds(row, "page_video_view_time", MILLISECONDS),
    }
    return Version((page, day), synced(row), columns)


def _ended(row: TableRow) -> date:
    """The day of a row: Facebook names the moment at which it ends, midnight in California."""
    found = moment(row, "date")
    if found is None:
        raise Unreadable(_("This row does not say its day."))
    return (
        found.date() if found.timetz().replace(tzinfo=None) == time() else (found - timedelta(days=1)).date()
    )


def _post(row: TableRow) -> Version:
    key, published_at = ident(row, "id"), moment(row, "created_time")
    if read_text(row.get("is_published")) and not read_flag(row.get("is_published")):
        raise Unreadable(_("This post is not published."))
    columns = {
        "published_at": published_at,
        "kind": read_post_kind(read_text(row.get("status_type"))),
        "text": read_text(row.get("message")),
        "shares": count(row, "share_count"),
        "url": f"https://www.facebook.com/{key}",
    }
    return Version(key, (moment(row, "updated_time") or synced(row), synced(row)), columns)


def _metrics(row: TableRow) -> Version:
    """What a post has reached until then: later figures hold the earlier ones."""
    columns = {
        "impressions": count(row, "post_impressions"),
        "impressions_organic": count(row, "post_impressions_organic"),
        "impressions_paid": count(row, "post_impressions_paid"),
        "reactions": added(row, *(f"post_reactions_{mood}_total" for mood in MOODS)),
        "clicks": count(row, "post_clicks"),
        "engaged_users": count(row, "post_engaged_users"),
        "video_views": count(row, "post_video_views"),
        "video_views_organic": count(row, "post_video_views_organic"),
        "video_views_paid": count(row, "post_video_views_paid"),
        "watch_seconds": seconds(row, "post_video_view_time", MILLISECONDS),
    }
    return Version(ident(row, "post_id"), (_ended(row), synced(row)), columns)
