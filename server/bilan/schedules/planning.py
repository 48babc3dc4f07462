"""Planning: the next occurrence of a schedule, written down before it is due."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from bilan.schedules.models import HolidayRow, OccurrenceRow, ScheduleRow
from bilan.schedules.occurrences import FARTHEST_CHANGE, Occurrence, occurrences
from bilan.schedules.saving import begun_second
from bilan.schedules.values import OccurrenceState, ScheduleState

EXPECTED = (ScheduleState.ACTIVE, ScheduleState.SUSPENDED)
"""The states in which occurrences come due."""


async def holidays_of(workspace: UUID) -> frozenset[date]:
    """The days of the workspace that are no working days."""
    return frozenset(await HolidayRow.filter(workspace_id=workspace).values_list("day", flat=True))  # type: ignore[arg-type]


async def lock_schedule(schedule: UUID) -> ScheduleRow:
    """The schedule's row, held until the transaction ends; SQLite's transaction is alone anyway."""
    return await ScheduleRow.filter(id=schedule).select_for_update().get()


async def plan_anew(row: ScheduleRow, now: datetime) -> None:
    """Plan the next occurrence from now on in place of what was planned, and save the row, which is held.

    What has begun or was left out already does not happen again.
    """
    await OccurrenceRow.filter(schedule_id=row.id, state=OccurrenceState.PLANNED).delete()
    following = None
    if row.state in EXPECTED:
        since = begun_second(now)
        settled = await OccurrenceRow.filter(schedule_id=row.id, due_at__gte=since - FARTHEST_CHANGE)
        known = {one.nominal for one in settled}
        coming = occurrences(row.timetable, since, holidays=await holidays_of(row.workspace_id))
        following = next((one for one in coming if one.key not in known), None)
    await plan(row, following)


async def plan(row: ScheduleRow, following: Occurrence | None) -> None:
    """Write down what follows, and when; where nothing does, that the schedule has ended."""
    row.next_due_at = None
    if row.state in EXPECTED:
        if following is None:
            row.state = ScheduleState.ENDED
        else:
            row.next_due_at = following.instant
            await OccurrenceRow.create(
                schedule_id=row.id,
                nominal=following.key,
                due_at=following.instant,
                state=OccurrenceState.PLANNED,
            )
    await row.save()
