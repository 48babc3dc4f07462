"""The control socket: a Unix socket in the data folder that only its owner can open.

Reaching it is the proof of being the operator. A client that goes away
cancels what it asked for.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

import anyio
import structlog
from anyio.streams.memory import MemoryObjectSendStream
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bilan.operations.catalogue import OPERATIONS, Operation
from bilan.operations.events import Failed, frame
from bilan.sdk.errors import BilanError
from bilan.sdk.textdomain import _
from bilan.services import Services

log = structlog.get_logger(__name__)

OPEN = {"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]}


def operator_app(services: Services) -> ASGIApp:
    """The application behind the socket: ``POST /<operation>`` with its arguments in a header."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        operation = OPERATIONS.get(request.url.path.removeprefix("/"))
        if operation is None or request.method != "POST":
            await JSONResponse({"error": "unknown operation"}, 404)(scope, receive, send)
            return
        arguments = json.loads(request.headers.get("x-arguments", "{}"))
        # The upload is read by one task alone, which thereby also hears that the client is gone.
        give, upload = anyio.create_memory_object_stream[bytes](1)
        async with upload, anyio.create_task_group() as tasks:
            tasks.start_soon(_listen, receive, give, tasks.cancel_scope)
            await send(OPEN)
            async with aclosing(_frames(services, operation, arguments, upload)) as frames:
                async for piece in frames:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
            tasks.cancel_scope.cancel()

    return answer


async def _frames(
    services: Services, operation: Operation, arguments: Mapping[str, Any], upload: AsyncIterator[bytes]
) -> AsyncGenerator[bytes]:
    with services.catalog.activate():
        try:
            async with aclosing(operation(services, arguments, upload)) as steps:
                async for step in steps:
                    yield frame(step)
        except BilanError as error:
            yield frame(Failed(error.code, error.message, error.path))
        except Exception:
            log.exception("command failed")
            yield frame(Failed("error", _("The server made a mistake; its log says more.")))


async def _listen(receive: Receive, give: MemoryObjectSendStream[bytes], client: anyio.CancelScope) -> None:
    """Pass the upload on; when the client goes away, cancel what is done for it."""
    with give:
        more = True
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                client.cancel()
                return
            if piece := message.get("body", b""):
                await give.send(piece)
            if more and not (more := message.get("more_body", False)):
                give.close()
