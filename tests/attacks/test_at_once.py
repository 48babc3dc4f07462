"""How much one person, or one stranger's address, is answered at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.types import Message, Receive, Scope, Send

from bilan.accounts.values import PersonPrincipal
from bilan.http.at_once import AtOnce, Crowded, Place

ANNA, BEN = (
    PersonPrincipal(workspace=UUID(int=1), name=name, person=uuid4(), email="", role=None)
    for name in ("Anna", "Ben")
)


@dataclass
class Within:
    """Requests that each ask the next before they are answered, so that all are being answered at once."""

    asked: list[tuple[str, Any, str]]
    statuses: list[int] = field(default_factory=list[int])
    places: list[Place] = field(default_factory=list[Place])

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.places.append(scope["state"]["place"])
        await self.next()
        await send({"type": "http.response.start", "status": 200})

    async def send(self, message: Message) -> None:
        if "status" in message:
            self.statuses.append(message["status"])

    async def receive(self) -> Message:
        raise AssertionError("the body was read")

    async def next(self) -> None:
        if not self.asked:
            return
        kind, actor, address = self.asked.pop(0)
        scope: Scope = {"type": kind, "headers": [], "client": (address, 1), "state": {"actor": actor}}
        await self.guard(scope, self.receive, self.send)
        if self.asked and self.statuses[0] == 429:
            await self.next()

    def __post_init__(self) -> None:
        self.guard = AtOnce(self.app, requests=3, sockets=2, unnamed=1)


@pytest.mark.parametrize(
    ("asked", "statuses"),
    [
        ([("http", ANNA, "a")] * 3, [200] * 3),
        ([("http", ANNA, "a")] * 4, [429, 200, 200, 200]),
        ([("http", ANNA, "a")] * 3 + [("http", BEN, "a")], [200] * 4),
        ([("http", None, "a")] * 4, [429, 200, 200, 200]),
        ([("http", None, "a")] * 3 + [("http", None, "b")], [200] * 4),
        ([("http", None, f"2001:db8::{number}") for number in range(4)], [429, 200, 200, 200]),
        ([("http", ANNA, "a")] * 3 + [("websocket", ANNA, "a")], [200] * 4),
        ([("websocket", ANNA, "a")] * 3, [429, 200, 200]),
        ([("websocket", None, "a")] * 2, [429, 200]),
    ],
    ids=[
        "three",
        "four",
        "of two",
        "of nobody",
        "of two addresses",
        "of one household",
        "a socket beside",
        "sockets",
        "unnamed",
    ],
)  # fmt: skip
async def test_so_much_of_one_is_answered_at_once(asked: list[Any], statuses: list[int]) -> None:
    within = Within(list(asked))
    await within.next()

    assert within.statuses == statuses
    assert not within.guard.now


async def test_a_websocket_that_says_whose_it_is_takes_one_of_their_places() -> None:
    within = Within([("websocket", ANNA, "a"), ("websocket", ANNA, "a"), ("websocket", None, "a")])
    refused = list[Crowded]()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["state"]["actor"] is None:
            place = scope["state"]["place"]
            with pytest.raises(Crowded) as error:
                place.take(ANNA)
            refused.append(error.value)
            place.take(BEN)
            place.take(BEN)
            assert within.guard.now == {("websocket", ANNA.person): 2, ("websocket", BEN.person): 1}
        await within.next()

    within.guard.app = app
    await within.next()

    assert [error.status for error in refused] == [429]
    assert not within.guard.now
