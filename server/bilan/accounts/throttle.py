"""Slows down guessing and flooding: what was tried too often has to wait, counted in the catalog."""

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


class Throttle:
    """So many attempts at one thing within a quarter of an hour, whatever process they reach.

    ``what`` tells the things apart that are counted; a thing is named by words
    such as an address and the place it is tried from.
    """

    def __init__(self, catalog: Catalog, clock: Clock, what: str, attempts: int) -> None:
        self._catalog, self._clock = catalog, clock
        self._what, self._attempts = what, attempts

    async def attempt(self, *about: str) -> None:
        """Count an attempt, before it is known how it ends. Raises ``TooMany``, which counts nothing."""
        key, now = self._key(about), self._clock.now()
        async with self._catalog.transaction():
            await self._catalog.alone("attempts")
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

    async def forgive(self, *about: str) -> None:
        """Forget the attempts, after one that succeeded."""
        await AttemptRow.filter(key=self._key(about)).delete()

    def _key(self, about: tuple[str, ...]) -> str:
        return hashlib.sha256("\n".join((self._what, *about)).encode()).hexdigest()
