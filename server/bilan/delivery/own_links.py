"""Links that are a recipient's own: to what they get and its end, and to confirming their address.

Each stands for one delivery and is good for one purpose. It needs no sign-in:
whoever holds it has the e-mail. Nothing is kept of it but the delivery's row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from uuid import UUID

from itsdangerous import BadSignature, Signer
from itsdangerous.encoding import base64_decode, base64_encode

from bilan.sdk.errors import NotFound
from bilan.sdk.textdomain import _

SUBSCRIPTION, CONFIRMATION = "unsubscribe", "confirm"
"""What a link is for, and the beginning of its path."""
GRANT, PASSWORD = "shared", "password"
"""What stands in a letter for the link and the password by which a recipient reads a shared report."""


class OwnLinks:
    """Makes and reads them. ``key`` is the server's secret; ``previous`` still opens links made before."""

    def __init__(self, key: bytes, public_url: str, previous: Iterable[bytes] = ()) -> None:
        # The salt binds a signature to its purpose: one kind of link never passes for another.
        self._signers = {
            purpose: Signer(
                [*previous, key],
                salt=f"bilan link to {purpose}",
                key_derivation="hmac",
                digest_method=hashlib.sha256,
            )
            for purpose in (SUBSCRIPTION, CONFIRMATION)
        }
        self._public_url = public_url

    def url(self, purpose: str, delivery: UUID) -> str:
        """The address: a page, to which a POST does what it is for."""
        token = self._signers[purpose].sign(base64_encode(delivery.bytes)).decode()
        return f"{self._public_url}/{purpose}/{token}"

    def placeholder(self, purpose: str, ident: str) -> str:
        """What stands in a letter for the address of each recipient; no other address begins so."""
        return f"{self._public_url}/{purpose}/{ident}-"

    def read(self, purpose: str, token: str) -> UUID:
        """The delivery that a token is for. Raises ``NotFound`` for what is none of ours."""
        try:
            return UUID(bytes=base64_decode(self._signers[purpose].unsign(token.encode())))
        except (BadSignature, ValueError) as error:
            raise broken_link() from error


def broken_link() -> NotFound:
    """What is said of a token that opens nothing."""
    return NotFound(_("This link is not complete, or not from here; copy all of it from the e-mail."))


def masked(address: str) -> str:
    """An address that its owner recognises and nobody else can read; of a target, its host."""
    if "@" not in address:
        return address.partition("/#")[0]
    name, _at, domain = address.partition("@")
    return f"{name[:1]}…@{domain}"
