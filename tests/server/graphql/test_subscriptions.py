"""Watching runs over graphql-transport-ws, with a real client."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from bilan.accounts.models import SourceGrant
from bilan.http.identity import COOKIE
from fixtures.live import SOURCE, Live

pytestmark = pytest.mark.requirement("GO-13")

WATCH = "subscription($id: ID!) { runProgress(id: $id) { state progress steps { name state } } }"
PROTOCOL = Subprotocol("graphql-transport-ws")


class Client:
    """Speaks the protocol."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def say(self, kind: str, **more: Any) -> None:
        await self.socket.send(json.dumps({"type": kind, **more}))

    async def hear(self) -> Any:
        return json.loads(await self.socket.recv())

    async def begin(self, **payload: str) -> Any:
        await self.say("connection_init", payload=payload)
        return await self.hear()

    async def ask(self, query: str, run: UUID | None = None, ident: str = "1") -> None:
        variables = {"id": str(run)} if run else {}
        await self.say("subscribe", id=ident, payload={"query": query, "variables": variables})


@asynccontextmanager
async def client(live: Live, **headers: str) -> AsyncGenerator[Client]:
    url = f"ws://127.0.0.1:{live.port}/graphql"
    async with connect(url, subprotocols=[PROTOCOL], additional_headers=headers, open_timeout=20) as socket:
        yield Client(socket)


def cookie(live: Live) -> str:
    return f"{COOKIE}={live.cookie}"


async def test_a_program_follows_a_run_until_it_is_over(live: Live):
    run = await live.begin("build")
    async with client(live, **live.bearer) as one:
        assert await one.begin() == {"type": "connection_ack"}
        await one.ask(WATCH, run)
        first = (await one.hear())["payload"]["data"]["runProgress"]
        assert first == {
            "state": "WAITING", "progress": 0.0, "steps": [{"name": "build", "state": "WAITING"}],
        }  # fmt: skip
        await live.moves(run, 0.5)
        assert (await one.hear())["payload"]["data"]["runProgress"]["progress"] == 0.5
        await live.ends(run)
        last, heard = {}, await one.hear()
        while heard["type"] == "next":
            last, heard = heard["payload"]["data"]["runProgress"], await one.hear()
        assert heard == {"id": "1", "type": "complete"}
        assert (last["state"], last["progress"]) == ("SUCCEEDED", 1.0)


async def test_a_token_may_come_with_the_first_message(live: Live):
    run = await live.begin("build")
    async with client(live) as one:
        assert await one.begin(authorization=f"Bearer {live.token}") == {"type": "connection_ack"}
        await one.ask(WATCH, run)
        assert (await one.hear())["payload"]["data"]["runProgress"]["state"] == "WAITING"


@pytest.mark.parametrize("payload", [{}, {"authorization": "Bearer wrong"}, {"authorization": "Basic x"}])
async def test_strangers_are_closed_out(live: Live, payload: dict[str, str]):
    async with client(live) as one:
        with pytest.raises(ConnectionClosed) as closed:
            await one.begin(**payload)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403


async def test_a_wrong_token_in_the_header_is_refused_at_the_door(live: Live):
    with pytest.raises(InvalidStatus) as refused:
        async with client(live, authorization="Bearer wrong"):
            pass
    assert refused.value.response.status_code == 401


async def test_our_own_pages_may_watch_and_others_may_not(live: Live):
    run = await live.begin("build")
    ours = {"origin": live.url, "cookie": cookie(live)}
    async with client(live, **ours) as one:
        assert await one.begin() == {"type": "connection_ack"}
        await one.ask(WATCH, run)
        assert (await one.hear())["payload"]["data"]["runProgress"]["state"] == "WAITING"
    for foreign in (
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site", "origin": live.url},
        {},
    ):
        with pytest.raises(InvalidStatus) as refused:
            async with client(live, cookie=cookie(live), **foreign):
                pass
        assert refused.value.response.status_code == 403


async def test_a_run_that_may_not_be_seen_is_refused_with_a_sentence(live: Live):
    run = await live.begin("build")
    await SourceGrant.filter(source=SOURCE).delete()
    async with client(live, **live.bearer) as one:
        await one.begin()
        await one.ask(WATCH, run)
        heard = await one.hear()
    (error,) = heard["payload"] if isinstance(heard["payload"], list) else heard["payload"]["errors"]
    assert error["message"] == f"There is no run {run}."
    assert error["extensions"]["code"] == "not_found"


async def test_a_subscription_ends_with_the_session(live: Live):
    run = await live.begin("build")
    async with client(live, origin=live.url, cookie=cookie(live)) as one:
        await one.begin()
        await one.ask(WATCH, run)
        await one.hear()
        await live.bilan.services.sessions.sign_out(live.cookie)
        heard = await one.hear()
        assert heard["payload"]["errors"][0]["extensions"]["code"] == "unauthenticated"
        assert (await one.hear())["type"] == "complete"
        await one.ask("{ me { name } }", ident="2")
        heard = await one.hear()
        assert heard["payload"]["errors"][0]["extensions"]["code"] == "unauthenticated"
    assert live.bilan.services.run_events.watched == 0


async def test_who_completes_or_leaves_is_forgotten(live: Live):
    run = await live.begin("build")
    async with client(live, **live.bearer) as one:
        await one.begin()
        await one.ask(WATCH, run)
        await one.hear()
        assert live.bilan.services.run_events.watched == 1
        await one.say("complete", id="1")
        await one.say("ping")
        assert await one.hear() == {"type": "pong"}
        assert live.bilan.services.run_events.watched == 0


async def test_other_protocols_are_not_spoken(live: Live):
    url = f"ws://127.0.0.1:{live.port}/graphql"
    async with connect(url, additional_headers=live.bearer) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4406


async def test_changing_needs_the_scope_over_a_websocket_too(live: Live):
    async with client(live, **live.bearer) as one:
        await one.begin()
        await one.ask('mutation { setBrand(colour: "#000000") { name } }')
        heard = await one.hear()
        assert heard["payload"]["errors"][0]["extensions"]["code"] == "forbidden"


@pytest.mark.parametrize(
    "message", ["[" * 100_000, "5", "null", "[]"], ids=["deep", "number", "null", "list"]
)
async def test_what_is_no_message_ends_a_websocket_as_such(live: Live, message: str):
    url = f"ws://127.0.0.1:{live.port}/graphql"
    async with connect(url, subprotocols=[PROTOCOL], open_timeout=20) as socket:
        await socket.send(message)
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4400
