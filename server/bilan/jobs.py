"""Jobs are a name and an id. They are put on the queue after the transaction that made their row.

Services enqueue by name, so they never import the code that runs a job, and
no job can run before its row exists. The row holds the truth: a lost message
loses nothing, since the ticker finds work that is due and unclaimed.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class Queue(Protocol):
    """Wakes workers."""

    def put(self, job: str, ident: str) -> None:
        """Ask for a job to be run soon. May fail silently: the ticker makes up for it."""
        ...


class NoQueue:
    """Wakes nobody; the ticker finds the work. For commands that only write rows, and for tests."""

    def put(self, job: str, ident: str) -> None:
        pass


_waiting: ContextVar[list[tuple[str, str]] | None] = ContextVar("bilan_jobs_waiting", default=None)


class Jobs:
    """Enqueues by name, after commit."""

    def __init__(self, queue: Queue | None = None) -> None:
        self.queue: Queue = queue or NoQueue()

    def enqueue(self, job: str, ident: object) -> None:
        """Wake a worker for this job, once the open transaction (if any) has been committed."""
        waiting = _waiting.get()
        if waiting is None:
            self.queue.put(job, str(ident))
        else:
            waiting.append((job, str(ident)))

    @contextmanager
    def collecting(self) -> Generator[None]:
        """Hold jobs back until the block ends well; drop them when it fails."""
        if _waiting.get() is not None:
            yield
            return
        waiting: list[tuple[str, str]] = []
        token = _waiting.set(waiting)
        try:
            yield
        finally:
            _waiting.reset(token)
        for job, ident in waiting:
            self.queue.put(job, ident)
