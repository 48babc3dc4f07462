"""What a plugin's webhooks answer and hand on: each rule yields sentences about what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from bilan.registry.declared import Declared
from bilan.sdk.datasets import Fact
from bilan.sdk.errors import BilanError
from bilan.sdk.parameters import ParameterKind
from bilan.sdk.sources import (
    CertifiedWebhook,
    HandshakeWebhook,
    Post,
    RoutedWebhook,
    Settings,
    SourceKind,
    WebhookRequest,
)
from bilan.sdk.values import digest
from bilan.testing.samples import settings_of
from bilan.testing.source_rules import MALFORMED, NOW, EveryHeader

ODD_QUERIES: tuple[Mapping[str, str], ...] = ({}, {"a": ""}, EveryHeader("subscribe"))
"""Questions by GET that no service asks; the last says the same whatever is looked for."""


ADDRESS = re.compile(rb'https?://[^\s"\\<>]+')
STRANGER = b"https://stranger.example/certificate.pem"


def check_handshakes(one: Declared) -> Iterator[str]:
    """A handshake is answered to nobody while a source has no secret, and fails on no question."""
    for kind in one.sources:
        if not isinstance(kind.webhook, HandshakeWebhook):
            continue
        settings = settings_of(
            kind, {each.key: "" for each in kind.settings if each.kind is ParameterKind.SECRET}
        )
        for query in (*ODD_QUERIES, EveryHeader("")):
            if reason := _greeted(kind.webhook, query, settings):
                yield f"the webhook of {kind.key} {reason}"
                break


def _greeted(webhook: HandshakeWebhook, query: Mapping[str, str], settings: Settings) -> str | None:
    try:
        reply = webhook.greet(WebhookRequest(b"", {}, query, "", NOW), settings)
    except BilanError:
        return None
    except Exception as error:
        return f"fails on the question {dict(query)!r}: {error!r} in place of Unauthenticated or nothing"
    return None if reply is None else "greets whoever asks while its source has no secret"


def check_certificates(one: Declared) -> Iterator[str]:
    """Nobody is asked for a certificate or a confirmation but the service, and none proves nothing."""
    for kind in one.sources:
        if isinstance(kind.webhook, CertifiedWebhook):
            yield from _certificates(one, kind, kind.webhook)
            yield from _asked_by_garbage(kind, kind.webhook)


def _certificates(one: Declared, kind: SourceKind, webhook: CertifiedWebhook) -> Iterator[str]:
    samples = [sample for sample in one.samples if sample.kind == kind.key and sample.posts]
    for sample in samples:
        settings = settings_of(kind, sample.settings)
        if not (hosts := webhook.hosts(settings)) or any("*" in host for host in hosts):
            yield f"the webhook of {kind.key} does not say the whole names of the hosts that it asks"
            continue
        posts = [_request(post, post.body) for post in (sample.posts() if sample.posts else ())]
        if not any(_addresses(webhook, post, settings) for post in posts):
            yield f"no post of the sample {sample.name} names a certificate that {kind.key} would ask for"
        for number, post in enumerate(posts, 1):
            forged = replace(post, body=ADDRESS.sub(STRANGER, post.body))
            asked = [*_addresses(webhook, post, settings), *_addresses(webhook, forged, settings)]
            if any(urlsplit(url).hostname not in hosts or urlsplit(url).scheme != "https" for url in asked):
                yield f"the webhook of {kind.key} asks for post {number} whatever host stands in it"
                break
            if _proves(webhook, post, settings):
                yield f"the webhook of {kind.key} takes post {number} without its certificate"
                break


def _asked_by_garbage(kind: SourceKind, webhook: CertifiedWebhook) -> Iterator[str]:
    for body in MALFORMED:
        request = WebhookRequest(body, {}, {}, "application/json", NOW)
        for ask in (webhook.certificate, webhook.confirmation):
            try:
                ask(request, settings_of(kind, {}))
            except BilanError:
                continue
            except Exception as error:
                yield f"the webhook of {kind.key} fails on the post {body!r}: {error!r}"
                return


def _addresses(webhook: CertifiedWebhook, request: WebhookRequest, settings: Settings) -> list[str]:
    found = list[str]()
    for ask in (webhook.certificate, webhook.confirmation):
        try:
            found.append(ask(request, settings))
        except BilanError:
            continue
    return [url for url in found if url]


def _proves(webhook: CertifiedWebhook, request: WebhookRequest, settings: Settings) -> bool:
    try:
        webhook.verify(request, settings)
    except BilanError:
        return False
    return True


def check_routes(one: Declared) -> Iterator[str]:
    """What a post holds is what the posts hold that it is split into, and garbage is no error."""
    for kind in one.sources:
        if isinstance(kind.webhook, RoutedWebhook):
            yield from _routes(one, kind, kind.webhook)


def _routes(one: Declared, kind: SourceKind, webhook: RoutedWebhook) -> Iterator[str]:
    samples = [sample for sample in one.samples if sample.kind == kind.key and sample.posts]
    for body in MALFORMED:
        try:
            webhook.split(WebhookRequest(body, {}, {}, "application/json", NOW))
        except BilanError:
            continue
        except Exception as error:
            yield f"the webhook of {kind.key} cannot split the post {body!r}: {error!r} in place of Invalid"
            return
    for sample in samples:
        settings = settings_of(kind, {**sample.settings, kind.routed_by: ""})
        for number, post in enumerate(sample.posts() if sample.posts else (), 1):
            request = _request(post, post.body)
            parts = [_request(post, body) for body in webhook.split(request).values()]
            if _facts(webhook, [request], settings) != _facts(webhook, parts, settings):
                yield f"post {number} of the sample {sample.name} gives other facts when it is split"


def _request(post: Post, body: bytes) -> WebhookRequest:
    return WebhookRequest(body, dict(post.headers), {}, post.content_type, NOW)


def _facts(webhook: RoutedWebhook, requests: list[WebhookRequest], settings: Settings) -> list[str]:
    found = (item for request in requests for item in webhook.parse(request, settings))
    return sorted(digest([item.dataset, item.row]) for item in found if isinstance(item, Fact))
