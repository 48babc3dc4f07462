"""What a command waits for ends with the command."""

from __future__ import annotations

import shutil
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import anyio
import pytest
from httpx2 import ASGITransport, AsyncClient, Response

from bilan.accounts import Principal
from bilan.app import Bilan
from bilan.app.web import control_application
from bilan.cli import following
from bilan.cli.client import Client, Refused
from bilan.cli.following import follow, look, wait
from bilan.runs.creating import NewReportRun, create_run
from bilan.runs.values import Purpose
from bilan.work import NewJob, NewStep, State


@pytest.fixture
async def client(bilan: Bilan, owner: Principal) -> AsyncGenerator[Client]:
    """A command's client of a server that works on nothing."""
    transport = ASGITransport(control_application(bilan))
    async with AsyncClient(transport=transport, base_url="http://operator") as http:
        yield Client(http)


async def begin(bilan: Bilan) -> str:
    actor = await bilan.services.accounts.operator()
    services = bilan.services
    new = NewJob(
        workspace=actor.workspace, kind=Purpose.REPORT, subject="shop.sales", zone="UTC", actor=None,
        actor_name="operator",
    )  # fmt: skip
    run = NewReportRun(new)
    return str(await create_run(services.catalog, services.jobs, run, [NewStep("build")]))


async def the_run(bilan: Bilan) -> State:
    operator = await bilan.services.accounts.operator()
    (run,) = (await bilan.services.runs.list(operator)).runs
    return run.state


async def leaving(bilan: Bilan, client: Client, *, start: float, leave: float) -> None:
    """A command whose run takes ``start`` seconds to begin, and which is left after ``leave``."""

    async def slowly() -> str:
        await anyio.sleep(start)
        return await begin(bilan)

    with anyio.move_on_after(leave):
        await follow(client, slowly)


async def test_whoever_leaves_while_the_run_goes_on_cancels_it(bilan: Bilan, client: Client):
    await leaving(bilan, client, start=0, leave=0.5)
    assert await the_run(bilan) is State.CANCELLED


async def test_whoever_leaves_while_the_run_begins_cancels_it(bilan: Bilan, client: Client):
    await leaving(bilan, client, start=0.05, leave=0.01)
    assert await the_run(bilan) is State.CANCELLED


async def test_a_run_that_somebody_else_cancels_ends_the_command_with_a_sentence(
    bilan: Bilan, client: Client
):
    async def cancelled() -> str:
        run = await begin(bilan)
        await bilan.services.runs.cancel(await bilan.services.accounts.operator(), UUID(run))
        return run

    with pytest.raises(Refused, match=r"^The run was cancelled\.$"):
        await follow(client, cancelled)


async def test_nobody_waits_for_a_run_that_cannot_be_settled_as_the_disk_is_full(
    bilan: Bilan, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", {tmp_path: usage}.get)
    monkeypatch.setattr(following, "LOOK", 0)
    monkeypatch.setattr(following, "DISK_EVERY", 1)
    looks, check = list[int](), client.check_disk

    async def counted() -> None:
        looks.append(1)
        if len(looks) == 3:  # for a moment there is room
            return
        await check()

    monkeypatch.setattr(client, "check_disk", counted)
    with pytest.raises(Refused, match=rf"^No space left on the disk of {tmp_path}\.$"):
        await follow(client, lambda: begin(bilan))
    assert len(looks) == 3 + 6


class Away:
    """A server whose database is away for some of its answers, counted."""

    def __init__(self, http: AsyncClient, away: range) -> None:
        self._http, self._away = http, away
        self.asked = 0

    async def post(self, path: str, **given: Any) -> Response:
        """As the server answers, or as it does while its database restarts."""
        self.asked += 1
        if self.asked in self._away:
            away = {"message": "Away.", "extensions": {"code": "unavailable"}}
            return Response(200, json={"errors": [away]})
        return await self._http.post(path, **given)


@pytest.fixture
def away(client: Client, monkeypatch: pytest.MonkeyPatch) -> Callable[[range], Away]:
    """The client's server from now on, away for these of its answers."""
    monkeypatch.setattr("bilan.cli.client.AGAIN", 0)
    monkeypatch.setattr(following, "LOOK", 0)

    def put(answers: range) -> Away:
        server = Away(client._http, answers)
        monkeypatch.setattr(client, "_http", server)
        return server

    return put


async def test_a_command_waits_while_the_database_restarts_and_goes_on(
    bilan: Bilan, client: Client, away: Callable[[range], Away]
) -> None:
    run = await begin(bilan)
    server = away(range(2, 100))  # 98 answers in a row

    async def ended(job: str) -> bool:
        await look(client, job)
        return server.asked > 100

    assert await wait(client, lambda: started(run), ended) == run
    assert await the_run(bilan) is not State.CANCELLED


async def test_a_database_that_stays_away_ends_the_command_and_not_the_run(
    bilan: Bilan, client: Client, away: Callable[[range], Away]
) -> None:
    run = await begin(bilan)
    server = away(range(1, 121))
    told = f"Away. The run was not stopped and goes on when it can; /runs/{run} tells how it ends."
    with pytest.raises(Refused) as refused:
        await follow(client, lambda: started(run))
    assert refused.value.message == told
    assert server.asked == 120
    assert await the_run(bilan) is not State.CANCELLED


async def test_a_mutation_is_not_asked_twice(client: Client, away: Callable[[range], Away]) -> None:
    server = away(range(1, 121))
    with pytest.raises(Refused, match=r"^Away\.$"):
        await client.ask(following.CANCEL, id="x")
    assert server.asked == 1


async def started(run: str) -> str:
    return run
