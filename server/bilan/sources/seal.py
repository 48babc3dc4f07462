"""Secrets at rest, encrypted with a key derived from the server's."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bilan.sdk.errors import Conflict
from bilan.sdk.textdomain import _

PURPOSE = b"bilan source settings"


class Sealed(Conflict):
    """A secret that was sealed with a key that is not there."""


class Seal:
    """Encrypts and opens what only the server may read. ``key`` is the server's secret."""

    def __init__(self, key: bytes) -> None:
        derived = HKDF(SHA256(), length=32, salt=None, info=PURPOSE).derive(key)
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def close(self, secret: str) -> str:
        """The secret, unreadable."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """The secret. Raises ``Conflict`` where another key sealed it."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise Sealed(
                _("The source's secrets were stored under another secret key; fill them in again.")
            ) from None
