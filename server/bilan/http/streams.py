"""Streams that never look whole where they are not: the last line says so, and the transfer breaks off."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from typing import Self

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from bilan.sdk.errors import BilanError
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _
from bilan.threads import stream

LastLine = Callable[[str, Message], bytes]
"""The last line of what ends early, from a code and a sentence."""


class Stream(StreamingResponse):
    """Sends what a blocking iterable makes while it makes it."""

    def __init__(
        self,
        content: AsyncGenerator[bytes],
        held: AsyncExitStack,
        media_type: str,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(content, media_type=media_type, headers=headers)
        self._held = held

    @classmethod
    async def begin(
        cls,
        pieces: Iterable[bytes],
        last_line: LastLine,
        *,
        media_type: str,
        place: AbstractAsyncContextManager[None] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Make the first piece: what cannot be made at all is refused with a status of its own.

        ``place`` is had until the last piece was sent.
        """
        async with AsyncExitStack() as held:
            if place is not None:
                await held.enter_async_context(place)
            content = await held.enter_async_context(aclosing(stream(pieces)))
            first = await anext(content, b"")
            return cls(_told(first, content, last_line), held.pop_all(), media_type, headers or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._held:
            await super().__call__(scope, receive, send)


async def _told(first: bytes, rest: AsyncGenerator[bytes], last_line: LastLine) -> AsyncGenerator[bytes]:
    yield first
    try:
        async for piece in rest:
            yield piece
    except Exception as error:
        why = error.message if isinstance(error, BilanError) else _("The server made a mistake.")
        code = error.code if isinstance(error, BilanError) else "error"
        yield last_line(code, _("Incomplete: this ends before its last row. {why}", why=why))
        # What goes on from here would look like a file that is whole.
        raise
