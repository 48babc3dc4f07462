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
from tortoise.expressions import Subquery

from bilan.accounts.models import Workspace
from bilan.accounts.principals import principal_for_schedule
from bilan.accounts.values import SchedulePrincipal
from bilan.clock import Clock
from bilan.delivery import Sendings
from bilan.delivery.create_sending import Plan
from bilan.delivery.models import DeliveryRow
from bilan.files import Files
from bilan.reports.parts import rows_of
from bilan.runs.artifacts import no_document
from bilan.runs.models import DocumentRow
from bilan.runs.reading import read_run
from bilan.schedules.approval import approving
from bilan.schedules.beginning import OWNER_GONE
from bilan.schedules.conclude import GOT_IT
from bilan.schedules.condition import why_withheld
from bilan.schedules.filling import sending_of
from bilan.schedules.models import OccurrenceRow, ScheduleRow
from bilan.schedules.reading import recipients_of
from bilan.schedules.values import OccurrenceState
from bilan.sdk.document import Document, decode
from bilan.sdk.errors import Forbidden
from bilan.sdk.messages import Message
from bilan.work import IdempotencyKey, StepContext
from bilan.work.idempotency import request_hash


class DispatchStep:
    """Sends what was built to those whom the schedule goes to now, with the rights that its owner has now."""

    def __init__(self, sendings: Sendings, files: Files, clock: Clock) -> None:
        self._sendings, self._files, self._clock = sendings, files, clock

    async def __call__(self, context: StepContext) -> None:
        ident = UUID(context.arguments["occurrence"])
        row = await OccurrenceRow.get(id=ident).select_related("schedule")
        if row.state != OccurrenceState.BEGUN:
            return
        schedule = row.schedule
        actor = await principal_for_schedule(schedule.id, schedule.owner, schedule.workspace_id)
        if actor is None:
            raise Forbidden(OWNER_GONE)
        if reason := await self._withheld(row):
            context.on_success(partial(self._withhold, ident, reason))
            return
        plan = await plan_for(schedule, ident, actor)
        if not plan.people:
            return  # those who were left have been erased
        run = await read_run(context.job.id)
        context.on_success(partial(self._sendings.of_run, run, plan))

    async def _withheld(self, row: OccurrenceRow) -> Message | None:
        """Why the schedule's condition keeps it from being sent; what somebody asked for is sent anyway."""
        condition = row.schedule.condition
        if condition is None or row.asked_by_name is not None:
            return None
        document, last = await _document(row.run), await _last_sent(row.schedule_id)
        if document is None:
            raise no_document()
        asked = partial(why_withheld, condition, document, last, rows_of(self._files))
        return await anyio.to_thread.run_sync(asked)

    async def _withhold(self, occurrence: UUID, reason: Message) -> None:
        await OccurrenceRow.filter(id=occurrence, state=OccurrenceState.BEGUN).update(
            state=OccurrenceState.WITHHELD, reason=reason, settled_at=self._clock.now()
        )


async def _last_sent(schedule: UUID) -> Document | None:
    """What somebody last got of it, as far as it is kept."""
    occurrences = OccurrenceRow.filter(schedule_id=schedule).values("id")
    got = DeliveryRow.filter(sending__occurrence__in=Subquery(occurrences), state__in=GOT_IT)
    row = await got.order_by("-settled_at").select_related("sending").first()
    return await _document(row.sending.run) if row is not None else None


async def _document(run: UUID | None) -> Document | None:
    row = await DocumentRow.get_or_none(run_id=run)
    return await anyio.to_thread.run_sync(decode, row.json) if row is not None else None


async def plan_for(schedule: ScheduleRow, occurrence: UUID, actor: SchedulePrincipal) -> Plan:
    """The sending of an occurrence to those whom the schedule goes to."""
    chosen = (await recipients_of([schedule]))[schedule.id]
    workspace = await Workspace.get(id=schedule.workspace_id)
    new = sending_of(schedule.delivery, tuple(one.address for one in chosen), key=occurrence.hex)
    return Plan(
        workspace=schedule.workspace_id,
        # Whom it goes to may change until another worker tries again: once is once all the same.
        idempotency_key=IdempotencyKey(f"occurrence:{occurrence.hex}", request_hash(str(occurrence))),
        people=chosen,
        languages=tuple(new.language or one.language or workspace.language for one in chosen),
        new=new,
        sent_by=actor.person,
        sent_by_name=actor.name,
        schedule=schedule.id,
        occurrence=occurrence,
        approval=approving(occurrence) if schedule.approval else None,
    )
