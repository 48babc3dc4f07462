"""What has to happen again and again, whoever calls or does not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import anyio
import structlog

from bilan.catalog import Catalog

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Periodic:
    """Something to be done again and again, ``every`` so often after it was last finished.

    Any number of processes do it at once; it must be safe for that.
    """

    name: str
    every: timedelta
    call: Callable[[], Awaitable[object]]


class Ticker:
    """Does periodic things side by side: a slow one holds up no other, a failing one is tried again."""

    def __init__(self, catalog: Catalog, periodic: Sequence[Periodic]) -> None:
        self._catalog, self._periodic = catalog, periodic
        self._stopping = anyio.Event()

    async def run(self) -> None:
        """Until :meth:`stop`. What is being done then is finished first."""
        with self._catalog.activate():
            async with anyio.create_task_group() as tasks:
                for one in self._periodic:
                    tasks.start_soon(self._repeat, one)

    def stop(self) -> None:
        """End :meth:`run` soon."""
        self._stopping.set()

    async def _repeat(self, one: Periodic) -> None:
        failed = False
        with structlog.contextvars.bound_contextvars(periodic=one.name):
            while not self._stopping.is_set():
                try:
                    await one.call()
                    failed = False
                except Exception as error:
                    # A database that is away for an hour is one traceback, not thousands.
                    log.warning("periodic work failed", error=repr(error), exc_info=not failed)
                    failed = True
                with anyio.move_on_after(one.every.total_seconds()):
                    await self._stopping.wait()
