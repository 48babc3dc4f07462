"""Passwords: hashed with argon2, checked in the same time whoever asks."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import cached_property

import anyio
import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from bilan.accounts.hash_pool import AT_ONCE, HashPool
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

SHORTEST, LONGEST = 10, 1_000
"""Characters of a password."""
LOOKED_AT = 72
"""Characters that are compared with common passwords, which takes the longer the more they are."""
GUESSES = 10**8
"""So many guesses a password has to outlast; the hundred thousand most common ones and their like do not."""
UNCHOSEN = "!"
"""Begins what is kept in place of a hash."""


class Passwords:
    """Makes and checks hashes, in a pool of their own."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._pool = HashPool()
        self._limiter = anyio.CapacityLimiter(AT_ONCE)

    async def hash(self, password: str, personal: Sequence[str] = ()) -> str:
        """The hash to keep. ``personal`` are words of the person's own, such as their name.

        Raises ``Invalid`` for a password that is too short, too long or soon guessed.
        """
        if len(password) < SHORTEST:
            raise Invalid(_("A password has at least {least} characters.", least=SHORTEST), ("password",))
        if len(password) > LONGEST:
            raise Invalid(_("A password has at most {most} characters.", most=LONGEST), ("password",))
        if await anyio.to_thread.run_sync(_easily_guessed, password, personal):
            text = _("This password is soon guessed: many people use it, or one like it. Choose another.")
            raise Invalid(text, ("password",))
        return await self.renew(password)

    async def renew(self, password: str) -> str:
        """The hash of a password that was taken before, with today's settings."""
        async with self._pool.place():
            return await anyio.to_thread.run_sync(self._hasher.hash, password, limiter=self._limiter)

    async def matches(self, hashed: str | None, password: str, *, stranger: str | None = None) -> bool:
        """Whether the password is the hashed one. Takes as long where there is no hash at all.

        ``stranger`` is the network that somebody asks from who is not known
        here. Raises ``Crowded`` where too many of them ask.
        """
        tried = password[: LONGEST + 1]
        async with self._pool.place(stranger):
            right = await anyio.to_thread.run_sync(self._verify, hashed, tried, limiter=self._limiter)
        return right and not is_unchosen(hashed)

    def outdated(self, hashed: str) -> bool:
        """Whether the hash was made with weaker settings than today's."""
        return self._hasher.check_needs_rehash(hashed)

    def _verify(self, hashed: str | None, password: str) -> bool:
        nobodys = self._nobodys  # made by the first of all attempts, whoever it is for
        try:
            return self._hasher.verify(nobodys if is_unchosen(hashed) else hashed or nobodys, password)
        except (VerificationError, InvalidHashError):
            return False

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe())


def generated() -> str:
    """A password of 96 random bits, to hand over once."""
    return secrets.token_urlsafe(12)


def unchosen() -> str:
    """What is kept in place of a hash until somebody chooses their password; each time another."""
    return UNCHOSEN + secrets.token_hex(16)


def is_unchosen(hashed: str | None) -> bool:
    """Whether there is no password to check yet."""
    return not hashed or hashed.startswith(UNCHOSEN)


def _easily_guessed(password: str, personal: Sequence[str]) -> bool:
    """Whether it is among common passwords, or made of their like and of the person's own words."""
    words = [word for text in personal for word in (text, *text.replace("@", " ").split())]
    found = zxcvbn(password[:LOOKED_AT], user_inputs=[word.lower() for word in words])
    return found["guesses"] < GUESSES
