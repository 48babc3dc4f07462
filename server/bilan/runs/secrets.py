"""Options that nobody may read again, such as the password of a file.

They are sealed before anything is stored (with the run, its steps and its
files) and opened while the file is rendered. A sealed one stands as
``{"sealed": …}``. The same secret is always sealed to the same text, so that
the same file is found again and not rendered twice. See docs/decisions/030.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bilan.sdk.errors import Conflict
from bilan.sdk.parameters import ParameterKind
from bilan.sdk.rendering import Renderer
from bilan.sdk.textdomain import _

PURPOSE = b"bilan options of files"
SEALED = "sealed"


class Secrets:
    """Seals and opens options. ``key`` is the server's secret; what ``previous`` ones sealed opens too."""

    def __init__(self, key: bytes, previous: Iterable[bytes] = ()) -> None:
        self._ciphers = [_cipher(one) for one in (key, *previous)]

    def close(self, renderer: Renderer, options: Mapping[str, Any]) -> dict[str, Any]:
        """The options as they may be stored."""
        hidden = _hidden(renderer)
        return {
            key: {SEALED: self._closed(value)}
            if key in hidden and isinstance(value, str) and value
            else value
            for key, value in options.items()
        }

    def open(self, renderer: Renderer, options: Mapping[str, Any]) -> dict[str, Any]:
        """The options as the format takes them."""
        hidden = _hidden(renderer)
        return {
            key: self._opened(value[SEALED]) if key in hidden and _is_sealed(value) else value
            for key, value in options.items()
        }

    def _closed(self, secret: str) -> str:
        return base64.urlsafe_b64encode(self._ciphers[0].encrypt(secret.encode(), None)).decode()

    def _opened(self, sealed: str) -> str:
        for cipher in self._ciphers:
            with suppress(InvalidTag, binascii.Error, ValueError):
                return cipher.decrypt(base64.urlsafe_b64decode(sealed), None).decode()
        raise Conflict(
            _("The password of this file was stored under another secret key; ask for the file anew.")
        )

    def resealed(self, stored: Any) -> Any:
        """The same, whatever it is nested in, sealed with the server's key of now.

        What no key opens any more stays as it is.
        """
        if isinstance(stored, list):
            return [self.resealed(one) for one in stored]
        if not isinstance(stored, Mapping):
            return stored
        if not _is_sealed(stored):
            return {key: self.resealed(value) for key, value in stored.items()}
        try:
            return {SEALED: self._closed(self._opened(stored[SEALED]))}
        except Conflict:
            return stored


def _cipher(key: bytes) -> AESSIV:
    return AESSIV(HKDF(SHA256(), length=64, salt=None, info=PURPOSE).derive(key))


def _hidden(renderer: Renderer) -> frozenset[str]:
    return frozenset(one.key for one in renderer.options if one.kind is ParameterKind.SECRET)


def _is_sealed(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get(SEALED), str)
