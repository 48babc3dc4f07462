"""Signatures of posts as Standard Webhooks describes them: HMAC-SHA256 over id, moment and body."""

from __future__ import annotations

import base64
import binascii
import hmac

from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

PREFIX = "whsec_"
SHORTEST = 16
"""Characters of a secret, or bytes of one in base64, at least."""


def signed_headers(secret: str, ident: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers by which a receiver knows that a post is ours, and of when. ``timestamp`` is in seconds."""
    digest = hmac.digest(_key(secret), f"{ident}.{timestamp}.".encode() + body, "sha256")
    return {
        "webhook-id": ident,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def check_secret(secret: str) -> None:
    """Let a secret pass that is long enough. Raises ``Invalid``."""
    try:
        long_enough = len(_key(secret)) >= SHORTEST
    except binascii.Error:
        long_enough = False
    if not long_enough:
        raise Invalid(
            _(
                "A signing secret has at least {least} characters; one that begins with {prefix} goes on in "
                "base64.",
                least=SHORTEST,
                prefix=PREFIX,
            )
        )


def _key(secret: str) -> bytes:
    if secret.startswith(PREFIX):
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    return secret.encode()
