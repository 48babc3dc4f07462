"""Idempotency keys: what is asked for twice, by a double click or by a retrying program, is done once.

See docs/decisions/049.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from bilan.sdk.errors import Conflict, Invalid
from bilan.sdk.textdomain import _

LONGEST_KEY = 60
"""Characters of a key that somebody chooses."""


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """What tells requests apart within a workspace, and the hash of what was asked.

    ``key`` has at most 100 characters. A job with the same ``key`` is the same
    job; where its ``request_hash`` differs, the key was used for something else.
    """

    key: str
    request_hash: str

    def including_request(self) -> IdempotencyKey:
        """A key that never meets another request: the same one for something else is a key of its own."""
        return IdempotencyKey(request_hash(self.key, self.request_hash), self.request_hash)


def idempotency_key(who: UUID | str, key: str, *asked: Any) -> IdempotencyKey:
    """The idempotency key of somebody's request: who asks, the key they chose, and what is asked.

    ``who`` is the person's id, or how somebody without one acts. Raises
    ``Invalid`` for a key that is empty or too long.
    """
    if not 1 <= len(key) <= LONGEST_KEY:
        raise Invalid(_("The key has from 1 to {most} characters.", most=LONGEST_KEY), ("key",))
    name = who.hex if isinstance(who, UUID) else who
    return IdempotencyKey(f"{name}:{key}", request_hash(*asked))


def used_for_something_else() -> Conflict:
    """What is said where a key comes again with another request."""
    return Conflict(
        _("Something else was asked for from this form already; open it again to ask for more."), ("key",)
    )


def request_hash(*asked: Any) -> str:
    """The SHA-256 of what is asked, as 64 hexadecimal digits: the same for equal values of any kind."""
    return hashlib.sha256(msgspec.json.encode(asked, order="deterministic")).hexdigest()
