"""The steps of sending: render each file, compose a letter for each language, send it to each recipient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from bilan.clock import Clock
from bilan.delivery.ledger import DROPPED, STOPPED, UNSENT, Ledger, printable
from bilan.delivery.letters import Letters
from bilan.delivery.models import DeliveryRow, SendingRow
from bilan.delivery.recipients import refusal, refused_mail
from bilan.delivery.values import DeliveryState
from bilan.recipients import Suppressions
from bilan.runs.reading import read_run
from bilan.sdk.channels import DeliveryStatus, RawMessage, Receipt, Transport
from bilan.sdk.errors import Cancelled, Unavailable
from bilan.sdk.messages import Message
from bilan.sdk.pulls import RateLimited
from bilan.sdk.textdomain import _, ngettext
from bilan.work import PutOff, StepContext
from bilan.work.jobs import is_stopped

log = structlog.get_logger(__name__)

WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""The waits between attempts that a server put off; grey lists want some minutes."""


UNAPPROVED = timedelta(minutes=1)
"""How long what nobody has said yes to waits before it looks again."""


class RenderAttachmentStep:
    """Renders one file of a sending, in one language."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters

    async def __call__(self, context: StepContext) -> None:
        arguments = context.arguments
        sending = await SendingRow.get(id=UUID(arguments["sending"]))
        await self._letters.render(
            sending, arguments["language"], arguments["format"], context.cancelled, arguments.get("zone")
        )


class ComposeStep:
    """Composes one letter of a sending; all of them where no language is named."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters

    async def __call__(self, context: StepContext) -> None:
        arguments, channel = context.arguments, context.claim.name.partition(":")[2]
        rows = DeliveryRow.filter(sending_id=UUID(arguments["sending"])).select_related("sending")
        if channel:
            rows = rows.filter(channel=channel)
        if language := arguments.get("language"):
            rows = rows.filter(language=language, letter=arguments.get("letter", ""))
        # Of those who get the same letter one stands for all.
        letters = {(row.channel, row.language, row.letter): row for row in await rows}
        for _which, row in sorted(letters.items()):
            context.check()
            await self._letters.compose(row, context.cancelled)


class DeliverStep:
    """Hands a sending over to one recipient, at most once.

    The step succeeds when the row is settled, however that went: a refusal
    concerns one recipient and is no failure of the run.
    """

    def __init__(
        self,
        letters: Letters,
        ledger: Ledger,
        transports: Mapping[str, Transport],
        suppressions: Suppressions,
        clock: Clock,
    ) -> None:
        self._letters, self._ledger, self._transports = letters, ledger, transports
        self._suppressions, self._clock = suppressions, clock

    async def __call__(self, context: StepContext) -> None:
        ident = UUID(context.arguments["delivery"])
        row = await DeliveryRow.get(id=ident).select_related("sending")
        state = DeliveryState(row.state)
        if state is DeliveryState.HANDED_OVER:
            # Somebody handed it over and fell silent: what left then must not leave again.
            await self._ledger.give_up(ident)
        if state not in UNSENT:
            return
        if row.sending.awaits_approval:
            # Released by its recipient's confirmation before somebody said yes to all of it.
            raise PutOff(UNAPPROVED)
        if reason := await self._refusal(row):
            await self._ledger.refuse(ident, row.attempt, reason)
            return
        message = await self._letters.address(row)
        context.check()
        attempt = await self._ledger.claim(ident, row.attempt)
        if attempt is not None:
            sending = _Attempt(self._ledger, context, ident, attempt)
            receipt = await sending.send(self._transports[row.channel], message)
            if receipt.address_refused:
                await self._suppressions.add(row.sending.workspace, row.address, printable(receipt.answer))

    async def _refusal(self, row: DeliveryRow) -> Message | None:
        sending, now = row.sending, self._clock.now()
        if sending.run is None:
            return await refused_mail(row, sending.workspace, now)
        return await refusal(row, sending, await read_run(sending.run), now)


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
        await self.ledger.settle(
            self.delivery, self.number, state, answer=receipt.answer, reason=reason, attached=attached
        )
        if state is DeliveryState.PLANNED:
            put_off = _("The receiving server put this off: {answer}", answer=receipt.answer)
            if receipt.retry_after is not None:
                raise RateLimited(put_off, receipt.retry_after)
            raise Unavailable(put_off)


_STATES = {
    DeliveryStatus.ACCEPTED: DeliveryState.ACCEPTED,
    DeliveryStatus.REFUSED: DeliveryState.REFUSED,
    DeliveryStatus.LATER: DeliveryState.PLANNED,
    DeliveryStatus.UNKNOWN: DeliveryState.UNKNOWN,
}
