"""Bluesky over AT Protocol's HTTP API (XRPC), as far as it tells of profiles, posts and notifications.

Written from https://atproto.com/specs/xrpc, https://docs.bsky.app/docs/advanced-guides/rate-limits and the
lexicons ``com.atproto.server.*``, ``app.bsky.actor.*``, ``app.bsky.feed.*`` and
``app.bsky.notification.listNotifications`` (github.com/bluesky-social/atproto/tree/main/lexicons).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

from support.networks.bluesky_views import feed_post, notice, post_view, profile, reply_view, uri
from support.networks.calls import Answer, Call, Refused, answer
from support.networks.identifiers import opaque, said, zulu
from support.networks.sites import Site
from support.networks.world import Account, Comment, Form, Network, Post, Token, World

ACCESS, REFRESH = timedelta(hours=2), timedelta(days=60)
"""How long tokens last: the specification says "short" for the first."""
WINDOW, REQUESTS = timedelta(minutes=5), 3000
"""All requests: 3000 in 5 minutes (docs.bsky.app, Rate Limits)."""
FILTERS = (
    "posts_with_replies", "posts_no_replies", "posts_with_media", "posts_and_author_threads",
    "posts_with_video",
)  # fmt: skip
SEVERAL = 25
"""Most posts or profiles of one request."""


class Bluesky(Site):
    """The entryway with its sessions, and the public view that needs none."""

    network = "bluesky"
    hosts = ("bsky.social", "public.api.bsky.app", "api.bsky.app")

    def __init__(self, world: World, largest: int | None = None) -> None:
        super().__init__(world, largest)
        self.route("createSession", "/xrpc/com.atproto.server.createSession", self.create_session, "POST")
        self.route("refreshSession", "/xrpc/com.atproto.server.refreshSession", self.refresh_session, "POST")
        self.route("getSession", "/xrpc/com.atproto.server.getSession", self.get_session)
        self.route("resolveHandle", "/xrpc/com.atproto.identity.resolveHandle", self.resolve_handle)
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

    def create_session(self, call: Call) -> Answer:
        """Tokens for a handle and its app password. The password is a token of the world."""
        given = call.json()
        missing = [name for name in ("identifier", "password") if name not in given]
        if missing:
            raise Refused(error(400, "InvalidRequest", f'Input must have the property "{missing[0]}"'))
        account = self.world.account(Network.BLUESKY, str(given["identifier"]).lower())
        password = self.token(str(given["password"]))
        if account is None or password is None or account.id not in password.accounts:
            raise Refused(error(401, "AuthenticationRequired", "Invalid identifier or password"))
        if account.suspended_at and account.suspended_at <= self.world.now:
            raise Refused(error(401, "AccountTakedown", "Account has been taken down"))
        return answer(self._session(account, password))

    def refresh_session(self, call: Call) -> Answer:
        """New tokens for a refresh token."""
        account, password = self._bearer(call, "refresh+jwt")
        return answer(self._session(account, password))

    def get_session(self, call: Call) -> Answer:
        """Whose the access token is."""
        account, _password = self._bearer(call, "at+jwt")
        return answer({"did": account.id, "handle": account.handle, "active": True})

    def resolve_handle(self, call: Call) -> Answer:
        """The DID of a handle."""
        account = self.world.account(Network.BLUESKY, call.get("handle"))
        if account is None:
            raise Refused(error(400, "InvalidRequest", "Unable to resolve handle"))
        return answer({"did": account.id})

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
        now, found = self.world.now, list[Any]()
        for wanted in self._several(call, "uris"):
            for account in self._accounts():
                posts = [post for post in account.listed(now) if uri(account, post.id) == wanted]
                found += [post_view(account, post, call.base, now) for post in posts if not post.shared]
        return answer({"posts": found})

    def get_post_thread(self, call: Call) -> Answer:
        """A post with what was answered to it."""
        self._allowed(call)
        now = self.world.now
        for account in self._accounts():
            for post in account.listed(now):
                if uri(account, post.id) == call.get("uri"):
                    replies = [
                        _thread(account, post, one, call.base, now) for one in post.comments if one.there(now)
                    ]
                    view = post_view(account, post, call.base, now)
                    kind = "app.bsky.feed.defs#threadViewPost"
                    return answer({"thread": {"$type": kind, "post": view, "replies": replies}})
        raise Refused(error(400, "NotFound", f"Post not found: {call.get('uri')}"))

    def list_notifications(self, call: Call) -> Answer:
        """What happened to the account of the session, newest first."""
        account, _password = self._bearer(call, "at+jwt")
        now, reasons = self.world.now, call.all("reasons")
        happened = [one for one in _happened(account) if one[2].there(now)]
        wanted = [one for one in happened if not reasons or one[1] in reasons]
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

    def unauthenticated(self, call: Call) -> Answer:
        """A token that nobody gave."""
        return error(401, "AuthMissing", "Authentication Required", {"WWW-Authenticate": "Bearer"})

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

    def _session(self, account: Account, password: Token) -> dict[str, Any]:
        return {
            "accessJwt": self._jwt("at+jwt", account.id, password.text, ACCESS),
            "refreshJwt": self._jwt("refresh+jwt", account.id, password.text, REFRESH),
            "handle": account.handle,
            "did": account.id,
            "active": True,
        }

    def _jwt(self, kind: str, subject: str, password: str, lasts: timedelta) -> str:
        now = self.world.now
        ends = int((now + lasts).timestamp())
        body = {
            "sub": subject,
            "iat": int(now.timestamp()),
            "exp": ends,
            "jti": hashlib.sha256(password.encode()).hexdigest(),
        }
        head = f"{_part({'typ': kind, 'alg': 'HS256'})}.{_part(body)}"
        return f"{head}.{_signature(head)}"

    def _bearer(self, call: Call, kind: str) -> tuple[Account, Token]:
        """The account of a token of this kind. Raises as the server does: over, or none at all."""
        head, _dot, signature = call.bearer().rpartition(".")
        if not head:
            raise Refused(self.unauthenticated(call))
        if not hmac.compare_digest(_signature(head), signature):
            raise Refused(error(400, "InvalidToken", "Token could not be verified"))
        typ, body = (_unpacked(part) for part in head.split("."))
        account = self.world.account(Network.BLUESKY, body["sub"])
        passwords = [
            one
            for one in self.world.tokens.values()
            if hashlib.sha256(one.text.encode()).hexdigest() == body["jti"]
        ]
        if typ["typ"] != kind:
            raise Refused(error(400, "InvalidToken", "Invalid token type"))
        if body["exp"] <= self.world.now.timestamp() or self.token(passwords[0].text) is None:
            raise Refused(error(400, "ExpiredToken", "Token has expired"))
        if account is None:
            raise Refused(error(400, "InvalidRequest", "Could not find user info for account"))
        return account, passwords[0]

    def _allowed(self, call: Call) -> None:
        """The entryway wants a session, the public view none."""
        if call.host == self.hosts[0] or call.bearer():
            self._bearer(call, "at+jwt")

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


def error(status: int, name: str, message: str, headers: dict[str, str] | None = None) -> Answer:
    """The one shape of errors (https://atproto.com/specs/xrpc#error-responses)."""
    return answer({"error": name, "message": message}, status, headers)


def _passes(chosen: str, post: Post) -> bool:
    """Whether a filter of the author's feed shows a post."""
    if chosen == "posts_with_media":
        return bool(post.pictures) and not post.shared
    if chosen == "posts_with_video":
        return post.form is Form.VIDEO and not post.shared
    return chosen == "posts_with_replies" or post.answers is None


def _happened(account: Account) -> list[tuple[Post | None, str, Comment]]:
    replies = [(post, "reply", one) for post in account.posts for one in post.comments]
    return [*replies, *((None, "mention", one) for one in account.mentions)]


def _thread(account: Account, post: Post, comment: Comment, base: str, now: datetime) -> dict[str, Any]:
    below = [
        {
            "$type": "app.bsky.feed.defs#threadViewPost",
            "post": reply_view(account, post, one, base, comment),
            "replies": [],
        }
        for one in comment.answers
        if one.there(now)
    ]
    view = reply_view(account, post, comment, base)
    return {"$type": "app.bsky.feed.defs#threadViewPost", "post": view, "replies": below}


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _unpacked(part: str) -> dict[str, Any]:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def _signature(head: str) -> str:
    digest = hmac.new(b"the server's own secret", head.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
