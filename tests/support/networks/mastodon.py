"""Mastodon's REST API, as far as it tells of accounts, statuses and notifications.

Written from https://docs.joinmastodon.org (github.com/mastodon/documentation): ``methods/accounts``,
``methods/statuses``, ``methods/notifications``, ``entities/Account``, ``entities/Status``,
``entities/MediaAttachment``, ``entities/Notification``, ``api/rate-limits``, ``api/guidelines#pagination``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from support.networks.calls import Answer, Call, Refused, answer, whole
from support.networks.identifiers import milliseconds, zulu
from support.networks.mastodon_entities import account, notification, stranger, written
from support.networks.mastodon_entities import status as status_entity
from support.networks.sites import Site
from support.networks.world import Account, Comment, Network, Person, Post, Token, World

T = TypeVar("T")
CURSORS = ("max_id", "min_id", "since_id")
PUBLIC = timedelta(minutes=5)
REQUESTS = 300
"""``* /api/*``: 300 requests in 5 minutes for an account (api/rate-limits)."""


class Mastodon(Site):
    """One server, ``mastodon.example``, with all accounts of the network."""

    network = "mastodon"
    hosts = ("mastodon.example",)

    def __init__(self, world: World, largest: int | None = None) -> None:
        super().__init__(world, largest)
        api = "/api/v1"
        self.route("verify_credentials", f"{api}/accounts/verify_credentials", self.verify_credentials)
        self.route("lookup", f"{api}/accounts/lookup", self.lookup)
        self.route("statuses", f"{api}/accounts/{{id}}/statuses", self.statuses)
        self.route("account", f"{api}/accounts/{{id}}", self.account)
        self.route("notifications", f"{api}/notifications", self.notifications)
        self.route("context", f"{api}/statuses/{{id}}/context", self.context)
        self.route("status", f"{api}/statuses/{{id}}", self.status)
        self.route("several_statuses", f"{api}/statuses", self.several_statuses)
        self.route("instance", "/api/v2/instance", self.instance)

    def headers(self, _call: Call) -> dict[str, str]:
        """How many requests are left of the 300, and when they are given anew."""
        left = REQUESTS - 1 - (self.asked - 1) % REQUESTS
        return {
            "X-RateLimit-Limit": str(REQUESTS),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": zulu(self.world.now + PUBLIC),
        }

    def verify_credentials(self, call: Call) -> Answer:
        """The token's own account, a ``CredentialAccount``."""
        token = self._user(call, "profile", "read", "read:accounts")
        found = self._account(token.accounts[0])
        source = {
            "privacy": "public",
            "sensitive": False,
            "language": "en",
            "note": found.about,
            "fields": [],
        }
        return answer(
            {
                **account(found, call.base, self.world.now),
                "source": {**source, "follow_requests_count": 0},
                "role": {"id": "-99", "name": "", "permissions": "0", "color": "", "highlighted": False},
            }
        )

    def lookup(self, call: Call) -> Answer:
        """An account by its address, without asking other servers."""
        return answer(account(self._account(call.get("acct").lstrip("@")), call.base, self.world.now))

    def account(self, call: Call) -> Answer:
        """An account by its id; a suspended one says so (since 3.3.0)."""
        return answer(account(self._account(call.named["id"]), call.base, self.world.now))

    def statuses(self, call: Call) -> Answer:
        """The statuses of an account, newest first, in pages by id."""
        found, now = self._account(call.named["id"]), self.world.now
        own = self._sees_all(call, found)
        posts = [] if found.suspended_at and found.suspended_at <= now else found.listed(now)
        wanted = [post for post in posts if (own or not post.private) and _passes(call, post)]
        shown, links = self._cut(call, wanted, lambda post: int(post.id), 20, 40)
        return answer([status_entity(found, post, call.base, now) for post in shown], headers=links)

    def status(self, call: Call) -> Answer:
        """A status by its id: a post, or what somebody wrote to it."""
        found, post, comment = self._status(call.named["id"])
        now = self.world.now
        return answer(
            written(found, post, comment, call.base, now)
            if comment
            else status_entity(found, post or _none(), call.base, now)
        )

    def several_statuses(self, call: Call) -> Answer:
        """Statuses by their ids (since 4.3.0); those that are not there are left out."""
        found: list[Any] = []
        for ident in call.all("id[]"):
            try:
                owner, post, comment = self._status(ident)
            except Refused:
                continue
            if post and not comment:
                found.append(status_entity(owner, post, call.base, self.world.now))
        return answer(found)

    def context(self, call: Call) -> Answer:
        """What stands above and below a status in its thread."""
        found, post, comment = self._status(call.named["id"])
        now = self.world.now
        below = [comment] if comment else post.comments if post else []
        descendants = [
            written(found, post, one, call.base, now, to)
            for top in below
            for one, to in ((top, None), *((reply, top) for reply in top.answers))
            if one.there(now) and one is not comment
        ]
        return answer({"ancestors": [], "descendants": descendants})

    def notifications(self, call: Call) -> Answer:
        """What happened to the token's account, newest first, in pages by id."""
        token = self._user(call, "read", "read:notifications")
        found, now = self._account(token.accounts[0]), self.world.now
        happened = _happened(found, now)
        types, excluded = call.all("types[]"), call.all("exclude_types[]")
        wanted = [one for one in happened if (not types or one[1] in types) and one[1] not in excluded]
        shown, links = self._cut(call, wanted, lambda one: milliseconds(one[0]), 40, 80)
        return answer([notification(found, one, call.base, now) for one in shown], headers=links)

    def instance(self, call: Call) -> Answer:
        """What the server is."""
        return answer({"domain": self.hosts[0], "title": "Mastodon", "version": "4.5.2"})

    def limited(self, call: Call, until: datetime) -> Answer:
        """429, with the moment from which on it goes on."""
        headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": zulu(until)}
        return answer({"error": "Too many requests"}, 429, headers)

    def unauthenticated(self, call: Call) -> Answer:
        """The token is unknown, over, or withdrawn."""
        return answer({"error": "The access token is invalid"}, 401)

    def forbidden(self, call: Call) -> Answer:
        """The token lacks a scope."""
        return answer({"error": "This action is outside the authorized scopes"}, 403)

    def missing(self, _call: Call) -> Answer:
        """No such thing, or one that this token may not see."""
        return answer({"error": "Record not found"}, 404)

    def _user(self, call: Call, *scopes: str) -> Token:
        token = self.token(call.bearer())
        if token is None:
            raise Refused(self.unauthenticated(call))
        if not token.scopes & set(scopes):
            raise Refused(self.forbidden(call))
        return token

    def _sees_all(self, call: Call, found: Account) -> bool:
        """Whether the request may see what is private. A bad token is refused even where none is needed."""
        if not call.bearer():
            return False
        token = self._user(call, "read", "read:statuses", "read:accounts", "profile")
        return found.id in token.accounts and bool(token.scopes & {"read", "read:statuses"})

    def _account(self, ident: str) -> Account:
        found = self.world.account(Network.MASTODON, ident.removesuffix(f"@{self.hosts[0]}"))
        if found is None:
            raise Refused(answer({"error": "Record not found"}, 404))
        return found

    def _status(self, ident: str) -> tuple[Account, Post | None, Comment | None]:
        now = self.world.now
        accounts = [one for one in self.world.accounts if one.network is Network.MASTODON and one.there(now)]
        for found in accounts:
            # What others wrote is theirs: it stays when the post below which it stands is deleted.
            for post in found.posts:
                if post.id == ident and post.there(now):
                    return found, post, None
                for comment in (one for top in post.comments for one in (top, *top.answers)):
                    if comment.id == ident and comment.there(now):
                        return found, post, comment
            for mention in found.mentions:
                if mention.id == ident and mention.there(now):
                    return found, None, mention
        raise Refused(answer({"error": "Record not found"}, 404))

    def _cut(
        self, call: Call, entries: list[T], key: Callable[[T], int], default: int, most: int
    ) -> tuple[list[T], dict[str, str]]:
        """A page of entries (newest first) by the cursors of the request, and its ``Link`` header.

        ``min_id`` gives the entries "immediately newer", ``since_id`` the newest of those that are newer.
        """
        limit = self.page(whole(call.get("limit"), default, most))
        top, low = call.get("max_id"), call.get("min_id") or call.get("since_id")
        within = [
            one for one in entries if (not top or key(one) < int(top)) and (not low or key(one) > int(low))
        ]
        shown = within[-limit:] if call.get("min_id") else within[:limit]
        links: list[str] = []
        if len(shown) == limit:
            links.append(f'<{call.link(CURSORS, max_id=str(key(shown[-1])))}>; rel="next"')
        if shown:
            links.append(f'<{call.link(CURSORS, min_id=str(key(shown[0])))}>; rel="prev"')
        return shown, {"Link": ", ".join(links)} if links else {}


def _none() -> Post:
    raise Refused(answer({"error": "Record not found"}, 404))


def _passes(call: Call, post: Post) -> bool:
    """Whether a status is one of those that the request asks for."""
    on = {name for name, value in call.query if value in {"true", "1"}}
    return not (
        ("exclude_reblogs" in on and post.shared)
        or ("exclude_replies" in on and post.answers)
        or ("only_media" in on and not post.pictures)
        or ("pinned" in on and not post.pinned)
        or (call.get("tagged") and call.get("tagged") not in post.tags)
    )


def _happened(
    found: Account, now: datetime
) -> list[tuple[datetime, str, Person, Post | None, Comment | None]]:
    """The notifications of an account, newest first: each answer and mention, and somebody's favourite."""
    replies = [(one.at, "mention", one.author, post, one) for post in found.posts for one in post.comments]
    mentions = [(one.at, "mention", one.author, None, one) for one in found.mentions]
    liked = [
        (post.at + timedelta(hours=1), "favourite", stranger(), post, None)
        for post in found.posts
        if post.figures.get("reactions")
    ]
    there = [one for one in (*replies, *mentions) if one[4].there(now)]
    happened = [*there, *(one for one in liked if one[0] <= now)]
    return sorted(happened, key=lambda one: one[0], reverse=True)
