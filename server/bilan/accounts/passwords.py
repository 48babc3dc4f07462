"""Passwords: hashed with argon2, checked in the same time whoever asks."""

from __future__ import annotations

import secrets
from functools import cached_property

import anyio
import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

SHORTEST, LONGEST = 10, 1_000
"""Characters of a password."""
AT_ONCE = 2
"""How many hashes are computed at once; each takes 64 MiB."""


class Passwords:
    """Makes and checks hashes, in threads."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._limiter = anyio.CapacityLimiter(AT_ONCE)

    async def hash(self, password: str) -> str:
        """The hash to keep. Raises ``Invalid`` for a password that is too short or too long."""
        if len(password) < SHORTEST:
            raise Invalid(_("A password has at least {least} characters.", least=SHORTEST), ("password",))
        if len(password) > LONGEST:
            raise Invalid(_("A password has at most {most} characters.", most=LONGEST), ("password",))
        return await anyio.to_thread.run_sync(self._hasher.hash, password, limiter=self._limiter)

    async def matches(self, hashed: str | None, password: str) -> bool:
        """Whether the password is the hashed one. Takes as long where there is no hash at all."""
        tried = password[: LONGEST + 1]
        right = await anyio.to_thread.run_sync(self._verify, hashed, tried, limiter=self._limiter)
        return right and hashed is not None

    def outdated(self, hashed: str) -> bool:
        """Whether the hash was made with weaker settings than today's."""
        return self._hasher.check_needs_rehash(hashed)

    def _verify(self, hashed: str | None, password: str) -> bool:
        nobodys = self._nobodys  # made by the first of all attempts, whoever it is for
        try:
            return self._hasher.verify(hashed or nobodys, password)
        except (VerificationError, InvalidHashError):
            return False

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe())


def generated() -> str:
    """A password of 96 random bits, to hand over once."""
    return secrets.token_urlsafe(12)
