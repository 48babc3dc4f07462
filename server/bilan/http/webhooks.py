"""Where services post what happened: checked, written down, acknowledged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bilan.http.problems import problem
from bilan.ingest.proofs import proof_row
from bilan.ingest.records import stale
from bilan.sdk.errors import BilanError, NotFound, StaleSignature, Unavailable
from bilan.sdk.sources import Webhook, WebhookRequest
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
    ) -> None:
        self._settings = settings
        self._sources = sources
        self._inbox = inbox
        self._registry = registry
        self._clock = clock
        self._meters = meters

    def route(self) -> Route:
        """``/hooks/{address}``, also with a slash behind. Too large a body is refused while it is read."""
        return Route(
            "/hooks/{address:path}",
            self.endpoint,
            methods=["GET", "HEAD", "POST"],
            name="webhooks",
            max_body_size=self._settings.max_body_bytes,
        )

    async def endpoint(self, request: Request) -> Response:
        """Take a post. Some services first ask by GET whether the address answers; that does nothing."""
        source = await self._sources.by_address(request.path_params["address"].removesuffix("/"))
        webhook = self._webhook(source)
        if source is None or webhook is None:
            return problem(NotFound(_("No source has this address.")))
        if request.method != "POST":
            return JSONResponse({"ready": True})
        try:
            await self._take(source, webhook, request)
        except BilanError as error:
            self._meters.posts.labels(source.plugin, source.kind, error.code).inc()
            log.warning("post refused", source=str(source.id), code=error.code, reason=str(error))
            return problem(error)
        except ClientDisconnect:
            return Response(status_code=400)
        self._meters.posts.labels(source.plugin, source.kind, "accepted").inc()
        return JSONResponse({"accepted": True})

    def _webhook(self, source: Source | None) -> Webhook | None:
        kind = self._registry.source_kinds.get((source.plugin, source.kind)) if source else None
        return kind.webhook if kind else None

    async def _take(self, source: Source, webhook: Webhook, request: Request) -> None:
        packed = request.headers.get("content-encoding", "identity").lower()
        if packed not in ("", "identity"):
            raise Packed(_("The post is packed ({encoding}); send it as it is.", encoding=packed))
        post = WebhookRequest(
            body=await request.body(),
            headers=dict(request.headers),
            query=dict(request.query_params),
            content_type=request.headers.get("content-type", ""),
            received_at=self._clock.now(),
        )
        settings, secrets = await self._sources.proofs(source)
        proof = await _verified(source, webhook, post, settings) if source.verify else None
        try:
            await self._inbox.accept(source.id, post, secrets, proof)
        except BilanError:
            raise
        except Exception as error:
            log.exception("post not written down", source=str(source.id))
            raise Unavailable(_("The post could not be written down; please send it again.")) from error


async def _verified(
    source: Source, webhook: Webhook, post: WebhookRequest, settings: Mapping[str, Any]
) -> ProofRow | None:
    """What the post was proved with, where that is good for this content alone."""
    try:
        proof = webhook.verify(post, settings)
    except StaleSignature:
        # Only who holds the key gets this far, so nobody else makes the catalog write.
        await stale(source.id)
        raise
    return proof_row(source.id, proof, settings, post.received_at) if proof else None
