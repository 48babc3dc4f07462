"""Sending reports to people of the workspace, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import anyio.to_thread
from tortoise.expressions import Q

from bilan.accounts.models import Workspace
from bilan.accounts.policy import Action, require
from bilan.accounts.values import Principal
from bilan.clock import Clock
from bilan.delivery.checking import check_sending
from bilan.delivery.create_sending import Plan, Sendings, sending_hash
from bilan.delivery.email.preview import preview
from bilan.delivery.ledger import deliveries_of
from bilan.delivery.models import DeliveryRow
from bilan.delivery.outgoing import DeliveryRequest, OutgoingReports
from bilan.delivery.recipients import recipients
from bilan.delivery.values import Delivery, Mode, NewSending, Sent
from bilan.recipients import RecipientInfo
from bilan.recipients.choosing import eligible
from bilan.reports.service import Reports
from bilan.runs.service import Runs
from bilan.runs.values import Purpose
from bilan.sdk.errors import Conflict, Invalid
from bilan.sdk.textdomain import _
from bilan.work import IdempotencyKey, NewStep, idempotency_key


class Deliveries:
    """Sends reports to people of the workspace, and keeps the ledger of it."""

    def __init__(
        self,
        clock: Clock,
        runs: Runs,
        reports: Reports,
        outgoing: OutgoingReports,
        sendings: Sendings,
        *,
        budget: int,
    ) -> None:
        self._clock, self._runs, self._reports = clock, runs, reports
        self._outgoing, self._sendings, self._budget = outgoing, sendings, budget

    async def eligible(self, actor: Principal, run: UUID) -> tuple[RecipientInfo, ...]:
        """Whom the actor may send this run to: people of the workspace, then external recipients."""
        found = await self._runs.get(actor, run)
        return await self.eligible_for_kind(actor, found.kind, personal=found.personal)

    async def eligible_for_report(self, actor: Principal, report: UUID) -> tuple[RecipientInfo, ...]:
        """Whom the actor may send this saved report to."""
        found = await self._reports.get(actor, report)
        return await self.eligible_for_kind(actor, found.kind, personal=found.personal)

    async def eligible_for_kind(
        self, actor: Principal, kind: str, *, personal: bool
    ) -> tuple[RecipientInfo, ...]:
        """Whom the actor may send reports of a kind to; ``personal`` ones show rows about single persons."""
        return await eligible(actor, kind, personal=personal, now=self._clock.now())

    async def send_run(self, actor: Principal, run: UUID, new: NewSending) -> Sent:
        """Send the report of a run that has been built.

        The run stays as it is: a run of its own sends it. Raises
        ``Forbidden``, ``Invalid`` with the field's path, and ``Conflict``
        where there is no report (yet) or the key was used for something else.
        """
        found = await self._runs.get(actor, run)
        require(actor, Action.SEND_REPORT, sources=found.sources, personal=found.personal)
        if found.purpose is not Purpose.REPORT or found.document_sha256 is None:
            raise Conflict(_("This run has no report to send."), ("run",))
        if found.erasure is not None:
            raise Conflict(found.erasure, ("run",))
        _check_mode(new)
        check_sending(self._runs, new, found.kind)
        plan = await self._plan(actor, f"run:{run}", new, found.kind, personal=found.personal)
        return await self._sendings.of_run(found, plan)

    async def send_report(self, actor: Principal, report: UUID, new: NewSending) -> Sent:
        """Run a saved report now, and send it as soon as it is built."""
        saved = await self._reports.get(actor, report)
        require(actor, Action.SEND_REPORT, sources=saved.sources, personal=saved.personal)
        _check_mode(new)
        check_sending(self._runs, new, saved.kind)
        plan = await self._plan(actor, f"report:{report}", new, saved.kind, personal=saved.personal)

        async def start(steps: Sequence[NewStep]) -> tuple[UUID, UUID]:
            started = await self._runs.start(
                actor,
                saved.kind,
                saved.parameters,
                title=saved.name,
                report=saved.id,
                sources=saved.sources,
                then=steps,
                request=plan.idempotency_key,
            )
            return started.id, started.id

        return await self._sendings.create(plan, start)

    async def list(self, actor: Principal, run: UUID) -> tuple[Delivery, ...]:
        """What was sent of this run, or by it, the newest first."""
        await self._runs.get(actor, run)
        rows = DeliveryRow.filter(Q(sending__run=run) | Q(sending__job=run)).select_related("sending")
        return deliveries_of(await rows)

    async def preview(self, actor: Principal, run: UUID, new: NewSending) -> str:
        """The e-mail's HTML as it would look for whoever asks. Nothing is sent, rendered or written down."""
        found = await self._runs.get(actor, run)
        require(actor, Action.SEND_REPORT, sources=found.sources, personal=found.personal)
        _check_mode(new)
        check_sending(self._runs, new, found.kind)
        now = self._clock.now()
        outgoing = await self._outgoing.preview(
            DeliveryRequest(
                ident="preview",
                run=run,
                language=new.language or actor.language,
                formats=tuple(dict.fromkeys(new.formats)),
                mode=new.mode,
                sender=actor.name,
                sender_address="",
                message=new.message,
                display=new.display,
                content=new.content,
                sent_at=now,
                links_until=now + timedelta(days=new.days),
                days=new.days,
            )
        )
        return await anyio.to_thread.run_sync(preview, outgoing, self._budget)

    async def _plan(self, actor: Principal, what: str, new: NewSending, kind: str, *, personal: bool) -> Plan:
        people = await recipients(actor, new.to, kind, personal=personal, now=self._clock.now())
        workspace = await Workspace.get(id=actor.workspace)
        asked = sending_hash(what, replace(new, to=tuple(sorted(one.address for one in people))))
        return Plan(
            workspace=actor.workspace,
            idempotency_key=IdempotencyKey(idempotency_key(actor.person or actor.via, new.key).key, asked),
            people=people,
            languages=tuple(new.language or one.language or workspace.language for one in people),
            new=new,
            sent_by=actor.person,
            sent_by_name=actor.name,
        )


def _check_mode(new: NewSending) -> None:
    """Raises ``Invalid`` for what only schedules do."""
    if new.mode is Mode.PROTECTED:
        raise Invalid(_("Share the report instead; by protected link it is sent by schedules."), ("mode",))
