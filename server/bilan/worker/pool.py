"""Worker threads that carry jobs over to the process's event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import anyio
import anyio.to_thread
import structlog
from dramatiq import Actor, Broker, Worker

from bilan.catalog import Catalog
from bilan.runs.engine import Engine
from bilan.worker.calls import ACTOR, QUEUE

log = structlog.get_logger(__name__)

Job = Callable[[str], Awaitable[None]]
"""Does a job by its id, on the event loop. Doing it twice is as good as doing it once."""

IDLE = 500
"""Milliseconds after which an idle thread looks whether it is to stop."""
LAST_WORDS = 5.0
"""Seconds that interrupted handlers have to give up by themselves."""


class WorkerPool:
    """Some threads that take calls from the broker and do the jobs.

    A thread only waits: the job is a coroutine on the loop that started the
    pool, with the catalog active, and puts blocking work into other threads.
    """

    def __init__(
        self,
        broker: Broker,
        catalog: Catalog,
        engine: Engine,
        jobs: Mapping[str, Job],
        *,
        threads: int = 2,
        queue_name: str = QUEUE,
    ) -> None:
        self._broker, self._catalog, self._engine, self._jobs = broker, catalog, engine, jobs
        self._loop: asyncio.AbstractEventLoop | None = None
        # Made directly, since the decorator would put it into a global broker.
        Actor(self._carry, broker=broker, actor_name=ACTOR, queue_name=queue_name, priority=0, options={})
        self._worker = Worker(broker, worker_threads=threads, worker_timeout=IDLE)
        # What is prefetched is kept from other workers while the threads are busy.
        self._worker.queue_prefetch = threads
        self._worker.delay_prefetch = 1

    async def start(self) -> None:
        """Begin to take calls. A broker that is away is tried again until it is back."""
        self._loop = asyncio.get_running_loop()
        await anyio.to_thread.run_sync(self._worker.start)

    async def stop(self, grace: float = 30.0) -> None:
        """Take no more calls and let what is being done end.

        After ``grace`` seconds the handlers are asked to stop; what does not
        stop even then is given back, so that another worker begins it at once.
        """
        stopped = anyio.Event()

        async def stop_threads() -> None:
            await anyio.to_thread.run_sync(self._worker.stop, round((grace + LAST_WORDS) * 1000))
            stopped.set()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stop_threads)
            with anyio.move_on_after(grace):
                await stopped.wait()
            self._engine.stop()
            with anyio.move_on_after(LAST_WORDS):
                await stopped.wait()
            with self._catalog.activate():
                await self._engine.release()

    def _carry(self, job: str, ident: str) -> None:
        """In a worker's thread: have the loop do the job, and wait for it."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self._do(job, ident), loop).result()

    async def _do(self, job: str, ident: str) -> None:
        if job not in self._jobs:
            log.warning("nobody here does this job", job=job, ident=ident)
            return
        with self._catalog.activate():
            await self._jobs[job](ident)
