"""From rows to values, for those who may see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from bilan.accounts.policy import Action, require
from bilan.accounts.values import Principal
from bilan.catalog.statements import rows
from bilan.delivery.recipients import addressees
from bilan.delivery.values import Addressee
from bilan.reports.models import ReportRow
from bilan.reports.reading import visible
from bilan.schedules.catch_up import CatchUp
from bilan.schedules.models import (
    OccurrencePartRow,
    OccurrenceRow,
    PartRecipientRow,
    ScheduleRecipientRow,
    ScheduleRow,
)
from bilan.schedules.split_rule import RecipientValues
from bilan.schedules.values import (
    OccurrencePart,
    OccurrenceParts,
    OccurrenceState,
    PartRecipient,
    RecordedOccurrence,
    Schedule,
    ScheduleState,
)
from bilan.sdk.errors import NotFound
from bilan.sdk.textdomain import _

REACHED = """
SELECT sending.occurrence AS occurrence, COUNT(DISTINCT delivery.recipient) AS recipients, COUNT(
  DISTINCT CASE WHEN delivery.state IN ('accepted', 'arrived') THEN delivery.recipient END
) AS reached
FROM sending JOIN delivery ON delivery.sending_id = sending.id
WHERE sending.occurrence IN ({}) GROUP BY sending.occurrence
"""


async def read_schedule(actor: Principal, schedule: UUID) -> ScheduleRow:
    """The schedule's row. Raises ``NotFound`` also where the actor may not know of it."""
    row = await ScheduleRow.get_or_none(id=schedule, workspace_id=actor.workspace)
    if row is None or row.state == ScheduleState.DELETED or not await visible_schedules(actor, [row]):
        raise no_schedule()
    return row


def no_schedule() -> NotFound:
    """The error where there is none."""
    return NotFound(_("There is no such schedule."))


async def visible_schedules(actor: Principal, found: Iterable[ScheduleRow]) -> list[ScheduleRow]:
    """Those that the actor may know of: whose report they may see, or that are their own."""
    found = list(found)
    reports = ReportRow.filter(id__in={row.report for row in found}, workspace_id=actor.workspace)
    seen = {report.id for report in await reports if visible(actor, report)}
    return [row for row in found if row.report in seen or row.owner == actor.person]


async def read_occurrence(actor: Principal, occurrence: UUID) -> OccurrenceRow:
    """The occurrence's row, with its schedule. Raises ``NotFound``, as for schedules."""
    rows = OccurrenceRow.filter(id=occurrence, schedule__workspace_id=actor.workspace)
    row = await rows.select_related("schedule").first()
    if row is None or not await visible_schedules(actor, [row.schedule]):
        raise NotFound(_("There is no such occurrence."))
    return row


async def schedule_of(row: ScheduleRow) -> Schedule:
    """The value of a row."""
    return (await schedules_of([row]))[0]


async def schedules_of(found: Sequence[ScheduleRow]) -> list[Schedule]:
    """The values of rows of one workspace."""
    chosen = await recipients_of(found)
    return [_schedule(row, chosen[row.id], await _table_of(row)) for row in found]


async def _table_of(row: ScheduleRow) -> tuple[RecipientValues, ...]:
    if row.split is None or row.split.attribute:
        return ()
    rows = ScheduleRecipientRow.filter(schedule_id=row.id, values__isnull=False).order_by("values_for")
    return tuple(RecipientValues(one.values_for or "", one.values or ()) for one in await rows)


async def recipients_of(found: Sequence[ScheduleRow]) -> dict[UUID, tuple[Addressee, ...]]:
    """Those whom each schedule goes to, by name, with what they are called and have as an address now."""
    kept = await ScheduleRecipientRow.filter(schedule_id__in=[row.id for row in found])
    people = {one.recipient: Addressee(one.recipient, one.address, one.name) for one in kept}
    known = {one.id: one for one in await addressees(found[0].workspace_id, people.values())} if kept else {}
    return {
        row.id: tuple(
            sorted(
                (known[one.recipient] for one in kept if one.schedule_id == row.id),
                key=lambda one: (one.name.casefold(), one.address),
            )
        )
        for row in found
    }


def _schedule(
    row: ScheduleRow, recipients: tuple[Addressee, ...], table: tuple[RecipientValues, ...]
) -> Schedule:
    return Schedule(
        id=row.id,
        workspace=row.workspace_id,
        report=row.report,
        report_name=row.report_name,
        timetable=row.timetable,
        recipients=recipients,
        delivery=row.delivery,
        catch_up=CatchUp(row.catch_up),
        condition=row.condition,
        approval=row.approval,
        split=row.split,
        table=table,
        freshness=row.freshness,
        tells_changes=row.tells_changes,
        owner=row.owner,
        owner_name=row.owner_name,
        state=ScheduleState(row.state),
        reason=row.reason,
        next_due_at=row.next_due_at,
        version=row.version,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )


async def occurrences_of(found: Sequence[OccurrenceRow]) -> tuple[RecordedOccurrence, ...]:
    """The values of rows whose schedules have been fetched."""
    marks = ", ".join("?" * len(found))
    counted = await rows(REACHED.format(marks), *(str(row.id) for row in found)) if found else []
    reached = {UUID(str(one["occurrence"])): (one["recipients"], one["reached"]) for one in counted}
    return tuple(_occurrence(row, *reached.get(row.id, (0, 0))) for row in found)


async def parts_of(occurrence: UUID) -> OccurrenceParts:
    """The parts of an occurrence, and those who have none."""
    theirs, without = dict[UUID, list[PartRecipient]](), list[PartRecipient]()
    for row in await PartRecipientRow.filter(occurrence_id=occurrence).order_by("name", "id"):
        one = PartRecipient(row.recipient, row.name, row.address, row.reason)
        (without if row.part_id is None else theirs.setdefault(row.part_id, [])).append(one)
    parts = [
        OccurrencePart(
            id=row.id,
            values=row.values,
            run=row.run,
            state=OccurrenceState(row.state),
            reason=row.reason,
            recipients=tuple(theirs.get(row.id, ())),
        )
        for row in await OccurrencePartRow.filter(occurrence_id=occurrence).order_by("position")
    ]
    return OccurrenceParts(tuple(parts), tuple(without))


async def require_change(actor: Principal, row: ScheduleRow) -> None:
    """Let the actor change the schedule; whoever sees it also once its report is gone."""
    report = await ReportRow.get_or_none(id=row.report, workspace_id=row.workspace_id)
    if report is not None:
        require(actor, Action.SCHEDULE_REPORT, sources=report.sources, personal=report.personal)


def _occurrence(row: OccurrenceRow, recipients: int, reached: int) -> RecordedOccurrence:
    return RecordedOccurrence(
        recipients=recipients,
        reached=reached,
        asked_by_name=row.asked_by_name,
        approval_until=row.approval_until,
        waits_until=row.waits_until,
        decided_by_name=row.decided_by_name,
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
