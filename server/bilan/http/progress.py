"""A run's progress as server-sent events, for pages."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from bilan.accounts.policy import signed_in
from bilan.sdk.errors import BilanError, NotFound
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.runs.values import Run
    from bilan.services import Services

BEAT = timedelta(seconds=15)
"""A comment after so long without a change, so that nobody in between takes the line for dead."""
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


def progress_route(services: Services) -> Route:
    """``/runs/{id}/events``: ``progress`` events until the run is over, to those who may see it."""

    async def events(request: Request) -> Response:
        actor = signed_in(request.state.actor)
        watch = services.run_events.watch(actor, _uuid(request), request.state.refresh_actor, beat=BEAT)
        first = await anext(watch)  # what is refused is refused with a status of its own
        return StreamingResponse(_stream(first, watch), media_type="text/event-stream", headers=HEADERS)

    return Route("/runs/{id}/events", events, methods=["GET"], name="progress")


async def _stream(first: Run | None, watch: AsyncGenerator[Run | None]) -> AsyncGenerator[bytes]:
    async with aclosing(watch):
        yield b"retry: 2000\n\n" + _event(first)
        try:
            async for run in watch:
                yield _event(run)
        except BilanError as error:
            # The session ended or the right to see it: the page asks again, and is told so.
            yield _written("ended", {"code": error.code, "over": True})


def _event(found: Run | None) -> bytes:
    if found is None:
        return b":\n\n"
    said = {
        "revision": found.revision,
        "state": found.state.value,
        "progress": round(found.progress, 4),
        "over": not found.working,
    }
    return _written("progress", said)


def _written(event: str, said: dict[str, Any]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (event.encode(), msgspec.json.encode(said))


def _uuid(request: Request) -> UUID:
    try:
        return UUID(request.path_params["id"])
    except ValueError as error:
        raise NotFound(_("There is no such run.")) from error
