"""One network's part of the server: its hosts, its endpoints, and its way of saying no."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.routing import compile_path

from support.networks.calls import Answer, Call, answer
from support.networks.world import Token, World

Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Endpoint:
    """A path of a network with the name by which tests count it and order its faults."""

    name: str
    method: str
    pattern: re.Pattern[str]
    handle: Handler


class Site:
    """What the networks have in common. ``largest`` makes pages smaller than clients ask for.

    Every network's documentation calls its limit the most that may come, so that a page
    may have fewer entries and still not be the last.
    """

    network = ""
    hosts: tuple[str, ...] = ()

    def __init__(self, world: World, largest: int | None = None) -> None:
        self.world = world
        self.largest = largest
        self.endpoints: list[Endpoint] = []
        self.asked = 0

    def route(self, name: str, path: str, handle: Handler, method: str = "GET") -> None:
        """Answer a path, as Starlette writes it."""
        self.endpoints.append(Endpoint(f"{self.network}.{name}", method, compile_path(path)[0], handle))

    def find(self, call: Call) -> Endpoint | None:
        """The endpoint of a request, which learns its name and the parts of its path."""
        for one in self.endpoints:
            matched = one.pattern.match(self.plain(call.path))
            if matched and one.method == call.method:
                call.network, call.endpoint, call.named = self.network, one.name, matched.groupdict()
                return one
        return None

    def plain(self, path: str) -> str:
        """The path without what is no part of an endpoint, such as a version."""
        return path

    def page(self, limit: int) -> int:
        """How many entries a page has."""
        return min(limit, self.largest) if self.largest else limit

    def token(self, text: str, scopes: Sequence[str] = ()) -> Token | None:
        """A token that lets in now and has one of these scopes, where any are asked for."""
        token = self.world.tokens.get(text)
        now = self.world.now
        if token is None or token.ended(now) or token.withdrawn(now):
            return None
        return token if not scopes or token.scopes & set(scopes) else None

    def headers(self, _call: Call) -> dict[str, str]:
        """What every answer says in its header, such as how many requests are left."""
        return {}

    def limited(self, call: Call, until: datetime) -> Answer:
        """Too many requests until then."""
        raise NotImplementedError

    def unauthenticated(self, call: Call) -> Answer:
        """The token does not let in."""
        raise NotImplementedError

    def forbidden(self, call: Call) -> Answer:
        """The token lacks a permission."""
        raise NotImplementedError

    def missing(self, _call: Call) -> Answer:
        """There is nothing here, or no longer."""
        return answer({"error": "Not Found"}, 404)

    def failed(self, _call: Call, status: int) -> Answer:
        """The network has trouble of its own."""
        return answer({"error": "Internal Server Error"}, status)
