"""Turns: steps of one name that are worked on one after the other, and wait without a worker's thread."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID


class Turns:
    """The steps of one name in this process. Who comes while one is at work leaves its step and goes.

    What waits here is in no queue any more, but its row still is due: where
    this process ends, the ticker has another one look at it.
    """

    def __init__(self, work: Callable[[UUID], Awaitable[bool]]) -> None:
        """``work`` says whether there is more of what was asked for: then it waits for its next turn."""
        self._work = work
        self._waiting: dict[UUID, None] = {}
        self._busy = self._leaving = False

    async def work(self, step: UUID) -> None:
        """Work on the step and on what comes meanwhile, or leave it to whoever is at work."""
        self._waiting[step] = None
        if self._busy:
            return
        self._busy = True
        try:
            while self._waiting:
                following = next(iter(self._waiting))
                del self._waiting[following]
                if await self._work(following) and not self._leaving:
                    self._waiting.setdefault(following)
        finally:
            self._busy = False

    def leave(self) -> None:
        """Begin none of those that wait."""
        self._leaving = True
        self._waiting.clear()
