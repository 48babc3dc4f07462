"""Whether whoever asks is still there: the connection through which a question came."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

import anyio
from starlette.types import Receive

_connection: ContextVar[Receive | None] = ContextVar("connection", default=None)


@contextmanager
def asked_through(receive: Receive) -> Generator[None]:
    """What is asked during the block came through this connection."""
    token = _connection.set(receive)
    try:
        yield
    finally:
        _connection.reset(token)


async def gone() -> None:
    """Wait until the asker hangs up; for ever where nobody can. The request must have been read."""
    receive = _connection.get()
    if receive is None:
        await anyio.sleep_forever()
    else:
        while (await receive())["type"] != "http.disconnect":
            pass
