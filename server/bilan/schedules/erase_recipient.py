"""Erasing an external recipient: nothing is left of who they are, and nothing goes to them by mistake."""

from __future__ import annotations

from uuid import UUID

from bilan.accounts.policy import Action, require
from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.delivery.ledger import Ledger
from bilan.delivery.models import DeliveryRow, KeptMailRow, LedgerEntryRow
from bilan.files.references import Owner, release_references
from bilan.recipients.address_book import external_row
from bilan.recipients.models import RecipientAttributeRow, SuppressionRow, UnsubscriptionRow
from bilan.recipients.reading import hash_address
from bilan.recipients.suppressions import put_aside
from bilan.schedules.models import PartRecipientRow, ScheduleRecipientRow
from bilan.sdk.textdomain import _
from bilan.shares.models import ShareGrantRow
from bilan.work.models import StepRow

ERASED = _("Its recipient was erased from the address book.")


class RecipientErasure:
    """Erases recipients, for whoever manages them."""

    def __init__(self, catalog: Catalog, clock: Clock, ledger: Ledger) -> None:
        self._catalog, self._clock, self._ledger = catalog, clock, ledger

    async def erase(self, actor: Principal, recipient: UUID) -> None:
        """Erase somebody from the address book, schedules, the ledger and the outbox, for good.

        What was not sent yet is not sent; what was sent stays in the ledger
        without name and address. Who wanted no more e-mails, or whose server
        takes none, gets none when they are added anew: of their address a hash
        stays. Raises ``Forbidden``, ``NotFound``.
        """
        require(actor, Action.MANAGE_RECIPIENTS)
        async with self._catalog.transaction():
            row = await external_row(actor.workspace, recipient, lock=True)
            everything = UnsubscriptionRow.filter(workspace_id=actor.workspace, recipient=recipient)
            ended = await everything.filter(scope=actor.workspace).exists()
            suppressed = SuppressionRow.filter(
                workspace_id=actor.workspace, address_hash=hash_address(row.address)
            )
            if ended or await suppressed.exists():
                await put_aside(actor.workspace, row.address, self._clock)
            await everything.delete()
            await self._forget(recipient)
            await row.delete()

    async def _forget(self, recipient: UUID) -> None:
        await ScheduleRecipientRow.filter(recipient=recipient).delete()
        await PartRecipientRow.filter(recipient=recipient).update(address="", name="")
        await PartRecipientRow.filter(recipient=recipient, reason__isnull=False).update(reason=ERASED)
        await RecipientAttributeRow.filter(recipient=recipient).delete()
        # Without an address no link opens anything.
        await ShareGrantRow.filter(recipient=recipient).update(address="", name="")
        theirs = DeliveryRow.filter(recipient=recipient)
        rows = await theirs
        for row in rows:
            await self._ledger.cancel(row.id, ERASED)
        for kept in await KeptMailRow.filter(id__in=[row.id for row in rows]):
            await kept.delete()
            await release_references(Owner("outbox", kept.id))
        # Sentences about them, and the words of their mail server, name the address too.
        await StepRow.filter(id__in=[row.step for row in rows if row.step]).update(error=None)
        await theirs.filter(reason__isnull=False).update(reason=ERASED)
        await theirs.update(address="", name="", answer=None)
        # Without these nobody finds out by trying whose words the ledger's chain covers.
        await LedgerEntryRow.filter(delivery__in=[row.id for row in rows]).update(salt=None)
