"""Waiting: what was due before its sources had reported all of its days begins once they have.

An occurrence that waits is a row in a state of its own, which nothing but a lock on its
schedule and itself changes: whatever process comes to it begins it, once. See docs/decisions/118.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog

from bilan.catalog import Catalog
from bilan.catalog.troubles import trouble_of
from bilan.clock import Clock
from bilan.schedules.beginning import MISTAKE, OccurrenceBeginning, Outcome, record
from bilan.schedules.conclude import DELETED
from bilan.schedules.models import OccurrenceRow, ScheduleRow
from bilan.schedules.occurrences import Occurrence, nominal_of
from bilan.schedules.values import OccurrenceState, ScheduleState
from bilan.sdk.textdomain import _

log = structlog.get_logger(__name__)

PAUSED = _("The schedule was paused until the time to wait for its sources was over.")


class WaitingOccurrences:
    """Begins what has waited for its sources. For the ticker of every process."""

    def __init__(self, catalog: Catalog, clock: Clock, beginning: OccurrenceBeginning) -> None:
        self._catalog, self._clock, self._beginning = catalog, clock, beginning

    async def sweep(self) -> int:
        """Settle what waits no longer, the longest due first; how many."""
        waiting = OccurrenceRow.filter(state=OccurrenceState.AWAITING_SOURCES)
        return sum([await self.settle(row.id) for row in await waiting.order_by("due_at").only("id")])

    async def settle(self, occurrence: UUID) -> bool:
        """Begin what waits, or leave it out; ``False`` where it goes on waiting, or another does it."""
        try:
            return await self._settle(occurrence)
        except Exception as error:
            if trouble_of(error) is not None:
                raise
            log.exception("an occurrence could not begin", occurrence=str(occurrence))
            return await self._settle(occurrence, Outcome(OccurrenceState.FAILED, MISTAKE))

    async def _settle(self, occurrence: UUID, failure: Outcome | None = None) -> bool:
        now = self._clock.now()
        async with self._catalog.transaction():
            # The schedule first, as whoever changes it holds it: nothing begins of one that is being deleted.
            found = await OccurrenceRow.get_or_none(id=occurrence)
            rows = ScheduleRow.filter(id=found.schedule_id if found else None)
            schedule = await rows.select_for_update(skip_locked=True).first()
            if schedule is None:
                return False
            held = OccurrenceRow.filter(id=occurrence, state=OccurrenceState.AWAITING_SOURCES)
            row = await held.select_for_update().first()
            if row is None:
                return False
            outcome = failure or await self._outcome(schedule, row, now)
            if outcome is None:
                return False
            await record(row, outcome, now)
            await outcome.save_parts(row.id)
        log.info("occurrence settled", schedule=str(schedule.id), nominal=row.nominal, outcome=outcome.state)
        return True

    async def _outcome(self, schedule: ScheduleRow, row: OccurrenceRow, now: datetime) -> Outcome | None:
        """What becomes of it; ``None`` where it goes on waiting."""
        if schedule.state == ScheduleState.DELETED:
            return Outcome(OccurrenceState.CANCELLED, DELETED)
        if schedule.timetable.recurrence.pause_at(now) is not None:
            over = row.waits_until is None or now >= row.waits_until
            return Outcome(OccurrenceState.LEFT_OUT, PAUSED) if over else None
        outcome = await self._beginning.begin(schedule, waiting(row), row.id)
        if outcome.state is OccurrenceState.AWAITING_SOURCES:
            if outcome.reason != row.reason:
                await OccurrenceRow.filter(id=row.id).update(reason=outcome.reason)
            return None
        return outcome


def waiting(row: OccurrenceRow) -> Occurrence:
    """The occurrence of a row: for the days that it was to cover when it was due."""
    zone = row.nominal.partition("[")[2].partition("]")[0]
    return Occurrence(nominal_of(row.nominal), row.due_at, zone, None, row.covers)
