"""Where services post what happened: checked, written down, acknowledged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bilan.catalog.troubles import trouble_of
from bilan.http.problems import problem
from bilan.ingest.post_threads import Busy, PostThreads
from bilan.ingest.proofs import proof_row
from bilan.ingest.records import stale
from bilan.sdk.errors import BilanError, NotFound, StaleSignature, TooLarge, Unavailable
from bilan.sdk.sources import SourceKind, Webhook, WebhookRequest
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.clock import Clock
    from bilan.ingest.inbox import Inbox
    from bilan.ingest.models import ProofRow
    from bilan.meters import Meters
    from bilan.registry.declared import Registry
    from bilan.settings import Settings
    from bilan.sources import Source, Sources

log = structlog.get_logger("bilan.webhooks")


HELD = 256 * 1024**2
"""Bytes of posts that a process holds at once while they are read and checked."""
HELD_OF_ONE = 128 * 1024**2
"""Bytes of these for one source: who knows its address alone keeps out nobody else's posts."""


class Packed(BilanError):
    """A body that would have to be unpacked, which its signature may or may not speak of."""

    code = "unsupported"
    status = 415


class Webhooks:
    """The endpoint of every webhook. What it answers with 200 is written down."""

    def __init__(
        self,
        settings: Settings,
        sources: Sources,
        inbox: Inbox,
        registry: Registry,
        clock: Clock,
        meters: Meters,
        threads: PostThreads | None = None,
    ) -> None:
        self._settings = settings
        self._sources = sources
        self._inbox = inbox
        self._registry = registry
        self._clock = clock
        self._meters = meters
        self._threads = threads or PostThreads()
        self._held = Counter[UUID]()

    def route(self) -> Route:
        """``/hooks/{address}``, also with a slash behind. Too large a body is refused while it is read."""
        return Route(
            "/hooks/{address:path}",
            self.endpoint,
            methods=["GET", "HEAD", "POST"],
            name="webhooks",
        )

    async def endpoint(self, request: Request) -> Response:
        """Take a post. Some services first ask by GET whether the address answers; that does nothing."""
        source = await self._sources.by_address(request.path_params["address"].removesuffix("/"))
        kind = self._registry.source_kinds.get((source.plugin, source.kind)) if source else None
        webhook = kind.webhook if kind else None
        if source is None or kind is None or webhook is None:
            return problem(NotFound(_("No source has this address.")))
        if request.method != "POST":
            return JSONResponse({"ready": True})
        try:
            await self._take(source, kind, webhook, request)
        except BilanError as error:
            self._meters.posts.labels(source.plugin, source.kind, error.code).inc()
            log.warning("post refused", source=str(source.id), code=error.code, reason=str(error))
            return problem(error)
        except ClientDisconnect:
            return Response(status_code=400)
        self._meters.posts.labels(source.plugin, source.kind, "accepted").inc()
        return JSONResponse({"accepted": True})

    async def _take(self, source: Source, kind: SourceKind, webhook: Webhook, request: Request) -> None:
        packed = request.headers.get("content-encoding", "identity").lower()
        if packed not in ("", "identity"):
            raise Packed(_("The post is packed ({encoding}); send it as it is.", encoding=packed))
        most = min(kind.largest_post, self._settings.max_body_bytes)
        _check_declared(request, most)
        with self._holding(source.id) as hold:
            post = WebhookRequest(
                body=await _body(request, most, hold),
                headers=dict(request.headers),
                query=dict(request.query_params),
                content_type=request.headers.get("content-type", ""),
                received_at=self._clock.now(),
            )
            settings, secrets = await self._sources.proofs(source)
            proof = await self._verified(source, webhook, post, settings) if source.verify else None
            try:
                await self._inbox.accept(source.id, post, secrets, proof)
            except BilanError:
                raise
            except Exception as error:
                log.exception("post not written down", source=str(source.id))
                unknown = Unavailable(_("The post could not be written down; please send it again."))
                raise trouble_of(error) or unknown from error

    async def _verified(
        self, source: Source, webhook: Webhook, post: WebhookRequest, settings: Mapping[str, Any]
    ) -> ProofRow | None:
        """What the post was proved with, where that is good for this content alone."""
        try:
            proof = await self._threads.run(lambda: webhook.verify(post, settings))
        except StaleSignature:
            # Only who holds the key gets this far, so nobody else makes the catalog write.
            await stale(source.id)
            raise
        return proof_row(source.id, proof, settings, post.received_at) if proof else None

    @contextmanager
    def _holding(self, source: UUID) -> Generator[Callable[[int], None]]:
        """Count the bytes of a post until it is written down. Raises ``Busy`` where too many are held.

        Bytes that have come, not those that are declared: a stranger would
        otherwise keep room for many megabytes with a few bytes.
        """
        held = 0

        def hold(more: int) -> None:
            nonlocal held
            if self._held.total() + more > HELD or self._held[source] + more > HELD_OF_ONE:
                raise Busy(_("Too many posts are being checked; try again in some seconds."))
            self._held[source] += more
            held += more

        try:
            yield hold
        finally:
            self._held[source] -= held
            if not self._held[source]:
                del self._held[source]


def _check_declared(request: Request, most: int) -> None:
    """Refuse a post that says that it is too large before any of it is read."""
    written = request.headers.get("content-length", "")
    _check(int(written) if written.isascii() and written.isdigit() and len(written) < 20 else 0, most)


async def _body(request: Request, most: int, hold: Callable[[int], None]) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        _check(len(body) + len(piece), most)
        hold(len(piece))
        body += piece
    return bytes(body)


def _check(size: int, most: int) -> None:
    if size > most:
        raise TooLarge(
            _("The post is larger than {megabytes} MB, the most that sources of this kind take.",
              megabytes=round(most / 1_000_000, 3))
        )  # fmt: skip
