"""Group commit: what several tasks write at the same time becomes one transaction.

While one group is written the next gathers, so that a group is the larger the slower the database is,
and what comes alone waits for nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class GroupCommit(Generic[Item, Result]):
    """Writes items in groups, one group at a time.

    ``write`` writes a group, all or nothing, and returns the results of its items in their order.
    Whoever puts an item waits for its group, and gets its error where it fails.
    """

    def __init__(self, write: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]]) -> None:
        self._write = write
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def put(self, item: Item) -> Result:
        """Write the item with those that wait as well; its result. Not within a transaction."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._writing is None:
            # Of its own, so that nobody's cancellation cuts off what others wait for.
            self._writing = asyncio.create_task(self._drain())
        return await future

    async def _drain(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting, []
                await self._write_group(group)
        finally:
            self._writing = None

    async def _write_group(self, group: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._write([item for item, _future in group])
        except Exception as error:
            for _item, future in group:
                if not future.done():
                    future.set_exception(error)
            return
        for (_item, future), result in zip(group, results, strict=True):
            if not future.done():
                future.set_result(result)
