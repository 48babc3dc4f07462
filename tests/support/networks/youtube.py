"""The YouTube Data API v3, as far as it tells of a channel, its uploads and their comments.

Written from https://developers.google.com/youtube/v3/docs (``channels``, ``playlistItems/list``,
``videos/list``, ``commentThreads/list``, ``errors``), ``…/v3/getting-started`` (parts, ETags),
``…/v3/guides/implementation/pagination`` and
https://developers.google.com/identity/protocols/oauth2/web-server (refreshing and inspecting tokens).
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from support.networks.calls import Answer, Call, Refused, answer
from support.networks.identifiers import opaque, said
from support.networks.sites import Site
from support.networks.world import Account, Network, Post, Token, World
from support.networks.youtube_resources import channel, playlist_item, reply, thread, uploads, video

COSTS = 1
"""Units of quota of each ``list`` here."""
SCOPES = (
    "https://www.googleapis.com/auth/youtube.readonly",
    "https://www.googleapis.com/auth/youtube.force-ssl",
)
IDS = 50
"""Most videos of one request."""


class YouTube(Site):
    """The API under both of its hosts, with the place where tokens are refreshed.

    A token of the world without scopes is an API key; one with scopes is an OAuth token, and its
    ``user`` is the refresh token that gives it.
    """

    network = "youtube"
    hosts = ("www.googleapis.com", "youtube.googleapis.com", "oauth2.googleapis.com")

    def __init__(self, world: World, largest: int | None = None) -> None:
        super().__init__(world, largest)
        api = "/youtube/v3"
        self.quota: int | None = None
        """Units that are left, where they are counted."""
        self.route("channels", f"{api}/channels", self.channels)
        self.route("playlistItems", f"{api}/playlistItems", self.playlist_items)
        self.route("videos", f"{api}/videos", self.videos)
        self.route("commentThreads", f"{api}/commentThreads", self.comment_threads)
        self.route("comments", f"{api}/comments", self.comments)
        self.route("token", "/token", self.refresh, "POST")
        self.route("tokeninfo", "/tokeninfo", self.tokeninfo)

    def channels(self, call: Call) -> Answer:
        """Channels by id, by handle, or the token's own. Without a match there are no ``items`` at all."""
        token = self._credentials(call)
        parts = self._parts(call)
        now = self.world.now
        if call.get("mine") == "true":
            if not token.scopes:
                raise Refused(self.unauthenticated(call))
            wanted = list(token.accounts)
        elif call.get("forHandle"):
            wanted = [call.get("forHandle").removeprefix("@")]
        elif call.get("id"):
            wanted = call.get("id").split(",")
        else:
            raise Refused(
                error(400, "missingRequiredParameter", "No filter selected. Expected one of: id, mine")
            )
        found = [one for ident in wanted if (one := self.world.account(Network.YOUTUBE, ident))]
        items = [channel(one, parts, call.base, now) for one in found]
        return self._list(call, "youtube#channelListResponse", items, len(items), 5, {})

    def playlist_items(self, call: Call) -> Answer:
        """The uploads of a channel, newest first. Page tokens count places, so that pages shift."""
        self._credentials(call)
        parts, now = self._parts(call), self.world.now
        owners = [one for one in self._accounts() if uploads(one) == call.get("playlistId")]
        if not owners:
            text = "The playlist identified with the request's playlistId parameter cannot be found."
            raise Refused(error(404, "playlistNotFound", text, "youtube.playlistItem"))
        posts = [post for post in owners[0].listed(now) if not post.private]
        start, most = self._start(call), self.page(self._most(call, 5, 50))
        items = [
            playlist_item(owners[0], post, start + place, parts, call.base)
            for place, post in enumerate(posts[start : start + most])
        ]
        return self._list(
            call,
            "youtube#playlistItemListResponse",
            items,
            len(posts),
            most,
            self._tokens(start, most, len(posts)),
        )

    def videos(self, call: Call) -> Answer:
        """Videos by their ids; those that are not there are left out."""
        self._credentials(call)
        parts, idents, now = self._parts(call), call.get("id").split(","), self.world.now
        if not call.get("id"):
            raise Refused(
                error(400, "missingRequiredParameter", "No filter selected. Expected one of: id, chart")
            )
        if len(idents) > IDS:
            raise Refused(error(400, "invalidFilters", "The request specifies an invalid filter parameter."))
        by_id = {post.id: (one, post) for one in self._accounts() for post in one.listed(now)}
        found = [by_id[ident] for ident in idents if ident in by_id]
        items = [video(one, post, parts, call.base, now) for one, post in found]
        return self._list(call, "youtube#videoListResponse", items, len(items), len(items), {})

    def comment_threads(self, call: Call) -> Answer:
        """The comments below a video or all of a channel's, newest first."""
        self._credentials(call)
        parts, now = self._parts(call), self.world.now
        posts = self._commented(call)
        entries = [(post, one) for _owner, post in posts for one in post.comments if one.there(now)]
        entries.sort(key=lambda entry: entry[1].at, reverse=True)
        start, most = self._start(call), self.page(self._most(call, 20, 100))
        items = [thread(posts[0][0], post, one, parts, now) for post, one in entries[start : start + most]]
        tokens = self._tokens(start, most, len(entries))
        tokens.pop("prevPageToken", None)
        return self._list(call, "youtube#commentThreadListResponse", items, len(items), most, tokens)

    def comments(self, call: Call) -> Answer:
        """All answers to a comment, of which a thread shows only some."""
        self._credentials(call)
        parts, now, parent = self._parts(call), self.world.now, call.get("parentId")
        every = [
            (one, post, top) for one in self._accounts() for post in one.listed(now) for top in post.comments
        ]
        found = [entry for entry in every if entry[2].id == parent and entry[2].there(now)]
        if not found:
            text = "The specified comment could not be found."
            raise Refused(error(404, "commentNotFound", text, "youtube.comment"))
        owner, post, top = found[0]
        answers = [one for one in top.answers if one.there(now)]
        start, most = self._start(call), self.page(self._most(call, 20, 100))
        items = [reply(owner, post, top, one, parts) for one in answers[start : start + most]]
        tokens = self._tokens(start, most, len(answers))
        tokens.pop("prevPageToken", None)
        return self._list(call, "youtube#commentListResponse", items, len(items), most, tokens)

    def refresh(self, call: Call) -> Answer:
        """A new access token for a refresh token."""
        token = [
            one for one in self.world.tokens.values() if one.user and one.user == call.get("refresh_token")
        ]
        if not token or token[0].withdrawn(self.world.now):
            return answer(
                {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, 400
            )
        scope = " ".join(sorted(token[0].scopes))
        return answer(
            {"access_token": token[0].text, "expires_in": 3599, "scope": scope, "token_type": "Bearer"}
        )

    def tokeninfo(self, call: Call) -> Answer:
        """How long an access token lasts."""
        token = self.token(call.get("access_token"))
        if token is None or not token.scopes:
            return answer({"error": "invalid_token", "error_description": "Invalid Value"}, 400)
        left = int((token.ends_at - self.world.now).total_seconds()) if token.ends_at else 3599
        return answer(
            {"scope": " ".join(sorted(token.scopes)), "expires_in": str(left), "access_type": "offline"}
        )

    def limited(self, call: Call, until: datetime) -> Answer:
        """The quota of the day is used up: 403, and no word on when (midnight Pacific time)."""
        text = (
            "The request cannot be completed because you have exceeded your "
            '<a href="/youtube/v3/getting-started#quota">quota</a>.'
        )
        return error(403, "quotaExceeded", text, "youtube.quota")

    def unauthenticated(self, call: Call) -> Answer:
        """The OAuth token is over, or none."""
        text = "Request had invalid authentication credentials. Expected OAuth 2 access token."
        return error(401, "authError", text, status="UNAUTHENTICATED")

    def forbidden(self, call: Call) -> Answer:
        """The token lacks a scope, or the key may not ask."""
        return error(403, "forbidden", "Access forbidden. The request may not be properly authorized.")

    def missing(self, _call: Call) -> Answer:
        """Nothing there."""
        return error(404, "notFound", "Not Found")

    def failed(self, _call: Call, status: int) -> Answer:
        """Trouble."""
        return error(status, "backendError", "Backend Error")

    def _credentials(self, call: Call) -> Token:
        if self.quota is not None:
            if self.quota < COSTS:
                raise Refused(self.limited(call, self.world.now))
            self.quota -= COSTS
        if call.bearer() or call.get("access_token"):
            token = self.token(call.bearer() or call.get("access_token"))
            if token is None or not token.scopes:
                raise Refused(self.unauthenticated(call))
            if not token.scopes & set(SCOPES):
                raise Refused(error(403, "insufficientPermissions", "Insufficient Permission"))
            return token
        if not call.get("key"):
            raise Refused(error(403, "forbidden", "The request is missing a valid API key."))
        token = self.token(call.get("key"))
        if token is None or token.scopes:
            raise Refused(
                error(400, "keyInvalid", "API key not valid. Please pass a valid API key.", "usageLimits")
            )
        return token

    def _parts(self, call: Call) -> list[str]:
        if not call.get("part"):
            raise Refused(error(400, "missingRequiredParameter", "Required parameter: part"))
        return [part.strip() for part in ",".join(call.all("part")).split(",")]

    def _accounts(self) -> list[Account]:
        now = self.world.now
        return [one for one in self.world.accounts if one.network is Network.YOUTUBE and one.there(now)]

    def _commented(self, call: Call) -> list[tuple[Account, Post]]:
        """The videos whose comments are asked for."""
        now = self.world.now
        if channel_id := call.get("allThreadsRelatedToChannelId"):
            owner = self.world.account(Network.YOUTUBE, channel_id)
            if owner is None:
                raise Refused(
                    error(404, "channelNotFound", "The channel cannot be found.", "youtube.commentThread")
                )
            return [(owner, post) for post in owner.listed(now) if "comments_off" not in post.figures]
        found = [
            (one, post)
            for one in self._accounts()
            for post in one.listed(now)
            if post.id == call.get("videoId")
        ]
        if not found:
            text = "The video identified by the videoId parameter could not be found."
            raise Refused(error(404, "videoNotFound", text, "youtube.commentThread"))
        if "comments_off" in found[0][1].figures:
            text = "The video identified by the videoId parameter has disabled comments."
            raise Refused(error(403, "commentsDisabled", text, "youtube.commentThread"))
        return found

    def _most(self, call: Call, default: int, most: int) -> int:
        given = int(call.get("maxResults") or default)
        if not 0 <= given <= most:
            text = f"Invalid value '{given}'. Values must be within the range: [0, {most}]"
            raise Refused(error(400, "invalidParameter", text))
        return given

    def _start(self, call: Call) -> int:
        try:
            return int(said(call.get("pageToken"))[1]) if call.get("pageToken") else 0
        except (ValueError, IndexError):
            raise Refused(
                error(400, "invalidPageToken", "The request specifies an invalid page token.")
            ) from None

    def _tokens(self, start: int, most: int, total: int) -> dict[str, str]:
        tokens = {"nextPageToken": opaque("place", str(start + most))} if start + most < total else {}
        return {**tokens, **({"prevPageToken": opaque("place", str(max(0, start - most)))} if start else {})}

    def _list(
        self, call: Call, kind: str, items: list[Any], total: int, most: int, tokens: dict[str, str]
    ) -> Answer:
        """A list response with its ETag; 304 where the client has it already."""
        info = {"totalResults": total, "resultsPerPage": most}
        body = {"kind": kind, **tokens, "pageInfo": info, **({"items": items} if items or total else {})}
        etag = hashlib.sha256(json.dumps(body).encode()).hexdigest()[:27]
        if call.headers.get("if-none-match") == etag:
            return Answer(304, b"", {"etag": etag})
        return answer({"kind": kind, "etag": etag, **body}, headers={"etag": etag})


def error(code: int, reason: str, message: str, domain: str = "global", status: str = "") -> Answer:
    """The one shape of errors: ``errors[].reason`` tells them apart."""
    inner = {
        "code": code,
        "message": message,
        "errors": [{"message": message, "domain": domain, "reason": reason}],
    }
    return answer({"error": {**inner, **({"status": status} if status else {})}}, code)
