"""Secrets at rest, encrypted with a key derived from the server's."""

from __future__ import annotations

import base64
from collections.abc import Iterable

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bilan.sdk.errors import Conflict
from bilan.sdk.textdomain import _

SOURCES, RECIPIENTS = b"bilan source settings", b"bilan recipient settings"
CONTACTS = b"bilan erased contacts"
CONTACT_PAGES = b"bilan pages of contacts"
SHARES = b"bilan passwords of shares"
"""What secrets are for: what was sealed for one purpose cannot be opened for another."""


class Sealed(Conflict):
    """A secret that was sealed with a key that is not there."""


class Seal:
    """Encrypts and opens what only the server may read.

    ``key`` is the server's secret; what ``previous`` ones sealed is opened too.
    """

    def __init__(self, key: bytes, previous: Iterable[bytes] = (), *, purpose: bytes = SOURCES) -> None:
        self._fernet = MultiFernet([_fernet(one, purpose) for one in (key, *previous)])

    def close(self, secret: str) -> str:
        """The secret, unreadable."""
        return self._fernet.encrypt(secret.encode()).decode()

    def reseal(self, sealed: str) -> str:
        """The same secret, sealed with the server's key of now. Raises ``Sealed``."""
        return self.close(self.open(sealed))

    def open(self, sealed: str) -> str:
        """The secret. Raises ``Sealed`` where another key sealed it."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise Sealed(
                _("These secrets were stored under another secret key; fill them in again.")
            ) from None


def _fernet(key: bytes, purpose: bytes) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=purpose).derive(key)
    return Fernet(base64.urlsafe_b64encode(derived))
