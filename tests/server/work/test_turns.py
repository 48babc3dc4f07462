"""Steps that take turns: one of a name at a time in a process, and none of them keeps a worker's thread."""

from uuid import UUID

import anyio
import pytest

from bilan.catalog import Catalog
from bilan.runs.reading import read_run
from bilan.work import NewStep, State, StepContext
from support.runs import Workshop, until


class Slow:
    """A handler that says nothing until it may, and knows how many of its steps were at work together."""

    def __init__(self) -> None:
        self.may, self.begun = anyio.Event(), anyio.Event()
        self.together, self.most, self.done = 0, 0, list[str]()

    async def __call__(self, context: StepContext) -> None:
        self.together += 1
        self.most = max(self.most, self.together)
        self.begun.set()
        await self.may.wait()
        self.together -= 1
        self.done.append(context.arguments["to"])


async def nothing(context: StepContext) -> None:
    pass


async def steps_of(shop: Workshop, name: str, *recipients: str) -> tuple[UUID, list[UUID]]:
    """A run of steps that wait for nothing, and their ids in order."""
    run = await shop.add(*(NewStep(name, {"to": to}) for to in recipients))
    return run, [(await shop.step_of(run, number)).id for number in range(len(recipients))]


@pytest.mark.requirement("GO-17")
async def test_a_slow_step_keeps_one_thread_and_those_behind_it_none(catalog: Catalog):
    slow = Slow()
    shop = Workshop(catalog, {"deliver": slow, "build": nothing}, one_at_a_time=("deliver",))
    run, steps = await steps_of(shop, "deliver:email", "ada", "bob", "cyd")
    report = await shop.add("build")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(shop.engine.work, steps[0])
        await slow.begun.wait()
        with anyio.fail_after(5):
            # These would wait as long as the first one is silent; twice, as when the ticker wakes them again.
            for step in (*steps[1:], *steps[1:]):
                await shop.engine.work(step)
            assert (await shop.work_on(report)).state is State.SUCCEEDED
        slow.may.set()
    assert (slow.done, slow.most) == (["ada", "bob", "cyd"], 1)
    assert (await read_run(run)).state is State.SUCCEEDED


async def test_steps_of_other_names_have_turns_of_their_own(catalog: Catalog):
    slow = Slow()
    shop = Workshop(catalog, {"deliver": slow}, one_at_a_time=("deliver",))
    _run, (email,) = await steps_of(shop, "deliver:email", "ada")
    _run, (pager,) = await steps_of(shop, "deliver:pager", "bob")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(shop.engine.work, email)
        tasks.start_soon(shop.engine.work, pager)

        async def both() -> bool:
            return slow.together == 2

        await until(both)
        slow.may.set()
    assert slow.most == 2


async def test_a_process_that_ends_leaves_those_that_wait_to_others(catalog: Catalog):
    slow = Slow()
    shop = Workshop(catalog, {"deliver": slow}, one_at_a_time=("deliver",))
    run, steps = await steps_of(shop, "deliver:email", "ada", "bob")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(shop.engine.work, steps[0])
        await slow.begun.wait()
        await shop.engine.work(steps[1])
        shop.engine.leave_waiting()
        slow.may.set()
    assert slow.done == ["ada"]
    assert (await shop.step_of(run, 1)).state == State.WAITING
    await Workshop(catalog, {"deliver": slow}).work_on(run)
    assert slow.done == ["ada", "bob"]


async def test_a_step_that_was_deleted_is_nobodys_turn(catalog: Catalog):
    shop = Workshop(catalog, {"deliver": nothing}, one_at_a_time=("deliver",))
    await shop.engine.work(UUID(int=1))
