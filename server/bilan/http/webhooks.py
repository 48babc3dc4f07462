"""Where services post what happened: checked, written down, acknowledged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bilan.catalog.troubles import trouble_of
from bilan.http.certificates import Certificates
from bilan.http.problems import problem
from bilan.ingest.post_threads import Busy, PostThreads
from bilan.ingest.proofs import proof_row
from bilan.ingest.records import stale
from bilan.outbound import PrivateHosts
from bilan.sdk.errors import (
    BilanError,
    Invalid,
    NotFound,
    StaleSignature,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from bilan.sdk.sources import (
    CertifiedWebhook,
    HandshakeWebhook,
    Reply,
    RoutedWebhook,
    SourceKind,
    Webhook,
    WebhookRequest,
)
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


LONGEST_REPLY = 1_000
"""Characters of what a handshake is answered with."""
HELD = 256 * 1024**2
"""Bytes of posts that a process holds at once while they are read and checked."""
HELD_OF_ONE = 128 * 1024**2
"""Bytes of these for one source: who knows its address alone keeps out nobody else's posts."""


class Packed(BilanError):
    """A body that would have to be unpacked, which its signature may or may not speak of."""

    code = "unsupported"
    status = 415


@dataclass(frozen=True, slots=True)
class Proven:
    """A source that takes a post: the values of its secrets, and the proof that is good for one content."""

    source: Source
    secrets: frozenset[str]
    proof: ProofRow | None


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
        self._certificates = Certificates(PrivateHosts(settings.pull_private_hosts), clock)
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
        try:
            if request.method != "POST":
                reply = await self._greet(source, webhook, request) if request.method == "GET" else None
                return PlainTextResponse(reply.text) if reply else JSONResponse({"ready": True})
            await self._take(source, kind, webhook, request)
        except BilanError as error:
            self._meters.posts.labels(source.plugin, source.kind, error.code).inc()
            log.warning("post refused", source=str(source.id), code=error.code, reason=str(error))
            refusal = problem(error)
            if refusal.status_code == 401:
                # Some services send a user name and a password only once they are asked for them.
                refusal.headers["www-authenticate"] = 'Basic realm="Bilan"'
            return refusal
        except ClientDisconnect:
            return Response(status_code=400)
        self._meters.posts.labels(source.plugin, source.kind, "accepted").inc()
        return JSONResponse({"accepted": True})

    async def _greet(self, source: Source, webhook: Webhook, request: Request) -> Reply | None:
        """What a handshake is answered with; nothing where the request is none."""
        if not isinstance(webhook, HandshakeWebhook) or not request.query_params:
            return None
        settings, _secrets = await self._sources.proofs(source)
        asked = self._request(request, b"")
        reply = await self._threads.run(lambda: webhook.greet(asked, settings))
        if reply is not None and len(reply.text) > LONGEST_REPLY:
            raise Invalid(_("The answer to this handshake would be too long."))
        return reply

    async def _take(self, source: Source, kind: SourceKind, webhook: Webhook, request: Request) -> None:
        packed = request.headers.get("content-encoding", "identity").lower()
        if packed not in ("", "identity"):
            raise Packed(_("The post is packed ({encoding}); send it as it is.", encoding=packed))
        most = min(kind.largest_post, self._settings.max_body_bytes)
        _check_declared(request, most)
        with self._holding(source.id) as hold:
            post = self._request(request, await _body(request, most, hold))
            proven = await self._proven(source, webhook, post)
            await self._confirm(source, webhook, post)
            for one, body in await self._routed(proven, kind, webhook, post):
                await self._accept(one, post if body is None else replace(post, body=body))

    async def _confirm(self, source: Source, webhook: Webhook, post: WebhookRequest) -> None:
        """Ask what the post wants to be asked, before it is acknowledged."""
        if not isinstance(webhook, CertifiedWebhook):
            return
        settings, _secrets = await self._sources.proofs(source)
        if url := await self._threads.run(lambda: webhook.confirmation(post, settings)):
            await self._certificates.confirm(url, webhook.hosts(settings))

    def _request(self, request: Request, body: bytes) -> WebhookRequest:
        return WebhookRequest(
            body=body,
            headers=dict(request.headers),
            query=dict(request.query_params),
            content_type=request.headers.get("content-type", ""),
            received_at=self._clock.now(),
            url=self._url(request),
        )

    def _url(self, request: Request) -> str:
        """The address as its sender has it, whatever stands between."""
        query = f"?{request.url.query}" if request.url.query else ""
        return f"{self._settings.public_url}{request.url.path}{query}"

    async def _routed(
        self, addressed: Proven, kind: SourceKind, webhook: Webhook, post: WebhookRequest
    ) -> list[tuple[Proven, bytes | None]]:
        """The sources that a post is for, each with its part of the body, or ``None`` for all of it.

        A part goes to another source where the post would be taken at that one's own address too.
        """
        if not kind.routed_by or not isinstance(webhook, RoutedWebhook):
            return [(addressed, None)]
        try:
            bodies = await self._threads.run(lambda: webhook.split(post))
        except Invalid:
            return [(addressed, None)]  # told with the rejects, as any post that cannot be read
        found = list[tuple[Proven, bytes | None]]()
        of_kind = await self._sources.of_kind(addressed.source)
        for key, body in bodies.items():
            one = _source_of(key, kind.routed_by, (addressed.source, *of_kind))
            proven = addressed if one is None or one.id == addressed.source.id else None
            if one is not None and proven is None:
                with suppress(Unauthenticated):
                    proven = await self._proven(one, webhook, post)
            found.append((proven or addressed, body))
        return found if any(one is not addressed for one, _body in found) else [(addressed, None)]

    async def _accept(self, proven: Proven, post: WebhookRequest) -> None:
        source = proven.source.id
        try:
            await self._inbox.accept(source, post, proven.secrets, proven.proof)
        except BilanError:
            raise
        except Exception as error:
            log.exception("post not written down", source=str(source))
            unknown = Unavailable(_("The post could not be written down; please send it again."))
            raise trouble_of(error) or unknown from error

    async def _proven(self, source: Source, webhook: Webhook, post: WebhookRequest) -> Proven:
        """The source, where the post proves itself to it or it asks for no proof."""
        settings, secrets = await self._sources.proofs(source)
        proof = await self._verified(source, webhook, post, settings) if source.verify else None
        return Proven(source, secrets, proof)

    async def _verified(
        self, source: Source, webhook: Webhook, post: WebhookRequest, settings: Mapping[str, Any]
    ) -> ProofRow | None:
        """What the post was proved with, where that is good for this content alone."""
        post = await self._certified(webhook, post, settings)
        try:
            proof = await self._threads.run(lambda: webhook.verify(post, settings))
        except StaleSignature:
            # Only who holds the key gets this far, so nobody else makes the catalog write.
            await stale(source.id)
            raise
        return proof_row(source.id, proof, settings, post.received_at) if proof else None

    async def _certified(
        self, webhook: Webhook, post: WebhookRequest, settings: Mapping[str, Any]
    ) -> WebhookRequest:
        """The post with the certificate that it says it is signed with."""
        if not isinstance(webhook, CertifiedWebhook):
            return post
        url = await self._threads.run(lambda: webhook.certificate(post, settings))
        if not url:
            return post
        return replace(post, certificate=await self._certificates.get(url, webhook.hosts(settings)))

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


def _source_of(key: str, setting: str, sources: Iterable[Source]) -> Source | None:
    """The first source whose setting is the key, else the first that has none and so takes any."""
    by_setting = {str(one.settings.get(setting) or ""): one for one in reversed(list(sources))}
    return by_setting.get(key) or by_setting.get("")


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
