"""What every broker does: calls arrive, and nothing depends on them."""

import threading
import time
from contextlib import AsyncExitStack
from datetime import timedelta
from uuid import UUID

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from dramatiq import Message
from dramatiq.brokers.stub import StubBroker

from bilan.catalog import Catalog
from bilan.runs.reading import read_run
from bilan.sdk.errors import Invalid
from bilan.work import NewStep, NoWakeups, State, StepContext
from bilan.work.models import StepRow
from bilan.worker import Periodic, Ticker, WakeupPublisher, open_broker
from fixtures.brokers import Post, Work
from support.runs import Workshop, until

pytestmark = pytest.mark.integration


async def nothing(context: StepContext) -> None:
    pass


async def is_over(run: object) -> bool:
    return (await read_run(run)).state.over  # type: ignore[arg-type]


@pytest.mark.requirement("GO-17")
async def test_a_run_is_done_by_calls_alone(work: Work):
    async with work(build=nothing, render=nothing) as working:
        run = await working.shop.add(
            "build", NewStep("render:csv", after=(0,)), NewStep("render:html", after=(0,))
        )
        await until(lambda: is_over(run))
    after = await read_run(run)
    assert after.state is State.SUCCEEDED
    assert [step.attempt for step in after.steps] == [1, 1, 1]


@pytest.mark.requirement("GO-17")
async def test_with_every_call_lost_the_ticker_has_the_work_done(work: Work, sqlite_catalog: Catalog):
    async with work(build=nothing, render=nothing) as working:
        shop = working.shop
        mute = Workshop(sqlite_catalog, {}, wakeups=NoWakeups())
        runs = [await mute.add("build", NewStep("render", after=(0,))) for _run in range(3)]
        ticker = Ticker(sqlite_catalog, [Periodic("wake", timedelta(seconds=0.1), shop.engine.requeue_stale)])
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ticker.run)
            for run in runs:
                await until(lambda run=run: is_over(run))
            ticker.stop()
    assert {(await read_run(run)).state for run in runs} == {State.SUCCEEDED}


@pytest.mark.requirement("GO-17")
async def test_a_call_that_arrives_ten_times_does_the_step_once(work: Work):
    attempts: list[int] = []

    async def build(context: StepContext) -> None:
        attempts.append(context.claim.attempt)
        await anyio.sleep(0.05)

    async with work(build=build, threads=4) as working:
        run = await working.shop.add("build", NewStep("build:second", after=(0,)))
        first = (await working.shop.step_of(run)).id
        for _call in range(10):
            working.wakeups.put(first)
        await until(lambda: is_over(run))
    assert attempts == [1, 1]


@pytest.mark.requirement("GO-17")
async def test_two_workers_at_once_do_each_step_once(post: Post, work: Work):
    done: list[object] = []

    async def build(context: StepContext) -> None:
        done.append(context.job.id)
        await anyio.sleep(0.02)

    async with work(build=build) as one:
        runs = [await one.shop.add("build") for _run in range(10)]
        async with AsyncExitStack() as other:
            if not post.local:
                await other.enter_async_context(work(build=build))
            for run in runs:
                await until(lambda run=run: is_over(run))
    assert sorted(map(str, done)) == sorted(map(str, runs))


async def test_what_people_wait_for_goes_before_what_nobody_waits_for(work: Work):
    done: list[object] = []

    async def build(context: StepContext) -> None:
        await anyio.sleep(0.1)
        done.append(context.job.id)

    async with work(build=build, render=build, threads=1) as working:
        nobody = [await working.shop.add("build", background=True) for _run in range(8)]
        await until(lambda: _running(nobody[0]))
        somebody = await working.shop.add("build", NewStep("render", after=(0,)))
        await until(lambda: is_over(somebody))
        assert len(set(done) & set(nobody)) < 5
        for run in nobody:
            await until(lambda run=run: is_over(run))


async def test_blocking_work_leaves_the_loop_free(work: Work):
    async def build(context: StepContext) -> None:
        await anyio.to_thread.run_sync(time.sleep, 0.5)

    async with work(build=build) as working:
        run = await working.shop.add("build")
        await until(lambda: _running(run))
        began = anyio.current_time()
        for _turn in range(10):
            await anyio.lowlevel.checkpoint()
        assert anyio.current_time() - began < 0.3
        await until(lambda: is_over(run))


async def test_wakeups_that_are_garbled_or_for_unknown_steps_do_no_harm(work: Work, post: Post):
    async with work(build=nothing) as working:
        for args in (("no uuid",), ("step", "two"), ()):
            message = Message(queue_name=post.queue, actor_name="step", args=args, kwargs={}, options={})
            post.open().enqueue(message)
        working.wakeups.put(UUID(int=0))
        run = await working.shop.add("build")
        await until(lambda: is_over(run))
    assert (await read_run(run)).state is State.SUCCEEDED


async def test_a_pool_that_stops_lets_the_step_at_work_end(work: Work):
    async def build(context: StepContext) -> None:
        await anyio.sleep(0.3)

    async with work(build=build) as working:
        run = await working.shop.add("build")
        await until(lambda: _running(run))
    assert (await read_run(run)).state is State.SUCCEEDED


async def test_a_pool_out_of_patience_gives_the_step_back(work: Work):
    async def build(context: StepContext) -> None:
        while True:
            context.check()
            await anyio.sleep(0.01)

    async with work(build=build, grace=0.1) as working:
        run = await working.shop.add("build")
        await until(lambda: _running(run))
    step = await StepRow.get(job_id=run)
    assert (step.state, step.attempt, step.holder) == (State.WAITING, 0, None)


async def test_a_failed_call_is_not_kept_in_memory(post: Post, work: Work):
    async with work(build=nothing) as working:
        broker = post.open()
        for _call in range(20):
            broker.enqueue(Message(post.queue, "unknown actor", (), {}, {}))
        run = await working.shop.add("build")
        await until(lambda: is_over(run))
        if isinstance(broker, StubBroker):
            assert broker.dead_letters == []


@pytest.mark.parametrize("url", ["amqp://guest:guest@127.0.0.1:1", "redis://127.0.0.1:1"])
def test_a_broker_that_is_away_neither_blocks_nor_breaks_the_caller(url: str):
    wakeups = WakeupPublisher(open_broker(url))
    began = time.monotonic()
    for number in range(20_000):
        wakeups.put(UUID(int=number))
    assert time.monotonic() - began < 2.0
    wakeups.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "bilan-wakeups"]


def test_an_unknown_broker_is_refused_with_what_would_be_right():
    with pytest.raises(Invalid, match=r"kafka:// is no queue that is known\. Use amqp"):
        open_broker("kafka://127.0.0.1")


async def _running(run: object) -> bool:
    return (await StepRow.get(job_id=run, position=0)).state == State.RUNNING
