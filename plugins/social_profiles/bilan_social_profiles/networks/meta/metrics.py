"""Metrics of Meta's insights, and going on where one of them was withdrawn.

https://developers.facebook.com/docs/graph-api/reference/insights (pages and their posts),
https://developers.facebook.com/documentation/instagram-platform/api-reference/instagram-user/insights and
https://developers.facebook.com/documentation/instagram-platform/reference/instagram-media/insights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bilan.sdk import JsonObject, Message, read_object, read_text
from bilan_social_profiles.networks.meta.graph import UnknownMetric
from bilan_social_profiles.textdomain import _

Ask = Callable[[Sequence[str]], JsonObject]

PAGE_DAY = {
    "page_follows": "followers",
    "page_daily_follows_unique": "followers_gained",
    "page_daily_unfollows_unique": "followers_lost",
    "page_media_view": "impressions",
    "page_total_media_view_unique": "reach",
    "page_post_engagements": "engagement",
    "page_video_views": "views",
    "page_views_total": "profile_visits",
    "page_total_actions": "clicks",
}
"""Metrics of a page's day, and their columns: views stand where Meta counted impressions until 2025."""
PAGE_POST = {
    "post_media_view": "impressions",
    "post_total_media_view_unique": "reach",
    "post_clicks": "clicks",
    "post_video_views": "video_views",
}
ACCOUNT_DAY = {
    "views": "impressions",
    "reach": "reach",
    "total_interactions": "engagement",
    "likes": "reactions",
    "comments": "comments",
    "shares": "shares",
    "saves": "saves",
    "profile_links_taps": "clicks",
}
FOLLOWS = "follows_and_unfollows"
MEDIA = {
    "views": "impressions",
    "reach": "reach",
    "saved": "saves",
    "shares": "shares",
    "total_interactions": "engagement",
}
STORY = {
    "views": "impressions",
    "reach": "reach",
    "replies": "comments",
    "shares": "shares",
    "total_interactions": "engagement",
}


class Metrics:
    """Asks for metrics without those that were withdrawn, which it names."""

    def __init__(self, memory: dict[str, Any]) -> None:
        self._withdrawn: list[str] = memory.setdefault("withdrawn", [])

    def ask(self, scope: str, metrics: Mapping[str, str], ask: Ask) -> JsonObject:
        """What ``ask`` gives for the metrics; where it knows one of them no longer, for the others.

        The Graph API refuses all of a request for one that it does not know, and
        need not say which: each is then tried on its own. A scope is what the metrics are of.
        """
        wanted = [name for name in metrics if f"{scope}.{name}" not in self._withdrawn]
        try:
            return ask(wanted)
        except UnknownMetric:
            unknown = [name for name in wanted if not _known(ask, name)]
        found = ask([name for name in wanted if name not in unknown])
        self._withdrawn += [f"{scope}.{name}" for name in unknown]
        return found

    def notes(self) -> list[Message]:
        """A sentence for each metric that was asked for in vain."""
        return [
            _(
                "Meta no longer gives the figure “{metric}” ({scope}). What was read before stays.",
                metric=name.partition(".")[2],
                scope=name.partition(".")[0],
            )
            for name in self._withdrawn
        ]


def _known(ask: Ask, name: str) -> bool:
    try:
        ask([name])
    except UnknownMetric:
        return False
    return True


def values_of(body: JsonObject) -> dict[str, Any]:
    """Insights by their metrics: the total, else the last value; those without one are left out."""
    found = dict[str, Any]()
    for one in map(read_object, body.get("data") or ()):
        values = one.get("values") or ()
        last = read_object(values[-1]).get("value") if values else None
        value = read_object(one.get("total_value")).get("value", last)
        if value is not None:
            found[read_text(one.get("name"))] = value
    return found
