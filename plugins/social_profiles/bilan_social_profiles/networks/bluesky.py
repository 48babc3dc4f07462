"""Bluesky: an account's posts and followers, which are public, and what it was told of.

https://docs.bsky.app/docs/api/: ``app.bsky.actor.getProfile``,
``app.bsky.feed.getAuthorFeed``, ``app.bsky.feed.getPosts``,
``app.bsky.feed.getPostThread`` (its error ``NotFound`` says that a post is gone),
``app.bsky.notification.listNotifications`` and ``com.atproto.server.createSession``;
https://docs.bsky.app/docs/advanced-guides/api-directory and
https://docs.bsky.app/docs/advanced-guides/rate-limits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from bilan.sdk import (
    BilanError,
    Checked,
    Discovered,
    Fact,
    Invalid,
    JsonObject,
    Message,
    NotFound,
    PullContext,
    Pulled,
    Unauthenticated,
    read_count,
    read_object,
    read_text,
)
from bilan_social_profiles.networks.addresses import host_of
from bilan_social_profiles.networks.bluesky_items import (
    KINDS,
    key_of,
    picture_address,
    read_notification,
    read_post,
    replied_in,
    uri_of,
    written_at,
)
from bilan_social_profiles.networks.facts import Profile
from bilan_social_profiles.networks.reading import Page, Reading, Step
from bilan_social_profiles.networks.settings import handles_of, text_of
from bilan_social_profiles.textdomain import _

NETWORK = "bluesky"
PUBLIC = "public.api.bsky.app"
LIMIT, AT_ONCE = 100, 25
"""The most that a page may have, and the most posts that may be asked for at once."""
COLLECTION = "app.bsky.feed.post"
NO_ACCOUNT = frozenset({"AccountTakedown", "AccountDeactivated", "InvalidRequest"})


class NoSuchPost(NotFound):
    """There is no such post any more."""


class Bluesky:
    """Implements :class:`bilan.sdk.Discovery`."""

    every = timedelta(hours=6)

    def hosts(self, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """The public service, the account's own, and that of pictures."""
        return (PUBLIC, host_of(text_of(settings, "service")) or "bsky.social", "*.bsky.app")

    def check(self, context: PullContext) -> Checked:
        """The account, and whether what it was told of may be read."""
        api = BlueskyApi(context)
        found = api.profile(api.account() or api.session()["did"])
        missing = api.missing()
        return Checked(
            _(
                "Sees {handle} (posts: {posts}, followers: {followers}).",
                handle=_handle(found),
                posts=read_count(found.get("postsCount")),
                followers=read_count(found.get("followersCount")),
            ),
            missing=(missing,) if missing else (),
        )

    def discover(self, context: PullContext) -> Iterable[Discovered]:
        """The account of the app password, and those whose handles are given."""
        api = BlueskyApi(context)
        actors = [api.session()["did"]] if api.password else []
        for actor in [*actors, *handles_of(context.settings)]:
            found = api.profile(actor)
            yield Discovered(_handle(found), {"profile": _handle(found)}, read_text(found.get("did")))

    def pull(self, context: PullContext) -> Iterator[Pulled]:
        """Followers of today, posts, those that are gone, and replies, mentions and quotes."""
        api, reading = BlueskyApi(context), Reading(context, key_of)
        found = api.profile(api.account() or api.session()["did"])
        profile = reading.profile(NETWORK, _handle(found), read_text(found.get("did")))
        steps = [Step("posts", _("Posts"), lambda following: api.posts(reading, profile, following))]
        if reading.usual:
            followers = read_count(found.get("followersCount"))
            steps.insert(0, reading.counted(profile, context.now.date(), followers))
            gone = reading.deleted(
                profile,
                api.is_gone,
                lambda key: f"at://{profile.profile_id}/{COLLECTION}/{key}",
            )
            steps.append(Step("deleted", _("Deleted posts"), gone))
        missing = api.missing()
        if not missing:
            steps.append(
                Step("mentions", _("Mentions"), lambda following: api.mentions(reading, profile, following))
            )
        yield from reading.run(steps)
        yield from reading.finish((missing,) if missing else ())


class BlueskyApi:
    """The methods that are public, and those of the account's own service."""

    def __init__(self, context: PullContext) -> None:
        self.context = context
        self.service = host_of(text_of(context.settings, "service")) or "bsky.social"
        self.password = text_of(context.settings, "app_password")
        self._session: Mapping[str, str] | None = None

    def get(self, method: str, **params: str | int) -> JsonObject:
        """Ask a public method."""
        return read_object(self.context.client.get(f"https://{PUBLIC}/xrpc/{method}", params=params).json())

    def account(self) -> str:
        """The account of the source: its DID or its handle."""
        return text_of(self.context.settings, "account").removeprefix("@")

    def session(self) -> Mapping[str, str]:
        """A session of the account, opened when it is first needed."""
        if self._session is None:
            self._session = self._open()
        return self._session

    def profile(self, actor: str) -> JsonObject:
        """The profile of a DID or a handle."""
        try:
            return self.get("app.bsky.actor.getProfile", actor=actor.removeprefix("@"))
        except (Invalid, NotFound) as error:
            if error_of(error) not in NO_ACCOUNT and not isinstance(error, NotFound):
                raise
            raise NotFound(
                _(
                    "There is no account {handle} on Bluesky any more. What was read of it stays.",
                    handle=actor,
                )
            ) from error

    def missing(self) -> Message | None:
        """Why replies and mentions cannot be read, if they cannot."""
        if self.password:
            self.session()
            return None
        return _("Replies, mentions and quotes need an app password of the account.")

    def posts(self, reading: Reading, profile: Profile, following: str | None) -> Page:
        """A page of the author's feed, without reposts and without answers to others."""
        params: dict[str, str | int] = {
            "actor": profile.profile_id,
            "filter": "posts_and_author_threads",
            "limit": LIMIT,
        }
        body = self.get("app.bsky.feed.getAuthorFeed", **params, **_from(following))
        entries = map(read_object, body.get("feed") or ())
        views = [entry.get("post") for entry in entries if not entry.get("reason")]

        def read(view: JsonObject) -> Fact:
            address = picture_address(view)
            return read_post(view, profile, self.context.picture(address) if address else "")

        return reading.page(views, written_at, read, body.get("cursor"))

    def mentions(self, reading: Reading, profile: Profile, following: str | None) -> Page:
        """A page of notifications: replies, mentions and quotes, with when each was answered."""
        reply = self._own("app.bsky.notification.listNotifications", limit=LIMIT, **_from(following))
        told = [read_object(one) for one in reply.get("notifications") or ()]
        wanted = [one for one in told if read_text(one.get("reason")) in KINDS]
        threads = self._threads(reading, [one for one in wanted if not reading.is_over([one], written_at)])

        def read(one: JsonObject) -> Fact | None:
            if (thread := threads.get(uri_of(one))) is None:
                return None
            return read_notification(one, profile, replied_in(thread, profile.profile_id))

        page = reading.page(wanted, written_at, read, reply.get("cursor"))
        return Page(page.given, None if reading.is_over(told, written_at) else page.next)

    def is_gone(self, uri: str) -> bool:
        """Whether there is no such post any more."""
        try:
            self.thread(uri, 0)
        except NoSuchPost:
            return True
        return False

    def thread(self, uri: str, depth: int) -> JsonObject:
        """A post with the answers to it, so many levels of them. Raises ``NoSuchPost``."""
        try:
            body = self.get("app.bsky.feed.getPostThread", uri=uri, depth=depth, parentHeight=0)
        except (Invalid, NotFound) as error:
            if error_of(error) == "NotFound":
                raise NoSuchPost(error.message) from error
            raise
        return read_object(body.get("thread"))

    def _threads(self, reading: Reading, told: list[JsonObject]) -> dict[str, JsonObject]:
        """The answers to posts, by the posts' addresses, without those that were deleted meanwhile.

        Those that have answers are looked into; the others have an empty object.
        """
        uris = [uri for one in told if (uri := read_text(one.get("uri")).strip())]
        found: dict[str, JsonObject] = {uri: {} for uri in uris}
        for start in range(0, len(uris), AT_ONCE):
            query = urlencode({"uris": uris[start : start + AT_ONCE]}, doseq=True)
            views = map(read_object, self.get(f"app.bsky.feed.getPosts?{query}").get("posts") or ())
            for uri in [read_text(view.get("uri")).strip() for view in views if view.get("replyCount")]:
                thread = reading.unless_gone(lambda uri=uri: self.thread(uri, 1))
                if thread is None:
                    found.pop(uri, None)
                else:
                    found[uri] = thread
        return found

    def _own(self, method: str, **params: str | int) -> JsonObject:
        """Ask a method of the account's own service; a session that has ended meanwhile is opened anew."""
        url = f"https://{self.service}/xrpc/{method}"
        for attempt in range(2):
            headers = {"authorization": f"Bearer {self.session()['accessJwt']}"}
            try:
                return read_object(self.context.client.get(url, params=params, headers=headers).json())
            except (Invalid, Unauthenticated) as error:
                if attempt or error_of(error) not in ("ExpiredToken", "InvalidToken"):
                    raise
                self._session = None
        return {}

    def _open(self) -> Mapping[str, str]:
        account = self.account() or next(handles_of(self.context.settings), "")
        if not (account and self.password):
            raise Invalid(_("Give the handle of the account."), ("account",))
        url = f"https://{self.service}/xrpc/com.atproto.server.createSession"
        try:
            reply = self.context.client.post(url, json={"identifier": account, "password": self.password})
        except Unauthenticated as error:
            raise Unauthenticated(
                _("Bluesky does not take the app password of {handle}. Make a new one.", handle=account)
            ) from error
        return read_object(reply.json())


def error_of(error: BilanError) -> str:
    """The name of the error in an answer of XRPC; empty where it has none."""
    try:
        return read_text(read_object(error.reply.json()).get("error")) if error.reply else ""
    except Invalid:
        return ""


def _handle(found: JsonObject) -> str:
    return f"@{read_text(found.get('handle'))}"


def _from(following: str | None) -> dict[str, str]:
    return {"cursor": following} if following else {}
