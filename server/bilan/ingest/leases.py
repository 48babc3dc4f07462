"""Work that only one process may do at a time, taken by one conditional UPDATE."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from bilan.clock import Clock
from bilan.ingest.models import LeaseRow

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Leases:
    """Leases by name. A holder that dies loses its lease when the time is up.

    Processes on several machines compare their clocks here, so a lease should
    be longer than the clocks can differ, and the work under it harmless to do twice.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def take(self, name: str, holder: str, duration: timedelta) -> bool:
        """Take or prolong the lease; whether it is now this holder's."""
        now = self._clock.now()
        free = Q(holder=holder) | Q(until__lte=now)
        if await LeaseRow.filter(free, name=name).update(holder=holder, until=now + duration):
            return True
        if await LeaseRow.filter(name=name).exists():
            return False
        try:
            await LeaseRow.create(name=name, holder=holder, until=now + duration)
        except IntegrityError:  # another one was quicker
            return False
        return True

    async def release(self, name: str, holder: str) -> None:
        """Give the lease back, if it is still this holder's: at once, also where this clock is ahead."""
        await LeaseRow.filter(name=name, holder=holder).update(until=LONG_AGO)
