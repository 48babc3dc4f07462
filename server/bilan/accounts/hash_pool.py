"""The pool in which passwords are hashed: a few at a time, fair to those who wait. See docs/decisions/068."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bilan.sdk.errors import TooMany
from bilan.sdk.textdomain import _

AT_ONCE = 2
"""How many hashes are computed at once; each takes 64 MiB."""
WAITING = 16
"""How many may wait; at a tenth of a second each they are done within a second."""
OF_ONE = 2
"""How many of these may come from one address."""


class Crowded(TooMany):
    """More people sign in at this moment than passwords can be checked; trying again soon is right."""

    retry_after = 2


@dataclass(eq=False, slots=True)
class _Waiting:
    place: str | None
    turn: asyncio.Future[None]


class HashPool:
    """Lets ``AT_ONCE`` in. Whoever is known goes before strangers, of whom few wait, fewer from one place.

    So a flood of guesses keeps a right password waiting for a handful of hashes at most.
    """

    def __init__(self) -> None:
        self._free = AT_ONCE
        self._waiting: list[_Waiting] = []

    @asynccontextmanager
    async def place(self, stranger: str | None = None) -> AsyncGenerator[None]:
        """Have a slot while the block runs. ``stranger`` is the network that an unknown browser asks from.

        Raises ``Crowded`` for strangers where too many of them wait.
        """
        await self._enter(stranger)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, stranger: str | None) -> None:
        if self._free and not self._waiting:
            self._free -= 1
            return
        strangers = [one for one in self._waiting if one.place is not None]
        if stranger is not None and (
            len(strangers) >= WAITING or sum(one.place == stranger for one in strangers) >= OF_ONE
        ):
            raise Crowded(_("Too many people are signing in; try again in a few seconds."))
        waiting = _Waiting(stranger, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        try:
            await waiting.turn
        except BaseException:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
            elif waiting.turn.done() and not waiting.turn.cancelled():
                self._leave()  # the turn came at the very moment it was given up
            raise

    def _leave(self) -> None:
        self._free += 1
        while self._waiting and self._free:
            chosen = next((one for one in self._waiting if one.place is None), self._waiting[0])
            self._waiting.remove(chosen)
            if not chosen.turn.done():
                self._free -= 1
                chosen.turn.set_result(None)
