"""Dispatching: what an occurrence had built is sent to its recipients, by a sending of its own.

The last step of the occurrence's run. The sending, its job and its rows of the
ledger are created in the transaction that settles the step: a worker that is
killed has created nothing, and the key of the sending is the occurrence's, so
that nothing is created twice whoever tries again. See docs/decisions/101.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID

import anyio.to_thread

from bilan.accounts.models import Workspace
from bilan.accounts.principals import principal_for_schedule
from bilan.accounts.values import SchedulePrincipal
from bilan.clock import Clock
from bilan.delivery import Sendings
from bilan.delivery.create_sending import Plan
from bilan.files import Files
from bilan.reports.models import ReportRow
from bilan.reports.parts import rows_of
from bilan.runs.artifacts import no_document
from bilan.runs.models import DocumentRow
from bilan.runs.reading import read_run
from bilan.schedules.approval import approving
from bilan.schedules.beginning import OWNER_GONE
from bilan.schedules.condition import SendCondition, SendConditionKind, why_withheld
from bilan.schedules.copies import last_document
from bilan.schedules.filling import sending_of
from bilan.schedules.models import OccurrencePartRow, OccurrenceRow, ScheduleRow
from bilan.schedules.reading import recipients_of
from bilan.schedules.splitting import KnownValues, unknown_values, whose_part
from bilan.schedules.values import OccurrenceState
from bilan.sdk.document import Document, decode
from bilan.sdk.errors import Forbidden
from bilan.sdk.messages import Message
from bilan.work import IdempotencyKey, StepContext
from bilan.work.idempotency import request_hash

NOT_EMPTY = SendCondition(SendConditionKind.NOT_EMPTY)


class DispatchStep:
    """Sends what was built to those whom the schedule goes to now, with the rights that its owner has now."""

    def __init__(self, sendings: Sendings, files: Files, clock: Clock, known: KnownValues) -> None:
        self._sendings, self._files, self._clock, self._known = sendings, files, clock, known

    async def __call__(self, context: StepContext) -> None:
        ident = UUID(context.arguments["occurrence"])
        row = await OccurrenceRow.get(id=ident).select_related("schedule")
        part = await _part(context)
        if OccurrenceState.BEGUN not in {row.state, part.state if part else row.state}:
            return
        schedule = row.schedule
        actor = await principal_for_schedule(schedule.id, schedule.owner, schedule.workspace_id)
        if actor is None:
            raise Forbidden(OWNER_GONE)
        document = await _document(context.job.id)
        if reason := await self._withheld(row, part, document):
            context.on_success(partial(self._withhold, row, part, reason))
            return
        plan = await plan_for(schedule, ident, actor, part)
        if not plan.people:
            return  # those who were left have been erased
        run = await read_run(context.job.id)
        context.on_success(partial(self._sendings.of_run, run, plan))

    async def _withheld(
        self, row: OccurrenceRow, part: OccurrencePartRow | None, document: Document | None
    ) -> Message | None:
        """Why it is not to be sent.

        That is the schedule's condition, which is not asked of what somebody
        asked for; and an empty part goes to nobody.
        """
        condition = row.schedule.condition if row.asked_by_name is None else None
        if part is None and condition is None:
            return None
        if document is None:
            raise no_document()
        rows = rows_of(self._files)
        if part is not None:
            unknown = await self._unknown(row.schedule, part)
            empty = await anyio.to_thread.run_sync(why_withheld, NOT_EMPTY, document, None, rows)
            if unknown:
                # Said of what is sent, too: some of its values may be known.
                await OccurrencePartRow.filter(id=part.id).update(reason=unknown_values(unknown))
            if empty is not None:
                return unknown_values(unknown) if unknown else empty
        if condition is None:
            return None
        last = await last_document(row.schedule_id, part.key if part is not None else None)
        return await anyio.to_thread.run_sync(why_withheld, condition, document, last, rows)

    async def _unknown(self, schedule: ScheduleRow, part: OccurrencePartRow) -> tuple[str, ...]:
        report = await ReportRow.get_or_none(id=schedule.report, workspace_id=schedule.workspace_id)
        return await self._known.unknown(report, part.parameter, part.values) if report else ()

    async def _withhold(self, row: OccurrenceRow, part: OccurrencePartRow | None, reason: Message) -> None:
        if part is not None:
            # The occurrence is concluded once all of its parts are over.
            await OccurrencePartRow.filter(id=part.id, state=OccurrenceState.BEGUN).update(
                state=OccurrenceState.WITHHELD, reason=reason
            )
            return
        await OccurrenceRow.filter(id=row.id, state=OccurrenceState.BEGUN).update(
            state=OccurrenceState.WITHHELD, reason=reason, settled_at=self._clock.now()
        )


async def _part(context: StepContext) -> OccurrencePartRow | None:
    """The part of the occurrence that the step sends; none where it sends the whole."""
    ident = context.arguments.get("part")
    return await OccurrencePartRow.get(id=UUID(ident)) if ident is not None else None


async def _document(run: UUID | None) -> Document | None:
    row = await DocumentRow.get_or_none(run_id=run)
    return await anyio.to_thread.run_sync(decode, row.json) if row is not None else None


async def plan_for(
    schedule: ScheduleRow, occurrence: UUID, actor: SchedulePrincipal, part: OccurrencePartRow | None = None
) -> Plan:
    """The sending of an occurrence to those whom the schedule goes to; of a part, to those whose it is."""
    chosen = (await recipients_of([schedule]))[schedule.id]
    if part is not None:
        chosen = await whose_part(part, chosen)
    workspace = await Workspace.get(id=schedule.workspace_id)
    new = sending_of(schedule.delivery, tuple(one.address for one in chosen), key=occurrence.hex)
    which = f"part:{part.id.hex}" if part is not None else f"occurrence:{occurrence.hex}"
    return Plan(
        workspace=schedule.workspace_id,
        # Whom it goes to may change until another worker tries again: once is once all the same.
        idempotency_key=IdempotencyKey(which, request_hash(str(occurrence))),
        people=chosen,
        languages=tuple(new.language or one.language or workspace.language for one in chosen),
        new=new,
        sent_by=actor.person,
        sent_by_name=actor.name,
        schedule=schedule.id,
        occurrence=occurrence,
        approval=approving(occurrence, part.id if part is not None else None) if schedule.approval else None,
    )
