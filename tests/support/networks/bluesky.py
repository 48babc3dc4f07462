"""Bluesky over AT Protocol's HTTP API (XRPC), as far as it tells of profiles, posts and notifications.

Written from https://atproto.com/specs/xrpc, https://docs.bsky.app/docs/advanced-guides/rate-limits and the
lexicons ``com.atproto.server.*``, ``app.bsky.actor.*``, ``app.bsky.feed.*`` and
``app.bsky.notification.listNotifications`` (github.com/bluesky-social/atproto/tree/main/lexicons).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from support.networks.bluesky_sessions import Sessions, error
from support.networks.bluesky_views import feed_post, notice, post_view, profile, reply_view, uri
from support.networks.calls import Answer, Call, Refused, answer
from support.networks.identifiers import opaque, said, zulu
from support.networks.world import Account, Comment, Form, Network, Post, World

WINDOW, REQUESTS = timedelta(minutes=5), 3000
"""All requests: 3000 in 5 minutes (docs.bsky.app, Rate Limits)."""
FILTERS = (
    "posts_with_replies", "posts_no_replies", "posts_with_media", "posts_and_author_threads",
    "posts_with_video",
)  # fmt: skip
SEVERAL = 25
"""Most posts or profiles of one request."""


class Bluesky(Sessions):
    """The entryway with its sessions, and the public view that needs none."""

    network = "bluesky"
    hosts = ("bsky.social", "public.api.bsky.app", "api.bsky.app")

    def __init__(self, world: World, largest: int | None = None) -> None:
        super().__init__(world, largest)
        self.route("resolveHandle", "/xrpc/com.atproto.identity.resolveHandle", self.resolve_handle)
        self.route("getRecord", "/xrpc/com.atproto.repo.getRecord", self.get_record)
        self.route("getProfile", "/xrpc/app.bsky.actor.getProfile", self.get_profile)
        self.route("getProfiles", "/xrpc/app.bsky.actor.getProfiles", self.get_profiles)
        self.route("getAuthorFeed", "/xrpc/app.bsky.feed.getAuthorFeed", self.get_author_feed)
        self.route("getPosts", "/xrpc/app.bsky.feed.getPosts", self.get_posts)
        self.route("getPostThread", "/xrpc/app.bsky.feed.getPostThread", self.get_post_thread)
        notifications = "/xrpc/app.bsky.notification.listNotifications"
        self.route("listNotifications", notifications, self.list_notifications)

    def headers(self, _call: Call) -> dict[str, str]:
        """The rate limit of the address."""
        left = REQUESTS - 1 - (self.asked - 1) % REQUESTS
        reset = int((self.world.now + WINDOW).timestamp())
        policy = f"{REQUESTS};w={int(WINDOW.total_seconds())}"
        return {
            "RateLimit-Limit": str(REQUESTS),
            "RateLimit-Remaining": str(left),
            "RateLimit-Reset": str(reset),
            "RateLimit-Policy": policy,
        }

    def resolve_handle(self, call: Call) -> Answer:
        """The DID of a handle."""
        account = self.world.account(Network.BLUESKY, call.get("handle"))
        if account is None:
            raise Refused(error(400, "InvalidRequest", "Unable to resolve handle"))
        return answer({"did": account.id})

    def get_record(self, call: Call) -> Answer:
        """One record of a repository; an error of its lexicon where there is none."""
        wanted = f"at://{call.get('repo')}/{call.get('collection')}/{call.get('rkey')}"
        for view in self._views(call.base):
            if view["uri"] == wanted:
                return answer({"uri": wanted, "cid": view["cid"], "value": view["record"]})
        raise Refused(error(400, "RecordNotFound", f"Could not locate record: {wanted}"))

    def get_profile(self, call: Call) -> Answer:
        """A profile with its counts."""
        self._allowed(call)
        return answer(profile(self._actor(call.get("actor")), call.base, self.world.now))

    def get_profiles(self, call: Call) -> Answer:
        """Profiles with their counts; those that are not there are left out."""
        self._allowed(call)
        actors = self._several(call, "actors")
        found = [account for actor in actors if (account := self.world.account(Network.BLUESKY, actor))]
        return answer({"profiles": [profile(account, call.base, self.world.now) for account in found]})

    def get_author_feed(self, call: Call) -> Answer:
        """The posts and reposts of an account, newest first."""
        self._allowed(call)
        account, now = self._actor(call.get("actor")), self.world.now
        chosen = call.get("filter") or FILTERS[0]
        if chosen not in FILTERS:
            raise Refused(error(400, "InvalidRequest", "Error: filter must be one of the known values"))
        posts = [post for post in account.listed(now) if _passes(chosen, post)]
        shown, cursor = self._cut(call, [(post.at, post.id, post) for post in posts])
        return answer({"feed": [feed_post(account, post, call.base, now) for post in shown], **cursor})

    def get_posts(self, call: Call) -> Answer:
        """Posts by their addresses; those that are not there are left out."""
        self._allowed(call)
        wanted = self._several(call, "uris")
        return answer({"posts": [view for view in self._views(call.base) if view["uri"] in wanted]})

    def get_post_thread(self, call: Call) -> Answer:
        """A post with what was answered to it."""
        self._allowed(call)
        now, wanted = self.world.now, call.get("uri")
        kind = "app.bsky.feed.defs#threadViewPost"
        for account in self._accounts():
            for post in account.listed(now):
                if uri(account, post.id) == wanted:
                    below = [
                        _thread(account, post, one, call.base, now) for one in post.comments if one.there(now)
                    ]
                    view = post_view(account, post, call.base, now)
                    return answer({"thread": {"$type": kind, "post": view, "replies": below}})
            for post, comment in _received(account, now):
                thread = _thread(account, post, comment, call.base, now)
                if thread["post"]["uri"] == wanted:
                    return answer({"thread": thread})
        raise Refused(error(400, "NotFound", f"Post not found: {wanted}"))

    def list_notifications(self, call: Call) -> Answer:
        """What happened to the account of the session, newest first."""
        account, _password = self.bearer(call, "at+jwt")
        now, reasons = self.world.now, call.all("reasons")
        wanted = [one for one in _happened(account, now) if not reasons or one[1] in reasons]
        entries = [
            (one[2].at, one[2].id, one) for one in sorted(wanted, key=lambda one: one[2].at, reverse=True)
        ]
        shown, cursor = self._cut(call, entries)
        notices = [notice(account, post, reason, one, call.base) for post, reason, one in shown]
        return answer({"notifications": notices, **cursor, "priority": False, "seenAt": zulu(now)})

    def limited(self, call: Call, until: datetime) -> Answer:
        """429, with the second from which on it goes on."""
        headers = {"RateLimit-Remaining": "0", "RateLimit-Reset": str(int(until.timestamp()))}
        return error(429, "RateLimitExceeded", "Rate Limit Exceeded", headers)

    def forbidden(self, call: Call) -> Answer:
        """A token that may not do this, as of an app password."""
        return error(403, "Forbidden", "Bad token scope")

    def missing(self, _call: Call) -> Answer:
        """An account that is not there."""
        return error(400, "InvalidRequest", "Profile not found")

    def failed(self, _call: Call, status: int) -> Answer:
        """Trouble, by its usual name."""
        names = {500: "InternalServerError", 502: "UpstreamFailure", 503: "NotEnoughResources"}
        return error(status, names.get(status, "InternalServerError"), "Internal Server Error")

    def _allowed(self, call: Call) -> None:
        """The entryway wants a session, the public view none."""
        if call.host == self.hosts[0] or call.bearer():
            self.bearer(call, "at+jwt")

    def _actor(self, actor: str) -> Account:
        account = self.world.account(Network.BLUESKY, actor)
        if account is None:
            raise Refused(error(400, "InvalidRequest", "Profile not found"))
        if account.suspended_at and account.suspended_at <= self.world.now:
            raise Refused(error(400, "AccountTakedown", "Account has been suspended"))
        return account

    def _accounts(self) -> list[Account]:
        now = self.world.now
        return [one for one in self.world.accounts if one.network is Network.BLUESKY and one.there(now)]

    def _views(self, base: str) -> list[dict[str, Any]]:
        """Every post that can be read now: those of accounts, and what others wrote to them."""
        now, views = self.world.now, list[dict[str, Any]]()
        for account in self._accounts():
            views += [post_view(account, post, base, now) for post in account.listed(now) if not post.shared]
            for post, comment in _received(account, now):
                views.append(reply_view(account, post, comment, base, now))
                answers = (one for one in comment.answers if one.there(now))
                views += [reply_view(account, post, one, base, now, comment) for one in answers]
        return views

    def _several(self, call: Call, name: str) -> list[str]:
        values = call.all(name)
        if not 0 < len(values) <= SEVERAL:
            text = f"Error: {name} must not have more than {SEVERAL} elements"
            raise Refused(error(400, "InvalidRequest", text))
        return values

    def _cut(self, call: Call, entries: list[tuple[datetime, str, Any]]) -> tuple[list[Any], dict[str, str]]:
        """A page behind the cursor, and the next cursor where the page is full."""
        asked = int(call.get("limit", "50"))
        if not 1 <= asked <= 100:
            raise Refused(error(400, "InvalidRequest", "Error: limit can not be greater than 100"))
        limit = self.page(asked)
        try:
            after = tuple(said(call.get("cursor"))) if call.get("cursor") else None
        except ValueError:
            raise Refused(error(400, "InvalidRequest", "Malformed cursor")) from None
        rest = [one for one in entries if after is None or (zulu(one[0]), one[1]) < after]
        shown = rest[:limit]
        cursor = {"cursor": opaque(zulu(shown[-1][0]), shown[-1][1])} if len(shown) == limit else {}
        return [one[2] for one in shown], cursor


def _passes(chosen: str, post: Post) -> bool:
    """Whether a filter of the author's feed shows a post."""
    if chosen == "posts_with_media":
        return bool(post.pictures) and not post.shared
    if chosen == "posts_with_video":
        return post.form is Form.VIDEO and not post.shared
    return chosen == "posts_with_replies" or post.answers is None


def _received(account: Account, now: datetime) -> list[tuple[Post | None, Comment]]:
    # What others wrote is theirs: it stays when the post below which it stands is deleted.
    below = [(post, one) for post in account.posts for one in post.comments]
    return [entry for entry in (*below, *((None, one) for one in account.mentions)) if entry[1].there(now)]


def _happened(account: Account, now: datetime) -> list[tuple[Post | None, str, Comment]]:
    return [(post, "reply" if post else "mention", one) for post, one in _received(account, now)]


def _thread(
    account: Account, post: Post | None, comment: Comment, base: str, now: datetime
) -> dict[str, Any]:
    kind = "app.bsky.feed.defs#threadViewPost"
    below = [
        {"$type": kind, "post": reply_view(account, post, one, base, now, comment), "replies": []}
        for one in comment.answers
        if one.there(now)
    ]
    return {"$type": kind, "post": reply_view(account, post, comment, base, now), "replies": below}
