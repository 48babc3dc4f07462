"""Links of viewers, each signed for one grant, and the short-lived addresses of files behind them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from itsdangerous import BadData, Signer
from itsdangerous.encoding import base64_decode, base64_encode

FILE_LASTS = timedelta(minutes=10)
"""How long the address of a file is good for, from when the page with it was shown."""


@dataclass(frozen=True, slots=True)
class FileTarget:
    """The file that an address is for."""

    grant: UUID
    run: UUID
    format: str
    language: str
    until: int


class ShareLinks:
    """Makes and reads them. ``key`` is the server's secret; ``previous`` still opens links made before."""

    def __init__(self, key: bytes, public_url: str, previous: Iterable[bytes] = ()) -> None:
        keys = [*previous, key]
        self._links, self._files = (
            Signer(keys, salt=salt, key_derivation="hmac", digest_method=hashlib.sha256)
            for salt in (b"bilan link of a viewer", b"bilan file of a viewer")
        )
        self._public_url = public_url

    def url(self, grant: UUID, nonce: str) -> str:
        """The address of a viewer's own."""
        return f"{self._public_url}/shared/{self.token(grant, nonce)}"

    def token(self, grant: UUID, nonce: str) -> str:
        """What stands in the address."""
        return self._links.sign(base64_encode(grant.bytes + bytes.fromhex(nonce))).decode()

    def read(self, token: str) -> tuple[UUID, str] | None:
        """The grant and the nonce that a token is for; ``None`` for what is none of ours."""
        try:
            packed = _packed(self._links, token)
            return UUID(bytes=packed[:16]), packed[16:].hex()
        except (BadData, ValueError):
            return None

    def file(self, grant: UUID, run: UUID, file_format: str, language: str, now: datetime) -> str:
        """What stands in the address of a file."""
        until = int((now + FILE_LASTS).timestamp())
        target = FileTarget(grant, run, file_format, language, until)
        return self._files.sign(base64_encode(msgspec.json.encode(target))).decode()

    def read_file(self, signature: str) -> FileTarget | None:
        """What the address of a file is for, also once its time is over."""
        try:
            return msgspec.json.decode(_packed(self._files, signature), type=FileTarget)
        except (BadData, ValueError, msgspec.DecodeError):
            return None


def _packed(signer: Signer, signed: str) -> bytes:
    """What was signed. Raises ``BadData`` and ``ValueError``."""
    signature = signed.rpartition(".")[2]
    # Base64 is read leniently: what stands for the same bytes otherwise would be a link more to guess at.
    if base64_encode(base64_decode(signature)).decode() != signature:
        raise BadData("not as it is written")
    return base64_decode(signer.unsign(signed.encode()))
