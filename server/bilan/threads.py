"""Blocking iterators for asynchronous code. See docs/decisions/003."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import anyio

T = TypeVar("T")
_END = object()


async def stream(source: Iterable[T]) -> AsyncGenerator[T]:
    """The items of a blocking iterable, each fetched in one and the same thread, at the reader's pace.

    One thread, since what lies behind (a database's cursor) may belong to the
    thread that opened it. The iterable is closed there too, also when the
    reader goes away early or is cancelled; the event loop never waits for it.
    """
    loop = asyncio.get_running_loop()
    executor = ThreadPoolExecutor(1, thread_name_prefix="bilan-stream")
    try:
        iterator: Iterator[T] = await loop.run_in_executor(executor, iter, source)
        try:
            while (item := await loop.run_in_executor(executor, next, iterator, _END)) is not _END:
                yield item  # type: ignore[misc]
        finally:
            if (close := getattr(iterator, "close", None)) is not None:
                with anyio.CancelScope(shield=True):
                    await loop.run_in_executor(executor, close)
    finally:
        executor.shutdown(wait=False)
