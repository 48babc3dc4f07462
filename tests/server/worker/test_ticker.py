"""Periodic work, side by side."""

from datetime import timedelta

import anyio
import pytest

from bilan.catalog import Catalog
from bilan.work import State
from bilan.work.models import JobRow
from bilan.worker import Periodic, Ticker, WorkerPool, open_broker, working
from support.runs import Workshop, until

OFTEN = timedelta(milliseconds=10)


async def test_a_slow_one_holds_up_no_other_and_a_failing_one_is_tried_again(sqlite_catalog: Catalog):
    calls = {"slow": 0, "failing": 0, "quick": 0}
    released = anyio.Event()

    async def slow() -> None:
        calls["slow"] += 1
        await released.wait()

    async def failing() -> None:
        calls["failing"] += 1
        raise RuntimeError("the database is away")

    async def quick() -> None:
        calls["quick"] += 1

    ticker = Ticker(sqlite_catalog, [Periodic(one.__name__, OFTEN, one) for one in (slow, failing, quick)])

    async def enough() -> bool:
        return calls["failing"] >= 3 and calls["quick"] >= 3

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ticker.run)
        await until(enough)
        ticker.stop()
        released.set()
    assert calls["slow"] == 1


async def test_what_is_being_done_is_finished_before_the_ticker_ends(sqlite_catalog: Catalog):
    begun, done = anyio.Event(), list[str]()

    async def work() -> None:
        begun.set()
        await anyio.sleep(0.1)
        done.append("finished")

    ticker = Ticker(sqlite_catalog, [Periodic("work", OFTEN, work)])
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ticker.run)
        await begun.wait()
        ticker.stop()
    assert done == ["finished"]


@pytest.mark.requirement("GO-17")
async def test_any_number_of_tickers_call_for_a_step_once(catalog: Catalog):
    shop = Workshop(catalog, {})
    await shop.add("build")
    shop.called.steps.clear()
    tickers = [Ticker(catalog, [Periodic("wake", OFTEN, shop.engine.requeue_stale)]) for _ticker in range(3)]
    async with anyio.create_task_group() as tasks:
        for ticker in tickers:
            tasks.start_soon(ticker.run)
        await until(lambda: _called(shop))
        await anyio.sleep(0.1)
        for ticker in tickers:
            ticker.stop()
    assert len(shop.called.steps) == 1


async def _called(shop: Workshop) -> bool:
    return bool(shop.called.steps)


@pytest.mark.parametrize("url", ["amqp://guest:guest@127.0.0.1:1", "redis://127.0.0.1:1"])
async def test_a_worker_starts_and_stops_while_its_broker_is_away(sqlite_catalog: Catalog, url: str):
    shop = Workshop(sqlite_catalog, {})
    broker = open_broker(url)
    pool = WorkerPool(broker, sqlite_catalog, shop.engine)
    ticked = anyio.Event()

    async def tick() -> None:
        ticked.set()

    async with working(pool, [Ticker(sqlite_catalog, [Periodic("tick", OFTEN, tick)])]):
        await ticked.wait()
        await shop.add("build")
    assert [row.state for row in await JobRow.all()] == [State.WAITING]
    broker.close()
