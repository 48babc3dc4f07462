"""Rate limits against guessing and flooding, counted in the catalog."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from tortoise.expressions import F

from bilan.accounts.models import AttemptRow
from bilan.catalog import Catalog
from bilan.catalog.statements import rows
from bilan.clock import Clock
from bilan.sdk.errors import TooMany
from bilan.sdk.textdomain import _

WINDOW = timedelta(minutes=15)
COUNT = """
INSERT INTO attempt (id, key, number, since) VALUES {rows}
ON CONFLICT (key) DO UPDATE SET
    number = CASE WHEN attempt.since <= ? THEN 1 ELSE attempt.number + 1 END,
    since = CASE WHEN attempt.since <= ? THEN excluded.since ELSE attempt.since END
RETURNING key, number
"""
"""One statement, so that a right password does not wait for one transaction after another."""


class TooOften(TooMany):
    """A bound that is counted over a quarter of an hour was reached."""

    retry_after = int(WINDOW.total_seconds())


@dataclass(frozen=True, slots=True)
class Bound:
    """So many attempts within a quarter of an hour, of what the words name: an address, a client's IP."""

    words: tuple[str, ...]
    attempts: int

    @property
    def key(self) -> str:
        """What it is counted under."""
        return hashlib.sha256("\n".join(self.words).encode()).hexdigest()


class Attempts:
    """Counts attempts, whatever process they reach."""

    def __init__(self, catalog: Catalog, clock: Clock) -> None:
        self._catalog, self._clock = catalog, clock

    async def hit(self, bounds: Sequence[Bound]) -> None:
        """Count an attempt under each bound, before it is known how it ends.

        Raises ``TooMany`` where one of them is reached already, which writes
        nothing: refusing a flood costs one look. Of several at once each has
        a number of its own, so no more get past than may.
        """
        if await self._reached(bounds):
            raise _refused()
        now = self._clock.now()
        postgres = self._catalog.connection.capabilities.dialect == "postgres"
        since, past = (at if postgres else str(at) for at in (now, now - WINDOW))
        values = [value for bound in bounds for value in (str(uuid4()), bound.key, since)]
        statement = COUNT.format(rows=", ".join(["(?, ?, 1, ?)"] * len(bounds)))
        counted = await rows(statement, *values, past, past)
        numbers = {row["key"]: row["number"] for row in counted}
        if any(numbers[bound.key] > bound.attempts for bound in bounds):
            raise _refused()

    async def forgive(self, bounds: Sequence[Bound]) -> None:
        """Take back an attempt that succeeded: only failures count for long."""
        keys = [bound.key for bound in bounds]
        await AttemptRow.filter(key__in=keys, number__gt=0).update(number=F("number") - 1)

    async def reset(self, bound: Bound) -> None:
        """Forget the attempts, after one that succeeded."""
        await AttemptRow.filter(key=bound.key).delete()

    async def sweep(self) -> int:
        """Erase what counts no more; how many rows that were."""
        return await AttemptRow.filter(since__lte=self._clock.now() - WINDOW).delete()

    async def _reached(self, bounds: Sequence[Bound]) -> bool:
        since = self._clock.now() - WINDOW
        found = await AttemptRow.filter(key__in=[bound.key for bound in bounds], since__gt=since)
        numbers = {row.key: row.number for row in found}
        return any(numbers.get(bound.key, 0) >= bound.attempts for bound in bounds)


class RateLimit:
    """A rate limit of one kind. ``name`` tells it from others."""

    def __init__(self, catalog: Catalog, clock: Clock, name: str, attempts: int) -> None:
        self._counted = Attempts(catalog, clock)
        self._name, self._attempts = name, attempts

    async def hit(self, *words: str) -> None:
        """Count an attempt, before it is known how it ends. Raises ``TooMany``, which counts nothing."""
        await self._counted.hit([self._bound(words)])

    async def reset(self, *words: str) -> None:
        """Forget the attempts, after one that succeeded."""
        await self._counted.reset(self._bound(words))

    def _bound(self, words: tuple[str, ...]) -> Bound:
        return Bound((self._name, *words), self._attempts)


def _refused() -> TooOften:
    minutes = int(WINDOW.total_seconds() // 60)
    return TooOften(_("Too many attempts; wait {minutes} minutes and try again.", minutes=minutes))
