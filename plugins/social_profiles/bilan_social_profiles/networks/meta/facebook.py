"""A Facebook page: its days, posts and comments.

https://developers.facebook.com/docs/graph-api/reference/page (fields),
https://developers.facebook.com/docs/graph-api/reference/v25.0/page/feed (``/posts``),
https://developers.facebook.com/docs/graph-api/reference/page-post,
https://developers.facebook.com/docs/graph-api/reference/object/comments and
https://developers.facebook.com/docs/graph-api/reference/insights: 90 days of
insights at most may be asked for at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from bilan.sdk import (
    Fact,
    JsonObject,
    NotFound,
    Unreadable,
    read_count,
    read_flag,
    read_instant,
    read_object,
    read_text,
)
from bilan_social_profiles.networks.facts import Profile
from bilan_social_profiles.networks.meta.days import day_of, days_to_read
from bilan_social_profiles.networks.meta.graph import Graph, next_page
from bilan_social_profiles.networks.meta.metrics import PAGE_DAY, PAGE_POST, Metrics, values_of
from bilan_social_profiles.networks.meta.rights import COMMENTS as COMMENTS_RIGHT
from bilan_social_profiles.networks.meta.rights import INSIGHTS, Rights
from bilan_social_profiles.networks.reading import Page, Reading, each
from bilan_social_profiles.textdomain import _
from bilan_social_profiles.vocabulary import ItemKind, PostKind

NETWORK = "facebook"
FIELDS = "id,name,followers_count,link"
WINDOW = 90
POSTS, COMMENTS = 25, 10
"""Posts in a page: with their insights, and with their comments."""
POST_FIELDS = (
    "id,created_time,message,permalink_url,full_picture,attachments{media_type,type},shares,"
    "reactions.limit(0).summary(total_count)"
)
COUNTED = "comments.limit(0).summary(total_count)"
COMMENT_FIELDS = "id,created_time,message,is_hidden,permalink_url,from,comments.limit(50){created_time,from}"
KINDS = {
    "photo": PostKind.PHOTO,
    "video": PostKind.VIDEO,
    "album": PostKind.ALBUM,
    "link": PostKind.LINK,
}
"""Media types of attachments."""
MOVING = frozenset({PostKind.VIDEO, PostKind.REEL})


class FacebookPage:
    """Reads one page with its token."""

    def __init__(
        self, graph: Graph, reading: Reading, metrics: Metrics, rights: Rights, profile: Profile
    ) -> None:
        self.graph, self.reading, self.metrics, self.profile = graph, reading, metrics, profile
        self.rights = rights

    def days(self, start: str | None) -> Page:
        """A window of at most 90 days of insights."""
        first, last = days_to_read(self.reading, (self.reading.context.now - self.reading.since).days)
        first = date.fromisoformat(start) if start else first
        until = min(last, first + timedelta(days=WINDOW - 1))
        if first > last:
            return Page(())

        def ask(names: Sequence[str]) -> JsonObject:
            if not names:
                return {}
            return self.graph.get(
                f"{self.profile.profile_id}/insights",
                metric=",".join(names),
                period="day",
                since=first.isoformat(),
                until=(until + timedelta(days=1)).isoformat(),
            )

        def figure(column: str, value: JsonObject) -> Fact | None:
            day = day_of(value.get("end_time"))
            if not first <= day <= until:
                return None
            return next(self.profile.day(day, {column: read_count(value.get("value"))}), None)

        told = day_values(self.metrics.ask("facebook page", PAGE_DAY, ask))
        given = [fact for column, values in told for fact in each(values, partial(figure, column))]
        following = until + timedelta(days=1)
        return Page(given, following.isoformat() if following <= last else None)

    def posts(self, following: dict[str, str] | None) -> Page:
        """A page of what the page posted, with insights."""

        def ask(names: Sequence[str]) -> JsonObject:
            further = f",insights.metric({','.join(names)})" if names else ""
            return self.rights.read(
                COMMENTS_RIGHT,
                lambda: self._posts(f"{POST_FIELDS},{COUNTED}{further}", POSTS, following),
                lambda: self._posts(f"{POST_FIELDS}{further}", POSTS, following),
            )

        body = self.rights.read(
            INSIGHTS, lambda: self.metrics.ask("facebook post", PAGE_POST, ask), lambda: ask(())
        )

        def read(post: JsonObject) -> Fact:
            address = read_text(post.get("full_picture"))
            return read_post(post, self.profile, self.graph.context.picture(address) if address else "")

        page = self.reading.page(body.get("data") or (), created_at, read, next_page(body))
        return Page([one for one in page.given if not self.metrics.stands("facebook post", one)], page.next)

    def comments(self, following: dict[str, str] | None) -> Page:
        """The comments under a page of posts, with when the page answered each."""
        body = self._posts(
            f"id,created_time,comments.filter(toplevel).limit(50){{{COMMENT_FIELDS}}}", COMMENTS, following
        )
        posts = list(map(read_object, body.get("data") or ()))
        given = list[Any]()
        for post in posts:
            comments = self._all_comments(post)
            given += self.reading.page(
                comments,
                created_at,
                lambda one, post=post: read_comment(one, self.profile, read_text(post.get("id"))),
                None,
            ).given
        return Page(given, None if self.reading.is_over(posts, created_at) else next_page(body))

    def is_gone(self, post: str) -> bool:
        """Whether there is no such post any more: the page's own token sees all of its posts."""
        try:
            self.graph.get(post, fields="id")
        except NotFound:
            return True
        return False

    def _posts(self, fields: str, limit: int, following: dict[str, str] | None) -> JsonObject:
        # The list is narrowed by the network too: "until" would stand twice where a page is told by it.
        narrowed = {
            "since": round(self.reading.since.timestamp()),
            "until": round(self.reading.until.timestamp()),
        }
        return self.graph.get(
            f"{self.profile.profile_id}/posts",
            **{"fields": fields, "limit": limit, **narrowed, **(following or {})},
        )

    def _all_comments(self, post: JsonObject) -> list[JsonObject]:
        told = read_object(post.get("comments"))
        found = list(map(read_object, told.get("data") or ()))
        path, params = (
            f"{read_text(post.get('id'))}/comments",
            {"fields": COMMENT_FIELDS, "filter": "toplevel"},
        )
        further = self.reading.unless_gone(lambda: self.graph.further(path, told, limit=50, **params))
        found += further or ()
        return found


def created_at(entry: JsonObject) -> datetime:
    """When a post or comment was written (UTC). Raises ``Unreadable`` where it does not say."""
    if at := read_instant(entry.get("created_time"), UTC):
        return at
    raise Unreadable(_("This post does not say when it was published."))


def day_values(body: JsonObject) -> Iterator[tuple[str, list[Any]]]:
    """The values of days in an answer of a page's insights, by the column that their metric fills."""
    for metric in map(read_object, body.get("data") or ()):
        column = PAGE_DAY.get(read_text(metric.get("name")))
        if column is not None and metric.get("period") == "day":
            yield column, list(metric.get("values") or ())


def read_post(post: JsonObject, profile: Profile, picture: str) -> Fact:
    """A post of the page with its figures."""
    text = read_text(post.get("message"))
    told, kind = values_of(read_object(post.get("insights"))), kind_of(post)
    if kind not in MOVING:
        told.pop("post_video_views", None)
    return profile.post(
        _id(post),
        created_at(post),
        kind=kind.value,
        text=text,
        url=read_text(post.get("permalink_url")),
        reactions=_total(post.get("reactions")),
        comments=_total(post.get("comments")),
        shares=read_count(read_object(post.get("shares")).get("count")),
        picture=picture,
        **{column: read_count(told.get(metric)) for metric, column in PAGE_POST.items()},
    )


def kind_of(post: JsonObject) -> PostKind:
    """What a post is, by its attachment and its address."""
    if "/reel/" in read_text(post.get("permalink_url")):
        return PostKind.REEL
    attachments = read_object(post.get("attachments")).get("data") or ()
    for one in map(read_object, attachments):
        return KINDS.get(read_text(one.get("media_type")), PostKind.OTHER)
    return PostKind.TEXT


def read_comment(comment: JsonObject, profile: Profile, post: str) -> Fact:
    """A comment under a post of the page, with when the page first answered it."""
    answers = map(read_object, read_object(comment.get("comments")).get("data") or ())
    own = (one for one in answers if read_text(read_object(one.get("from")).get("id")) == profile.profile_id)
    hidden = comment.get("is_hidden")
    return profile.item(
        _id(comment),
        ItemKind.COMMENT,
        created_at(comment),
        replied_at=min(map(created_at, own), default=None),
        author=read_text(read_object(comment.get("from")).get("name")),
        text=read_text(comment.get("message")),
        hidden=None if hidden is None else read_flag(hidden),
        post=post,
        url=read_text(comment.get("permalink_url")),
    )


def _id(entry: JsonObject) -> str:
    if ident := read_text(entry.get("id")).strip():
        return ident
    raise Unreadable(_("This item has no id."))


def _total(edge: Any) -> int | None:
    return read_count(read_object(read_object(edge).get("summary")).get("total_count"))
