"""Whether the server is alive, and whether it can do its work: for load balancers and people."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypedDict

import anyio.to_thread
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bilan.sdk.errors import Unavailable

if TYPE_CHECKING:
    from bilan.catalog import Catalog
    from bilan.clock import Clock
    from bilan.ingest.appender import Appender
    from bilan.ingest.inbox import Inbox
    from bilan.meters import Meters


log = structlog.get_logger("bilan.health")

PART_SECONDS = 3.0
"""How long one part may take to answer before it counts as failed."""

Detail = dict[str, Any]
Check = Callable[[], Awaitable[Detail]]
"""Details of a part that works; raises where it does not."""


class PartFailed(Exception):
    """A part that answers, but cannot do its work. ``detail`` goes into the answer."""

    def __init__(self, reason: str, detail: Detail) -> None:
        super().__init__(reason)
        self.detail = detail


class PartState(TypedDict):
    """One part in the answer."""

    ok: bool
    detail: Detail


class Health:
    """Asks every part at once."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks

    def routes(self) -> list[Route]:
        """``/healthz``: the process answers. ``/readyz``: each part, 503 where one fails."""
        return [
            Route("/healthz", self.alive, name="healthz"),
            Route("/readyz", self.ready, name="readyz"),
        ]

    async def alive(self, request: Request) -> Response:  # noqa: ARG002 - Starlette's shape
        """200 as long as the process runs."""
        return JSONResponse({"status": "alive"})

    async def ready(self, request: Request) -> Response:  # noqa: ARG002
        """200 where every part works."""
        parts = await self.parts()
        ready = all(part["ok"] for part in parts.values())
        return JSONResponse(
            {"status": "ready" if ready else "not ready", "parts": parts}, 200 if ready else 503
        )

    async def parts(self) -> dict[str, PartState]:
        """The state of every part, by name."""
        states = await asyncio.gather(*(self._ask(name, check) for name, check in self._checks.items()))
        return dict(zip(self._checks, states, strict=True))

    async def _ask(self, name: str, check: Check) -> PartState:
        try:
            return {"ok": True, "detail": await asyncio.wait_for(check(), PART_SECONDS)}
        except TimeoutError:
            return {"ok": False, "detail": {"reason": f"no answer within {PART_SECONDS:g} seconds"}}
        except PartFailed as error:
            return {"ok": False, "detail": {"reason": str(error), **error.detail}}
        except Exception as error:
            log.warning("part failed", part=name, exc_info=error)
            return {"ok": False, "detail": {"reason": str(error) or type(error).__name__}}


def catalog_check(catalog: Catalog) -> Check:
    """The catalog's database answers and has the tables of this release."""

    async def check() -> Detail:
        try:
            await catalog.check()
        except Unavailable as error:
            raise PartFailed(str(error), {}) from error
        return {}

    return check


def blocking_check(ping: Callable[[], object]) -> Check:
    """A part with a blocking ``ping`` that raises or answers ``False`` where it fails."""

    async def check() -> Detail:
        if await anyio.to_thread.run_sync(ping, abandon_on_cancel=True) is False:
            raise PartFailed("it does not answer", {})
        return {}

    return check


def inbox_check(inbox: Inbox, appender: Appender, limit: int, clock: Clock) -> Check:
    """The inbox has room. Posts that wait are no failure: they are late, and say how late."""

    async def check() -> Detail:
        depth = await inbox.depth()
        detail: Detail = {"waiting": depth.posts}
        if depth.oldest is not None:
            detail["oldest_seconds"] = round((clock.now() - depth.oldest).total_seconds(), 1)
        if (delay := appender.delay) is not None:
            detail |= {"delayed_since": delay.since.isoformat(), "delayed_by": delay.reason}
        if depth.posts >= limit:
            raise PartFailed("the inbox is full", detail)
        return detail

    return check


def metrics_route(meters: Meters, inbox: Inbox, clock: Clock) -> Route:
    """``/metrics``, in the format Prometheus reads. The inbox is measured when somebody asks."""

    async def metrics(request: Request) -> Response:  # noqa: ARG001 - Starlette's shape
        depth = await inbox.depth()
        meters.inbox_posts.set(depth.posts)
        age = (clock.now() - depth.oldest).total_seconds() if depth.oldest else 0
        meters.inbox_age.set(age)
        return Response(meters.text(), media_type=meters.content_type)

    return Route("/metrics", metrics, name="metrics")
