"""Braze Currents as posts: a list of wrapped events, proven by a token."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bilan.sdk import (
    Fact,
    Reject,
    Settings,
    WebhookRequest,
    check_secret,
    json_body,
    json_items,
    read_each,
    zone_setting,
)
from bilan_email_campaigns.currents import flat, read


class Braze:
    """Implements :class:`bilan.sdk.sources.Webhook`."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """The secret, as a bearer token or in a header."""
        check_secret(request, settings)

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        """One fact an event."""
        zone = zone_setting(settings)
        return read_each(_events(json_body(request)), lambda item: read(flat(item), zone))


def _events(body: Any) -> list[Any]:
    events = body.get("events") if isinstance(body, dict) else None
    return events if isinstance(events, list) else json_items(body)
