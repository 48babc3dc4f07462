"""Run events: whoever waits for a run sees it move, whatever process does the work.

The row is the truth, so it is asked: a run's row is read once in a while
however many watch it in this process. Nothing is announced, so nothing can
be missed. See docs/decisions/044.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING
from uuid import UUID

import anyio

from bilan.accounts.values import Principal
from bilan.runs.service import Runs
from bilan.runs.values import Run
from bilan.sdk.errors import TooMany, Unauthenticated, Unavailable
from bilan.sdk.textdomain import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Generator

RefreshActor = Callable[[], Awaitable[Principal | None]]
"""Finds out anew who watches; ``None`` once their session has ended. May raise ``Unauthenticated``."""


@dataclass(frozen=True, slots=True)
class PollingLimits:
    """Polling limits: how often watchers look, and how many there may be."""

    look: timedelta = timedelta(seconds=0.3)
    """How old what is known of a row may be."""
    refresh: timedelta = timedelta(seconds=2)
    """How often it is found out anew who watches and what they may see."""
    each: int = 20
    """How many runs one person may watch at once in one process."""


@dataclass(eq=False)
class _Known:
    """What this process knows of a run that somebody watches."""

    watchers: int = 0
    run: Run | None = None
    read_at: float = 0.0
    reading: anyio.Lock = field(default_factory=anyio.Lock)


class RunEvents:
    """The changes of runs, for those who watch them."""

    def __init__(self, runs: Runs, limits: PollingLimits | None = None) -> None:
        self._runs, self._limits = runs, limits or PollingLimits()
        self._known: dict[UUID, _Known] = {}
        self._people: Counter[UUID | None] = Counter()
        self._stopping = anyio.Event()

    @property
    def watched(self) -> int:
        """How many watch, for tests and whoever is curious."""
        return self._people.total()

    def stop(self) -> None:
        """End every watch soon; the process shuts down."""
        self._stopping.set()

    async def watch(
        self, actor: Principal, run: UUID, refresh_actor: RefreshActor, *, beat: timedelta | None = None
    ) -> AsyncGenerator[Run | None]:
        """The run as it is, then after every change until nothing more will happen.

        ``None`` is a heartbeat: nothing changed for so long. Raises
        ``NotFound`` where the actor may not see the run (any more),
        ``Unauthenticated`` once their session has ended, ``TooMany``.
        """
        if self._stopping.is_set():
            raise Unavailable(_("The server is about to stop; try again in a moment."))
        with self._counted(actor), self._knowing(run) as known:
            revision, yielded, refreshed = "", monotonic(), monotonic()
            found = await self._runs.get(actor, run)
            known.run, known.read_at = found, monotonic()
            while True:
                if found.revision != revision:
                    revision, yielded = found.revision, monotonic()
                    yield found
                    if not found.working:
                        return
                elif beat is not None and monotonic() - yielded >= beat.total_seconds():
                    yielded = monotonic()
                    yield None
                with anyio.move_on_after(self._limits.look.total_seconds()):
                    await self._stopping.wait()
                    return
                if monotonic() - refreshed >= self._limits.refresh.total_seconds():
                    actor, refreshed = await _refreshed(refresh_actor), monotonic()
                found = await self._look(actor, run, known)

    async def _look(self, actor: Principal, run: UUID, known: _Known) -> Run:
        """The run as somebody else has just read it, or read now."""
        async with known.reading:
            if known.run is None or monotonic() - known.read_at >= self._limits.look.total_seconds() * 0.9:
                known.run, known.read_at = await self._runs.read(run), monotonic()
            return self._runs.visible(actor, known.run)

    @contextmanager
    def _counted(self, actor: Principal) -> Generator[None]:
        if self._people[actor.person] >= self._limits.each:
            raise TooMany(
                ngettext(
                    "You watch a run already; close its page first.",
                    "You watch {count} runs already; close some of their pages first.",
                    count=self._limits.each,
                )
            )
        self._people[actor.person] += 1
        try:
            yield
        finally:
            self._people[actor.person] -= 1
            if not self._people[actor.person]:
                del self._people[actor.person]

    @contextmanager
    def _knowing(self, run: UUID) -> Generator[_Known]:
        known = self._known.setdefault(run, _Known())
        known.watchers += 1
        try:
            yield known
        finally:
            known.watchers -= 1
            if not known.watchers:
                self._known.pop(run, None)


async def _refreshed(refresh_actor: RefreshActor) -> Principal:
    actor = await refresh_actor()
    if actor is None:
        raise Unauthenticated(_("You were signed out; sign in again."))
    return actor
