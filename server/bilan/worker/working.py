"""Working: the pool and what goes on beside it, for as long as a process serves or works."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

import anyio

from bilan.worker.pool import WorkerPool

LAST_STEPS = 10.0
"""Seconds that what goes on beside the pool has to come to its end."""


class Loop(Protocol):
    """Something that goes on until it is told to stop."""

    async def run(self) -> None:
        """Go on until :meth:`stop`."""
        ...

    def stop(self) -> None:
        """End soon."""
        ...


@asynccontextmanager
async def working(pool: WorkerPool, loops: Sequence[Loop], *, grace: float = 30.0) -> AsyncGenerator[None]:
    """Work while the block runs, then end in order; see ``WorkerPool.stop`` for ``grace`` (seconds)."""
    async with anyio.create_task_group() as tasks:
        for loop in loops:
            tasks.start_soon(loop.run)
        await pool.start()
        try:
            yield
        finally:
            for loop in loops:
                loop.stop()
            with anyio.CancelScope(shield=True):
                await pool.stop(grace)
            tasks.cancel_scope.deadline = anyio.current_time() + LAST_STEPS
