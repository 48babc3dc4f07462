"""How much of a request is read: little of a stranger's, more of somebody's, files where they belong.

The middleware counts what comes, whatever ``Content-Length`` says. Only a view that has looked at
who asks takes more, with :func:`allow`.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bilan.sdk.errors import TooLarge
from bilan.sdk.textdomain import _

STRANGERS = 64 * 1024
"""Bytes of a request of nobody known: a sign-in has some hundreds."""
LARGEST = 1024 * 1024
"""Bytes of a request of somebody who is known, where nothing else is said."""


class BodyLimit:
    """How much of one request may still be read."""

    def __init__(self, most: int, declared: int) -> None:
        self.most = most
        self._declared = declared
        self._read = 0

    def take(self, size: int) -> None:
        """Count what came. Raises ``TooLarge``, before anything is read where the request says its size."""
        self._read += size
        if max(self._read, self._declared) > self.most:
            raise TooLarge(
                _("This is more than {kilobytes} kB, the most that this address takes at once.",
                  kilobytes=round(self.most / 1000))
            )  # fmt: skip


class Bodies:
    """Bounds the body of every request but those of webhooks, which have bounds of their own."""

    def __init__(self, app: ASGIApp, others: tuple[str, ...] = ()) -> None:
        self.app = app
        self.others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self.others):
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        most = STRANGERS if state.get("actor") is None else LARGEST
        written = Headers(scope=scope).get("content-length", "")
        declared = int(written) if written.isascii() and written.isdigit() and len(written) < 20 else 0
        limit = state["body_limit"] = BodyLimit(most, declared)

        async def counted() -> Message:
            limit.take(0)
            message = await receive()
            limit.take(len(message.get("body", b"")))
            return message

        await self.app(scope, counted, send)


def allow(connection: HTTPConnection, most: int) -> None:
    """Let a request be so large, which whoever looked at its actor decides."""
    limit = getattr(connection.state, "body_limit", None)
    if isinstance(limit, BodyLimit):
        limit.most = most
