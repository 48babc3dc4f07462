"""Metrics of Meta's insights, and going on where one of them was withdrawn.

https://developers.facebook.com/docs/graph-api/reference/insights (pages and their posts),
https://developers.facebook.com/documentation/instagram-platform/api-reference/instagram-user/insights and
https://developers.facebook.com/documentation/instagram-platform/reference/instagram-media/insights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bilan.sdk import Fact, JsonObject, Message, Reject, Retract, read_object, read_text
from bilan_social_profiles.networks.meta.graph import UnknownMetric
from bilan_social_profiles.networks.reading import Reading
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

POSTS = frozenset({"facebook post", "instagram feed", "instagram reels"})
"""The scopes of posts, whose figures stand in one fact."""


class Metrics:
    """Asks for metrics without those that were withdrawn, which it names.

    A scope is what metrics are of. Remembered is when each was told last: posts from
    before a metric of theirs was withdrawn keep the figures of then, and it with them.
    """

    def __init__(self, reading: Reading) -> None:
        self._withdrawn: list[str] = reading.memory["withdrawn"]
        self._told: dict[str, str] = reading.memory.setdefault("told", {})
        self._now = reading.context.now.isoformat()

    def ask(self, scope: str, metrics: Mapping[str, str], ask: Ask) -> JsonObject:
        """What ``ask`` gives for the metrics; where it knows one of them no longer, for the others.

        The Graph API refuses all of a request for one that it does not know, and
        need not say which: each is then tried on its own.
        """
        wanted = [name for name in metrics if f"{scope}.{name}" not in self._withdrawn]
        try:
            found = ask(wanted)
        except UnknownMetric:
            unknown = [name for name in wanted if not _known(ask, name)]
            wanted = [name for name in wanted if name not in unknown]
            found = ask(wanted)
            self._withdrawn += [f"{scope}.{name}" for name in unknown]
        self._told |= {f"{scope}.{name}": self._now for name in wanted}
        return found

    def stands(self, scope: str, given: Fact | Reject | Retract) -> bool:
        """Whether a post is from before a metric of its scope was withdrawn, and so stays as it is."""
        last = self._last(scope)
        return isinstance(given, Fact) and last is not None and given.row["published_at"] < last

    def notes(self) -> list[Message]:
        """A sentence for each metric that was asked for in vain."""
        return [self._note(*name.split(".", 1)) for name in self._withdrawn]

    def _note(self, scope: str, metric: str) -> Message:
        last = self._last(scope)
        if last is None or scope not in POSTS:
            return _(
                "Meta no longer gives the figure “{metric}” ({scope}). What was read before stays.",
                metric=metric, scope=scope,
            )  # fmt: skip
        return _(
            "Meta no longer gives the figure “{metric}” ({scope}). Posts from before {day:date} stay as they "
            "were read then.",
            metric=metric, scope=scope, day=last.date().isoformat(),
        )  # fmt: skip

    def _last(self, scope: str) -> datetime | None:
        """When the metrics of a scope that are withdrawn were told for the last time, if they ever were."""
        told = [
            self._told[name]
            for name in self._withdrawn
            if name.startswith(f"{scope}.") and name in self._told
        ]
        return datetime.fromisoformat(max(told)) if told else None


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
