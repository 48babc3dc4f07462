"""Links to files that need no sign-in: signed, for one file and one delivery, until a moment."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from itsdangerous import BadSignature, Signer
from itsdangerous.encoding import base64_decode, base64_encode

from bilan.sdk.errors import NotFound
from bilan.sdk.textdomain import _

PURPOSE = b"bilan link to a file"
FORM = ">16s16sQ"


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """What a link is for."""

    delivery: UUID
    artifact: UUID
    until: datetime


class LinkSigner:
    """Makes and reads the tokens of links. ``key`` is the server's secret."""

    def __init__(self, key: bytes, public_url: str) -> None:
        # The salt binds the signature to this purpose: nothing else signed with the key passes here.
        self._signer = Signer(key, salt=PURPOSE, key_derivation="hmac", digest_method=hashlib.sha256)
        self._public_url = public_url

    def url(self, target: LinkTarget) -> str:
        """The address of the file."""
        return f"{self._public_url}/links/{self.token(target)}"

    def token(self, target: LinkTarget) -> str:
        """What stands in the address."""
        moment = int(target.until.timestamp())
        packed = struct.pack(FORM, target.delivery.bytes, target.artifact.bytes, moment)
        return self._signer.sign(base64_encode(packed)).decode()

    def read(self, token: str) -> LinkTarget:
        """What the token is for, also when it has expired. Raises ``NotFound`` for what is none of ours."""
        try:
            packed = base64_decode(self._signer.unsign(token.encode()))
            delivery, artifact, moment = struct.unpack(FORM, packed)
        except (BadSignature, struct.error, UnicodeError) as error:
            raise NotFound(
                _("This link is not complete, or not from here; copy all of it from the e-mail.")
            ) from error
        return LinkTarget(UUID(bytes=delivery), UUID(bytes=artifact), datetime.fromtimestamp(moment, UTC))
