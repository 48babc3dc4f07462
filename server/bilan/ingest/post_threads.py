"""Where a plugin looks at posts: in threads of its own, a few at once, none for long.

What a stranger posts is looked at before it is known who they are, so it may cost nobody else anything.
See docs/decisions/074.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from bilan.sdk.errors import Unavailable
from bilan.sdk.textdomain import _

T = TypeVar("T")
THREADS = 2
WAITING = 64
"""So many posts wait for a thread; the sender of one more hears that it should try again."""
SECONDS = 10.0
"""So long a post may wait and be looked at."""


class Busy(Unavailable):
    """Too many posts are being looked at, or one for too long."""

    retry_after = 5


class PostThreads:
    """Some threads, with a bound on those that wait for them."""

    def __init__(
        self, threads: int = THREADS, waiting: int = WAITING, seconds: float | None = SECONDS
    ) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="bilan-posts")
        self._most = threads + waiting
        self._seconds = seconds
        self._in = 0

    async def run(self, call: Callable[[], T]) -> T:
        """What the call gives, or raises. Raises ``Busy`` where it has no place or does not come to an end.

        A thread cannot be ended: it keeps its place until it has come to its own end.
        """
        if self._in >= self._most:
            raise Busy(_("Too many posts are being checked; try again in some seconds."))
        loop = asyncio.get_running_loop()
        self._in += 1
        future = self._executor.submit(copy_context().run, call)
        future.add_done_callback(lambda _done: loop.call_soon_threadsafe(self._over))
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.shield(asyncio.wrap_future(future))
        except TimeoutError:
            if not future.done() or future.cancelled():
                future.cancel()
                raise Busy(_("Checking the post takes too long; try again later.")) from None
            raise

    def _over(self) -> None:
        self._in -= 1
