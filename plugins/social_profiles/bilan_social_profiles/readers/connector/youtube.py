"""YouTube channels: rows by day, video, country and subscription, summed to days and to videos."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bilan.sdk import (
    CompanionTables,
    Fact,
    Reject,
    RowFacts,
    TableRow,
    Unreadable,
    read_text,
)
from bilan_social_profiles.facts import post_fact, profile_day_fact
from bilan_social_profiles.hashtags import hashtags_in
from bilan_social_profiles.readers.connector.versions import (
    Columns,
    Profiles,
    Version,
    Versions,
    count,
    ident,
    moment,
    seconds,
    synced,
)
from bilan_social_profiles.textdomain import _
from bilan_social_profiles.vocabulary import PostKind

NETWORK = "youtube"
BASIC = "youtube_channel_basic_data"
VIDEOS = "youtube_video_data"
PEOPLE = "youtube_channel_demographics_data"
TABLES = (BASIC, VIDEOS, PEOPLE)
KEY = ("date", "channel_id", "video_id", "country_code", "subscribed_status", "live_or_on_demand")
MINUTES = 60.0
OF_DAYS = ("views", "watch_seconds", "reactions", "comments", "shares", "saves", "followers_gained",
           "followers_lost")  # fmt: skip
OF_POSTS = {name: "video_views" if name == "views" else name for name in OF_DAYS if name != "followers_lost"}
"""What of a day's figures a video has, and what it is called there."""


@dataclass(slots=True)
class _Sums:
    """Figures added up by whose they are."""

    of: dict[Any, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, key: Any, columns: Columns) -> None:
        """What is unknown adds nothing, and stays unknown where nothing is known."""
        sums = self.of[key]
        for name in OF_DAYS:
            if columns[name] is not None:
                sums[name] = sums.get(name, 0) + columns[name]


def read(tables: CompanionTables, profiles: Profiles) -> Iterator[RowFacts | Reject]:
    """The days of channels, and their videos with the last known figures."""
    basic, videos = Versions(tables, BASIC, _basic), Versions(tables, VIDEOS, _video)
    titles = {one["profile_id"]: one["profile"] for one in videos.last.values() if one["profile"]}
    days, watched = _Sums(), _Sums()
    for key, columns in basic.last.items():
        day, channel, video, *_rest = key
        days.add((day, channel), columns)
        if video:
            watched.add((channel, video), columns)

    def name(channel: str) -> str:
        return profiles.of(channel, titles.get(channel, ""))

    def post(channel: str, video: str) -> Fact:
        summed = {
            OF_POSTS[one]: value for one, value in watched.of[channel, video].items() if one in OF_POSTS
        }
        lifetime: dict[str, Any] = {
            one: value for one, value in videos.last.get(video, {}).items() if value is not None
        }
        known: dict[str, Any] = {"published_at": None, "profile_id": channel, **summed, **lifetime}
        known |= {"network": NETWORK, "post": video, "profile": name(channel)}
        return post_fact(**known)

    def of_row(key: tuple[Any, ...]) -> Iterator[Fact]:
        day, channel, video, *_rest = key
        yield profile_day_fact(
            day=day, network=NETWORK, profile=name(channel), profile_id=channel, **days.of[day, channel]
        )
        if video:
            yield post(channel, video)

    yield from basic.facts(of_row)
    yield from videos.facts(lambda key: [post(videos.last[key]["profile_id"], key)])
    yield from tables.read(PEOPLE, _people)


def _basic(row: TableRow) -> Version:
    day = moment(row, "date")
    if day is None:
        raise Unreadable(_("This row does not say its day."))
    channel = ident(row, "channel_id")
    columns = {
        "views": count(row, "views"),
        "watch_seconds": seconds(row, "watch_time_minutes", MINUTES),
        "reactions": count(row, "likes"),
        "comments": count(row, "comments"),
        "shares": count(row, "shares"),
        "saves": count(row, "videos_added_to_playlists"),
        "followers_gained": count(row, "subscribers_gained"),
        "followers_lost": count(row, "subscribers_lost"),
    }
    told = (read_text(row.get(name)) for name in KEY[2:])
    return Version((day.date(), channel, *told), synced(row), columns)


def _video(row: TableRow) -> Version:
    """A video, with what it has reached since it was published."""
    video, title = ident(row, "id"), read_text(row.get("snippet_title"))
    columns = {
        "published_at": moment(row, "snippet_published_at"),
        "profile": read_text(row.get("snippet_channel_title")),
        "profile_id": ident(row, "snippet_channel_id"),
        "kind": PostKind.VIDEO.value,
        "text": title,
        "hashtags": hashtags_in(f"{title}\n{read_text(row.get('snippet_description'))}"),
        "url": f"https://www.youtube.com/watch?v={video}",
        "video_views": count(row, "statistics_view_count"),
        "reactions": count(row, "statistics_like_count"),
        "comments": count(row, "statistics_comment_count"),
    }
    return Version(video, synced(row), columns)


def _people(row: TableRow) -> Iterator[Fact]:
    del row
    raise Unreadable(_("Ages and genders have no place among what is kept of a profile."))
