"""Rate limits against guessing and flooding, counted in the catalog."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from tortoise.expressions import F

from bilan.accounts.models import AttemptRow
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.sdk.errors import TooMany
from bilan.sdk.textdomain import _

WINDOW = timedelta(minutes=15)


class RateLimit:
    """A rate limit: so many attempts within a quarter of an hour, whatever process they reach.

    ``name`` tells one limit from another; what is counted by it is named by
    words such as an address and the client's IP.
    """

    def __init__(self, catalog: Catalog, clock: Clock, name: str, attempts: int) -> None:
        self._catalog, self._clock = catalog, clock
        self._name, self._attempts = name, attempts

    async def hit(self, *words: str) -> None:
        """Count an attempt, before it is known how it ends. Raises ``TooMany``, which counts nothing."""
        key, now = self._key(words), self._clock.now()
        async with self._catalog.transaction():
            await self._catalog.advisory_lock("attempts")
            await AttemptRow.filter(since__lte=now - WINDOW).delete()
            if not await AttemptRow.filter(key=key).exists():
                await AttemptRow.create(key=key, number=1, since=now)
                return
            counted = await AttemptRow.filter(key=key, number__lt=self._attempts).update(
                number=F("number") + 1
            )
        if not counted:
            minutes = int(WINDOW.total_seconds() // 60)
            raise TooMany(_("Too many attempts; wait {minutes} minutes and try again.", minutes=minutes))

    async def reset(self, *words: str) -> None:
        """Forget the attempts, after one that succeeded."""
        await AttemptRow.filter(key=self._key(words)).delete()

    def _key(self, words: tuple[str, ...]) -> str:
        return hashlib.sha256("\n".join((self._name, *words)).encode()).hexdigest()
