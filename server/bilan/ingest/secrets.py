"""What a post brings to prove itself: looked at when it arrives, and never written down."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from bilan.sdk.sources import WebhookRequest

TELLING = re.compile(r"auth|cookie|token|secret|passw|api-?key|credential")
"""Names of headers and of parameters that hold such things."""


def without_secrets(request: WebhookRequest, secrets: Collection[str]) -> WebhookRequest:
    """The post without headers and parameters that hold one of the source's secrets, or are named like it."""
    hidden = [secret for secret in secrets if secret]
    return replace(request, headers=_kept(request.headers, hidden), query=_kept(request.query, hidden))


def _kept(given: Mapping[str, str], secrets: Collection[str]) -> dict[str, str]:
    return {
        name: value
        for name, value in given.items()
        if not TELLING.search(name.lower()) and not any(secret in value for secret in secrets)
    }
