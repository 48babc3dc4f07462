"""Resolving deliveries whose end nobody knows, by a person: it arrived, or it is sent once more."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from bilan.accounts.policy import Action, allowed, require
from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.delivery.create_sending import Plan, Sendings, sending_hash
from bilan.delivery.ledger import Ledger, deliveries_of
from bilan.delivery.letter_keys import is_undated
from bilan.delivery.models import DeliveryRow
from bilan.delivery.recipients import recipients
from bilan.delivery.values import Delivery, DeliveryState, FileContent, Mode, NewSending, Sent
from bilan.i18n import USUAL_FORMATS
from bilan.runs.service import Runs
from bilan.runs.values import Run
from bilan.sdk.errors import BilanError, Conflict, NotFound
from bilan.sdk.textdomain import _
from bilan.work import IdempotencyKey


class ResolveUnknown:
    """Settles deliveries that are ``unknown``, for whoever could have sent them."""

    def __init__(
        self, catalog: Catalog, clock: Clock, runs: Runs, sendings: Sendings, ledger: Ledger
    ) -> None:
        self._catalog, self._clock, self._runs = catalog, clock, runs
        self._sendings, self._ledger = sendings, ledger

    async def resolvable(
        self, actor: Principal, run: Run, deliveries: tuple[Delivery, ...]
    ) -> frozenset[UUID]:
        """Those of a run's deliveries that the actor may resolve."""
        if not allowed(actor, Action.SEND_REPORT, sources=run.sources, personal=run.personal):
            return frozenset()
        others = allowed(actor, Action.SEND_TO_OTHERS)
        return frozenset(
            one.id
            for one in deliveries
            if one.state is DeliveryState.UNKNOWN and (others or one.recipient == actor.person)
        )

    async def mark_delivered(self, actor: Principal, delivery: UUID) -> Delivery:
        """Write down that it arrived. Raises ``Conflict`` where its end is known already."""
        row, _run = await self._unresolved(actor, delivery)
        reason = _("{name} says that it arrived.", name=actor.name)
        if row.state != DeliveryState.ARRIVED and not await self._ledger.resolve(
            delivery, DeliveryState.ARRIVED, reason
        ):
            raise _known()
        return deliveries_of([await DeliveryRow.get(id=delivery).select_related("sending")])[0]

    async def resend(self, actor: Principal, delivery: UUID) -> Sent:
        """Send it once more, although it may have arrived; asked for twice, it is sent once more once.

        Raises ``Conflict`` where its end is known already or the report is
        erased, and what sending raises.
        """
        row, run = await self._unresolved(actor, delivery)
        if run.erasure is not None:
            raise Conflict(run.erasure, ("run",))
        now = self._clock.now()
        people = await recipients(actor, [row.address], run.kind, personal=run.personal, now=now)
        sending = row.sending
        new = NewSending(
            to=(row.address,),
            key=f"again:{delivery.hex}",
            mode=Mode(sending.mode),
            formats=tuple(one.format for one in sending.formats),
            language=row.language,
            days=sending.days,
            message=sending.message,
            display=sending.display or USUAL_FORMATS,
            content=FileContent(sending.content),
            protected=sending.protected,
        )
        plan = Plan(
            workspace=sending.workspace,
            idempotency_key=IdempotencyKey(new.key, sending_hash(f"run:{run.id}", new)),
            people=tuple(replace(one, formats=row.formats, zone=row.zone) for one in people),
            languages=(row.language,),
            new=new,
            sent_by=actor.person,
            sent_by_name=actor.name,
            reissue_of=row.reissue_of,
            resend_of=sending.id,
            schedule=sending.schedule,
            occurrence=sending.occurrence,
            undated=is_undated(row),
        )
        async with self._catalog.transaction():
            reason = _("{name} had this sent once more.", name=actor.name)
            decided = await self._ledger.resolve(delivery, DeliveryState.REPEATED, reason)
            if not decided and (await DeliveryRow.get(id=delivery)).state != DeliveryState.REPEATED:
                raise _known()
            return await self._sendings.of_run(run, plan)

    async def _unresolved(self, actor: Principal, delivery: UUID) -> tuple[DeliveryRow, Run]:
        """The row and the run it sent, if the actor may have it sent. Raises ``NotFound``, ``Forbidden``."""
        row = await DeliveryRow.get_or_none(id=delivery).select_related("sending")
        missing = NotFound(_("There is no such delivery."), ("delivery",))
        if row is None or row.sending.run is None:
            raise missing
        try:
            run = await self._runs.get(actor, row.sending.run)
        except BilanError as error:
            raise missing from error
        require(actor, Action.SEND_REPORT, sources=run.sources, personal=run.personal)
        if row.recipient != actor.person:
            require(actor, Action.SEND_TO_OTHERS)
        return row, run


def _known() -> Conflict:
    return Conflict(_("What became of this is known; there is nothing to decide."), ("delivery",))
