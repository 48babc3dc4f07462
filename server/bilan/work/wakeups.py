"""Wake-ups: how a worker hears of a step, once the transaction that made it due has been committed."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID


class Wakeups(Protocol):
    """Wakes workers."""

    def put(self, step: UUID, *, background: bool = False) -> None:
        """Ask for a step to be worked on soon; in the background, once nothing else waits.

        May fail silently: the ticker makes up for it.
        """
        ...


class NoWakeups:
    """Wakes nobody; the ticker finds the work. For commands that only write rows, and for tests."""

    def put(self, step: UUID, *, background: bool = False) -> None:
        pass
