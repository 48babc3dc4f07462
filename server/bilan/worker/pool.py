"""Worker threads that carry wake-ups over to the process's event loop."""

from __future__ import annotations

import asyncio
from uuid import UUID

import anyio
import anyio.to_thread
from dramatiq import Actor, Broker, Worker

from bilan.catalog import Catalog
from bilan.work import Engine
from bilan.worker.wakeups import ACTOR, BACKGROUND, QUEUE, background_queue

IDLE = 100
"""Milliseconds after which an idle thread looks whether it is to stop."""
SHUTDOWN_GRACE = 5.0
"""Seconds that interrupted handlers have to give up by themselves."""


class WorkerPool:
    """Some threads that take wake-ups from the broker and have the engine work on their steps.

    A thread only waits: the work is a coroutine on the loop that started the
    pool, with the catalog active, and puts blocking work into other threads.
    """

    def __init__(
        self, broker: Broker, catalog: Catalog, engine: Engine, *, threads: int = 2, queue_name: str = QUEUE
    ) -> None:
        self._broker, self._catalog, self._engine = broker, catalog, engine
        self._loop: asyncio.AbstractEventLoop | None = None
        # Made directly, since the decorator would put it into a global broker.
        # Of what is at hand threads take the lower number first. See docs/decisions/102.
        for name, queue, priority in (
            (ACTOR, queue_name, 0),
            (BACKGROUND, background_queue(queue_name), 1),
        ):
            Actor(self._wait, broker=broker, actor_name=name, queue_name=queue, priority=priority, options={})
        self._worker = Worker(broker, worker_threads=threads, worker_timeout=IDLE)
        # What is prefetched is kept from other workers while the threads are busy.
        self._worker.queue_prefetch = threads
        self._worker.delay_prefetch = 1

    async def start(self) -> None:
        """Begin to take wake-ups. A broker that is away is tried again until it is back."""
        self._loop = asyncio.get_running_loop()
        await anyio.to_thread.run_sync(self._worker.start)

    async def stop(self, grace: float = 30.0) -> None:
        """Take no more wake-ups and let what is being done end.

        After ``grace`` seconds the handlers are asked to stop; what does not
        stop even then is given back, so that another worker begins it at once.
        """
        self._engine.leave_waiting()
        stopped = anyio.Event()

        async def stop_threads() -> None:
            await anyio.to_thread.run_sync(self._worker.stop, round((grace + SHUTDOWN_GRACE) * 1000))
            stopped.set()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stop_threads)
            with anyio.move_on_after(grace):
                await stopped.wait()
            self._engine.stop()
            with anyio.move_on_after(SHUTDOWN_GRACE):
                await stopped.wait()
            with self._catalog.activate():
                await self._engine.release()

    def _wait(self, step: str) -> None:
        """In a worker's thread: have the loop work on the step, and wait for it."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self._work(UUID(step)), loop).result()

    async def _work(self, step: UUID) -> None:
        with self._catalog.activate():
            await self._engine.work(step)
