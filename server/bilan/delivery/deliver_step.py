"""The step that hands deliveries over to their recipients, many of one sending together.

What they share is read once: the run, who may receive it, the letter. Each
is claimed before it leaves and settled after the answer, by itself; what is written
at the same time is written together (:mod:`bilan.delivery.ledger`). See docs/decisions/115.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from uuid import UUID

import anyio
import structlog

from bilan.clock import Clock
from bilan.delivery.ledger import DROPPED, STOPPED, UNSENT, Ledger, printable
from bilan.delivery.letters import Letters, ReadLetters
from bilan.delivery.models import DeliveryRow, SendingRow
from bilan.delivery.recipients import refusals, refused_mail
from bilan.delivery.values import DeliveryState
from bilan.recipients import Suppressions
from bilan.runs.reading import read_run
from bilan.sdk.channels import DeliveryStatus, RawMessage, Receipt, Transport
from bilan.sdk.errors import Cancelled, Unavailable
from bilan.sdk.messages import Message
from bilan.sdk.pulls import RateLimited
from bilan.sdk.textdomain import _, ngettext
from bilan.work import BatchHandler, PutOff, StepContext
from bilan.work.jobs import is_stopped

log = structlog.get_logger(__name__)

UNAPPROVED = timedelta(minutes=1)
"""How long what nobody has said yes to waits before it looks again."""
TAKEN = timedelta(seconds=1)
"""How long a step waits that finds its row claimed by a worker who has lost the step since."""
MOST = 50
"""So many deliveries of a sending are worked on together."""
CLAIMED = 8
"""So many are claimed at a time."""
FEW = 20
"""Fewer than so many go one after the other: over one connection, as mail servers count them."""
FRESH = 10.0
"""Seconds after it was looked at whether they may leave; what has not begun by then is looked at anew."""


class DeliverStep(BatchHandler):
    """Hands a sending over to its recipients, to each at most once.

    A step succeeds when its row is settled, however that went: a refusal
    concerns one recipient and is no failure of the run. ``at_once`` says of a channel
    how many are handed over side by side in this process; one without it.
    """

    most = MOST

    def __init__(
        self,
        letters: Letters,
        ledger: Ledger,
        transports: Mapping[str, Transport],
        suppressions: Suppressions,
        clock: Clock,
        *,
        at_once: Mapping[str, int] | None = None,
    ) -> None:
        self._letters, self._ledger, self._transports = letters, ledger, transports
        self._suppressions, self._clock = suppressions, clock
        self._slots = {channel: anyio.Semaphore((at_once or {}).get(channel, 1)) for channel in transports}

    async def __call__(self, contexts: Sequence[StepContext]) -> None:
        steps = {UUID(one.arguments["delivery"]): one for one in contexts}
        found = DeliveryRow.filter(id__in=list(steps)).select_related("sending")
        # Those who get the same letter one after the other.
        rows = await found.order_by("sending_id", "channel", "language", "letter", "id")
        for gone in steps.keys() - {row.id for row in rows}:
            steps[gone].error = LookupError(f"There is no delivery {gone}.")
        by_sending = dict[UUID, list[DeliveryRow]]()
        for row in rows:
            by_sending.setdefault(row.sending_id, []).append(row)
        for several in by_sending.values():
            await self._deliver(several[0].sending, several, steps)

    async def _deliver(
        self, sending: SendingRow, rows: Sequence[DeliveryRow], steps: Mapping[UUID, StepContext]
    ) -> None:
        began, unsent = anyio.current_time(), await self._leaving(sending, rows, steps)
        leaving, letters = iter(unsent), self._letters.reading()
        async with anyio.create_task_group() as tasks:
            while several := list(islice(leaving, CLAIMED)):
                if anyio.current_time() - began > FRESH:
                    # Meanwhile somebody may have lost a right, or wants no more.
                    for row in (*several, *leaving):
                        steps[row.id].error = PutOff(timedelta(0))
                    break
                for row, number in await self._claim(several, steps):
                    slot = self._slots[row.channel]
                    await slot.acquire()
                    attempt = _Attempt(self._ledger, steps[row.id], row.id, number)
                    if len(unsent) < FEW:
                        await self._hand_over(row, attempt, letters, slot)
                    else:
                        tasks.start_soon(self._hand_over, row, attempt, letters, slot)

    async def _leaving(
        self, sending: SendingRow, rows: Sequence[DeliveryRow], steps: Mapping[UUID, StepContext]
    ) -> list[DeliveryRow]:
        """Those of the rows that are to be sent now."""
        unsent = list[DeliveryRow]()
        for row in rows:
            state = DeliveryState(row.state)
            if state is DeliveryState.HANDED_OVER:
                # Somebody handed it over and fell silent: what left then must not leave again.
                await self._ledger.give_up(row.id)
            elif state in UNSENT and sending.awaits_approval:
                # Released by its recipient's confirmation before somebody said yes to all of it.
                steps[row.id].error = PutOff(UNAPPROVED)
            elif state in UNSENT:
                unsent.append(row)
        refused = await self._refusals(sending, unsent) if unsent else {}
        for row in unsent:
            if reason := refused.get(row.id):
                await self._ledger.refuse(row.id, row.attempt, reason)
        return [row for row in unsent if row.id not in refused]

    async def _claim(
        self, rows: Sequence[DeliveryRow], steps: Mapping[UUID, StepContext]
    ) -> list[tuple[DeliveryRow, int]]:
        """Those of the rows that are ours now, and the numbers of their attempts."""
        going_on = [row for row in rows if not steps[row.id].cancelled()]
        for row in rows:
            if steps[row.id].cancelled():
                steps[row.id].error = Cancelled(STOPPED)
        claims = (self._ledger.claim(row.id, row.attempt) for row in going_on)
        ours = list[tuple[DeliveryRow, int]]()
        for row, number in zip(going_on, await asyncio.gather(*claims, return_exceptions=True), strict=True):
            match number:
                case int():
                    ours.append((row, number))
                case Exception():
                    steps[row.id].error = number
                case _ if await _is_open(row.id):
                    # By somebody who has lost the step since, and may not get further.
                    steps[row.id].error = PutOff(TAKEN)
                case _:
                    pass
        return ours

    async def _hand_over(
        self, row: DeliveryRow, attempt: _Attempt, letters: ReadLetters, slot: anyio.Semaphore
    ) -> None:
        try:
            message = await letters.address(row)
            receipt = await attempt.send(self._transports[row.channel], message)
            if receipt.address_refused:
                await self._suppressions.add(row.sending.workspace, row.address, printable(receipt.answer))
        except Exception as error:
            attempt.context.error = error
        finally:
            slot.release()

    async def _refusals(self, sending: SendingRow, rows: Sequence[DeliveryRow]) -> Mapping[UUID, Message]:
        now = self._clock.now()
        if sending.run is not None:
            return await refusals(rows, sending, await read_run(sending.run), now)
        found = {row.id: await refused_mail(row, sending.workspace, now) for row in rows}
        return {ident: reason for ident, reason in found.items() if reason is not None}


async def _is_open(delivery: UUID) -> bool:
    """Whether the row is still to be sent, or on its way."""
    row = await DeliveryRow.get_or_none(id=delivery).only("state")
    return row is not None and DeliveryState(row.state) in (*UNSENT, DeliveryState.HANDED_OVER)


@dataclass
class _Attempt:
    """One claim of a row, until it is settled."""

    ledger: Ledger
    context: StepContext
    delivery: UUID
    number: int
    left: bool = False

    async def send(self, transport: Transport, message: RawMessage) -> Receipt:
        try:
            receipt = await transport.send(message, self._before_send)
        except Cancelled:
            # Nothing has left. Where the process ends or has lost the step, another one goes on.
            if self.context.stopping:
                await self._settle(DeliveryState.PLANNED)
            elif await is_stopped(self.context.job.id):
                await self._settle(DeliveryState.CANCELLED)
            raise
        except Exception as error:
            log.exception("the channel failed", delivery=str(self.delivery))
            status = DeliveryStatus.UNKNOWN if self.left else DeliveryStatus.LATER
            receipt = Receipt(status, str(error) or type(error).__name__)
        await self._settled(receipt, attached=message.attached)
        return receipt

    async def _before_send(self) -> None:
        self.context.check()
        await self.ledger.mark_handed_over(self.delivery, self.number)
        self.left = True

    async def _settle(self, state: DeliveryState) -> None:
        reason = STOPPED if state is DeliveryState.CANCELLED else None
        await self.ledger.settle(self.delivery, self.number, state, reason=reason)

    async def _settled(self, receipt: Receipt, *, attached: bool) -> None:
        state, reason = _STATES[receipt.status], None
        if receipt.status is DeliveryStatus.LATER and self.context.last:
            state = DeliveryState.REFUSED
            reason = ngettext(
                "The receiving server put this off at the only attempt.",
                "The receiving server put this off at each of {count} attempts.",
                count=self.context.claim.attempt,
            )
        elif receipt.status is DeliveryStatus.REFUSED:
            reason = receipt.reason or _("The receiving server refused this: {answer}", answer=receipt.answer)
        elif receipt.status is DeliveryStatus.UNKNOWN:
            reason = DROPPED
        said, put_off = (
            receipt.answer,
            _("The receiving server put this off: {answer}", answer=receipt.answer),
        )
        settled = await self.ledger.settle(
            self.delivery, self.number, state, answer=said, reason=reason, attached=attached
        )
        if state is DeliveryState.PLANNED:
            if not settled:
                # Given up by whoever has the step now: it is over, and nobody tries again by themselves.
                refused = DeliveryState.REFUSED
                await self.ledger.settle(self.delivery, self.number, refused, answer=said, reason=put_off)
            if receipt.retry_after is not None:
                raise RateLimited(put_off, receipt.retry_after)
            raise Unavailable(put_off)


_STATES = {
    DeliveryStatus.ACCEPTED: DeliveryState.ACCEPTED,
    DeliveryStatus.REFUSED: DeliveryState.REFUSED,
    DeliveryStatus.LATER: DeliveryState.PLANNED,
    DeliveryStatus.UNKNOWN: DeliveryState.UNKNOWN,
}
