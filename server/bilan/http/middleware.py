"""What happens to every request: one middleware, one concern."""

from __future__ import annotations

import re
import secrets
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bilan.catalog.troubles import trouble_of
from bilan.http.problems import Answer, answer_problem, answer_unexpected
from bilan.logs import bound
from bilan.query.asker import asked_through
from bilan.sdk.errors import Unavailable

if TYPE_CHECKING:
    from bilan.catalog import Catalog
    from bilan.meters import Meters

log = structlog.get_logger("bilan.http")

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
"""A response that brings one of these itself keeps its own."""
TEMPORARY = 307
"""The status with which Starlette redirects."""
SHIPPED = ("/static/", "/graphql/static/")
"""What is the same for everybody. No cache keeps anything else, unless it says so itself."""
HSTS = "max-age=31536000"


class RequestId:
    """Names the request: on its log lines, and in the header ``X-Request-ID`` of its answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        ident = given if _SANE_ID.fullmatch(given) else secrets.token_hex(8)

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["x-request-id"] = ident
            await send(message)

        scope.setdefault("state", {})["request_id"] = ident
        with bound(request=ident):
            await self.app(scope, receive, send_named)


class Observe:
    """Counts and times requests by their route, and logs each in a line."""

    def __init__(self, app: ASGIApp, meters: Meters) -> None:
        self.app = app
        self.meters = meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500
        started = perf_counter()

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_observed)
        finally:
            self._note(scope, status, perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "") or "unmatched"
        method = scope["method"] if scope["method"] in METHODS else "other"
        self.meters.requests.labels(method, route, str(status)).inc()
        self.meters.request_seconds.labels(route).observe(seconds)
        if scope["path"] not in _QUIET:
            # The route, not the path: webhook addresses are secrets.
            log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


class ActiveCatalog:
    """Makes the catalog's tables visible to the request."""

    def __init__(self, app: ASGIApp, catalog: Catalog) -> None:
        self.app = app
        self.catalog = catalog

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self.catalog.activate():
            await self.app(scope, receive, send)


class Asker:
    """Lets questions see whether whoever asks is still there."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with asked_through(receive):
            await self.app(scope, receive, send)


class OwnAddress:
    """Keeps redirects here: where a slash is too many, Starlette names whatever host was asked for."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_at_home(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == TEMPORARY:
                headers = MutableHeaders(scope=message)
                to = urlsplit(headers.get("location", ""))
                if to.netloc and to.netloc == Headers(scope=scope).get("host"):
                    path = "/" + to.path.lstrip("/")  # two of them would begin with a host
                    headers["location"] = to._replace(scheme="", netloc="", path=path).geturl()
            await send(message)

        await self.app(scope, receive, send_at_home)


class SecurityHeaders:
    """Tells browsers to run nothing but our own files, in no frame, over HTTPS where we have it.

    And to keep nothing of what may be private.
    """

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        self.headers = SECURITY_HEADERS | ({"strict-transport-security": HSTS} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                if not scope["path"].startswith(SHIPPED):
                    headers.setdefault("cache-control", "no-store")
            await send(message)

        await self.app(scope, receive, send_guarded)


class Unexpected:
    """Answers what nobody expected with 500, and logs it under the request's name.

    A database that restarts and a disk that is full are something else: they
    pass, so the answer is 503 with a sentence. Inside of what adds to such an
    answer. ``answer`` renders a mistake, ``refuse`` the others; by default as JSON.
    """

    def __init__(
        self, app: ASGIApp, answer: Answer = answer_unexpected, refuse: Answer = answer_problem
    ) -> None:
        self.app = app
        self.answer, self.refuse = answer, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_noted(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, send_noted)
        except Exception as error:
            trouble = trouble_of(error)
            if trouble is None:
                log.exception("request failed")
            else:
                log.warning("request put off", reason=str(trouble), exc_info=error)
            if started:
                raise
            response = await self._rendered(Request(scope, receive), trouble or error)
            await response(scope, receive, send)

    async def _rendered(self, request: Request, error: Exception) -> Response:
        try:
            render = self.refuse if isinstance(error, Unavailable) else self.answer
            return await render(request, error)
        except Exception:
            log.exception("answer failed")  # what renders it may be the very thing that is broken
            return await answer_unexpected(request, error)
