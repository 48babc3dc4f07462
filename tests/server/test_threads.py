from __future__ import annotations

import threading
import time
from collections.abc import Generator

import anyio
import pytest

from bilan.threads import stream


class Source:
    """Counts from 0; remembers the threads that it was asked in."""

    def __init__(self, pause: float = 0.0) -> None:
        self.pause = pause
        self.threads: list[int] = []
        self.begun, self.closed = threading.Event(), threading.Event()

    def __iter__(self) -> Generator[int]:
        try:
            for number in range(100):
                self.threads.append(threading.get_ident())
                self.begun.set()
                time.sleep(self.pause)
                yield number
        finally:
            self.threads.append(threading.get_ident())
            self.closed.set()


async def test_every_item_comes_in_order_from_one_thread_that_is_not_the_loops() -> None:
    source = Source()

    assert [item async for item in stream(source)] == list(range(100))
    assert len(set(source.threads)) == 1
    assert threading.get_ident() not in source.threads
    assert source.closed.is_set()


async def test_a_reader_that_leaves_early_closes_the_source_in_its_own_thread() -> None:
    source = Source()
    items = stream(source)

    assert await anext(items) == 0
    await items.aclose()

    assert source.closed.is_set()
    assert len(set(source.threads)) == 1


async def test_a_failure_of_the_source_reaches_the_reader() -> None:
    def failing() -> Generator[int]:
        yield 1
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        async for _item in stream(failing()):
            pass


async def test_cancelling_waits_for_the_source_without_holding_up_the_loop() -> None:
    source, beats = Source(pause=0.5), 0

    async def read() -> None:
        async for _item in stream(source):
            pass

    async def beat() -> None:
        nonlocal beats
        while not source.closed.is_set():
            beats += 1
            await anyio.sleep(0.01)

    scope = anyio.CancelScope()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(beat)
        tasks.start_soon(_cancel_once_begun, source, scope)
        with scope:
            await read()

    assert scope.cancelled_caught
    assert source.closed.is_set()
    assert beats > 10


async def _cancel_once_begun(source: Source, scope: anyio.CancelScope) -> None:
    await anyio.to_thread.run_sync(source.begun.wait)
    scope.cancel()
