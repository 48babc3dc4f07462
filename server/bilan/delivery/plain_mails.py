"""Plain e-mails: sendings without a report, through the same ledger. They ask, and give notice."""

from __future__ import annotations

from uuid import UUID, uuid4

from bilan.accounts.models import Workspace
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.delivery.consent import question
from bilan.delivery.models import DeliveryRow, SendingRow
from bilan.delivery.sending_steps import DELIVER, recipient_columns
from bilan.delivery.values import Addressee, DeliveryState, Mode, PlainMail
from bilan.recipients.models import RecipientRow
from bilan.runs.values import Purpose
from bilan.work import IdempotencyKey, Jobs, NewJob, NewStep
from bilan.work.idempotency import request_hash
from bilan.work.models import StepRow


class PlainMails:
    """Sends plain e-mails, each once for its key."""

    def __init__(self, catalog: Catalog, jobs: Jobs, clock: Clock) -> None:
        self._catalog, self._jobs, self._clock = catalog, jobs, clock

    async def send(
        self,
        workspace: UUID,
        to: Addressee,
        mail: PlainMail,
        key: str,
        *,
        sent_by_name: str,
        sources: frozenset[UUID] = frozenset(),
        personal: bool = False,
    ) -> UUID:
        """Send it once for each ``key`` of at most 100 characters; the id of its delivery.

        It is worded as it leaves, in the recipient's language or else the workspace's.
        Beside the recipient, who manages recipients reads it where they may read
        figures of the ``sources``, and rows about single persons where it is ``personal``.
        """
        before = DeliveryRow.filter(sending__workspace=workspace, sending__idempotency_key=key)
        if (found := await before.first()) is not None:
            return found.id
        ident, now = uuid4(), self._clock.now()
        language = to.language or (await Workspace.get(id=workspace)).language
        asked = IdempotencyKey(key, request_hash(key))
        async with self._catalog.transaction():
            job = await self._jobs.create(
                NewJob(
                    workspace=workspace,
                    kind=Purpose.MAIL,
                    subject="mail",
                    zone="UTC",
                    actor=None,
                    actor_name=sent_by_name,
                    sources=sources,
                    personal=personal,
                    idempotency_key=asked,
                ),
                [NewStep(DELIVER, {"delivery": str(ident)})],
            )
            if (row := await DeliveryRow.get_or_none(sending__job=job)) is not None:
                return row.id  # somebody else sent it at the same time
            sending = await SendingRow.create(
                workspace=workspace,
                idempotency_key=asked.key,
                request_hash=asked.request_hash,
                job=job,
                mode=Mode.LINK,
                formats=(),
                days=0,
                message="",
                mail=mail,
                sent_by_name=sent_by_name,
                created_at=now,
            )
            step = await StepRow.get(job_id=job)
            await DeliveryRow.create(
                id=ident,
                sending=sending,
                step=step.id,
                state=DeliveryState.PLANNED,
                created_at=now,
                **recipient_columns(to, language),
            )
        return ident

    async def ask(self, workspace: UUID, one: Addressee, sender: str) -> None:
        """Ask somebody, who counts as asked by now, to confirm their address."""
        row = await RecipientRow.get(id=one.id)
        assert row.asked_at is not None  # noqa: S101 - whoever is asked has a moment
        assert row.asked_until is not None  # noqa: S101
        mail = question((await Workspace.get(id=workspace)).name, sender, row.asked_until)
        key = f"confirm:{one.id.hex}:{row.asked_at.timestamp() * 1000:.0f}"
        await self.send(workspace, one, mail, key, sent_by_name=sender)
