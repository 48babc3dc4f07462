"""The operator's door: a Unix socket in the data folder that only its owner can open.

Reaching it is the proof of being the operator. A client that goes away
cancels what it asked for.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bilan.operations.catalogue import OPERATIONS
from bilan.operations.events import Failed, frame
from bilan.sdk.errors import BilanError
from bilan.services import Services


def operator_app(services: Services) -> Starlette:
    """The application behind the socket: ``POST /<operation>`` with its arguments in a header."""

    async def perform(request: Request) -> Response:
        operation = OPERATIONS.get(request.path_params["name"])
        if operation is None:
            return JSONResponse({"error": "unknown operation"}, status_code=404)
        arguments = json.loads(request.headers.get("x-arguments", "{}"))

        async def answer() -> AsyncIterator[bytes]:
            with services.catalog.activate():
                try:
                    async with aclosing(operation(services, arguments, request.stream())) as steps:
                        async for step in steps:
                            yield frame(step)
                except BilanError as error:
                    yield frame(Failed(error.code, error.message, error.path))

        return StreamingResponse(answer(), media_type="application/octet-stream")

    return Starlette(routes=[Route("/{name}", perform, methods=["POST"])])
