"""Admission control: some are let in at once, a few wait, the others are refused."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

W = TypeVar("W")


class Admission(ABC, Generic[W]):
    """Admission to something of which there is little: its classes say who may be in, wait, and come next.

    ``W`` is what those who ask are told apart by. Belongs to one event loop.
    """

    def __init__(self) -> None:
        self.inside = Counter[W]()
        self.queue: list[tuple[W, asyncio.Future[None]]] = []

    @abstractmethod
    def has_room(self, who: W) -> bool:
        """Whether one more of these may be in."""

    @abstractmethod
    def may_wait(self, who: W) -> bool:
        """Whether one more of these may wait."""

    @abstractmethod
    def next(self, ready: Sequence[W]) -> int:
        """Whose turn it is, of those there is room for, the longest waiting first."""

    @abstractmethod
    def refuse(self) -> Exception:
        """What is raised where nobody more may wait, or nobody waits any longer."""

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self.queue)

    @asynccontextmanager
    async def admitted(self, who: W, patience: float | None = None) -> AsyncGenerator[None]:
        """Be in while the block runs. Raises what :meth:`refuse` gives, within ``patience`` seconds."""
        await self._enter(who, patience)
        try:
            yield
        finally:
            self._leave(who)

    async def _enter(self, who: W, patience: float | None) -> None:
        if self.has_room(who):
            self.inside[who] += 1
            return
        if not self.may_wait(who):
            raise self.refuse()
        waiting = (who, asyncio.get_running_loop().create_future())
        self.queue.append(waiting)
        try:
            async with asyncio.timeout(patience):
                await waiting[1]
        except BaseException as error:
            if waiting in self.queue:
                self.queue.remove(waiting)
            elif waiting[1].done() and not waiting[1].cancelled():
                self._leave(who)  # the turn came at the very moment it was given up
            if isinstance(error, TimeoutError):
                raise self.refuse() from None
            raise

    def _leave(self, who: W) -> None:
        self.inside[who] -= 1
        if not self.inside[who]:
            del self.inside[who]
        while ready := [one for one in self.queue if self.has_room(one[0])]:
            chosen = ready[self.next([who for who, _turn in ready])]
            self.queue.remove(chosen)
            if not chosen[1].done():
                self.inside[chosen[0]] += 1
                chosen[1].set_result(None)
