"""The entry point to the warehouse's figures."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID, uuid4

import anyio
import anyio.to_thread

from bilan.query.asker import gone
from bilan.query.limiter import QuestionLimiter
from bilan.query.session import QuerySession
from bilan.sdk.errors import Cancelled
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.manifest import Manifest
    from bilan.registry.declared import Registry
    from bilan.warehouse.warehouse import Warehouse

T = TypeVar("T")
AGAIN = 0.2
"""Seconds after which a statement that goes on is cancelled again: it may have begun just then."""


class Query:
    """Turns questions into one SQL statement each.

    ``at_once`` questions of people are answered at the same time, ``each`` of
    them of one person, and as many streams; the jobs of a process have a
    number of their own.
    """

    def __init__(
        self, warehouse: Warehouse, registry: Registry, manifest: Manifest, *, at_once: int, each: int
    ) -> None:
        self.warehouse, self.registry, self.manifest = warehouse, registry, manifest
        self.questions = QuestionLimiter(at_once, each)
        self.streams = QuestionLimiter(at_once, each)
        # Threads of their own: whatever else waits for a thread never waits for a question.
        self._threads = anyio.CapacityLimiter(at_once)

    async def session(
        self,
        sources: Collection[UUID],
        *,
        as_of: datetime | None = None,
        cancelled: Callable[[], bool] | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> QuerySession:
        """What a report or a resolver asks with: bound to sources and to a moment (now, without one).

        The moment is one at which no batch was being written, so that every
        question of the session sees the same facts.

        ``cancelled`` is looked at before each question and between the blocks
        of a stream; ``progress`` is told how much is done, from 0 to 1. Whoever
        calls has made sure that the sources may be read.
        """
        snapshot = await self.manifest.snapshot(as_of)
        return QuerySession(self.warehouse, self.registry, frozenset(sources), snapshot, cancelled, progress)

    async def ask(self, person: UUID | None, client: QuerySession, work: Callable[[QuerySession], T]) -> T:
        """What ``work`` gives, which asks with the client in a thread, for a person.

        Raises ``Overloaded`` where too many are asking. Where the asker hangs up, the
        statement that runs is cancelled in the engine, and ``Cancelled`` raised.
        """
        asking = asyncio.create_task(self._admitted(person, client, work))
        watching = asyncio.create_task(gone())
        try:
            await asyncio.wait({asking, watching}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                raise Cancelled(_("The work was stopped before it was done."))
            return asking.result()
        finally:
            watching.cancel()
            asking.cancel()
            await asyncio.wait({asking, watching})
            if not asking.cancelled():
                asking.exception()  # said already, or of no interest to anybody

    async def _admitted(
        self, person: UUID | None, client: QuerySession, work: Callable[[QuerySession], T]
    ) -> T:
        async with self.questions.place(person):
            stopped, tag = threading.Event(), uuid4().hex

            def cancelled() -> bool:
                return stopped.is_set() or (client.cancelled is not None and client.cancelled())

            bound = replace(client, cancelled=cancelled, tag=tag)
            thread = asyncio.ensure_future(anyio.to_thread.run_sync(work, bound, limiter=self._threads))
            try:
                return await asyncio.shield(thread)
            except asyncio.CancelledError:
                stopped.set()
                # The place is given free when the engine has stopped, not before.
                while not thread.done():
                    await anyio.to_thread.run_sync(self.warehouse.cancel, tag)
                    await asyncio.wait({thread}, timeout=AGAIN)
                thread.exception()
                raise
