"""On whose behalf a request comes: a browser's session or a program's token."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from bilan.http.problems import Answer, answer_problem, problem
from bilan.sdk.errors import BilanError, Forbidden
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.accounts import Principal, Sessions, Tokens

COOKIE = "bilan_session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
ANONYMOUS = ("/hooks/", "/healthz", "/readyz", "/metrics", "/static/")


class Identity:
    """Finds the actor of a request and puts it into ``request.state.actor`` (``None`` for strangers).

    A request that would change something and carries a session must come from
    our own pages: browsers say where a request comes from in ``Sec-Fetch-Site``
    and ``Origin``, which pages elsewhere cannot forge.
    """

    def __init__(
        self, app: ASGIApp, sessions: Sessions, tokens: Tokens, answer: Answer = answer_problem
    ) -> None:
        self.app = app
        self.sessions = sessions
        self.tokens = tokens
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"].startswith(ANONYMOUS):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        try:
            actor = await self._actor(connection)
        except BilanError as error:
            await self._refuse(error, scope, receive, send)
            return
        if actor is not None and actor.via == "session" and not _from_our_pages(scope, connection.headers):
            error = Forbidden(_("This request came from another site; open the page here and try again."))
            await self._refuse(error, scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["actor"] = actor
        # For what lasts longer than its first moment: who it is for now, and with which rights.
        state["refresh_actor"] = partial(self._actor, connection)
        await self.app(scope, receive, send)

    async def _refuse(self, error: BilanError, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            answer = await self.answer(Request(scope, receive), error)
        else:
            answer = problem(error)
        await answer(scope, receive, send)

    async def _actor(self, connection: HTTPConnection) -> Principal | None:
        scheme, _space, credentials = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return await self.tokens.principal_of(credentials.strip())
        if token := connection.cookies.get(COOKIE):
            return await self.sessions.principal_of(token)
        return None


def _from_our_pages(scope: Scope, headers: Headers) -> bool:
    if scope["type"] == "http" and scope["method"] in SAFE:
        return True
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == headers.get("host")
