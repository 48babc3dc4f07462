"""How senders prove themselves that sign nothing, or with a key of their own."""

from __future__ import annotations

import base64
import binascii

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

from bilan.sdk import SECRET, Settings, WebhookRequest, check_basic, check_secret, require_setting


def check_credentials(request: WebhookRequest, settings: Settings) -> None:
    """Raise ``Unauthenticated`` unless user name and password came along, or without a name the secret."""
    if username := str(settings.get("username") or "").strip():
        check_basic(request, username, require_setting(settings, "secret", SECRET.label))
    else:
        check_secret(request, settings)


def public_key(written: str) -> PublicKeyTypes | None:
    """A public key as PEM, as base64 or as a DKIM record has it behind ``p=``; ``None`` where it is none."""
    try:
        if "BEGIN" in written:
            return load_pem_public_key(written.encode())
        # A DKIM record: its fields stand between semicolons, long ones in several quoted pieces.
        _before, found, behind = written.partition("p=")
        bare = "".join((behind.partition(";")[0] if found else written).replace('"', "").split())
        return load_der_public_key(base64.b64decode(bare, validate=True))
    except (ValueError, binascii.Error, TypeError):
        return None
