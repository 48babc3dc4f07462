"""A process that works and serves no pages."""

from __future__ import annotations

import anyio

from bilan.worker.pool import WorkerPool
from bilan.worker.ticker import Ticker


async def run_worker(pool: WorkerPool, ticker: Ticker, stopping: anyio.Event, *, grace: float = 30.0) -> None:
    """Work until ``stopping`` is set, then end in order; see ``WorkerPool.stop`` for ``grace`` (seconds)."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ticker.run)
        await pool.start()
        try:
            await stopping.wait()
        finally:
            ticker.stop()
            with anyio.CancelScope(shield=True):
                await pool.stop(grace)
