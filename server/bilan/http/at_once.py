"""How many requests and websockets of one person, or of one stranger's address, are answered at once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from bilan.accounts.door import network_of
from bilan.http.problems import Answer, answer_problem, problem
from bilan.sdk.errors import TooMany
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.accounts import Principal

REQUESTS = 250
"""Requests of one person, whatever their tokens and sessions, or of one address without any."""
SOCKETS = 20
"""Websockets of one person."""
UNNAMED = 100
"""Websockets of an address that have not said yet whose they are, for which they have ten seconds."""


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
        unnamed: int = UNNAMED,
    ) -> None:
        self.app = app
        self.answer = answer
        # By the kind of connection, and whether its person is known.
        self.most = {
            ("http", True): requests, ("http", False): requests,
            ("websocket", True): sockets, ("websocket", False): unnamed,
        }  # fmt: skip
        self.now: Counter[tuple[str, object]] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope.setdefault("state", {})
        # Posts of services and questions after the server's health have bounds of their own, or need none.
        if scope["type"] not in ("http", "websocket") or "actor" not in state:
            await self.app(scope, receive, send)
            return
        place = Place(self, scope["type"])
        try:
            place.take(state["actor"], _address(scope))
        except Crowded as error:
            if scope["type"] == "http":
                await (await self.answer(Request(scope, receive), error))(scope, receive, send)
            else:
                await problem(error)(scope, receive, send)
            return
        state["place"] = place
        try:
            await self.app(scope, receive, send)
        finally:
            place.give_back()


class Place:
    """The place of one connection among those of its person, or of its address while nobody is known."""

    def __init__(self, among: AtOnce, kind: str) -> None:
        self._among = among
        self._kind = kind
        self._key: tuple[str, object] | None = None

    def take(self, actor: Principal | None, address: str = "") -> None:
        """Count it as somebody's. Raises ``Crowded``; then it stays what it was."""
        whose: object = address if actor is None else actor.person or actor.workspace
        key = self._kind, whose
        if key == self._key:
            return
        if self._among.now[key] >= self._among.most[self._kind, actor is not None]:
            raise Crowded(_("Too many requests of yours are being answered; wait for one of them."))
        self.give_back()
        self._key = key
        self._among.now[key] += 1

    def give_back(self) -> None:
        """Count one less."""
        if self._key is not None:
            self._among.now[self._key] -= 1
            if not self._among.now[self._key]:
                del self._among.now[self._key]
            self._key = None


def _address(scope: Scope) -> str:
    client = HTTPConnection(scope).client
    return network_of(client.host) if client else ""
