"""What a command waits for ends with the command."""

from contextlib import aclosing
from uuid import UUID

import anyio
import pytest

from bilan.accounts import Actor
from bilan.app import Bilan
from bilan.operations.events import Said
from bilan.operations.following import follow
from bilan.runs.values import NewRun, NewStep, Purpose, State


@pytest.fixture
async def operator(bilan: Bilan, owner: Actor) -> Actor:
    return await bilan.services.accounts.operator()


async def begin(bilan: Bilan, actor: Actor) -> UUID:
    new = NewRun(
        workspace=actor.workspace, purpose=Purpose.REPORT, kind="shop.sales", values={}, zone="UTC",
        asked_by=None, asked_by_name="operator", sources=frozenset(),
    )  # fmt: skip
    return (await bilan.services.runs.begin(new, [NewStep("build")])).id


async def test_whoever_leaves_at_the_first_sentence_cancels_the_run(bilan: Bilan, operator: Actor):
    steps = follow(bilan.services, operator, lambda: begin(bilan, operator), Said("Reading."))
    async with aclosing(steps):
        assert await anext(steps) == Said("Reading.")
    (run,) = (await bilan.services.runs.list(operator)).runs
    assert run.state is State.CANCELLED


async def test_whoever_leaves_while_the_run_begins_cancels_it(bilan: Bilan, operator: Actor):
    async def slowly() -> UUID:
        await anyio.sleep(0.05)
        return await begin(bilan, operator)

    async with anyio.create_task_group() as tasks:

        async def command() -> None:
            async with aclosing(follow(bilan.services, operator, slowly)) as steps:
                async for _step in steps:
                    pass

        tasks.start_soon(command)
        await anyio.sleep(0.01)
        tasks.cancel_scope.cancel()
    (run,) = (await bilan.services.runs.list(operator)).runs
    assert run.state is State.CANCELLED
