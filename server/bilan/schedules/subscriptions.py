"""Subscriptions as recipients see them, by the link of any e-mail they got: what comes to them, and its end.

The link needs no sign-in: whoever holds it has the e-mail. Looking changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from bilan.accounts.models import Workspace
from bilan.clock import Clock
from bilan.delivery import OwnLinks
from bilan.delivery.models import DeliveryRow
from bilan.delivery.own_links import SUBSCRIPTION, broken_link, masked
from bilan.delivery.recipients import recipient_of
from bilan.recipients import Unsubscriptions
from bilan.schedules.models import ScheduleRecipientRow
from bilan.schedules.values import ScheduleState
from bilan.sdk.errors import Gone, NotFound
from bilan.sdk.textdomain import _

OVER = (ScheduleState.DELETED, ScheduleState.ENDED)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A report that comes to somebody again and again, and whether they ended it."""

    schedule: UUID
    title: str
    ended: bool


@dataclass(frozen=True, slots=True)
class Subscribed:
    """What comes to the recipient of an e-mail. ``address`` is made hard to read for others.

    ``schedule`` is the one that the e-mail came from, ``ended`` says that
    nothing comes any more, and ``test`` that the e-mail was a test, whose link changes nothing.
    """

    workspace: str
    address: str
    subscriptions: tuple[Subscription, ...]
    schedule: UUID | None
    ended: bool
    external: bool
    test: bool


class Subscriptions:
    """Shows and ends what comes to the recipient of an e-mail, by the token of its link.

    Methods raise ``NotFound`` for a token that is not ours, and ``Gone`` once
    its recipient is in the workspace's address book no more.
    """

    def __init__(self, clock: Clock, own_links: OwnLinks, unsubscriptions: Unsubscriptions) -> None:
        self._clock, self._own_links, self._unsubscriptions = clock, own_links, unsubscriptions

    async def look(self, token: str) -> Subscribed:
        """What comes to them."""
        return await self._look(await self._resolve(token))

    async def unsubscribe(self, token: str) -> Subscribed:
        """End what the e-mail is part of, by one click in a mail program (RFC 8058).

        That is what its schedule sends; without one everything. Once more changes nothing.
        """
        row = await self._resolve(token)
        if not row.sending.test:
            await self._unsubscriptions.end(row.sending.workspace, row.recipient, row.sending.schedule)
        return await self._look(row)

    async def end(self, token: str, schedule: UUID | None) -> Subscribed:
        """End what one schedule sends; without one, everything. Raises ``NotFound`` for one not theirs."""
        return await self._change(token, schedule, end=True)

    async def resume(self, token: str, schedule: UUID | None) -> Subscribed:
        """Begin it again, as they alone may."""
        return await self._change(token, schedule, end=False)

    async def _change(self, token: str, schedule: UUID | None, *, end: bool) -> Subscribed:
        row = await self._resolve(token)
        shown = await self._look(row)
        known = {None, shown.schedule, *(one.schedule for one in shown.subscriptions)}
        if schedule not in known:
            raise NotFound(_("There is no such report among yours."))
        if row.sending.test:
            return shown
        if end:
            await self._unsubscriptions.end(row.sending.workspace, row.recipient, schedule)
        else:
            await self._unsubscriptions.resume(row.sending.workspace, row.recipient, schedule)
        return await self._look(row)

    async def _look(self, row: DeliveryRow) -> Subscribed:
        sending = row.sending
        ended = await self._unsubscriptions.scopes(sending.workspace, row.recipient)
        named = ScheduleRecipientRow.filter(
            recipient=row.recipient, schedule__workspace_id=sending.workspace
        ).exclude(schedule__state__in=OVER)
        found = [
            Subscription(one.schedule_id, one.schedule.report_name, one.schedule_id in ended)
            for one in await named.select_related("schedule")
        ]
        return Subscribed(
            workspace=(await Workspace.get(id=sending.workspace)).name,
            address=masked(row.address),
            subscriptions=tuple(sorted(found, key=lambda one: (one.title.casefold(), one.schedule))),
            schedule=sending.schedule,
            ended=sending.workspace in ended,
            external=row.external,
            test=sending.test,
        )

    async def _resolve(self, token: str) -> DeliveryRow:
        # The signature comes first: without it nothing is looked up, so nothing can be found out.
        delivery = self._own_links.read(SUBSCRIPTION, token)
        row = await DeliveryRow.get_or_none(id=delivery).select_related("sending")
        if row is None:
            raise broken_link()
        if await recipient_of(row, row.sending.workspace, self._clock.now()) is None:
            raise Gone(_("Nothing is sent to this address any more."))
        return row
