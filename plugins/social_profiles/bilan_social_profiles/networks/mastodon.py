"""Mastodon: an account's posts, followers and mentions, asked of its own server.

https://docs.joinmastodon.org/methods/accounts/ (``verify_credentials``,
``lookup``, ``statuses``), https://docs.joinmastodon.org/methods/statuses/
(``context``; 404 for a status that is gone),
https://docs.joinmastodon.org/methods/notifications/,
https://docs.joinmastodon.org/api/guidelines/#pagination and
https://docs.joinmastodon.org/api/rate-limits/.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from bilan.sdk import (
    Checked,
    Discovered,
    Fact,
    Forbidden,
    HttpReply,
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
from bilan_social_profiles.networks.addresses import host_of, query_of
from bilan_social_profiles.networks.facts import Profile
from bilan_social_profiles.networks.mastodon_items import (
    picture_address,
    read_mention,
    read_status,
    replied_in,
    written_at,
)
from bilan_social_profiles.networks.reading import Page, Reading, Step
from bilan_social_profiles.networks.settings import handles_of, text_of
from bilan_social_profiles.textdomain import _

NETWORK = "mastodon"
STATUSES, NOTIFICATIONS = 40, 80
"""The most that a page may have, as the documentation states it."""


class Mastodon:
    """Implements :class:`bilan.sdk.Discovery`."""

    every = timedelta(hours=6)

    def hosts(self, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """The server of the account."""
        return (host_of(text_of(settings, "instance")),)

    def check(self, context: PullContext) -> Checked:
        """The account, and whether its notifications may be read."""
        api = MastodonApi(context)
        account = api.account() if api.key else api.own()
        missing = api.missing()
        return Checked(
            _(
                "Sees {handle} (posts: {posts}, followers: {followers}).",
                handle=api.handle(account),
                posts=read_count(account.get("statuses_count")),
                followers=read_count(account.get("followers_count")),
            ),
            missing=(missing,) if missing else (),
        )

    def discover(self, context: PullContext) -> Iterable[Discovered]:
        """The account of the token, and those whose handles are given."""
        api = MastodonApi(context)
        found = [api.own()] if api.token else []
        found += [api.lookup(handle) for handle in handles_of(context.settings)]
        for account in found:
            handle = api.handle(account)
            yield Discovered(handle, {"profile": handle}, read_text(account.get("id")))

    def pull(self, context: PullContext) -> Iterator[Pulled]:
        """Followers of today, posts, those that are gone, and mentions."""
        api, reading = MastodonApi(context), Reading(context)
        account = api.account()
        profile = reading.profile(NETWORK, api.handle(account), read_text(account.get("id")))
        steps = [Step("posts", _("Posts"), lambda following: api.posts(reading, profile, following))]
        if reading.usual:
            followers = read_count(account.get("followers_count"))
            steps.insert(0, reading.counted(profile, context.now.date(), followers))
            steps.append(Step("deleted", _("Deleted posts"), reading.deleted(profile, api.is_gone)))
        missing = api.missing()
        if not missing:
            steps.append(
                Step("mentions", _("Mentions"), lambda following: api.mentions(reading, profile, following))
            )
        yield from reading.run(steps)
        yield from reading.finish((missing,) if missing else ())


class MastodonApi:
    """The methods of one server, with the token of the source where it has one."""

    def __init__(self, context: PullContext) -> None:
        self.context = context
        self.instance = host_of(text_of(context.settings, "instance"))
        self.token = text_of(context.settings, "access_token")
        self.key = text_of(context.settings, "account")

    def get(self, path: str, **params: str | int) -> HttpReply:
        """Ask one method of the API."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else None
        url = f"https://{self.instance}/api/v1/{path}"
        try:
            return self.context.client.get(url, params=params, headers=headers)
        except Unauthenticated as error:
            raise Unauthenticated(
                _(
                    "{instance} does not take the access token: it was revoked or is wrong. Enter a new one.",
                    instance=self.instance,
                )
            ) from error

    def own(self) -> JsonObject:
        """The account of the token. Raises ``Invalid`` where there is neither an account nor a token."""
        if not self.token:
            raise Invalid(_("Give an access token, or the handle of an account."), ("account",))
        return read_object(self.get("accounts/verify_credentials").json())

    def account(self) -> JsonObject:
        """The account of the source: by its id, by its handle, or that of the token."""
        if not self.key:
            return self.own()
        if not self.key.isdigit():
            return self.lookup(self.key)
        try:
            return read_object(self.get(f"accounts/{self.key}").json())
        except NotFound as error:
            raise self._unknown(self.key) from error

    def lookup(self, handle: str) -> JsonObject:
        """The account of a handle."""
        acct = handle.strip().removeprefix("@").removesuffix(f"@{self.instance}")
        try:
            return read_object(self.get("accounts/lookup", acct=acct).json())
        except NotFound as error:
            raise self._unknown(handle) from error

    def handle(self, account: JsonObject) -> str:
        """The handle of an account in full."""
        acct = read_text(account.get("acct"))
        return f"@{acct}" if "@" in acct else f"@{acct}@{self.instance}"

    def missing(self) -> Message | None:
        """Why mentions cannot be read, if they cannot."""
        if not self.token:
            return _("Mentions and replies need an access token with the right “read:notifications”.")
        try:
            self.get("notifications", limit=1)
        except Forbidden:
            return _(
                "The access token lacks the right “read:notifications”, which mentions and replies need."
            )
        return None

    def posts(self, reading: Reading, profile: Profile, following: str | None) -> Page:
        """A page of statuses, without boosts, answers to others and what is for single people."""
        params: dict[str, str | int] = {
            "limit": STATUSES,
            "exclude_reblogs": "true",
            "exclude_replies": "true",
        }
        reply = self.get(f"accounts/{profile.profile_id}/statuses", **params, **_from(following))
        shown = [status for status in reply.json() if read_object(status).get("visibility") != "direct"]

        def read(status: JsonObject) -> Fact:
            address = picture_address(status)
            return read_status(status, profile, self.context.picture(address) if address else "")

        return reading.page(shown, written_at, read, _next(reply))

    def mentions(self, reading: Reading, profile: Profile, following: str | None) -> Page:
        """A page of notifications of mentions, with when each was answered."""
        params = {"types[]": "mention", "limit": NOTIFICATIONS}
        reply = self.get("notifications", **params, **_from(following))

        def read(notification: JsonObject) -> Fact | None:
            status = read_object(notification.get("status"))
            replied_at = None
            if status.get("replies_count"):
                item = read_text(status.get("id"))
                thread = reading.unless_gone(lambda: read_object(self.get(f"statuses/{item}/context").json()))
                if thread is None:
                    return None
                replied_at = replied_in(thread, item, profile.profile_id)
            return read_mention(notification, profile, replied_at)

        mentions = [one for one in reply.json() if read_object(one).get("type") == "mention"]
        return reading.page(
            mentions, lambda one: written_at(read_object(one.get("status"))), read, _next(reply)
        )

    def is_gone(self, status: str) -> bool:
        """Whether there is no such status any more."""
        try:
            self.get(f"statuses/{status}")
        except NotFound:
            return True
        return False

    def _unknown(self, handle: str) -> NotFound:
        return NotFound(
            _(
                "There is no account {handle} on {instance} any more. What was read of it stays.",
                handle=handle,
                instance=self.instance,
            )
        )


def _from(following: str | None) -> dict[str, str]:
    return {"max_id": following} if following else {}


def _next(reply: HttpReply) -> str | None:
    """The ``max_id`` of the next page, as the ``Link`` header names it."""
    return query_of(reply.links.get("next", "")).get("max_id")
