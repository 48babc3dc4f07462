"""On whose behalf a request comes: a browser's session or a program's token."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from bilan.accounts.policy import MANAGERS
from bilan.http.problems import Answer, answer_problem, problem
from bilan.sdk.errors import BilanError, Forbidden
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.accounts import Principal, Sessions, Tokens
    from bilan.services import Services

COOKIE = "bilan_session"
"""The cookie of a session; see :func:`cookie_name`."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
ANONYMOUS = ("/hooks/", "/healthz", "/readyz", "/metrics", "/static/")


def cookie_name(name: str, *, secure: bool) -> str:
    """The name under which browsers keep it.

    Over HTTPS it has a prefix: then no other host of the same domain can have
    set it, and it goes to no other host.
    """
    return f"__Host-{name}" if secure else name


class Identity:
    """Finds the actor of a request and puts it into ``request.state.actor`` (``None`` for strangers).

    A request that would change something and carries a session must come from
    our own pages: browsers say where a request comes from in ``Sec-Fetch-Site``
    and ``Origin``, which pages elsewhere cannot forge.
    """

    def __init__(
        self,
        app: ASGIApp,
        sessions: Sessions,
        tokens: Tokens,
        answer: Answer = answer_problem,
        *,
        secure: bool = False,
    ) -> None:
        self.app = app
        self.sessions = sessions
        self.tokens = tokens
        self.answer = answer
        self.cookie = cookie_name(COOKIE, secure=secure)

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
        if actor is not None and actor.via == "session" and not from_our_pages(scope):
            await self._refuse(from_elsewhere(), scope, receive, send)
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
        if token := connection.cookies.get(self.cookie):
            return await self.sessions.principal_of(token)
        return None


async def manages(services: Services, request: Request) -> bool:
    """Whether whoever asks manages the workspace, by session or token; nobody does where that is unknown."""
    scheme, _space, credentials = request.headers.get("authorization", "").partition(" ")
    cookie = cookie_name(COOKIE, secure=services.settings.cookies_secure)
    try:
        if scheme.lower() == "bearer":
            actor = await services.tokens.principal_of(credentials.strip())
        else:
            actor = await services.sessions.principal_of(request.cookies.get(cookie, ""))
    except Exception:  # whatever is broken, health is told
        return False
    return actor is not None and actor.role in MANAGERS


def from_elsewhere() -> Forbidden:
    """What is said of a form of another site."""
    return Forbidden(_("This request came from another site; open the page here and try again."))


def from_our_pages(scope: Scope) -> bool:
    """Whether a browser says that the request comes from our own pages, or it changes nothing."""
    headers = Headers(scope=scope)
    if scope["type"] == "http" and scope["method"] in SAFE:
        return True
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == headers.get("host")
