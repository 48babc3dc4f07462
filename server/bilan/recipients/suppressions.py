"""Suppressions: addresses of which a mail server said that it takes nothing for them."""

from __future__ import annotations

from uuid import UUID

from bilan.accounts.policy import Action, require
from bilan.accounts.values import Principal
from bilan.clock import Clock
from bilan.recipients.models import SuppressionRow
from bilan.recipients.reading import hash_address
from bilan.recipients.values import Suppression, SuppressionPage
from bilan.sdk.errors import NotFound
from bilan.sdk.textdomain import _


class Suppressions:
    """Lists suppressed addresses and lifts them, for whoever manages recipients."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def list(self, actor: Principal, *, offset: int = 0, limit: int = 50) -> SuppressionPage:
        """The suppressed addresses, the latest first. Raises ``Forbidden``."""
        require(actor, Action.MANAGE_RECIPIENTS)
        rows = SuppressionRow.filter(workspace_id=actor.workspace)
        page = await rows.order_by("-since", "id").offset(offset).limit(limit)
        found = tuple(Suppression(row.id, row.address, row.answer, row.since) for row in page)
        return SuppressionPage(found, await rows.count())

    async def lift(self, actor: Principal, suppression: UUID) -> None:
        """Let e-mails go to the address again. Raises ``Forbidden``, ``NotFound``."""
        require(actor, Action.MANAGE_RECIPIENTS)
        if not await SuppressionRow.filter(id=suppression, workspace_id=actor.workspace).delete():
            raise NotFound(_("There is no such address."), ("suppression",))

    async def add(self, workspace: UUID, address: str, answer: str) -> None:
        """Send nothing more to an address; once more keeps the first answer."""
        await SuppressionRow.get_or_create(
            workspace_id=workspace,
            address_hash=hash_address(address),
            defaults={"address": address, "answer": answer, "since": self._clock.now()},
        )


async def put_aside(workspace: UUID, address: str, clock: Clock) -> None:
    """Remember of an address that nothing goes to it, without the address itself."""
    row, _made = await SuppressionRow.get_or_create(
        workspace_id=workspace,
        address_hash=hash_address(address),
        defaults={"answer": "", "since": clock.now()},
    )
    # Of what a server said the number stays; its words mostly name the address.
    number = row.answer.partition(" ")[0]
    await SuppressionRow.filter(id=row.id).update(address=None, answer=number)
