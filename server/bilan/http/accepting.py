"""Connections are taken many at a time, so that whoever opens hundreds keeps nobody waiting for long.

The event loop of uvloop takes each by itself, and waits for the interpreter each time while threads compute:
half a thousand of them took seconds. See docs/decisions/073.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import structlog

log = structlog.get_logger("bilan.connections")

AT_ONCE = 64
"""So many are taken before those that were taken are counted, and some of them dropped."""
PAUSE = 0.1
"""Seconds until the next try where no file can be opened."""


class Acceptor:
    """Takes the connections that come to a listening socket, and gives each a protocol."""

    def __init__(self, listener: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
        self._listener = listener
        self._protocol = protocol
        self._loop = asyncio.get_running_loop()
        self._opening: set[asyncio.Task[object]] = set()
        self._again: asyncio.TimerHandle | None = None
        listener.setblocking(False)
        self._listen()

    def close(self) -> None:
        """Take no more."""
        self._loop.remove_reader(self._listener)
        if self._again is not None:
            self._again.cancel()

    def _listen(self) -> None:
        self._again = None
        self._loop.add_reader(self._listener, self._take)

    def _take(self) -> None:
        for _one in range(AT_ONCE):
            try:
                taken, _address = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                # No file can be opened: those that were taken are counted meanwhile, and the silent dropped.
                log.warning("no connection can be taken", reason=str(error))
                self._loop.remove_reader(self._listener)
                self._again = self._loop.call_later(PAUSE, self._listen)
                return
            task = self._loop.create_task(self._open(taken))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    async def _open(self, taken: socket.socket) -> None:
        try:
            # The loop itself makes it one that does not block, and without waiting for the interpreter.
            await self._loop.connect_accepted_socket(self._protocol, taken)
        except OSError:
            taken.close()  # it was gone before it was looked at
