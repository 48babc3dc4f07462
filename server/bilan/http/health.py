"""Whether the server is alive, and whether it can do its work: for load balancers and people."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import anyio.to_thread
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bilan.disk import check_folder
from bilan.http.problems import problem
from bilan.sdk.errors import Unauthenticated, Unavailable
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.catalog import Catalog
    from bilan.clock import Clock
    from bilan.ingest.appender import Appender
    from bilan.ingest.inbox import Inbox
    from bilan.meters import Meters
    from bilan.pulls import Pulls
    from bilan.warehouse import Warehouse


log = structlog.get_logger("bilan.health")

PART_SECONDS = 3.0
"""How long one part may take to answer before it counts as failed."""

Detail = dict[str, Any]
Check = Callable[[], Awaitable[Detail]]
"""Details of a part that works; raises where it does not. It may work and have a ``warning`` among them."""
MaySee = Callable[[Request], Awaitable[bool]]
STALLED = timedelta(minutes=1)
"""How long the oldest post may be the same one before the inbox counts as one that nobody reads."""


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
    """Asks every part at once. Strangers get the state alone; ``may_see`` tells who is told of the parts.

    Whoever asks while the parts are being asked gets the same answer, so that
    a flood of strangers costs one look at a time.
    """

    def __init__(self, checks: Mapping[str, Check], may_see: MaySee | None = None) -> None:
        self._checks, self._may_see = checks, may_see
        self._asking: asyncio.Task[dict[str, PartState]] | None = None

    def routes(self) -> list[Route]:
        """``/healthz``: the process answers. ``/readyz``: each part, 503 where one fails."""
        return [
            Route("/healthz", self.alive, name="healthz"),
            Route("/readyz", self.ready, name="readyz"),
        ]

    async def alive(self, request: Request) -> Response:  # noqa: ARG002 - Starlette's shape
        """200 as long as the process runs."""
        return JSONResponse({"status": "alive"})

    async def ready(self, request: Request) -> Response:
        """200 where every part works, also where one works less well than it should."""
        parts = await self.parts()
        ready = all(part["ok"] for part in parts.values())
        degraded = any("warning" in part["detail"] for part in parts.values())
        told: dict[str, Any] = {"status": "not ready" if not ready else "degraded" if degraded else "ready"}
        if self._may_see is None or await self._may_see(request):
            told["parts"] = parts
        return JSONResponse(told, 200 if ready else 503)

    async def parts(self) -> dict[str, PartState]:
        """The state of every part, by name."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_all())
        return await asyncio.shield(self._asking)

    async def _ask_all(self) -> dict[str, PartState]:
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


def warehouse_check(warehouse: Warehouse) -> Check:
    """The warehouse answers; parts of it that it cannot read are a warning."""

    async def check() -> Detail:
        if not await anyio.to_thread.run_sync(warehouse.ping, abandon_on_cancel=True):
            raise PartFailed("it does not answer", {})
        broken = await anyio.to_thread.run_sync(warehouse.look_for_broken, abandon_on_cancel=True)
        if not broken:
            return {}
        parts = [f"{one.table} {one.name}: {one.reason}" for one in broken]
        return {"warning": "parts cannot be read; figures lack their facts", "broken_parts": parts}

    return check


def folder_check(folder: Path) -> Check:
    """The data folder can be written to, and its disk has room."""

    async def check() -> Detail:
        try:
            return dict(await anyio.to_thread.run_sync(check_folder, folder, abandon_on_cancel=True))
        except Unavailable as error:
            raise PartFailed(str(error), {}) from error

    return check


def inbox_check(inbox: Inbox, appender: Appender, limit: int, clock: Clock) -> Check:
    """The inbox has room, and is read. Posts that wait are no failure: they are late, and say how late."""
    oldest: datetime | None = None
    since = clock.now()

    async def check() -> Detail:
        nonlocal oldest, since
        depth = await inbox.depth()
        if depth.oldest != oldest:
            oldest, since = depth.oldest, clock.now()
        detail: Detail = {"waiting": depth.posts}
        if depth.oldest is not None:
            detail["oldest_seconds"] = round((clock.now() - depth.oldest).total_seconds(), 1)
        if (delay := appender.delay) is not None:
            detail |= {"delayed_since": delay.since.isoformat(), "delayed_by": delay.reason}
        if depth.posts >= limit:
            raise PartFailed("the inbox is full", detail)
        if oldest is not None and clock.now() - since >= STALLED:
            raise PartFailed("posts wait and nobody reads them", detail)
        return detail

    return check


def pulls_check(pulls: Pulls) -> Check:
    """How many sources cannot be fetched, or soon not: their people are told, and the server works."""

    async def check() -> Detail:
        return dict(await pulls.troubles())

    return check


def bears(request: Request, token: str) -> bool:
    """Whether the request brings this token, which is none where it is empty."""
    scheme, _space, given = request.headers.get("authorization", "").partition(" ")
    same = hmac.compare_digest(given.strip().encode(), token.encode())
    return bool(token) and scheme.lower() == "bearer" and same


def metrics_route(meters: Meters, inbox: Inbox, clock: Clock, token: str = "") -> Route:
    """``/metrics``, in the format Prometheus reads. The inbox is measured when somebody asks.

    Where a ``token`` is set, for those who bring it alone.
    """

    async def metrics(request: Request) -> Response:
        if token and not bears(request, token):
            refusal = Unauthenticated(_("The figures of this server take its BILAN_METRICS_TOKEN."))
            answer = problem(refusal)
            answer.headers["www-authenticate"] = "Bearer"
            return answer
        depth = await inbox.depth()
        meters.inbox_posts.set(depth.posts)
        age = (clock.now() - depth.oldest).total_seconds() if depth.oldest else 0
        meters.inbox_age.set(age)
        return Response(meters.text(), media_type=meters.content_type)

    return Route("/metrics", metrics, name="metrics")
