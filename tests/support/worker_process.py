"""A worker process for tests: ``python worker_process.py CATALOG BROKER QUEUE HANDLER FOLDER``.

The handler ``hang`` leaves a file when it has begun and then works for ever;
``finish`` leaves a file and is done.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

import anyio
import anyio.to_thread

from bilan.catalog import Catalog
from bilan.clock import SystemClock
from bilan.work import Engine, Jobs, StepContext, Timing
from bilan.worker import Periodic, Ticker, WakeupPublisher, WorkerPool, open_broker, working

TIMING = Timing(
    lease=timedelta(seconds=2), beat=timedelta(seconds=0.1), wake_again_after=timedelta(seconds=0.5)
)


async def main(catalog_url: str, broker_url: str, queue: str, handler: str, path: str) -> None:
    folder = Path(path)

    def blocking(context: StepContext) -> None:
        (folder / f"{handler}-{context.claim.attempt}").touch()
        while handler == "hang":
            context.check()
            time.sleep(0.02)

    async def build(context: StepContext) -> None:
        await anyio.to_thread.run_sync(blocking, context)

    catalog = Catalog(catalog_url)
    await catalog.open()
    broker = open_broker(broker_url)
    clock = SystemClock()
    jobs = Jobs(catalog, clock, WakeupPublisher(broker, queue_name=queue))
    engine = Engine(catalog, jobs, clock, {"build": build}, timing=TIMING)
    pool = WorkerPool(broker, catalog, engine, queue_name=queue)
    ticker = Ticker(catalog, [Periodic("wake", timedelta(seconds=0.2), engine.requeue_stale)])
    stopping = anyio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with working(pool, [ticker], grace=0.5):
        await stopping.wait()
    broker.close()
    await catalog.close()


if __name__ == "__main__":
    catalog_url, broker_url, queue, handler, path = sys.argv[1:]
    asyncio.run(main(catalog_url, broker_url, queue, handler, path))
