"""Stopping what a schedule has begun and nobody has got yet."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from bilan.delivery.ledger import Ledger
from bilan.delivery.models import SendingRow
from bilan.schedules.conclude import DELETED
from bilan.schedules.models import OccurrencePartRow, OccurrenceRow
from bilan.schedules.values import UNDER_WAY, OccurrenceState
from bilan.work import Jobs


async def stop_begun(jobs: Jobs, ledger: Ledger, schedule: UUID, now: datetime) -> None:
    """Stop what waits, and the runs and sendings under way, of a schedule that is deleted.

    What was handed over stays handed over.
    """
    await OccurrenceRow.filter(schedule_id=schedule, state=OccurrenceState.AWAITING_SOURCES).update(
        state=OccurrenceState.CANCELLED, reason=DELETED, settled_at=now
    )
    for row in await OccurrenceRow.filter(schedule_id=schedule, state__in=UNDER_WAY):
        parts = await OccurrencePartRow.filter(occurrence_id=row.id)
        for run in (row.run, *(one.run for one in parts)):
            if run is not None:
                await jobs.cancel(run)
        # Asked for only now: a run that was not stopped in time has created what sends it.
        for sending in await SendingRow.filter(occurrence=row.id):
            await jobs.cancel(sending.job)
            await ledger.stop_withheld(sending.id)
