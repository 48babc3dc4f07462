"""Unsubscriptions: recipients who want no more of one schedule, or of anything."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from bilan.clock import Clock
from bilan.recipients.models import UnsubscriptionRow


class Unsubscriptions:
    """Keeps what recipients ended. They alone begin it again: a schedule that names them anew does not.

    ``schedule`` is its id; without one everything is meant. Whoever calls has
    been shown the recipient's own link, or is the recipient.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def end(self, workspace: UUID, recipient: UUID, schedule: UUID | None = None) -> None:
        """Send them nothing more; asked for twice, it changes nothing more."""
        await UnsubscriptionRow.get_or_create(
            workspace_id=workspace,
            recipient=recipient,
            scope=schedule or workspace,
            defaults={"at": self._clock.now()},
        )

    async def resume(self, workspace: UUID, recipient: UUID, schedule: UUID | None = None) -> None:
        """Take an end back."""
        await UnsubscriptionRow.filter(
            workspace_id=workspace, recipient=recipient, scope=schedule or workspace
        ).delete()

    async def scopes(self, workspace: UUID, recipient: UUID) -> frozenset[UUID]:
        """What they ended: schedules, and the workspace itself where it is everything."""
        rows = await UnsubscriptionRow.filter(workspace_id=workspace, recipient=recipient)
        return frozenset(row.scope for row in rows)


async def who_ended(workspace: UUID, recipients: Collection[UUID], schedule: UUID) -> frozenset[UUID]:
    """Who of these recipients ended what a schedule sends."""
    rows = UnsubscriptionRow.filter(workspace_id=workspace, recipient__in=list(recipients), scope=schedule)
    return frozenset([row.recipient for row in await rows])
