"""Insights: the metrics of pages, posts, Instagram accounts and media, by the periods that each has.

https://developers.facebook.com/docs/graph-api/reference/insights ("Only 90 days of insights can be viewed at
one time", "most metrics will update once every 24 hours", "only available on Pages with 100 or more likes";
"By June 15, 2026, a number of the Page Insights metrics will be deprecated for all API versions"),
https://developers.facebook.com/documentation/instagram-platform/api-reference/instagram-user/insights and
``…/reference/instagram-media/insights`` ("returns an empty data set instead of 0", "delayed up to 48 hours").
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from support.networks.calls import Call
from support.networks.identifiers import graph_time
from support.networks.meta.errors import invalid_metric, refused
from support.networks.meta.objects import Found
from support.networks.meta.times import INSTAGRAM, PAGES, days, ends, moment
from support.networks.world import Account, Form, Post

if TYPE_CHECKING:
    from support.networks.meta.site import Meta

PAGE_METRICS = {
    "page_follows": "followers", "page_fans": "followers",
    "page_daily_follows": "gained", "page_daily_follows_unique": "gained",
    "page_daily_unfollows_unique": "lost",
    "page_media_view": "views", "page_impressions": "views",
    "page_total_media_view_unique": "reach", "page_impressions_unique": "reach",
    "page_post_engagements": "engagement", "page_views_total": "visits", "page_total_actions": "clicks",
    "page_video_views": "video_views", "page_actions_post_reactions_like_total": "reactions",
}  # fmt: skip
POST_METRICS = {
    "post_media_view": "views", "post_impressions": "views",
    "post_total_media_view_unique": "reach", "post_impressions_unique": "reach",
    "post_clicks": "clicks", "post_video_views": "video_views",
    "post_reactions_by_type_total": "", "post_activity_by_action_type": "",
    "post_reactions_like_total": "", "post_reactions_love_total": "",
}  # fmt: skip
USER_METRICS = {
    "reach": "reach", "follower_count": "gained", "views": "views", "accounts_engaged": "engaged",
    "total_interactions": "engagement", "likes": "reactions", "comments": "comments", "shares": "shares",
    "saves": "saves", "replies": "replies", "profile_links_taps": "clicks", "follows_and_unfollows": "",
}  # fmt: skip
SERIES = {"reach", "follower_count"}
"""Metrics of an account that come day by day; the others only as ``metric_type=total_value``."""
FEED = {
    "views": "views", "reach": "reach", "likes": "reactions", "comments": "comments", "saved": "saves",
    "shares": "shares", "total_interactions": "engagement", "follows": "follows", "profile_visits": "visits",
}  # fmt: skip
STORY = {
    "views": "views", "reach": "reach", "replies": "replies", "shares": "shares", "total_interactions": "",
    "follows": "follows", "profile_visits": "visits",
}  # fmt: skip
REELS = {name: of for name, of in FEED.items() if name not in {"follows", "profile_visits"}}
WITHDRAWN = (
    "page_fans", "page_impressions", "page_impressions_unique", "post_impressions", "post_impressions_unique",
)  # fmt: skip
"""What the reference says to be gone by June 15, 2026, of the metrics here."""
PERIODS = {"day": 1, "week": 7, "days_28": 28}
AUDIENCE = 100


def of_page(site: Meta, found: Found, query: dict[str, str], call: Call) -> dict[str, Any]:
    """The metrics of a page. Values are by the end of their period, oldest first."""
    now, account = site.world.now, found.account
    names = _named(site, query, PAGE_METRICS)
    period = query.get("period")
    if period and period not in PERIODS:
        raise refused(100, "(#100) The value must be a valid period")
    if account.followers(now) < AUDIENCE:
        return {"data": []}
    known = [day for day in days(query, now, 90, 2) if day in account.days and ends(day, PAGES) <= now]
    data = [
        _entry(found.id, name, each, _series(account, PAGE_METRICS[name], PERIODS[each], known, now, PAGES))
        for name in names
        for each in ([period] if period else PERIODS if name != "page_follows" else ["day"])
    ]
    return {"data": [one for one in data if one["values"]], **_around(query, now, call)}


def of_post(site: Meta, found: Found, query: dict[str, str], call: Call) -> dict[str, Any]:
    """The metrics of a page's post, over its life."""
    now, post = site.world.now, found.its_post
    by_type = reactions(post, now)
    moving = post.form in {Form.VIDEO, Form.REEL}
    spoken = {
        "post_video_views": post.figure("video_views", now) if moving else 0,
        "post_reactions_by_type_total": {kind: count for kind, count in by_type.items() if count},
        "post_reactions_like_total": by_type["like"],
        "post_reactions_love_total": by_type["love"],
        "post_activity_by_action_type": {
            "like": sum(by_type.values()), "comment": post.commented(now),
            "share": post.figure("shares", now),
        },
    }  # fmt: skip
    data: list[dict[str, Any]] = []
    for name in _named(site, query, POST_METRICS):
        value = spoken[name] if name in spoken else post.figure(POST_METRICS[name], now)
        data.append(_entry(found.id, name, "lifetime", [{"value": value}]))
    return {"data": data}


def of_user(site: Meta, found: Found, query: dict[str, str], call: Call) -> dict[str, Any]:
    """The metrics of an Instagram account: a total of a range, or a series of days."""
    now, account = site.world.now, found.account
    names = _named(site, query, USER_METRICS)
    total = query.get("metric_type") == "total_value"
    if query.get("period") != "day":
        raise refused(100, "(#100) The parameter period is required and must be day for these metrics")
    if not total and (others := [name for name in names if name not in SERIES]):
        listed = ", ".join(others)
        parameter = "metric_type=total_value"
        text = f"(#100) The following metrics ({listed}) should be specified with parameter {parameter}"
        raise refused(100, text)
    if total and "follower_count" in names:
        raise refused(100, "(#100) metric_type=total_value is not supported by follower_count")
    known = [day for day in days(query, now, 30, 1) if day in account.days]
    over = [day for day in known if ends(day, INSTAGRAM) <= now]
    few = account.followers(now) < AUDIENCE
    named = [name for name in names if not (few and name in {"follower_count", "follows_and_unfollows"})]
    if not total:
        data = [
            _entry(found.id, name, "day", _series(account, USER_METRICS[name], 1, over, now, INSTAGRAM))
            for name in named
        ]
        return {"data": [one for one in data if one["values"]], **_around(query, now, call)}
    if not known:
        return {"data": []}
    totals = [(name, _total(account, name, known, now, query.get("breakdown", ""))) for name in named]
    data = [{**_entry(found.id, name, "day", []), "total_value": value} for name, value in totals if value]
    return {"data": [{key: value for key, value in one.items() if key != "values"} for one in data]}


def of_media(site: Meta, found: Found, query: dict[str, str]) -> dict[str, Any]:
    """The metrics of a medium: those of its kind, over its life."""
    now, post = site.world.now, found.its_post
    moving = post.form in {Form.VIDEO, Form.REEL}
    names = _named(site, query, FEED | STORY)
    for name in names:
        if name not in (STORY if post.form is Form.STORY else REELS if moving else FEED):
            text = f"The Media Insights API does not support the {name} metric for this media product type."
            raise refused(100, f"(#100) {text}")
    data = [_entry(found.id, name, "lifetime", [{"value": media_figure(found, name, now)}]) for name in names]
    return {"data": data}


def reactions(post: Post, now: datetime) -> dict[str, int]:
    """The reactions of a page's post by type: a fifth of them love."""
    total = post.figure("reactions", now)
    return {"like": total - total // 5, "love": total // 5}


def media_figure(found: Found, name: str, now: datetime) -> int:
    """A metric of a medium: interactions are the sum of the four kinds, of a story of replies and shares."""
    post = found.its_post
    if post.form is Form.STORY:
        parts = ("replies", "shares") if name == "total_interactions" else (STORY[name],)
        return sum(post.figure(part, now) for part in parts)
    if name == "comments":
        return post.commented(now)
    if name == "total_interactions":
        return sum(media_figure(found, part, now) for part in ("likes", "comments", "saved", "shares"))
    return post.figure(FEED[name], now)


def _named(site: Meta, query: dict[str, str], known: Mapping[str, str]) -> list[str]:
    """The metrics that are asked for. One that is not known or was withdrawn fails all."""
    names = [name for name in query.get("metric", "").split(",") if name]
    if not names:
        text = (
            "(#3001) Invalid query: No metric was specified to be fetched. "
            "Please specify one or more metrics to be fetched and try again."
        )
        raise refused(3001, text, 1504028)
    if any(name not in known or not site.world.gives(name) for name in names):
        raise invalid_metric()
    return names


def _entry(ident: str, name: str, period: str, values: list[dict[str, Any]]) -> dict[str, Any]:
    title = name.replace("_", " ").capitalize()
    return {
        "name": name,
        "period": period,
        "values": values,
        "title": title,
        "description": f"{title}.",
        "id": f"{ident}/insights/{name}/{period}",
    }


def _series(
    account: Account, figure: str, length: int, known: list[date], now: datetime, zone: tzinfo
) -> list[dict[str, Any]]:
    values: list[dict[str, Any]] = []
    for day in known:
        window = [one for back in range(length) if (one := day - timedelta(days=back)) in account.days]
        if figure == "followers":
            value = account.days[day].followers
        else:
            value = sum(account.counted(one, figure, now, ends(one, zone)) for one in window)
        values.append({"value": value, "end_time": graph_time(ends(day, zone))})
    return values


def _total(account: Account, name: str, known: list[date], now: datetime, breakdown: str) -> dict[str, Any]:
    def over(figure: str) -> int:
        return sum(account.counted(day, figure, now, ends(day, INSTAGRAM)) for day in known)

    if name != "follows_and_unfollows":
        return {"value": over(USER_METRICS[name])}
    if breakdown != "follow_type":
        return {}
    results = [
        {"dimension_values": ["FOLLOWER"], "value": over("gained")},
        {"dimension_values": ["NON_FOLLOWER"], "value": over("lost")},
    ]
    return {"breakdowns": [{"dimension_keys": ["follow_type"], "results": results}]}


def _around(query: dict[str, str], now: datetime, call: Call) -> dict[str, Any]:
    """The ranges before and after, as links."""
    until = moment(query["until"]) if query.get("until") else now
    since = moment(query["since"]) if query.get("since") else until - timedelta(days=2)
    length = until - since

    def link(start: datetime) -> str:
        return call.link((), since=str(int(start.timestamp())), until=str(int((start + length).timestamp())))

    return {"paging": {"previous": link(since - length), "next": link(until)}}
