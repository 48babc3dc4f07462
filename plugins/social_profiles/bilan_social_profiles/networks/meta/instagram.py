"""An Instagram professional account: its days, posts, stories and comments.

https://developers.facebook.com/documentation/instagram-platform/reference/instagram-media (fields),
https://developers.facebook.com/documentation/instagram-platform/reference/instagram-media/insights,
https://developers.facebook.com/documentation/instagram-platform/api-reference/instagram-user/insights
(figures of a day come as totals of a range, so each day is asked for) and
https://developers.facebook.com/docs/instagram-api/reference/ig-user/stories.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bilan.sdk import (
    Fact,
    JsonObject,
    NotFound,
    Reject,
    Retract,
    Unreadable,
    read_count,
    read_flag,
    read_instant,
    read_object,
    read_text,
)
from bilan_social_profiles.networks.facts import Profile
from bilan_social_profiles.networks.meta.days import days_to_read, moments
from bilan_social_profiles.networks.meta.graph import Graph, NoFigures, next_page
from bilan_social_profiles.networks.meta.metrics import ACCOUNT_DAY, FOLLOWS, MEDIA, STORY, Metrics, values_of
from bilan_social_profiles.networks.meta.rights import INSIGHTS, Rights
from bilan_social_profiles.networks.reading import Page, Reading, each
from bilan_social_profiles.textdomain import _
from bilan_social_profiles.vocabulary import ItemKind, PostKind

NETWORK = "instagram"
FIELDS = "id,username,name,followers_count,media_count"
POSTS, COMMENTS = 25, 10
MEDIA_FIELDS = (
    "id,caption,media_type,media_product_type,permalink,timestamp,media_url,thumbnail_url,"
    "like_count,comments_count"
)
COMMENT_FIELDS = "id,text,timestamp,username,hidden,replies.limit(50){timestamp,username}"
KINDS = {"IMAGE": PostKind.PHOTO, "VIDEO": PostKind.VIDEO, "CAROUSEL_ALBUM": PostKind.ALBUM}
USUAL_DAYS, FIRST_DAYS = 3, 30
"""Figures of a day may come up to 48 hours late; at first, a month of days is read."""


class InstagramAccount:
    """Reads one professional account with the token of its page."""

    def __init__(
        self,
        graph: Graph,
        reading: Reading,
        metrics: Metrics,
        rights: Rights,
        profile: Profile,
        username: str,
    ) -> None:
        self.graph, self.reading, self.metrics, self.profile = graph, reading, metrics, profile
        self.rights, self.username = rights, username

    def days(self, start: str | None) -> Page:
        """The insights of one day."""
        first, last = days_to_read(self.reading, self._usual_days())
        day = date.fromisoformat(start) if start else first
        if day > last:
            return Page(())
        totals = self.metrics.ask("instagram account", ACCOUNT_DAY, lambda names: self._insights(day, names))
        follows = self.metrics.ask(
            "instagram account", {FOLLOWS: ""}, lambda names: self._insights(day, names, "follow_type")
        )
        row = account_day(totals) | follows_of(follows)
        given = list(self.profile.day(day, row))
        if day < last:
            return Page(given, (day + timedelta(days=1)).isoformat())
        if self.reading.usual:
            self.reading.memory["days"] = last.isoformat()
        return Page(given)

    def posts(self, following: dict[str, str] | None) -> Page:
        """A page of the account's media, with insights."""
        body = self._list("media", MEDIA_FIELDS, POSTS, following)
        page = self.reading.page(body.get("data") or (), taken_at, self._post, next_page(body))
        return Page([one for one in page.given if not self._stands(one)], page.next)

    def stories(self, following: dict[str, str] | None) -> Page:
        """The stories of the last 24 hours: later, nobody tells of them."""
        body = self._list("stories", MEDIA_FIELDS, POSTS, following)
        return Page(list(each(body.get("data") or (), self._post)), next_page(body))

    def comments(self, following: dict[str, str] | None) -> Page:
        """The comments under a page of media, with when the account answered each."""
        fields = f"id,timestamp,permalink,comments.limit(50){{{COMMENT_FIELDS}}}"
        body = self._list("media", fields, COMMENTS, following)
        media = list(map(read_object, body.get("data") or ()))
        given = list[Any]()
        for one in media:
            given += self.reading.page(
                self._all_comments(one), taken_at, lambda comment, one=one: self._comment(comment, one), None
            ).given
        return Page(given, None if self.reading.is_over(media, taken_at) else next_page(body))

    def is_gone(self, media: str) -> bool:
        """Whether there is no such media any more: its account's token sees all of them."""
        try:
            self.graph.get(media, fields="id")
        except NotFound:
            return True
        return False

    def _usual_days(self) -> int:
        """How many days a pull reads: the last ones, and those since the last pull."""
        if (read := self.reading.memory.get("days")) is None:
            return FIRST_DAYS
        return USUAL_DAYS + (self.reading.context.now.date() - date.fromisoformat(read)).days

    def _list(self, edge: str, fields: str, limit: int, following: Mapping[str, str] | None) -> JsonObject:
        path = f"{self.profile.profile_id}/{edge}"
        return self.graph.get(path, **{"fields": fields, "limit": limit, **(following or {})})

    def _insights(self, day: date, names: Sequence[str], breakdown: str = "") -> JsonObject:
        if not names:
            return {}
        since, until = moments(day)
        params: dict[str, str | int] = {
            "metric": ",".join(names),
            "metric_type": "total_value",
            "period": "day",
            "since": since,
            "until": until,
        }
        if breakdown:
            params["breakdown"] = breakdown
        return self.graph.get(f"{self.profile.profile_id}/insights", **params)

    def _post(self, media: JsonObject) -> Fact | None:
        """A post or story; ``None`` where it was deleted, or has ended, since it was listed."""
        figures = self.reading.unless_gone(lambda: self._figures(media))
        if figures is None:
            return None
        address = picture_address(media)
        picture = self.graph.context.picture(address) if address else ""
        return read_media(media, self.profile, picture, figures)

    def _stands(self, given: Fact | Reject | Retract) -> bool:
        reel = isinstance(given, Fact) and given.row["kind"] == PostKind.REEL.value
        return self.metrics.stands("instagram reels" if reel else "instagram feed", given)

    def _figures(self, media: JsonObject) -> dict[str, int | None]:
        product = read_text(media.get("media_product_type"))
        wanted = STORY if product == "STORY" else MEDIA

        def ask(names: Sequence[str]) -> JsonObject:
            return self.graph.get(f"{_id(media)}/insights", metric=",".join(names)) if names else {}

        try:
            scope = f"instagram {product.lower() or 'feed'}"
            told = values_of(
                self.rights.read(INSIGHTS, lambda: self.metrics.ask(scope, wanted, ask), dict[str, Any])
            )
        except NoFigures:
            return {}
        except NotFound:
            # Meta says the same of media that it has no insights of.
            if self.is_gone(_id(media)):
                raise
            return {}
        return {column: read_count(told.get(metric)) for metric, column in wanted.items()}

    def _comment(self, comment: JsonObject, media: JsonObject) -> Fact:
        return read_comment(comment, self.profile, self.username, media)

    def _all_comments(self, media: JsonObject) -> list[JsonObject]:
        told = read_object(media.get("comments"))
        found = list(map(read_object, told.get("data") or ()))
        path = f"{read_text(media.get('id'))}/comments"
        further = self.reading.unless_gone(
            lambda: self.graph.further(path, told, fields=COMMENT_FIELDS, limit=50)
        )
        found += further or ()
        return found


def taken_at(entry: JsonObject) -> datetime:
    """When media or a comment was published (UTC). Raises ``Unreadable`` where it does not say."""
    if at := read_instant(entry.get("timestamp"), UTC):
        return at
    raise Unreadable(_("This post does not say when it was published."))


def account_day(body: JsonObject) -> dict[str, int | None]:
    """The figures of a day in an answer of an account's insights."""
    told = values_of(body)
    return {column: read_count(told[metric]) for metric, column in ACCOUNT_DAY.items() if metric in told}


def follows_of(body: JsonObject) -> dict[str, int | None]:
    """Who followed and who left on a day, by whether they are followers at its end."""
    found = dict[str, int | None]()
    for metric in map(read_object, body.get("data") or ()):
        for breakdown in map(read_object, read_object(metric.get("total_value")).get("breakdowns") or ()):
            for result in map(read_object, breakdown.get("results") or ()):
                kind = (result.get("dimension_values") or ("",))[0]
                column = {"FOLLOWER": "followers_gained", "NON_FOLLOWER": "followers_lost"}.get(
                    read_text(kind)
                )
                if column:
                    found[column] = read_count(result.get("value"))
    return found


def read_media(media: JsonObject, profile: Profile, picture: str, figures: Mapping[str, int | None]) -> Fact:
    """A post or story of the account with its figures."""
    text = read_text(media.get("caption"))
    row = {
        "reactions": read_count(media.get("like_count")),
        "comments": read_count(media.get("comments_count")),
        **{column: value for column, value in figures.items() if value is not None},
    }
    return profile.post(
        _id(media),
        taken_at(media),
        kind=kind_of(media).value,
        text=text,
        url=read_text(media.get("permalink")),
        picture=picture,
        **row,
    )


def kind_of(media: JsonObject) -> PostKind:
    """What media is, by the product that it was made for, else by its type."""
    product = read_text(media.get("media_product_type"))
    if product in ("STORY", "REELS"):
        return PostKind.STORY if product == "STORY" else PostKind.REEL
    return KINDS.get(read_text(media.get("media_type")), PostKind.OTHER)


def picture_address(media: JsonObject) -> str:
    """Where the picture of media is: of a video, its thumbnail."""
    if media.get("media_type") == "VIDEO":
        return read_text(media.get("thumbnail_url"))
    return read_text(media.get("media_url"))


def read_comment(comment: JsonObject, profile: Profile, username: str, media: JsonObject) -> Fact:
    """A comment under media of the account, with when the account first answered it."""
    answers = map(read_object, read_object(comment.get("replies")).get("data") or ())
    own = (one for one in answers if read_text(one.get("username")) == username)
    hidden = comment.get("hidden")
    return profile.item(
        _id(comment),
        ItemKind.COMMENT,
        taken_at(comment),
        replied_at=min(map(taken_at, own), default=None),
        author=read_text(comment.get("username")),
        text=read_text(comment.get("text")),
        hidden=None if hidden is None else read_flag(hidden),
        post=_id(media),
        url=read_text(media.get("permalink")),
    )


def _id(entry: JsonObject) -> str:
    if ident := read_text(entry.get("id")).strip():
        return ident
    raise Unreadable(_("This item has no id."))
