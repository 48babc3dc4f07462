"""Creating a sending: its job, its steps and a row for each recipient, all or nothing, and once a key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.delivery.consent import admit
from bilan.delivery.ledger import deliveries_of
from bilan.delivery.models import DeliveryRow, SendingRow
from bilan.delivery.plain_mails import PlainMails
from bilan.delivery.sending_steps import PlannedDelivery, planned_for, recipient_columns, steps_of
from bilan.delivery.values import (
    Addressee,
    AttachmentFormat,
    DeliveryState,
    FileContent,
    Mode,
    NewSending,
    Sent,
)
from bilan.i18n import USUAL_FORMATS
from bilan.runs.reading import read_run
from bilan.runs.values import Purpose, Run
from bilan.work import IdempotencyKey, Jobs, NewJob, NewStep
from bilan.work.idempotency import request_hash, used_for_something_else
from bilan.work.models import StepRow

AT_ONCE = 200
"""So many rows are written by one statement."""
Start = Callable[[Sequence[NewStep]], Awaitable[tuple[UUID, UUID]]]
"""Creates what sends, with these steps after the report is there: the run that is sent, and the job."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A sending before it is created.

    ``reissue_of`` is the delivery whose links it replaces, ``resend_of`` the
    sending whose very files are sent once more, ``schedule`` the one that
    sends it, and ``occurrence`` that of the schedule for which it is sent.
    """

    workspace: UUID
    idempotency_key: IdempotencyKey
    people: tuple[Addressee, ...]
    languages: tuple[str, ...]
    new: NewSending
    sent_by: UUID | None
    sent_by_name: str
    reissue_of: UUID | None = None
    resend_of: UUID | None = None
    schedule: UUID | None = None
    occurrence: UUID | None = None
    approval: NewStep | None = None
    """Done once all letters are there; nothing leaves before it."""
    undated: bool = False
    """Of letters that somebody said yes to: sent once more they name no date either."""


class Sendings:
    """Creates sendings. Who may send what to whom has been decided by then."""

    def __init__(self, catalog: Catalog, jobs: Jobs, clock: Clock) -> None:
        self._catalog, self._jobs, self._clock = catalog, jobs, clock
        self._mails = PlainMails(catalog, jobs, clock)

    async def of_run(self, run: Run, plan: Plan) -> Sent:
        """Send a run that is over: it stays as it is, and a job of its own sends it."""

        async def start(steps: Sequence[NewStep]) -> tuple[UUID, UUID]:
            return run.id, await self._jobs.create(_job(run, plan), steps)

        return await self.create(plan, start)

    async def create(self, plan: Plan, start: Start) -> Sent:
        """Create it, unless its key created one before. Raises ``Conflict`` where that was something else.

        What goes to external recipients who have not confirmed their address
        waits until they do; who has not been asked yet is asked.
        """
        sending = await self._find(plan)
        if sending is None:
            async with self._catalog.transaction():
                sending = await self._create(plan, start)
        rows = await DeliveryRow.filter(sending_id=sending.id).select_related("sending")
        return Sent(await read_run(sending.job), deliveries_of(rows))

    async def _find(self, plan: Plan) -> SendingRow | None:
        """What the same request created before, also where its job has been deleted since."""
        key = plan.idempotency_key
        row = await SendingRow.get_or_none(workspace=plan.workspace, idempotency_key=key.key)
        if row is not None and row.request_hash != key.request_hash:
            raise used_for_something_else()
        return row

    async def _create(self, plan: Plan, start: Start) -> SendingRow:
        ident, now = uuid4(), self._clock.now()
        if plan.new.mode is Mode.PROTECTED:
            # Files are made of what is shared, for those who have the password.
            people = tuple(replace(one, formats=None) for one in plan.people)
            plan = replace(plan, people=people, new=replace(plan.new, formats=()))
        planned = list[PlannedDelivery]()
        for one, language in zip(plan.people, plan.languages, strict=True):
            consent = await admit(plan.workspace, one, now, test=plan.new.test)
            undated = plan.undated or plan.approval is not None
            planned.append(planned_for(one, language, plan.new, consent, undated=undated))
        steps = steps_of(ident, planned, rendered=plan.resend_of is not None, approval=plan.approval)
        run, job = await start(steps)
        if (before := await SendingRow.get_or_none(job=job)) is not None:
            return before
        sending = await SendingRow.create(
            id=ident,
            workspace=plan.workspace,
            idempotency_key=plan.idempotency_key.key,
            request_hash=plan.idempotency_key.request_hash,
            run=run,
            job=job,
            mode=plan.new.mode,
            formats=tuple(map(AttachmentFormat, dict.fromkeys(plan.new.formats))),
            days=plan.new.days,
            message=plan.new.message.strip(),
            display=None if plan.new.display == USUAL_FORMATS else plan.new.display,
            content=plan.new.content,
            protected=plan.new.protected,
            test=plan.new.test,
            sent_by=plan.sent_by,
            sent_by_name=plan.sent_by_name,
            schedule=plan.schedule,
            occurrence=plan.occurrence,
            resend_of=plan.resend_of,
            awaits_approval=plan.approval is not None,
            created_at=now,
        )
        added = await StepRow.filter(job_id=job, name__startswith="deliver:")
        step_of = {one.arguments["delivery"]: one.id for one in added}
        rows = [
            DeliveryRow(
                id=one.delivery,
                sending=sending,
                formats=one.addressee.formats,
                letter=one.letter,
                confirms=one.consent.confirms,
                state=DeliveryState.WITHHELD if one.consent.withheld else DeliveryState.PLANNED,
                step=step_of.get(str(one.delivery)),
                reissue_of=plan.reissue_of,
                created_at=now,
                **recipient_columns(one.addressee, one.language),
            )
            for one in planned
        ]
        await DeliveryRow.bulk_create(rows, AT_ONCE)
        for one in planned:
            if one.consent.asks:
                await self._mails.ask(plan.workspace, one.addressee, plan.sent_by_name)
        return sending


def sending_hash(what: str, new: NewSending) -> str:
    """The request hash of a sending: what is sent, to whom and how."""
    asked = (what, sorted(new.to), new.mode, new.formats, new.language, new.days, new.message)
    display = [] if new.display == USUAL_FORMATS else [new.display]
    content = [] if new.content is FileContent.USUAL else [new.content]
    return request_hash(*asked, *(["test"] if new.test else []), *display, *content)


def _job(run: Run, plan: Plan) -> NewJob:
    """The job that sends a run. It reads the same sources, so the same people see it."""
    return NewJob(
        workspace=run.workspace,
        kind=Purpose.DELIVERY,
        subject=run.kind,
        arguments={"run": str(run.id)},
        zone=run.zone,
        actor=plan.sent_by,
        actor_name=plan.sent_by_name,
        sources=run.sources,
        title=run.title,
        personal=run.personal,
        idempotency_key=plan.idempotency_key,
        background=plan.occurrence is not None,
    )
