"""Confirming an address: somebody is asked, answers by a link, and what waited for that is released."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from bilan.accounts.models import Workspace
from bilan.accounts.policy import Action, require
from bilan.accounts.rate_limit import RateLimit
from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.catalog.statements import rows
from bilan.clock import Clock
from bilan.delivery.consent import LASTS, mark_asked
from bilan.delivery.ledger import STOPPED, Ledger
from bilan.delivery.letter_keys import is_undated, letter_key
from bilan.delivery.models import DeliveryRow
from bilan.delivery.own_links import CONFIRMATION, OwnLinks, broken_link, masked
from bilan.delivery.plain_mails import PlainMails
from bilan.delivery.recipients import addressee
from bilan.delivery.sending_steps import DELIVER
from bilan.delivery.values import DeliveryState
from bilan.recipients.address_book import external_row
from bilan.recipients.models import RecipientRow
from bilan.recipients.reading import read_recipient
from bilan.recipients.values import RecipientInfo, RecipientState
from bilan.sdk.errors import Conflict, Gone, TooMany
from bilan.sdk.textdomain import _
from bilan.work import Jobs, NewStep
from bilan.work.jobs import is_stopped, lock_job

ASK_INTERVAL = timedelta(hours=1)
"""How long after one question the next one can be sent."""
QUESTIONS = 5
"""How often somebody is asked within some weeks, by whoever."""
ATTEMPTS = 30
"""How often one address on the network may ask for another question within a quarter of an hour."""
UNANSWERED = _("The address was not confirmed in time.")
LAPSED = """
SELECT delivery.id AS id, recipient.confirmed_at AS confirmed_at FROM delivery
  JOIN sending ON sending.id = delivery.sending_id
  LEFT JOIN job ON job.id = sending.job
  LEFT JOIN recipient ON recipient.id = delivery.recipient
  WHERE delivery.state = 'withheld' AND (
    recipient.id IS NULL OR recipient.confirmed_at IS NOT NULL
    OR recipient.asked_until IS NULL OR recipient.asked_until <= ?
    OR job.id IS NULL OR job.state = 'cancelled'
  )
  LIMIT 200
"""


class ConfirmationState(StrEnum):
    """What a link to confirm an address is good for."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    LAPSED = "lapsed"
    """Its time is over; another one can be asked for."""
    TEST = "test"
    """It came with a test, and changes nothing."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a link to confirm an address is about. ``sender`` is who wants to send reports."""

    state: ConfirmationState
    workspace: str
    sender: str
    address: str


class Confirmations:
    """Asks recipients to confirm their address, and takes their answer. Looking changes nothing."""

    def __init__(
        self,
        catalog: Catalog,
        clock: Clock,
        jobs: Jobs,
        ledger: Ledger,
        mails: PlainMails,
        own_links: OwnLinks,
    ) -> None:
        self._catalog, self._clock, self._jobs, self._ledger = catalog, clock, jobs, ledger
        self._mails, self._own_links = mails, own_links
        self._rate_limit = RateLimit(catalog, clock, "confirmation", ATTEMPTS)

    async def ask(self, actor: Principal, recipient: UUID) -> RecipientInfo:
        """Ask an external recipient, also once more.

        Raises ``Forbidden``, ``NotFound``, ``Conflict`` where there is nothing
        to ask, and ``TooMany`` where they were asked often enough.
        """
        require(actor, Action.MANAGE_RECIPIENTS)
        return await self._ask(actor.workspace, recipient, actor.name)

    async def ask_again(self, token: str, ip: str) -> str:
        """Send the question once more to the address that had this link; that address, made hard to read.

        ``ip`` is where whoever asks comes from. Raises like :meth:`ask`, and ``Gone``.
        """
        await self._rate_limit.hit(ip)
        row = await self._resolve(token)
        found = await self._ask(row.sending.workspace, row.recipient, row.sending.sent_by_name)
        return masked(found.address)

    async def look(self, token: str) -> Confirmation:
        """What a link is about. Raises ``NotFound`` for one that is not ours, ``Gone`` for an old one."""
        row = await self._resolve(token)
        workspace = await Workspace.get(id=row.sending.workspace)
        return Confirmation(
            await self._state(row), workspace.name, row.sending.sent_by_name, masked(row.address)
        )

    async def confirm(self, token: str) -> Confirmation:
        """Confirm the address, and send what waited for that. Once more changes nothing.

        Raises like :meth:`look`, and ``Conflict`` where the link's time is over.
        """
        row = await self._resolve(token)
        async with self._catalog.transaction():
            await RecipientRow.filter(id=row.recipient).select_for_update().only("id").first()
            if await self._state(row) is ConfirmationState.LAPSED:
                raise Conflict(_("The time to confirm this address is over."))
            if await self._state(row) is ConfirmationState.OPEN:
                await RecipientRow.filter(id=row.recipient).update(confirmed_at=self._clock.now())
                withheld = DeliveryRow.filter(recipient=row.recipient, state=DeliveryState.WITHHELD)
                for one in await withheld.order_by("created_at").select_related("sending"):
                    await self._release(one)
        return await self.look(token)

    async def sweep(self) -> int:
        """Give up what waits for nobody any more, and release what should not wait; how many."""
        found = await rows(LAPSED, self._clock.now())
        for one in found:
            async with self._catalog.transaction():
                row = await DeliveryRow.get(id=UUID(str(one["id"]))).select_related("sending")
                await (self._give_up(row) if one["confirmed_at"] is None else self._release(row))
        return len(found)

    async def _ask(self, workspace: UUID, recipient: UUID, sender: str) -> RecipientInfo:
        now = self._clock.now()
        async with self._catalog.transaction():
            row = await external_row(workspace, recipient, lock=True)
            found = await read_recipient(workspace, recipient, now)
            assert found is not None  # noqa: S101 - its row is locked
            if found.state not in (RecipientState.NEW, RecipientState.WAITING, RecipientState.LAPSED):
                raise Conflict(_("There is nothing to ask {address} for.", address=found.address))
            if row.asked_at is not None and now - row.asked_at < ASK_INTERVAL:
                raise TooMany(_("This address was asked within the last hour; look into the mailbox."))
            if row.asked_at is not None and row.asked >= QUESTIONS and now - row.asked_at < 2 * LASTS:
                raise TooMany(
                    _("This address was asked {count} times without an answer; write to them otherwise.",
                      count=row.asked)
                )  # fmt: skip
            await mark_asked(recipient, now)
            await self._mails.ask(workspace, addressee(found), sender)
        asked = await read_recipient(workspace, recipient, now)
        return asked or found

    async def _release(self, row: DeliveryRow) -> None:
        """Have it sent by a step of its own, with links that last as long as those of the others did."""
        sending = row.sending
        await lock_job(sending.job)
        if await is_stopped(sending.job):
            await self._give_up(row)
            return
        step = await self._jobs.add(sending.job, NewStep(DELIVER, {"delivery": str(row.id)}))
        until = self._clock.now() + timedelta(days=sending.days)
        # What was approved stays as it is: it names no date.
        letter = row.letter if is_undated(row) else letter_key(
            zone=row.zone, formats=row.formats, external=row.external, confirms=row.confirms, until=until
        )  # fmt: skip
        await DeliveryRow.filter(id=row.id, state=DeliveryState.WITHHELD).update(
            state=DeliveryState.PLANNED, step=step, links_until=until, letter=letter
        )

    async def _give_up(self, row: DeliveryRow) -> None:
        await self._ledger.cancel(row.id, STOPPED if await is_stopped(row.sending.job) else UNANSWERED)

    async def _state(self, row: DeliveryRow) -> ConfirmationState:
        if row.sending.test:
            return ConfirmationState.TEST
        recipient = await RecipientRow.get(id=row.recipient)
        if recipient.confirmed_at is not None:
            return ConfirmationState.CONFIRMED
        late = recipient.asked_until is None or recipient.asked_until <= self._clock.now()
        return ConfirmationState.LAPSED if late else ConfirmationState.OPEN

    async def _resolve(self, token: str) -> DeliveryRow:
        # The signature comes first: without it nothing is looked up, so nothing can be found out.
        delivery = self._own_links.read(CONFIRMATION, token)
        row = await DeliveryRow.get_or_none(id=delivery).select_related("sending")
        if row is None:
            raise broken_link()
        if not row.sending.test and not await RecipientRow.exists(id=row.recipient, address=row.address):
            raise Gone(_("This address no longer stands in the address book that the e-mail came from."))
        return row
