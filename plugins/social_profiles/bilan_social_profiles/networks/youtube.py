"""YouTube: a channel's videos, subscribers and comments, from the Data API v3.

https://developers.google.com/youtube/v3/docs/: ``channels.list``,
``playlistItems.list`` (of the channel's uploads), ``videos.list``,
``commentThreads.list`` and ``comments.list``;
https://developers.google.com/youtube/v3/guides/implementation/pagination,
https://developers.google.com/youtube/v3/docs/errors and
https://developers.google.com/youtube/v3/determine_quota_cost: the quota of a day is
renewed at midnight Pacific Time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bilan.sdk import (
    BilanError,
    Checked,
    Discovered,
    Fact,
    Forbidden,
    Invalid,
    JsonObject,
    Message,
    NotFound,
    PullContext,
    Pulled,
    RateLimited,
    Unauthenticated,
    Unreadable,
    read_count,
    read_flag,
    read_instant,
    read_object,
    read_text,
)
from bilan_social_profiles.networks.facts import Profile
from bilan_social_profiles.networks.reading import Page, Reading, Step
from bilan_social_profiles.networks.settings import handles_of, text_of
from bilan_social_profiles.networks.youtube_items import (
    first_reply,
    picture_address,
    published_at,
    read_thread,
    read_video,
    top_comment,
)
from bilan_social_profiles.networks.youtube_pages import Ask, read_page
from bilan_social_profiles.textdomain import _

NETWORK = "youtube"
PACIFIC = ZoneInfo("America/Los_Angeles")
API = "https://www.googleapis.com/youtube/v3"
PAGE, THREADS = 50, 100
"""The most that a page of videos and of comments may have."""
EXACT = 1000
"""Below this many subscribers the API states them exactly; above, it rounds them down to three figures."""
QUOTA = frozenset({"quotaExceeded", "dailyLimitExceeded"})
OFTEN, MINUTE = frozenset({"rateLimitExceeded", "userRateLimitExceeded"}), 60.0
NO_KEY = frozenset({"keyInvalid", "keyExpired", "badRequest"})


class YouTube:
    """Implements :class:`bilan.sdk.Discovery`."""

    every = timedelta(hours=6)

    def hosts(self, settings: Mapping[str, Any]) -> tuple[str, ...]:  # noqa: ARG002 - of the protocol
        """The API, and where its pictures are."""
        return ("www.googleapis.com", "*.ytimg.com")

    def check(self, context: PullContext) -> Checked:
        """The channel; YouTube does not say when a key ends."""
        api = YouTubeApi(context)
        channel = api.channel(api.key_of_channel())
        figures = read_object(channel.get("statistics"))
        return Checked(
            _(
                "Sees {channel} (videos: {videos}, subscribers: {subscribers}).",
                channel=_title(channel),
                videos=read_count(figures.get("videoCount")),
                subscribers=_subscribers(channel),
            )
        )

    def discover(self, context: PullContext) -> Iterable[Discovered]:
        """The channels whose handles are given: a key belongs to none."""
        api = YouTubeApi(context)
        handles = list(handles_of(context.settings))
        if not handles:
            raise Invalid(_("Give the handles of the channels, such as @GoogleDevelopers."), ("handles",))
        for handle in handles:
            channel = api.channel(handle)
            yield Discovered(_title(channel), {"profile": _title(channel)}, read_text(channel.get("id")))

    def pull(self, context: PullContext) -> Iterator[Pulled]:
        """Subscribers of today, videos, those that are gone, and comments."""
        api, reading = YouTubeApi(context), Reading(context)
        channel = api.channel(api.key_of_channel())
        profile = reading.profile(NETWORK, _title(channel), read_text(channel.get("id")))
        uploads = read_object(read_object(channel.get("contentDetails")).get("relatedPlaylists"))
        playlist, notes = read_text(uploads.get("uploads")), list[Message]()
        steps = [
            Step("posts", _("Videos"), lambda following: api.videos(reading, profile, playlist, following))
        ]
        if reading.usual:
            followers = _subscribers(channel)
            steps.insert(0, reading.counted(profile, context.now.date(), followers))
            if followers is not None and followers >= EXACT:
                notes.append(_("YouTube states the subscribers of {channel} rounded down to three figures.",
                               channel=profile.name))  # fmt: skip
            steps.append(Step("deleted", _("Deleted videos"), reading.deleted(profile, api.is_gone)))
        steps.append(
            Step("comments", _("Comments"), lambda following: api.comments(reading, profile, following))
        )
        yield from reading.run(steps)
        yield from reading.finish(notes)


class YouTubeApi:
    """The methods of the Data API, with the key of the source."""

    def __init__(self, context: PullContext) -> None:
        self.context = context
        self.key = text_of(context.settings, "api_key")

    def get(self, resource: str, **params: str | int) -> JsonObject:
        """List resources. Raises ``Unavailable`` where the quota of the day is used up."""
        url = f"{API}/{resource}"
        try:
            return read_object(self.context.client.get(url, params={**params, "key": self.key}).json())
        except (Forbidden, Invalid, Unauthenticated) as error:
            raise _plain(error, self.context.now) from error

    def key_of_channel(self) -> str:
        """The channel of the source: its id or its handle."""
        if key := text_of(self.context.settings, "account"):
            return key
        return next(handles_of(self.context.settings), "")

    def channel(self, key: str) -> JsonObject:
        """The channel of an id (``UC…``) or a handle. Raises ``NotFound`` where there is none."""
        if not key:
            raise Invalid(_("Give the handle of the channel, or its id."), ("account",))
        by = {"id": key} if key.startswith("UC") and len(key) == 24 else {"forHandle": key}
        found = self.get("channels", part="snippet,statistics,contentDetails", **by).get("items") or ()
        for channel in map(read_object, found):
            return channel
        raise NotFound(
            _("There is no channel {channel} on YouTube any more. What was read of it stays.", channel=key)
        )

    def videos(
        self, reading: Reading, profile: Profile, playlist: str, following: dict[str, Any] | None
    ) -> Page:
        """A page of the channel's uploads."""
        params = {"part": "contentDetails", "playlistId": playlist, "maxResults": PAGE}
        try:
            items, after = read_page(self._pages("playlistItems", **params), _video_of, following)
        except NotFound:
            return Page(())  # a channel that never uploaded anything has no such playlist

        def read(video: JsonObject) -> Fact:
            address = picture_address(video)
            return read_video(video, profile, self.context.picture(address) if address else "")

        return reading.page(
            self.by_id([ident for item in items if (ident := _video_of(item))]), published_at, read, after
        )

    def by_id(self, ids: list[str]) -> list[Any]:
        """The videos of these ids; those that are gone are left out."""
        part, found = "snippet,statistics,contentDetails,liveStreamingDetails", list[Any]()
        for start in range(0, len(ids), PAGE):
            asked = ",".join(ids[start : start + PAGE])
            found += self.get("videos", part=part, id=asked, maxResults=PAGE).get("items") or ()
        return found

    def is_gone(self, video: str) -> bool:
        """Whether there is no such video any more, or it is no longer public."""
        try:
            return not self.by_id([video])
        except NotFound:
            return True

    def comments(self, reading: Reading, profile: Profile, following: dict[str, Any] | None) -> Page:
        """A page of comments under all videos of the channel, with when each was answered."""
        ask = self._pages(
            "commentThreads",
            part="snippet,replies",
            allThreadsRelatedToChannelId=profile.profile_id,
            order="time",
            maxResults=THREADS,
            textFormat="plainText",
        )
        items, after = read_page(ask, lambda thread: read_text(thread.get("id")), following)

        def read(thread: JsonObject) -> Fact | None:
            return reading.unless_gone(
                lambda: read_thread(thread, profile, self.replied_at(thread, profile.profile_id))
            )

        return reading.page(items, lambda thread: published_at(top_comment(thread)), read, after)

    def replied_at(self, thread: JsonObject, channel: str) -> datetime | None:
        """When the channel answered; where a thread holds only some of its replies, all are asked for."""
        told = list(read_object(thread.get("replies")).get("comments") or ())
        count = read_count(read_object(thread.get("snippet")).get("totalReplyCount")) or 0
        if count <= len(told):
            return first_reply(told, channel)
        ask = self._pages(
            "comments",
            part="snippet",
            parentId=read_text(thread.get("id")),
            maxResults=THREADS,
            textFormat="plainText",
        )
        replies, following = list[Any](), None
        while True:
            items, following = read_page(ask, lambda reply: read_text(reply.get("id")), following)
            replies += items
            if following is None:
                return first_reply(replies, channel)

    def _pages(self, resource: str, **params: str | int) -> Ask:
        """Asks for a page of a list by its token."""
        return lambda token: self.get(resource, **params, **({"pageToken": token} if token else {}))


def reason_of(error: BilanError) -> str:
    """The reason in an answer of Google's; empty where it has none."""
    try:
        body = read_object(error.reply.json()) if error.reply else {}
    except Invalid:
        return ""
    reasons = read_object(body.get("error")).get("errors") or ()
    return next((read_text(read_object(one).get("reason")) for one in reasons), "")


def _plain(error: BilanError, now: datetime) -> BilanError:
    reason = reason_of(error)
    if reason in QUOTA:
        return RateLimited(
            _("The quota of the YouTube key is used up for today. It goes on after midnight Pacific Time."),
            until_renewed(_answered_at(error) or now),
        )
    if reason in OFTEN:
        return RateLimited(_("YouTube wants to be asked less often."), MINUTE)
    if reason in NO_KEY or isinstance(error, Unauthenticated):
        return Unauthenticated(
            _("YouTube does not take the API key: it was revoked or is wrong. Enter a new one.")
        )
    if reason in ("accessNotConfigured", "forbidden"):
        return Forbidden(
            _("The YouTube key may not ask the YouTube Data API v3. Enable this API in its project.")
        )
    return error


def _answered_at(error: BilanError) -> datetime | None:
    """When YouTube answered, by its own clock: a pull may have begun the day before."""
    with suppress(Unreadable):
        return read_instant(error.reply.headers.get("date"), UTC) if error.reply else None
    return None


def until_renewed(now: datetime) -> float:
    """Seconds from a moment (UTC) to the next midnight Pacific Time."""
    tomorrow = now.astimezone(PACIFIC).date() + timedelta(days=1)
    return (datetime.combine(tomorrow, time(), PACIFIC) - now).total_seconds()


def _title(channel: JsonObject) -> str:
    return read_text(read_object(channel.get("snippet")).get("title"))


def _subscribers(channel: JsonObject) -> int | None:
    figures = read_object(channel.get("statistics"))
    return (
        None
        if read_flag(figures.get("hiddenSubscriberCount"))
        else read_count(figures.get("subscriberCount"))
    )


def _video_of(item: JsonObject) -> str:
    return read_text(read_object(item.get("contentDetails")).get("videoId"))
