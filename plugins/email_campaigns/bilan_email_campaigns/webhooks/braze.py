"""Braze Currents as posts: a list of wrapped events, proven by a token."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bilan.sdk.datasets import Fact, Reject
from bilan.sdk.sources import Settings, WebhookRequest
from bilan_email_campaigns.currents import flat, read
from bilan_email_campaigns.values import zone_of
from bilan_email_campaigns.webhooks.payloads import items_of, json_body, read_each
from bilan_email_campaigns.webhooks.proofs import check_secret


class Braze:
    """Implements :class:`bilan.sdk.sources.Webhook`."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """The secret, as a bearer token or in a header."""
        check_secret(request, settings)

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        """One fact an event."""
        zone = zone_of(settings)
        return read_each(_events(json_body(request)), lambda item: read(flat(item), zone))


def _events(body: Any) -> list[Any]:
    events = body.get("events") if isinstance(body, dict) else None
    return events if isinstance(events, list) else items_of(body)
