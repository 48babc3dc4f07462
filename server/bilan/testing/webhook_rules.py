"""What a plugin's webhooks answer and hand on: each rule yields sentences about what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bilan.registry.declared import Declared
from bilan.sdk.datasets import Fact
from bilan.sdk.errors import BilanError
from bilan.sdk.parameters import ParameterKind
from bilan.sdk.sources import HandshakeWebhook, Post, RoutedWebhook, Settings, SourceKind, WebhookRequest
from bilan.sdk.values import digest
from bilan.testing.samples import settings_of
from bilan.testing.source_rules import MALFORMED, NOW, EveryHeader

ODD_QUERIES: tuple[Mapping[str, str], ...] = ({}, {"a": ""}, EveryHeader("subscribe"))
"""Questions by GET that no service asks; the last says the same whatever is looked for."""


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
