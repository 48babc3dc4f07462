"""How much a request may bring."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bilan.sdk.errors import TooLarge
from bilan.sdk.textdomain import _


class Bounded:
    """An endpoint that reads at most ``most`` bytes; more raises ``TooLarge``, answered like any refusal."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        declared = Headers(scope=scope).get("content-length", "")
        self._check(int(declared) if declared.isascii() and declared.isdigit() else 0)
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            self._check(read)
            return message

        await self.app(scope, counted, send)

    def _check(self, size: int) -> None:
        if size > self.most:
            raise TooLarge(_("That is more than this address takes at once."))
