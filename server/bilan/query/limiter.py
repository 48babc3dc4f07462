"""The limiter of questions: so many at once, in a process and of a person. See docs/decisions/064."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from bilan.sdk.errors import TooMany
from bilan.sdk.textdomain import _

QUEUE = 4
"""How many questions may wait for each that may be asked at once."""
PATIENCE = 10.0
"""Seconds after which a question that waits is refused."""


class Overloaded(TooMany):
    """More is asked at once than there is room for; asking again soon is right."""

    retry_after = 5


@dataclass(eq=False, slots=True)
class _Waiting:
    person: UUID | None
    turn: asyncio.Future[None]


class QuestionLimiter:
    """Lets ``at_once`` questions in, ``each`` of them of one person; a few more wait, the others are refused.

    Of those who wait, whoever has the fewest questions in comes first. Belongs
    to one event loop. ``None`` is the operator.
    """

    def __init__(self, at_once: int, each: int) -> None:
        self._at_once, self._each = at_once, min(each, at_once)
        self._asking = Counter[UUID | None]()
        self._waiting: list[_Waiting] = []
        self.refused = 0
        """How many were refused so far."""

    @property
    def asking(self) -> int:
        """How many questions are in."""
        return self._asking.total()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @asynccontextmanager
    async def place(self, person: UUID | None) -> AsyncGenerator[None]:
        """Have a place while the block runs. Raises ``Overloaded`` where none is to be had soon."""
        await self._enter(person)
        try:
            yield
        finally:
            self._leave(person)

    async def _enter(self, person: UUID | None) -> None:
        if self._has_room(person):
            self._asking[person] += 1
            return
        own = sum(one.person == person for one in self._waiting)
        if own >= QUEUE * self._each or len(self._waiting) >= QUEUE * self._at_once:
            self._refuse()
        waiting = _Waiting(person, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(PATIENCE):
                await waiting.turn
        except BaseException as error:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
            elif waiting.turn.done() and not waiting.turn.cancelled():
                self._leave(person)  # the turn came at the very moment it was given up
            if isinstance(error, TimeoutError):
                self._refuse()
            raise

    def _leave(self, person: UUID | None) -> None:
        self._asking[person] -= 1
        if not self._asking[person]:
            del self._asking[person]
        while ready := [one for one in self._waiting if self._has_room(one.person)]:
            chosen = min(ready, key=lambda one: self._asking[one.person])
            self._waiting.remove(chosen)
            if not chosen.turn.done():
                self._asking[chosen.person] += 1
                chosen.turn.set_result(None)

    def _has_room(self, person: UUID | None) -> bool:
        return self.asking < self._at_once and self._asking[person] < self._each

    def _refuse(self) -> None:
        self.refused += 1
        raise Overloaded(_("Too many questions are being answered; ask again in a few seconds."))
