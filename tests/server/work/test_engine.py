"""How steps are claimed, kept, settled and taken up again."""

import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import anyio
import anyio.to_thread
import pytest

from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.runs.reading import read_run
from bilan.sdk.errors import Invalid, Unavailable
from bilan.sdk.messages import messages
from bilan.work import NewStep, State, StepContext, Timing, forget_attempts
from bilan.work.claims import Claims
from bilan.work.models import JobRow, StepRow
from support.runs import Workshop, until

_ = messages("test")[0]

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def nothing(context: StepContext) -> None:
    pass


def failing(*errors: Exception) -> Callable[[StepContext], Awaitable[None]]:
    """A handler that raises these, one an attempt, and then succeeds."""
    waiting = list(errors)

    async def handler(context: StepContext) -> None:
        if waiting:
            raise waiting.pop(0)

    return handler


async def test_a_run_goes_from_waiting_to_succeeded(catalog: Catalog):
    clock = FrozenClock(NOON)
    shop = Workshop(catalog, {"build": nothing}, clock=clock)
    run = await shop.add("build")
    before = await read_run(run)
    assert (before.state, before.progress, before.created_at) == (State.WAITING, 0.0, NOON)
    clock.move(timedelta(seconds=3))
    after = await shop.work_on(run)
    assert (after.state, after.progress, after.seconds) == (State.SUCCEEDED, 1.0, 0.0)
    assert (after.started_at, after.finished_at) == (clock.now(), clock.now())
    assert (after.steps[0].attempt, after.steps[0].state) == (1, State.SUCCEEDED)


async def test_a_job_is_enqueued_for_each_step_once_it_can_begin(catalog: Catalog):
    shop = Workshop(catalog, {"build": nothing, "render": nothing})
    run = await shop.add("build", NewStep("render:csv", after=(0,)), NewStep("render:html", after=(0,)))
    build, csv, html = [(await shop.step_of(run, position)).id for position in range(3)]
    assert shop.called.steps == [build]
    await shop.engine.work(csv)
    assert (await shop.step_of(run, 1)).state == State.WAITING
    await shop.engine.work(build)
    assert shop.called.steps == [build, csv, html]
    assert (await read_run(run)).state is State.RUNNING
    assert (await shop.work_on(run)).state is State.SUCCEEDED


async def test_a_handler_is_found_by_the_name_before_the_colon_and_given_its_arguments(catalog: Catalog):
    seen: list[tuple[str, object, int]] = []

    async def render(context: StepContext) -> None:
        seen.append((context.claim.name, context.arguments["language"], context.claim.attempt))

    shop = Workshop(catalog, {"render": render})
    await shop.work_on(await shop.add(NewStep("render:csv", {"format": "csv", "language": "fr"})))
    assert seen == [("render:csv", "fr", 1)]


@pytest.mark.requirement("GO-17")
async def test_working_on_a_step_twice_changes_nothing(catalog: Catalog):
    calls: list[int] = []

    async def counting(context: StepContext) -> None:
        calls.append(context.claim.attempt)

    shop = Workshop(catalog, {"build": counting})
    run = await shop.add("build")
    first = await shop.work_on(run)
    assert await shop.work_on(run) == first
    assert calls == [1]


@pytest.mark.requirement("GO-17")
async def test_of_ten_workers_at_once_one_does_the_step(catalog: Catalog):
    calls: list[int] = []

    async def slow(context: StepContext) -> None:
        calls.append(1)
        await anyio.sleep(0.05)

    shop = Workshop(catalog, {"build": slow})
    run = await shop.add("build")
    step = await shop.step_of(run)
    async with anyio.create_task_group() as tasks:
        for _worker in range(10):
            tasks.start_soon(shop.engine.work, step.id)
    assert calls == [1]
    assert (await read_run(run)).state is State.SUCCEEDED


async def test_an_expected_failure_is_not_tried_again_and_says_its_sentence(catalog: Catalog):
    shop = Workshop(catalog, {"build": failing(Invalid(_("The tag {tag} is gone.", tag="new")))})
    run = await shop.work_on(
        await shop.add("build", NewStep("render", after=(0,)), NewStep("send", after=(1,)))
    )
    assert run.state is State.FAILED
    assert str(run.error) == "The tag new is gone."
    assert [step.state for step in run.steps] == [State.FAILED, State.CANCELLED, State.CANCELLED]


async def test_a_failure_leaves_the_steps_that_do_not_wait_for_it_be(catalog: Catalog):
    shop = Workshop(catalog, {"build": nothing, "render": failing(Invalid(_("No.")))})
    added = await shop.add("build", NewStep("render:csv", after=(0,)), NewStep("render:html", after=(0,)))
    run = await shop.work_on(added)
    assert [step.state for step in run.steps] == [State.SUCCEEDED, State.FAILED, State.SUCCEEDED]
    assert (run.state, str(run.error)) == (State.FAILED, "No.")


@pytest.mark.parametrize("error", [RuntimeError("a mistake"), Unavailable(_("The warehouse is away."))])
async def test_an_unexpected_failure_is_tried_again_later_each_time(catalog: Catalog, error: Exception):
    clock = FrozenClock(NOON)
    timing = Timing(backoff=timedelta(seconds=5), beat=timedelta(seconds=0.05))
    shop = Workshop(catalog, {"build": failing(error, error)}, clock=clock, timing=timing)
    run = await shop.add("build")
    for wait in (5, 20):
        await shop.work_on(run)
        step = await shop.step_of(run)
        assert (step.state, step.due_at) == (State.WAITING, clock.now() + timedelta(seconds=wait))
        clock.move(timedelta(seconds=wait - 1))
        assert (await shop.work_on(run)).steps[0].attempt == step.attempt
        clock.move(timedelta(seconds=1))
    after = await shop.work_on(run)
    assert (after.state, after.steps[0].attempt) == (State.SUCCEEDED, 3)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (RuntimeError("secret detail"), "The server made a mistake. Its log says more under the job {job}."),
        (Unavailable(_("The warehouse is away.")), "The warehouse is away."),
    ],
)
async def test_the_third_failure_is_the_last(catalog: Catalog, error: Exception, sentence: str):
    shop = Workshop(catalog, {"build": failing(*[error] * 5)})
    added = await shop.add("build")
    for _attempt in range(5):
        await shop.work_on(added)
    run = await read_run(added)
    assert (run.state, run.steps[0].attempt) == (State.FAILED, 3)
    assert str(run.error) == sentence.format(job=added)


async def test_what_a_step_brings_forth_is_stored_only_with_its_success(catalog: Catalog):
    async def build(context: StepContext) -> None:
        context.on_success(lambda: JobRow.filter(id=context.job.id).update(title="built"))
        if context.claim.attempt == 1:
            raise RuntimeError

    shop = Workshop(catalog, {"build": build})
    run = await shop.add("build")
    assert (await shop.work_on(run)).title is None
    assert (await shop.work_on(run)).title == "built"


async def test_a_step_whose_result_cannot_be_stored_is_not_settled(catalog: Catalog):
    async def broken() -> None:
        raise RuntimeError("disk full")

    async def build(context: StepContext) -> None:
        context.on_success(broken)

    shop = Workshop(catalog, {"build": build})
    run = await shop.add("build")
    with pytest.raises(RuntimeError, match="disk full"):
        await shop.work_on(run)
    assert (await read_run(run)).steps[0].state is State.RUNNING


@pytest.mark.requirement("GO-17")
async def test_the_lease_of_a_dead_worker_runs_out_and_another_begins_anew(catalog: Catalog):
    clock = FrozenClock(NOON)
    shop = Workshop(catalog, {"build": nothing}, clock=clock)
    run = await shop.add("build")
    step = (await shop.step_of(run)).id
    dead = await Claims(catalog, shop.jobs, clock, timedelta(seconds=30)).take(step)
    assert dead is not None
    clock.move(timedelta(seconds=30))
    assert (await shop.work_on(run)).state is State.RUNNING
    clock.move(timedelta(seconds=1))
    after = await shop.work_on(run)
    assert (after.state, after.steps[0].attempt) == (State.SUCCEEDED, 2)


@pytest.mark.requirement("GO-17")
async def test_a_worker_that_lost_its_lease_settles_nothing(catalog: Catalog):
    clock = FrozenClock(NOON)
    shop = Workshop(catalog, {"build": nothing}, clock=clock)
    claims = Claims(catalog, shop.jobs, clock, timedelta(seconds=30))
    run = await shop.add("build")
    step = (await shop.step_of(run)).id
    slow = await claims.take(step)
    clock.move(timedelta(seconds=31))
    quick = await claims.take(step)
    assert slow is not None
    assert quick is not None
    assert not await claims.succeed(slow, [lambda: JobRow.filter(id=run).update(title="stale")])
    assert not await claims.fail(slow, _("stale"))
    assert not await claims.requeue(slow, wait=timedelta(0))
    assert await claims.succeed(quick, [])
    after = await read_run(run)
    assert (after.state, after.title, after.error) == (State.SUCCEEDED, None, None)


async def test_a_step_that_kills_its_worker_each_time_is_given_up(catalog: Catalog):
    clock = FrozenClock(NOON)
    shop = Workshop(catalog, {"build": nothing}, clock=clock)
    claims = Claims(catalog, shop.jobs, clock, timedelta(seconds=30))
    run = await shop.add("build")
    for _death in range(3):
        assert await claims.take((await shop.step_of(run)).id)
        clock.move(timedelta(seconds=31))
    after = await shop.work_on(run)
    assert after.state is State.FAILED
    assert str(after.error) == (
        "The server stopped 3 times in the middle of this step, so it is not tried again."
    )


@pytest.mark.requirement("GO-17")
async def test_attempts_of_a_step_that_gets_further_are_forgotten_but_not_for_ever(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bilan.work.claims.MOST_FORGOTTEN", 4)
    begun = list[int]()

    async def further(context: StepContext) -> None:
        begun.append(context.claim.attempt)
        async with catalog.transaction():
            await forget_attempts(context)
        raise RuntimeError("after all")

    shop = Workshop(catalog, {"build": further})
    run = await shop.add("build")
    while not (after := await shop.work_on(run)).state.over:
        assert len(begun) < 20

    assert begun == [1, 2, 2, 2, 2, 2, 3]
    assert after.state is State.FAILED


async def test_a_long_step_keeps_its_lease_and_shows_its_progress(catalog: Catalog):
    go_on = threading.Event()

    def blocking(context: StepContext) -> None:
        context.progress(0.25, _("Counting opens"))
        go_on.wait(20)

    async def build(context: StepContext) -> None:
        await anyio.to_thread.run_sync(blocking, context)

    timing = Timing(lease=timedelta(seconds=0.4), beat=timedelta(seconds=0.05))
    shop = Workshop(catalog, {"build": build}, timing=timing)
    run = await shop.add("build")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(shop.work_on, run)
        await until(lambda: progress_is(run, 0.25))
        assert str((await read_run(run)).steps[0].detail) == "Counting opens"
        began = anyio.current_time()
        while anyio.current_time() < began + 1.0:
            assert await shop.engine.requeue_stale() == 0
            await anyio.sleep(0.05)
        go_on.set()
    after = await read_run(run)
    assert (after.state, after.steps[0].attempt) == (State.SUCCEEDED, 1)


async def test_a_clock_that_is_put_forward_takes_no_step_from_whoever_works_on_it(catalog: Catalog):
    clock, attempts, begun, go_on = FrozenClock(NOON), list[int](), anyio.Event(), anyio.Event()

    async def build(context: StepContext) -> None:
        attempts.append(context.claim.attempt)
        begun.set()
        if context.claim.attempt == 1:
            await go_on.wait()

    # So long a beat that the ticker comes first.
    shop = Workshop(catalog, {"build": build}, clock=clock, timing=Timing(beat=timedelta(hours=1)))
    run = await shop.add("build")
    step = (await shop.step_of(run)).id
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(shop.engine.work, step)
        await begun.wait()
        clock.move(timedelta(hours=1))
        await shop.engine.requeue_stale()
        assert shop.called.steps[-1] == step
        await shop.engine.work(step)
        go_on.set()
    after = await read_run(run)
    assert (attempts, after.state, after.steps[0].attempt) == ([1], State.SUCCEEDED, 1)


async def test_progress_is_written_at_the_heartbeat_however_often_it_is_said(catalog: Catalog):
    async def build(context: StepContext) -> None:
        for number in range(10_000):
            context.progress(number / 10_000)
        await until(lambda: progress_is(context.job.id, 0.9999))

    shop = Workshop(catalog, {"build": build})
    run = await shop.work_on(await shop.add("build"))
    assert run.progress == 1.0


async def progress_is(run: object, share: float) -> bool:
    return (await StepRow.get(job_id=run)).progress == share


async def test_a_step_that_takes_too_long_is_stopped_and_says_so(catalog: Catalog):
    async def build(context: StepContext) -> None:
        while True:
            context.check()
            await anyio.sleep(0.01)

    timing = Timing(limit=timedelta(seconds=0.1), beat=timedelta(seconds=0.05))
    shop = Workshop(catalog, {"build": build}, timing=timing)
    run = await shop.work_on(await shop.add("build"))
    assert run.state is State.FAILED
    assert "was stopped. A shorter period may help." in str(run.error)


async def test_an_engine_that_stops_gives_its_steps_back_uncounted(catalog: Catalog):
    async def build(context: StepContext) -> None:
        while True:
            context.check()
            await anyio.sleep(0.01)

    shop = Workshop(catalog, {"build": build})
    run = await shop.add("build")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(shop.work_on, run)
        await until(lambda: _true(shop.engine.active == 1))
        shop.engine.stop()
    step = await shop.step_of(run)
    assert (step.state, step.attempt, step.holder) == (State.WAITING, 0, None)
    await shop.engine.work(step.id)
    assert (await shop.step_of(run)).state == State.WAITING
    successor = Workshop(catalog, {"build": nothing})
    assert (await successor.work_on(run)).state is State.SUCCEEDED


async def test_a_handler_that_does_not_stop_in_time_loses_its_step_to_another(catalog: Catalog):
    stuck = anyio.Event()

    async def build(context: StepContext) -> None:
        await stuck.wait()

    shop = Workshop(catalog, {"build": build})
    run = await shop.add("build")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(shop.work_on, run)
        await until(lambda: _true(shop.engine.active == 1))
        shop.engine.stop()
        await shop.engine.release()
        await Workshop(catalog, {"build": nothing}).work_on(run)
        stuck.set()
    after = await read_run(run)
    assert (after.state, after.steps[0].attempt) == (State.SUCCEEDED, 1)


async def _true(value: bool) -> bool:
    return value


@pytest.mark.requirement("GO-17")
async def test_the_ticker_calls_for_what_is_due_and_unclaimed_and_not_too_often(catalog: Catalog):
    clock = FrozenClock(NOON)
    shop = Workshop(catalog, {"build": nothing}, clock=clock, timing=Timing())
    run = await shop.add("build", NewStep("render", after=(0,)))
    build, render = (await shop.step_of(run, 0)).id, (await shop.step_of(run, 1)).id
    shop.called.steps.clear()
    assert [await shop.engine.requeue_stale() for _tick in range(3)] == [1, 0, 0]
    clock.move(timedelta(seconds=11))
    assert await shop.engine.requeue_stale() == 1
    assert shop.called.steps == [build, build]
    await shop.engine.work(build)
    shop.called.steps.clear()
    assert await shop.engine.requeue_stale() == 1
    assert shop.called.steps == [render]


async def test_the_oldest_steps_are_called_for_first_and_not_all_at_once(catalog: Catalog):
    clock = FrozenClock(NOON)
    shop = Workshop(catalog, {"build": nothing}, clock=clock)
    added: list[object] = []
    for _run in range(5):
        added.append((await shop.step_of(await shop.add("build"))).id)
        clock.move(timedelta(seconds=1))
    shop.called.steps.clear()
    assert await shop.engine.requeue_stale(limit=3) == 3
    assert shop.called.steps == added[:3]


@pytest.mark.requirement("GO-17")
async def test_what_waits_long_for_busy_workers_does_not_make_the_queue_longer_and_longer(catalog: Catalog):
    clock = FrozenClock(NOON)
    shop = Workshop(catalog, {"build": nothing}, clock=clock, timing=Timing())
    added = [(await shop.step_of(await shop.add("build"))).id for _run in range(5)]
    oldest = sorted(added)[:2]  # all are due at the same moment
    shop.called.steps.clear()
    # Ten minutes of a tick each second: the two oldest are woken each eleven seconds, the others not at all.
    for _tick in range(600):
        await shop.engine.requeue_stale(limit=2)
        clock.move(timedelta(seconds=1))
    assert shop.called.steps == oldest * 55
    for step in oldest:
        await shop.engine.work(step)
    shop.called.steps.clear()
    assert await shop.engine.requeue_stale(limit=2) == 2
    assert shop.called.steps == sorted(added)[2:4]


@pytest.mark.parametrize("catalog_url", ["postgres"], indirect=True)
async def test_the_ticker_waits_for_no_step_that_somebody_settles_at_that_moment(catalog: Catalog):
    clock = FrozenClock(NOON)
    shop = Workshop(catalog, {"build": nothing}, clock=clock)
    held, free = [(await shop.step_of(await shop.add("build"))).id for _run in range(2)]
    locked, over = anyio.Event(), anyio.Event()

    async def settle() -> None:
        async with catalog.transaction():
            await StepRow.filter(id=held).select_for_update().first()
            locked.set()
            await over.wait()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(settle)
        await locked.wait()
        shop.called.steps.clear()
        with anyio.fail_after(5):
            assert await shop.engine.requeue_stale() == 1
        over.set()
    assert shop.called.steps == [free]


async def test_of_tickers_at_once_one_calls_for_each_step(catalog: Catalog):
    clock = FrozenClock(NOON)
    shop = Workshop(catalog, {"build": nothing}, clock=clock)
    steps = {(await shop.step_of(await shop.add("build"))).id for _run in range(20)}
    shop.called.steps.clear()
    async with anyio.create_task_group() as tasks:
        for _ticker in range(4):
            tasks.start_soon(shop.engine.requeue_stale)
    assert (set(shop.called.steps), len(shop.called.steps)) == (steps, 20)
