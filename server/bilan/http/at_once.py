"""How many requests and websockets of one person, or of one stranger's address, are answered at once."""

from __future__ import annotations

from collections import Counter

from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from bilan.http.problems import Answer, answer_problem, problem
from bilan.sdk.errors import TooMany
from bilan.sdk.textdomain import _

REQUESTS = 250
"""Requests of one person, whatever their tokens and sessions, or of one address without any."""
SOCKETS = 20
"""Websockets of one of these."""


class Crowded(TooMany):
    """So many requests of one come at once that the next has to wait."""

    retry_after = 1


class AtOnce:
    """Refuses what one person or address asks beside too much else of their own."""

    def __init__(
        self,
        app: ASGIApp,
        answer: Answer = answer_problem,
        *,
        requests: int = REQUESTS,
        sockets: int = SOCKETS,
    ) -> None:
        self.app = app
        self.answer = answer
        self.most = {"http": requests, "websocket": sockets}
        self.now: Counter[tuple[str, object]] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        most = self.most.get(scope["type"])
        # Posts of services and questions after the server's health have bounds of their own, or need none.
        if most is None or "actor" not in scope.get("state", {}):
            await self.app(scope, receive, send)
            return
        key = scope["type"], _whose(scope)
        if self.now[key] >= most:
            error = Crowded(_("Too many requests of yours are being answered; wait for one of them."))
            if scope["type"] == "http":
                await (await self.answer(Request(scope, receive), error))(scope, receive, send)
            else:
                await problem(error)(scope, receive, send)
            return
        self.now[key] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.now[key] -= 1
            if not self.now[key]:
                del self.now[key]


def _whose(scope: Scope) -> object:
    connection = HTTPConnection(scope)
    actor = getattr(connection.state, "actor", None)
    if actor is not None:
        return actor.person or actor.workspace
    return connection.client.host if connection.client else ""
