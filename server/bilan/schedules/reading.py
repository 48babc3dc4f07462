"""From rows to values, for those who may see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from bilan.accounts.values import Principal
from bilan.delivery.recipients import addressees
from bilan.delivery.values import Addressee
from bilan.reports.models import ReportRow
from bilan.reports.reading import visible
from bilan.schedules.catch_up import CatchUp
from bilan.schedules.models import OccurrenceRow, ScheduleRecipientRow, ScheduleRow
from bilan.schedules.values import OccurrenceState, RecordedOccurrence, Schedule, ScheduleState
from bilan.sdk.errors import NotFound
from bilan.sdk.textdomain import _


async def read_schedule(actor: Principal, schedule: UUID) -> ScheduleRow:
    """The schedule's row. Raises ``NotFound`` also where the actor may not know of it."""
    row = await ScheduleRow.get_or_none(id=schedule, workspace_id=actor.workspace)
    if row is None or row.state == ScheduleState.DELETED or not await visible_schedules(actor, [row]):
        raise no_schedule()
    return row


def no_schedule() -> NotFound:
    """The error where there is none."""
    return NotFound(_("There is no such schedule."))


async def visible_schedules(actor: Principal, rows: Iterable[ScheduleRow]) -> list[ScheduleRow]:
    """Those that the actor may know of: whose report they may see, or that are their own."""
    rows = list(rows)
    reports = ReportRow.filter(id__in={row.report for row in rows}, workspace_id=actor.workspace)
    seen = {report.id for report in await reports if visible(actor, report)}
    return [row for row in rows if row.report in seen or row.owner == actor.person]


async def schedule_of(row: ScheduleRow) -> Schedule:
    """The value of a row."""
    return (await schedules_of([row]))[0]


async def schedules_of(rows: Sequence[ScheduleRow]) -> list[Schedule]:
    """The values of rows of one workspace."""
    chosen = await recipients_of(rows)
    return [_schedule(row, chosen[row.id]) for row in rows]


async def recipients_of(rows: Sequence[ScheduleRow]) -> dict[UUID, tuple[Addressee, ...]]:
    """Those whom each schedule goes to, by name, with what they are called and have as an address now."""
    kept = await ScheduleRecipientRow.filter(schedule_id__in=[row.id for row in rows])
    people = {one.recipient: Addressee(one.recipient, one.address, one.name) for one in kept}
    known = {one.id: one for one in await addressees(rows[0].workspace_id, people.values())} if kept else {}
    return {
        row.id: tuple(
            sorted(
                (known[one.recipient] for one in kept if one.schedule_id == row.id),
                key=lambda one: (one.name.casefold(), one.address),
            )
        )
        for row in rows
    }


def _schedule(row: ScheduleRow, recipients: tuple[Addressee, ...]) -> Schedule:
    return Schedule(
        id=row.id,
        workspace=row.workspace_id,
        report=row.report,
        report_name=row.report_name,
        timetable=row.timetable,
        recipients=recipients,
        delivery=row.delivery,
        catch_up=CatchUp(row.catch_up),
        owner=row.owner,
        owner_name=row.owner_name,
        state=ScheduleState(row.state),
        reason=row.reason,
        next_due_at=row.next_due_at,
        version=row.version,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )


def occurrence_of(row: OccurrenceRow) -> RecordedOccurrence:
    """The value of a row whose schedule has been fetched."""
    return RecordedOccurrence(
        id=row.id,
        schedule=row.schedule_id,
        report_name=row.schedule.report_name,
        nominal=row.nominal,
        due_at=row.due_at,
        state=OccurrenceState(row.state),
        reason=row.reason,
        run=row.run,
        report_version=row.report_version,
        settled_at=row.settled_at,
    )
