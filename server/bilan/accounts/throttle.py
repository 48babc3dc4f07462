"""Slows down guessing: after some failures an address has to wait, counted in the catalog."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from tortoise.expressions import F

from bilan.accounts.models import SignInFailure
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.sdk.errors import TooMany
from bilan.sdk.messages import messages

_, _n = messages("bilan")

ATTEMPTS = 5
WINDOW = timedelta(minutes=15)


class Throttle:
    """So many attempts an address and place within a quarter of an hour, whatever process they reach."""

    def __init__(self, catalog: Catalog, clock: Clock) -> None:
        self._catalog = catalog
        self._clock = clock

    async def attempt(self, email: str, ip: str) -> None:
        """Count an attempt, before it is known how it ends. Raises ``TooMany``, which counts nothing."""
        key, now = _key(email, ip), self._clock.now()
        async with self._catalog.transaction():
            await self._catalog.alone("sign-in")
            await SignInFailure.filter(since__lte=now - WINDOW).delete()
            if not await SignInFailure.filter(key=key).exists():
                await SignInFailure.create(key=key, failures=1, since=now)
                return
            counted = await SignInFailure.filter(key=key, failures__lt=ATTEMPTS).update(
                failures=F("failures") + 1
            )
        if not counted:
            minutes = int(WINDOW.total_seconds() // 60)
            raise TooMany(_("Too many attempts; wait {minutes} minutes and try again.", minutes=minutes))

    async def forgive(self, email: str, ip: str) -> None:
        """Forget the attempts, after one that succeeded."""
        await SignInFailure.filter(key=_key(email, ip)).delete()


def _key(email: str, ip: str) -> str:
    return hashlib.sha256(f"{email}\n{ip}".encode()).hexdigest()
