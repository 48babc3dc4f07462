"""What a complete reading of a world says, by plain reasoning about the world, network by network.

Only what the networks' documentation promises: a figure that an API does not give is not here, one
that it leaves out is ``None``. Figures have the names of the reports' columns; two readings that are both
fair are both given (``comments`` with the answers among them, ``comments_top`` without).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from support.networks.bluesky_views import uri
from support.networks.meta.times import INSTAGRAM, PAGES, ends
from support.networks.world import Account, Comment, Form, Network, Post, World
from support.networks.youtube_resources import rounded

MOVING = {Form.VIDEO, Form.REEL}


@dataclass
class ExpectedPost:
    """A post of the account's own, with its figures now."""

    id: str
    at: datetime
    form: Form
    text: str
    tags: tuple[str, ...]
    pictures: tuple[str, ...]
    figures: dict[str, int | None]
    answers: bool = False
    private: bool = False


@dataclass
class ExpectedItem:
    """What somebody wrote to the account, and when the account answered first."""

    id: str
    at: datetime
    author: str
    handle: str
    text: str
    post: str = ""
    replied_at: datetime | None = None


@dataclass
class ExpectedDay:
    """A day of the account as its network cuts it. ``settled`` says whether its figures still change."""

    day: date
    figures: dict[str, int] = field(default_factory=dict[str, int])
    settled: bool = True


def post_id(account: Account, post: Post) -> str:
    """The post's id as its network gives it."""
    if account.network is Network.BLUESKY:
        return uri(account, post.id)
    return f"{account.id}_{post.id}" if account.network is Network.FACEBOOK else post.id


def item_id(account: Account, post: Post | None, comment: Comment) -> str:
    """The id of what somebody wrote, as the network gives it."""
    if account.network is Network.BLUESKY:
        return f"at://{comment.author.id}/app.bsky.feed.post/{comment.id}"
    return f"{post.id}_{comment.id}" if post and account.network is Network.FACEBOOK else comment.id


def posts(world: World, account: Account) -> dict[str, ExpectedPost]:
    """The account's own posts by their ids: neither boosts nor reposts."""
    return {
        post_id(account, post): ExpectedPost(
            post_id(account, post), post.at, post.form, post.text, post.tags, post.pictures,
            figures(account, post, world.now), post.answers is not None, post.private,
        )
        for post in account.listed(world.now)
        if post.shared is None
    }  # fmt: skip


def figures(account: Account, post: Post, now: datetime) -> dict[str, int | None]:
    """A post's figures, as far as its network tells them."""
    top = sum(one.there(now) for one in post.comments)

    def of(*names: str) -> dict[str, int | None]:
        return {name: post.figure(name, now) for name in names}

    every = post.commented(now)
    match account.network:
        case Network.MASTODON:
            return {"comments": top, **of("reactions", "shares", "quotes")}
        case Network.BLUESKY:
            return {"comments": top, **of("reactions", "shares", "quotes", "saves")}
        case Network.FACEBOOK:
            moving = of("video_views") if post.form in MOVING else {}
            return {
                "comments": every,
                "comments_top": top,
                **of("reactions", "shares", "views", "reach", "clicks"),
                **moving,
            }
        case Network.INSTAGRAM:
            counted = {"comments": every, **of("reactions", "shares", "saves")}
            return {**counted, "engagement": sum(filter(None, counted.values())), **of("views", "reach")}
        case Network.YOUTUBE:
            shown = of("reactions") if "likes_off" not in post.figures else {"reactions": None}
            return {
                **shown,
                "comments": None if "comments_off" in post.figures else every,
                "video_views": post.figure("views", now),
            }


def followers(world: World, account: Account) -> int | None:
    """How many followers the profile says to have now; none where it hides them."""
    if account.hides_followers:
        return None
    count = account.followers(world.now)
    return rounded(count) if account.network is Network.YOUTUBE else count


def days(world: World, account: Account, first: date, last: date) -> dict[date, ExpectedDay]:
    """The days that are over, of networks that tell of earlier ones: pages and Instagram accounts."""
    if account.network not in {Network.FACEBOOK, Network.INSTAGRAM}:
        return {}
    page = account.network is Network.FACEBOOK
    zone = PAGES if page else INSTAGRAM
    others = ("visits", "video_views") if page else ("reactions", "comments", "shares", "saves")
    told = ("views", "reach", "engagement", "clicks", *others)
    found: dict[date, ExpectedDay] = {}
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        end = ends(day, zone)
        if day not in account.days or end > world.now:
            continue
        counted = {name: account.counted(day, name, world.now, end) for name in (*told, "gained", "lost")}
        if page:
            counted["followers"] = account.days[day].followers
        found[day] = ExpectedDay(day, counted, world.now >= end + timedelta(hours=48))
    return found


def community(world: World, account: Account) -> dict[str, ExpectedItem]:
    """What others wrote: below posts, and on Mastodon and Bluesky also by mentioning the account.

    There it is a post of its own, which stays when that of the account is deleted; elsewhere it goes too.
    """
    now = world.now
    own = [post for post in account.posts if not post.shared]
    below = [(post, one) for post in own for one in post.comments]
    direct: list[tuple[Post | None, Comment]] = []
    if account.network in {Network.MASTODON, Network.BLUESKY}:
        direct = [(None, one) for one in account.mentions]
    else:
        below = [(post, one) for post, one in below if post.there(now)]
    found: dict[str, ExpectedItem] = {}
    for post, one in [*below, *direct]:
        if one.there(now):
            answered = [
                reply.at for reply in one.answers if reply.author.id == account.id and reply.there(now)
            ]
            ident = item_id(account, post, one)
            shown = {Network.INSTAGRAM: one.author.handle, Network.YOUTUBE: f"@{one.author.handle}"}
            found[ident] = ExpectedItem(
                ident,
                one.at,
                shown.get(account.network, one.author.name),
                one.author.handle,
                one.text,
                post_id(account, post) if post else "",
                min(answered, default=None),
            )
    return found
