"""A run's progress as server-sent events, from a server that is reached over a port."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import anyio
import httpx2
import pytest

from bilan.accounts.models import Membership, SourceGrant
from bilan.http import progress
from bilan.http.identity import COOKIE
from bilan.runs import reading, service
from bilan.runs.events import PollingLimits
from fixtures.live import SOURCE, Live

pytestmark = pytest.mark.requirement("GO-13")


@asynccontextmanager
async def events(live: Live, run: UUID, **headers: str) -> AsyncGenerator[AsyncIterator[tuple[str, Any]]]:
    """What comes, as (event, data)."""
    async with (
        httpx2.AsyncClient(base_url=live.url, timeout=20) as client,
        client.stream("GET", f"/runs/{run}/events", headers=headers or live.bearer) as response,
    ):
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert response.headers["cache-control"] == "no-store"
        yield _read(response)


async def _read(response: httpx2.Response) -> AsyncIterator[tuple[str, Any]]:
    event = ""
    async for line in response.aiter_lines():
        if line.startswith("event: "):
            event = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield event, json.loads(line.removeprefix("data: "))
        elif line == ":":
            yield "beat", None


async def test_every_change_of_the_row_is_told_until_the_run_is_over(live: Live):
    run = await live.begin("build")
    async with events(live, run) as told:
        event, first = await anext(told)
        assert event == "progress"
        assert first == {"revision": first["revision"], "state": "waiting", "progress": 0.0, "over": False}
        await live.moves(run, 0.25)
        _event, second = await anext(told)
        assert (second["progress"], second["over"]) == (0.25, False)
        assert second["revision"] != first["revision"]
        await live.ends(run)
        rest = [data async for _event, data in told]
    assert (rest[-1]["state"], rest[-1]["progress"], rest[-1]["over"]) == ("succeeded", 1.0, True)
    assert rest[-1]["revision"] == (await live.bilan.services.runs.read(run)).revision
    assert live.bilan.services.run_events.watched == 0


async def test_a_run_that_is_over_is_told_once(live: Live):
    run = await live.begin("build")
    await live.ends(run, "failed")
    async with events(live, run) as told:
        assert [data["over"] async for _event, data in told] == [True]


async def test_a_change_shows_within_a_second(live: Live):
    run = await live.begin("build")
    async with events(live, run) as told:
        await anext(told)
        await live.moves(run, 0.5)
        began = time.monotonic()
        await anext(told)
    assert time.monotonic() - began < 1


async def test_many_who_watch_are_one_reader(live: Live, monkeypatch: pytest.MonkeyPatch):
    run = await live.begin("build")
    reads: list[UUID] = []

    async def counted(one: UUID) -> Any:
        reads.append(one)
        return await reading.read_run(one)

    monkeypatch.setattr(service, "read_run", counted)
    ended: list[int] = []
    quiet = 0

    async def watch() -> None:
        async with events(live, run) as told:
            ended.append(len([data async for _event, data in told]))

    async with anyio.create_task_group() as tasks:
        for _watcher in range(10):
            tasks.start_soon(watch)
        await anyio.sleep(3)
        quiet = len(reads)
        await live.ends(run)
    assert len(ended) == 10
    assert quiet <= 10 + 3 / 0.27 + 1, "each reads once at its start, and then one for all"


async def test_strangers_and_those_who_may_not_see_the_run_are_refused(live: Live):
    run = await live.begin("build")
    async with httpx2.AsyncClient(base_url=live.url) as client:
        assert (await client.get(f"/runs/{run}/events")).status_code == 401
        assert (await client.get(f"/runs/{uuid4()}/events", headers=live.bearer)).status_code == 404
        assert (await client.get("/runs/none/events", headers=live.bearer)).status_code == 404
        await SourceGrant.filter(source=SOURCE).delete()
        assert (await client.get(f"/runs/{run}/events", headers=live.bearer)).status_code == 404


async def test_a_stream_ends_with_the_session(live: Live):
    run = await live.begin("build")
    async with events(live, run, cookie=f"{COOKIE}={live.cookie}") as told:
        await anext(told)
        await live.bilan.services.sessions.sign_out(live.cookie)
        assert await anext(told) == ("ended", {"code": "unauthenticated", "over": True})
        assert [event async for event in told] == []


async def test_a_stream_ends_with_the_right_to_see_the_run(live: Live):
    run = await live.begin("build")
    async with events(live, run) as told:
        await anext(told)
        await SourceGrant.filter(source=SOURCE).delete()
        assert await anext(told) == ("ended", {"code": "not_found", "over": True})


async def test_a_stream_ends_with_the_person(live: Live):
    run = await live.begin("build")
    async with events(live, run) as told:
        await anext(told)
        membership = await Membership.get(person_id=live.owner.person).select_related("person")
        membership.person.active = False
        await membership.person.save()
        assert await anext(told) == ("ended", {"code": "unauthenticated", "over": True})


async def test_a_client_that_leaves_is_forgotten_at_once(live: Live):
    run = await live.begin("build")
    async with events(live, run) as told:
        await anext(told)
        assert live.bilan.services.run_events.watched == 1
    with anyio.fail_after(2):
        while live.bilan.services.run_events.watched:  # noqa: ASYNC110 - only asking tells
            await anyio.sleep(0.02)


async def test_one_person_watches_a_bounded_number_of_runs(live: Live):
    run = await live.begin("build")
    live.bilan.services.run_events._limits = PollingLimits(each=2)
    async with events(live, run) as one, events(live, run) as other:
        await anext(one)
        await anext(other)
        async with httpx2.AsyncClient(base_url=live.url) as client:
            answer = await client.get(f"/runs/{run}/events", headers=live.bearer)
        assert answer.status_code == 429
        assert answer.json()["errors"][0]["message"] == (
            "You watch 2 runs already; close some of their pages first."
        )
    async with events(live, run) as told:
        assert (await anext(told))[0] == "progress"


async def test_a_line_without_news_has_heartbeats(live: Live, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(progress, "BEAT", timedelta(seconds=0.2))
    run = await live.begin("build")
    async with events(live, run) as told:
        assert (await anext(told))[0] == "progress"
        assert await anext(told) == ("beat", None)


async def test_a_server_that_stops_does_not_wait_for_those_who_watch(live: Live):
    run = await live.begin("build")
    async with events(live, run) as told:
        await anext(told)
        began = time.monotonic()
        live.bilan.services.run_events.stop()
        live.server.should_exit = True
        assert [event async for event in told] == []
        while live.server.server_state.connections:  # noqa: ASYNC110 - uvicorn tells by a set only
            await asyncio.sleep(0.02)
    assert time.monotonic() - began < 3
