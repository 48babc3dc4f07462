"""Sending beside what is planned: at once, to those who did not get it, or to oneself."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from bilan.accounts.policy import Action, require
from bilan.accounts.principals import principal_for_schedule
from bilan.accounts.values import Principal, SchedulePrincipal
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.delivery import Sendings
from bilan.delivery.create_sending import Plan
from bilan.delivery.letter_keys import is_undated
from bilan.delivery.models import DeliveryRow, SendingRow
from bilan.delivery.recipients import addressees
from bilan.delivery.values import Addressee, FileContent, Mode, NewSending, Sent
from bilan.i18n import USUAL_FORMATS
from bilan.reports.models import ReportRow
from bilan.reports.reading import read_row
from bilan.runs.models import ReportRunRow
from bilan.runs.service import Runs
from bilan.schedules.approval import approving
from bilan.schedules.beginning import (
    NOBODY_HAS_A_PART,
    OWNER_GONE,
    OccurrenceBeginning,
    dispatching,
    values_for,
)
from bilan.schedules.conclude import best_of, missed_by
from bilan.schedules.copies import copies_to_tell_of
from bilan.schedules.due import DueSchedules
from bilan.schedules.filling import sending_of
from bilan.schedules.models import OccurrencePartRow, OccurrenceRow, ScheduleRow
from bilan.schedules.occurrences import immediate
from bilan.schedules.planning import lock_schedule
from bilan.schedules.reading import (
    no_schedule,
    occurrences_of,
    read_occurrence,
    read_schedule,
    recipients_of,
    require_change,
)
from bilan.schedules.split import part_key
from bilan.schedules.split_rule import SplitRule
from bilan.schedules.splitting import assignment_of, whose_part
from bilan.schedules.values import OccurrenceState, RecordedOccurrence, ScheduleState
from bilan.sdk.errors import Conflict, Forbidden
from bilan.sdk.textdomain import _
from bilan.work import IdempotencyKey, NewStep, idempotency_key
from bilan.work.idempotency import request_hash
from bilan.work.models import JobRow

AGAIN = (OccurrenceState.INCOMPLETE, OccurrenceState.FAILED, OccurrenceState.CANCELLED)
"""The states in which there may be somebody to send it to again."""


class Resends:
    """Sends what schedules made, once for each key that whoever asks has chosen.

    Methods raise ``NotFound`` for what the actor may not know of, ``Forbidden``,
    and ``Conflict`` where there is nothing to send.
    """

    def __init__(
        self,
        catalog: Catalog,
        clock: Clock,
        runs: Runs,
        sendings: Sendings,
        due: DueSchedules,
        beginning: OccurrenceBeginning,
    ) -> None:
        self._catalog, self._clock = catalog, clock
        self._runs, self._sendings, self._due = runs, sendings, due
        self._beginning = beginning

    async def send_now(self, actor: Principal, schedule: UUID, key: str) -> RecordedOccurrence:
        """Have it sent to all of its recipients now, for the period seen from today, beside what is planned.

        Needs what changing the schedule needs; its condition is not asked.
        """
        found, now, digest = await read_schedule(actor, schedule), self._clock.now(), _digest(actor, key)
        await require_change(actor, found)
        await self._due.settle(schedule, now)
        async with self._catalog.transaction():
            row = await lock_schedule(schedule)
            if row.state == ScheduleState.DELETED:
                raise no_schedule()
            before = OccurrenceRow.filter(schedule_id=row.id, nominal__endswith=digest)
            if (planned := await before.first()) is None:
                planned = await self._begin_now(row, actor, digest)
        return await self._told(planned.id)

    async def resend_failed(self, actor: Principal, occurrence: UUID, key: str) -> RecordedOccurrence:
        """Send the very files to those who did not get them, for the schedule's owner.

        Who may have got them is not sent them again: their rows are unknown,
        and somebody has to resolve them. Where the report could not be built
        it is built anew, for the same period. Needs what changing the
        schedule needs.
        """
        found, digest = await read_occurrence(actor, occurrence), _digest(actor, key)
        if found.schedule.state == ScheduleState.DELETED:
            raise no_schedule()
        await require_change(actor, found.schedule)
        owner = await _owner(found.schedule)
        async with self._catalog.transaction():
            row = await OccurrenceRow.filter(id=occurrence).select_for_update().get()
            if not await _asked_before(found.schedule, occurrence, digest):
                if row.state not in AGAIN:
                    raise _nobody()
                await self._again(row, found.schedule, owner, digest)
                row.state, row.reason = OccurrenceState.BEGUN, None
                row.settled_at = row.notified_at = None
                # What is built anew, or was never said yes to, needs a new yes.
                row.approval_until = row.decided_by_name = None
                await row.save()
        return await self._told(occurrence)

    async def resend_to_me(
        self, actor: Principal, occurrence: UUID, key: str, part: UUID | None = None
    ) -> Sent:
        """Send the very files to whoever asks, as the schedule does. Needs the right to send the report.

        Of what is split it is the ``part`` that is named, or else the asker's own.
        """
        row, digest = await read_occurrence(actor, occurrence), _digest(actor, key)
        ident = await _run_of(row, actor, part)
        if ident is None:
            raise Conflict(_("Its report was not built."), ("occurrence",))
        run = await self._runs.get(actor, ident)
        require(actor, Action.SEND_REPORT, sources=run.sources, personal=run.personal)
        if not run.readable:
            raise Conflict(run.erasure or _("Its report was not built."), ("occurrence",))
        sending = await SendingRow.filter(occurrence=row.id, run=ident).order_by("created_at").first()
        plan = _to_oneself(actor, row.schedule, f"to me:{ident.hex}{digest}")
        return await self._sendings.of_run(run, replace(plan, resend_of=sending.id if sending else None))

    async def send_test(self, actor: Principal, schedule: UUID, key: str) -> Sent:
        """Send a test to whoever asks, with their rights: as if it went out now, and marked as a test.

        Needs the right to send the report; its condition is not asked.
        """
        row, digest = await read_schedule(actor, schedule), _digest(actor, key)
        report = await read_row(actor, row.report)
        require(actor, Action.SEND_REPORT, sources=report.sources, personal=report.personal)
        plan = _to_oneself(actor, row, f"test:{schedule.hex}{digest}")
        occurrence = immediate(row.timetable, self._clock.now())
        values, own = values_for(report.parameters, occurrence, row.timetable.recurrence.first_weekday), None
        if row.split is not None:
            values[row.split.parameter] = list(await _values_of_a_test(actor, row, row.split, report))
            own = part_key(row.split.parameter, tuple(values[row.split.parameter]))
        copies = await copies_to_tell_of(row, own)
        stale = await self._beginning.stale(row, report, occurrence)

        async def start(steps: Sequence[NewStep]) -> tuple[UUID, UUID]:
            run = await self._runs.start(
                actor,
                report.kind,
                values,
                title=report.name,
                report=report.id,
                sources=report.sources,
                then=steps,
                request=plan.idempotency_key,
                copies=copies,
                provisional=stale,
            )
            return run.id, run.id

        return await self._sendings.create(replace(plan, new=replace(plan.new, test=True)), start)

    async def _begin_now(self, row: ScheduleRow, actor: Principal, digest: str) -> OccurrenceRow:
        if row.state == ScheduleState.SUSPENDED:
            raise Conflict(row.reason or OWNER_GONE, ("schedule",))
        now, occurrence = self._clock.now(), immediate(row.timetable, self._clock.now())
        planned = OccurrenceRow(
            schedule_id=row.id,
            nominal=f"{occurrence.key}{digest}",
            due_at=occurrence.instant,
            asked_by_name=actor.name,
        )
        outcome = await self._beginning.begin(row, occurrence, planned.id, digest, waits=False)
        if outcome.state is not OccurrenceState.BEGUN:
            raise Conflict(outcome.reason or OWNER_GONE, ("schedule",))
        planned.state, planned.run, planned.settled_at = outcome.state, outcome.run, now
        planned.report_version = outcome.report_version
        await planned.save()
        await outcome.save_parts(planned.id)
        return planned

    async def _again(
        self, row: OccurrenceRow, schedule: ScheduleRow, owner: SchedulePrincipal, digest: str
    ) -> None:
        sendings = await SendingRow.filter(occurrence=row.id).order_by("created_at")
        if parts := await OccurrencePartRow.filter(occurrence_id=row.id).order_by("position"):
            await self._again_parts(row, schedule, parts, sendings, owner, digest)
        elif sendings:
            if not await self._resend(row, sendings, owner, digest):
                raise _nobody()
        elif row.run is not None:
            row.run = await self._rebuild(row.run, row.id, schedule, owner, digest)
        else:
            raise Conflict(_("Its report was not built; send it now instead."), ("occurrence",))

    async def _again_parts(
        self,
        row: OccurrenceRow,
        schedule: ScheduleRow,
        parts: Sequence[OccurrencePartRow],
        sendings: Sequence[SendingRow],
        owner: SchedulePrincipal,
        digest: str,
    ) -> None:
        """Each part once more to those of its recipients who missed it; built anew where it could not be."""
        done = False
        for part in parts:
            if part.run is None or part.state not in AGAIN:
                continue
            if sent := [one for one in sendings if one.run == part.run]:
                again = await self._resend(row, sent, owner, digest, part)
            else:
                part.run = await self._rebuild(part.run, row.id, schedule, owner, digest, part)
                again = True
            if again:
                part.state, part.reason, part.ready = OccurrenceState.BEGUN, None, False
                await part.save()
            done = done or again
        if not done:
            raise _nobody()

    async def _resend(
        self,
        row: OccurrenceRow,
        sendings: Sequence[SendingRow],
        owner: SchedulePrincipal,
        digest: str,
        part: OccurrencePartRow | None = None,
    ) -> bool:
        """A sending of the first one's files to those who did not get one of these; whether there are any."""
        run = await self._runs.read(sendings[0].report_run)
        if not run.readable:
            raise Conflict(run.erasure or _("Its report was not built."), ("occurrence",))
        idents = [one.id for one in sendings]
        rows = await DeliveryRow.filter(sending_id__in=idents).order_by("created_at")
        missed = missed_by(best_of(rows))
        language = {one.recipient: one.language for one in missed}
        before = {one.recipient: one for one in missed}
        chosen = [Addressee(one.recipient, one.address, one.name, channel=one.channel) for one in missed]
        people = await addressees(owner.workspace, chosen)
        # The same files, whatever they want to get by now and wherever they are.
        people = tuple(
            replace(one, formats=before[one.id].formats, zone=before[one.id].zone) for one in people
        )
        if part is not None:
            people = await whose_part(part, people)
        if not people:
            return False
        first = sendings[0]
        new = NewSending(
            to=tuple(one.address for one in people),
            key=digest,
            mode=Mode(first.mode),
            formats=tuple(one.format for one in first.formats),
            days=first.days,
            message=first.message,
            display=first.display or USUAL_FORMATS,
            content=FileContent(first.content),
            protected=first.protected,
        )
        plan = Plan(
            workspace=owner.workspace,
            idempotency_key=_resend_key(row.id, digest, part),
            people=people,
            languages=tuple(language[one.id] for one in people),
            new=new,
            sent_by=owner.person,
            sent_by_name=owner.name,
            resend_of=first.id,
            approval=approving(row.id, part.id if part else None) if first.awaits_approval else None,
            schedule=row.schedule_id,
            occurrence=row.id,
            undated=any(map(is_undated, missed)),
        )
        await self._sendings.of_run(run, plan)
        return True

    async def _rebuild(
        self,
        run: UUID,
        occurrence: UUID,
        schedule: ScheduleRow,
        owner: SchedulePrincipal,
        digest: str,
        part: OccurrencePartRow | None = None,
    ) -> UUID:
        """A run of the same report and the same days as the one that failed."""
        before = await self._runs.read(run)
        started = await self._runs.start(
            owner,
            before.kind,
            before.values,
            title=before.title,
            report=before.report,
            sources=before.sources,
            then=[dispatching(occurrence, part.id if part else None)],
            request=idempotency_key(schedule.id, _key(occurrence, digest, part)),
            part_of=occurrence if part else None,
            copies=await copies_to_tell_of(schedule, part.key if part is not None else None),
            provisional=(await ReportRunRow.get(job_id=run)).provisional or (),
        )
        return started.id

    async def _told(self, occurrence: UUID) -> RecordedOccurrence:
        row = await OccurrenceRow.get(id=occurrence).select_related("schedule")
        return (await occurrences_of([row]))[0]


async def _run_of(row: OccurrenceRow, actor: Principal, part: UUID | None) -> UUID | None:
    """The run of an occurrence, or of the part that is named, or else of the actor's own."""
    parts = OccurrencePartRow.filter(occurrence_id=row.id)
    if not await parts.exists():
        return row.run
    mine = parts.filter(id=part) if part is not None else parts.filter(recipients__recipient=actor.person)
    if (found := await mine.first()) is None:
        raise Conflict(_("Choose which of its parts you want."), ("part",))
    return found.run


def _to_oneself(actor: Principal, schedule: ScheduleRow, key: str) -> Plan:
    """A sending to whoever asks, as the schedule sends."""
    if actor.person is None:
        raise Forbidden(_("Sign in as a person to have it sent to you."))
    language = schedule.delivery.language or actor.language
    return Plan(
        workspace=actor.workspace,
        idempotency_key=IdempotencyKey(key, request_hash(key)),
        people=(Addressee(actor.person, actor.email, actor.name, language, actor.zone),),
        languages=(language,),
        new=sending_of(schedule.delivery, (actor.email,), key=key),
        sent_by=actor.person,
        sent_by_name=actor.name,
    )


async def _values_of_a_test(
    actor: Principal, row: ScheduleRow, split: SplitRule, report: ReportRow
) -> tuple[str, ...]:
    """Those of the actor's own part; of who has none, those of the first part."""
    people = (await recipients_of([row]))[row.id]
    parts = (await assignment_of(row, split, report, people)).parts
    if not parts:
        raise Conflict(NOBODY_HAS_A_PART, ("schedule",))
    own = (part for part in parts if any(one.id == actor.person for one in part.people))
    return next(own, parts[0]).values


async def _owner(schedule: ScheduleRow) -> SchedulePrincipal:
    owner = await principal_for_schedule(schedule.id, schedule.owner, schedule.workspace_id)
    if owner is None:
        raise Conflict(OWNER_GONE, ("schedule",))
    return owner


async def _asked_before(schedule: ScheduleRow, occurrence: UUID, digest: str) -> bool:
    """Whether the same key has had it, or a part of it, sent or built again already."""
    sent, built = (
        _resend_key(occurrence, digest).key,
        idempotency_key(schedule.id, _key(occurrence, digest)).key,
    )
    here = schedule.workspace_id
    if await SendingRow.exists(workspace=here, idempotency_key__startswith=sent):
        return True
    return await JobRow.exists(workspace=here, idempotency_key__startswith=built)


def _resend_key(occurrence: UUID, digest: str, part: OccurrencePartRow | None = None) -> IdempotencyKey:
    return IdempotencyKey(f"resend:{_key(occurrence, digest, part)}", request_hash(str(occurrence)))


def _key(occurrence: UUID, digest: str, part: OccurrencePartRow | None = None) -> str:
    """What one request has sent or built again of an occurrence, or of a part of it."""
    return f"{occurrence.hex}{digest}" + (f":{part.key[:16]}" if part else "")


def _digest(actor: Principal, key: str) -> str:
    """The key of somebody's request, in few characters. Raises ``Invalid`` for none."""
    asked = idempotency_key(actor.person or actor.via, key).key
    return f"#{hashlib.sha256(asked.encode()).hexdigest()[:8]}"


def _nobody() -> Conflict:
    return Conflict(_("There is nobody to send this to again."), ("occurrence",))
