"""The Graph API: requests with their token, pages, errors by their codes, and how much of the limits is used.

https://developers.facebook.com/docs/graph-api/guides/error-handling,
https://developers.facebook.com/docs/graph-api/results (paging),
https://developers.facebook.com/docs/graph-api/overview/rate-limiting,
https://developers.facebook.com/docs/graph-api/guides/secure-requests
(``appsecret_proof``) and, for metrics that were withdrawn ("the API returns an
invalid metric error"),
https://developers.facebook.com/documentation/pages-api/platforminsights/page/deprecated-metrics.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any

from bilan.sdk import (
    BilanError,
    Forbidden,
    HttpReply,
    Invalid,
    JsonObject,
    NotFound,
    PullContext,
    RateLimited,
    Unauthenticated,
    Unavailable,
    read_object,
    read_text,
)
from bilan_social_profiles.networks.addresses import query_of
from bilan_social_profiles.networks.settings import text_of
from bilan_social_profiles.textdomain import _

HOST = "graph.facebook.com"
VERSION = "v25.0"
EXPIRED, NO_SESSION = 190, 102
MISSING, BEFORE_BUSINESS = 33, 2108006
"""Subcodes of the code 100: there is no such object; a post older than the business account."""
LIMITS = frozenset({4, 17, 32, 341, 613, *range(80000, 80015)})
TRANSIENT = frozenset({1, 2})
NEARLY_ALL = 95
"""Percent of a limit; beyond, a pull stops at its next page rather than be refused."""
SHARES = frozenset({"call_count", "total_cputime", "total_time"})
REGAIN = frozenset({"estimated_time_to_regain_access"})
HOUR = 3600.0
"""Seconds that limits are counted over, for where Meta does not say when there is room again."""
ENDED = {
    458: _("Who made the access token has removed the app. Connect again."),
    460: _("The password of who made the access token was changed. Connect again."),
    463: _("The access token has ended. Connect again."),
    467: _("The access token is no longer valid. Connect again."),
}


class UnknownMetric(Invalid):
    """A metric that the Graph API does not know, or no longer."""


class NoFigures(Invalid):
    """Why an object has no figures, though it is there."""


class Graph:
    """Asks the Graph API with one token."""

    def __init__(self, context: PullContext) -> None:
        self.context = context
        self.token = text_of(context.settings, "access_token")
        self.secret = text_of(context.settings, "app_secret")
        self._full, self._seconds = False, HOUR

    def get(self, path: str, **params: str | int) -> JsonObject:
        """The object or list at a path."""
        reply = self._ask(path, {**params, **self._credentials()})
        return read_object(reply.json())

    def ask_as_app(self, path: str, **params: str | int) -> JsonObject:
        """Ask with the app's own token where its id and secret are known, else with that of the source."""
        app = text_of(self.context.settings, "app_id")
        token = f"{app}|{self.secret}" if app and self.secret else self.token
        return read_object(self._ask(path, {**params, "access_token": token}).json())

    def items(self, path: str, **params: str | int) -> Iterator[JsonObject]:
        """All items of a list, page by page."""
        following: Mapping[str, str] | None = {}
        while following is not None:
            body = self.get(path, **{**params, **following})
            yield from map(read_object, body.get("data") or ())
            following = next_page(body)

    def further(self, path: str, told: JsonObject, **params: str | int) -> list[JsonObject]:
        """What a list has behind a page of it that came with something else.

        Where the item at which that page ends was deleted since, the list is read from its start.
        """
        if (following := next_page(told)) is None:
            return []
        try:
            return list(self.items(path, **params, **following))
        except Invalid:
            return list(self.items(path, **params))

    def pause(self) -> None:
        """Raise ``RateLimited`` once a limit is nearly used up."""
        if self._full:
            raise RateLimited(
                _("Meta's limit of requests is nearly used up. What was read is kept; it goes on later."),
                self._seconds,
            )

    def _ask(self, path: str, params: Mapping[str, str | int]) -> HttpReply:
        try:
            reply = self.context.client.get(f"https://{HOST}/{VERSION}/{path}", params=params)
        except BilanError as error:
            raise plain(error) from error
        if used(reply.headers) >= NEARLY_ALL:
            self._full, self._seconds = True, seconds_to_regain(reply.headers)
        return reply

    def _credentials(self) -> dict[str, str]:
        if not self.secret:
            return {"access_token": self.token}
        proof = hmac.new(self.secret.encode(), self.token.encode(), hashlib.sha256).hexdigest()
        return {"access_token": self.token, "appsecret_proof": proof}


def next_page(body: JsonObject) -> dict[str, str] | None:
    """What to ask for the page behind this one; ``None`` where it is the last. Never holds a token."""
    paging = read_object(body.get("paging"))
    address = read_text(paging.get("next"))
    if not address:
        return None
    if after := read_text(read_object(paging.get("cursors")).get("after")):
        return {"after": after}
    told = query_of(address)
    return {key: told[key] for key in ("after", "until", "__paging_token") if key in told} or None


def error_of(error: BilanError) -> JsonObject:
    """The Graph API's own error in an answer; empty where it has none."""
    try:
        return read_object(read_object(error.reply.json()).get("error")) if error.reply else {}
    except Invalid:
        return {}


def plain(error: BilanError) -> BilanError:
    """The error that a code stands for, in a sentence."""
    told = error_of(error)
    code, subcode, said = told.get("code"), told.get("error_subcode"), read_text(told.get("message"))
    if code in (EXPIRED, NO_SESSION):
        ended = _("Meta does not take the access token: it has ended or was revoked. Connect again.")
        return Unauthenticated(ENDED.get(subcode or 0, ended))
    if code in LIMITS:
        return RateLimited(
            _("Meta's limit of requests is used up. What was read is kept; it goes on later."),
            seconds_to_regain(error.reply.headers if error.reply else {}),
        )
    if code in TRANSIENT or told.get("is_transient"):
        return Unavailable(_("Meta could not answer just now. It goes on later."))
    if code == 10 and "viewers" in said:
        return NoFigures(_("Meta shows no figures where there were few viewers."))
    if code == 10 or code == 3 or (isinstance(code, int) and 200 <= code < 300):
        return Forbidden(_("The access token lacks a right, says Meta: {said}", said=said[:300]))
    if code == 100 and subcode == MISSING:
        return NotFound(_("Meta knows no such object, or the access token may not see it."))
    if code == 100 and subcode == BEFORE_BUSINESS:
        return NoFigures(_("Meta shows no figures of posts from before the account was a professional one."))
    if code == 100 and "metric" in said.lower():
        return UnknownMetric(_("Meta does not know a figure: {said}", said=said[:300]))
    return error


def seconds_to_regain(headers: Mapping[str, str]) -> float:
    """How long Meta says, in minutes, that it refuses requests; an hour where it does not say."""
    minutes = max(_told(headers, "x-business-use-case-usage", REGAIN), default=0)
    return minutes * 60.0 or HOUR


def used(headers: Mapping[str, str]) -> int:
    """How much of the limit that is nearest is used, in percent."""
    shares = [
        *_told(headers, "x-app-usage", SHARES),
        *_told(headers, "x-business-use-case-usage", SHARES),
    ]
    return max(shares, default=0)


def _told(headers: Mapping[str, str], name: str, keys: frozenset[str]) -> list[int]:
    """The numbers that a header holds under these keys, somewhere in its JSON."""
    try:
        return list(_numbers(json.loads(headers.get(name) or "{}"), keys))
    except ValueError:
        return []


def _numbers(told: Any, keys: frozenset[str]) -> Iterator[int]:
    if isinstance(told, dict):
        for key, value in told.items():
            if key in keys and isinstance(value, int | float):
                yield int(value)
            else:
                yield from _numbers(value, keys)
    elif isinstance(told, list):
        for one in told:
            yield from _numbers(one, keys)
