"""The ledger's changes: each is one conditional UPDATE, so that two workers never do the same.

A row is claimed before the first byte leaves, handed over right before the
content, and settled after the answer. What was handed over and never settled
is ``unknown``: it may have arrived, so it is never sent again by itself. What
was only claimed has not left, and the next attempt takes it over. See docs/decisions/034.

Whatever settles a row appends an entry to the chain, in the same transaction
(:mod:`bilan.delivery.chain`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec
from tortoise.queryset import QuerySet

from bilan.catalog import Catalog
from bilan.catalog.group_commit import GroupCommit
from bilan.catalog.statements import rows
from bilan.clock import Clock
from bilan.delivery.chain import append_entries
from bilan.delivery.models import DeliveryRow
from bilan.delivery.values import Delivery, DeliveryState, Mode
from bilan.sdk.errors import Cancelled
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _

SILENCE = timedelta(minutes=10)
"""A row handed over that nobody settled for so long will not be settled any more."""
UNSENT = (DeliveryState.PLANNED, DeliveryState.CLAIMED)
OPEN = (DeliveryState.CLAIMED, DeliveryState.HANDED_OVER)
REPORTABLE = (DeliveryState.HANDED_OVER, DeliveryState.ACCEPTED, DeliveryState.UNKNOWN)
LONGEST_ANSWER = 1000
RECONCILE = """
UPDATE delivery SET
  state = CASE state WHEN 'handed_over' THEN 'unknown' ELSE 'cancelled' END,
  reason = CASE state WHEN 'handed_over' THEN ? ELSE COALESCE(
    (SELECT COALESCE(step.error, job.error, (
      SELECT failed.error FROM step AS failed
      WHERE failed.job_id = step.job_id AND failed.state = 'failed' ORDER BY failed.position LIMIT 1
    )) FROM step JOIN job ON job.id = step.job_id WHERE step.id = delivery.step),
    ?
  ) END,
  settled_at = ?
WHERE (state IN ('planned', 'claimed') OR (state = 'handed_over' AND claimed_at < ?))
AND id IN (
  SELECT delivery.id FROM delivery LEFT JOIN step ON step.id = delivery.step
  WHERE delivery.state IN ('planned', 'claimed')
    AND (step.id IS NULL OR step.state NOT IN ('waiting', 'running'))
  OR delivery.state = 'handed_over' AND delivery.claimed_at < ?
  LIMIT 500
)
RETURNING id
"""
"""Settles at most so many. What it looks for stands in it twice: a row may change while it is looked for."""

CLAIM = """
UPDATE delivery SET state = 'claimed', attempt = ?, claimed_at = ?
WHERE attempt = ? AND state IN ('planned', 'claimed') AND id IN ({marks}) RETURNING id
"""
HAND_OVER = """
UPDATE delivery SET state = 'handed_over'
WHERE attempt = ? AND state = 'claimed' AND id IN ({marks}) RETURNING id
"""
SETTLE = """
UPDATE delivery SET state = ?, settled_at = ?, reason = ?, attached = ?, answer = CASE id {answers} END
WHERE attempt = ? AND state IN ({states}) AND id IN ({marks}) RETURNING id
"""

LOST = _(
    "The server stopped while this was being sent. It may have arrived; send it again if the "
    "recipient does not have it."
)
DROPPED = _("The connection broke before the receiving server answered. It may have arrived.")
STOPPED = _("The run was stopped before this was sent.")


@dataclass(frozen=True, slots=True)
class _Claimed:
    """An attempt at a row, by its number."""

    delivery: UUID
    number: int


@dataclass(frozen=True, slots=True)
class _End:
    """How an attempt ended."""

    of: _Claimed
    state: DeliveryState
    answer: str | None
    reason: str | None
    """As JSON."""
    attached: bool


class Ledger:
    """Changes rows. Safe with any number of workers on any machine.

    What attempts of one process write at the same time is written by one
    statement, or one transaction (group commit).
    """

    def __init__(self, catalog: Catalog, clock: Clock) -> None:
        self._catalog, self._clock = catalog, clock
        self._claims = GroupCommit(self._claim)
        self._hand_overs = GroupCommit(self._hand_over)
        self._ends = GroupCommit(self._end)

    async def claim(self, delivery: UUID, before: int) -> int | None:
        """Have the row alone; the number of this attempt, which follows the one ``before``.

        Also where that one claimed the row and fell silent: its content has
        not left, and no longer can, since the row now has another attempt's number.
        """
        return before + 1 if await self._claims.put(_Claimed(delivery, before)) else None

    async def mark_handed_over(self, delivery: UUID, attempt: int) -> None:
        """The content leaves now. Raises ``Cancelled`` where the row is not ours (any more)."""
        if not await self._hand_overs.put(_Claimed(delivery, attempt)):
            raise Cancelled(STOPPED)

    async def settle(
        self,
        delivery: UUID,
        attempt: int,
        state: DeliveryState,
        *,
        answer: str = "",
        reason: Message | None = None,
        attached: bool = False,
    ) -> bool:
        """Write down how the attempt ended, also where somebody gave it up meanwhile.

        ``False`` where the row is another's by now; what is to be tried again is
        settled already where it was given up.
        """
        words = DeliveryRow._meta.fields_map["reason"].to_db_value(reason, DeliveryRow)
        said = printable(answer)[:LONGEST_ANSWER] or None
        end = _End(_Claimed(delivery, attempt), state, said, words, attached)
        if self._catalog.in_transaction:
            return (await self._end([end]))[0]
        return await self._ends.put(end)

    async def refuse(self, delivery: UUID, before: int, reason: Message) -> None:
        """Do not send it at all, whatever attempt ``before`` has begun."""
        await self._settle(delivery, _unsent(delivery, before), state=DeliveryState.REFUSED, reason=reason)

    async def give_up(self, delivery: UUID) -> None:
        """Whoever handed the row over is gone: nobody knows whether it arrived."""
        row = DeliveryRow.filter(id=delivery, state=DeliveryState.HANDED_OVER)
        await self._settle(delivery, row, state=DeliveryState.UNKNOWN, reason=LOST)

    async def resolve(self, delivery: UUID, state: DeliveryState, reason: Message) -> bool:
        """What a person says of a row that is unknown; ``False`` where it is not (any more)."""
        row = DeliveryRow.filter(id=delivery, state=DeliveryState.UNKNOWN)
        return await self._settle(delivery, row, state=state, reason=reason)

    async def report(self, delivery: UUID, state: DeliveryState, answer: str, reason: Message) -> bool:
        """What a mail server reported of a row that was taken over; ``False`` where that is known already.

        A report may be quicker than the answer to whoever hands the row over.
        """
        row = DeliveryRow.filter(id=delivery, state__in=REPORTABLE)
        said = {"answer": printable(answer)[:LONGEST_ANSWER]} if answer else {}
        return await self._settle(delivery, row, state=state, reason=reason, **said)

    async def cancel(self, delivery: UUID, reason: Message) -> None:
        """Do not send what nobody has begun to send, or what waits for a confirmation."""
        row = DeliveryRow.filter(id=delivery, state__in=(DeliveryState.PLANNED, DeliveryState.WITHHELD))
        await self._settle(delivery, row, state=DeliveryState.CANCELLED, reason=reason)

    async def stop_withheld(self, sending: UUID) -> None:
        """Give up what waits for a confirmation, where the sending is stopped."""
        for row in await DeliveryRow.filter(sending_id=sending, state=DeliveryState.WITHHELD).only("id"):
            await self.cancel(row.id, STOPPED)

    async def sweep(self) -> int:
        """Settle what nobody will settle: steps that are over, and attempts that fell silent."""
        now = self._clock.now()
        lost, stopped = (msgspec.json.encode(message).decode() for message in (LOST, STOPPED))
        async with self._catalog.transaction():
            settled = await rows(RECONCILE, lost, stopped, now, now - SILENCE, now - SILENCE)
            self._append([UUID(str(one["id"])) for one in settled])
        return len(settled)

    async def _settle(self, delivery: UUID, row: QuerySet[DeliveryRow], **found: Any) -> bool:
        """Settle the row, unless it is not in the state any more in which it was to be found."""
        async with self._catalog.transaction():
            settled = bool(await row.update(settled_at=self._clock.now(), **found))
            self._append([delivery] if settled else [])
        return settled

    async def _claim(self, attempts: Sequence[_Claimed]) -> list[bool]:
        """Claim rows whose last attempts these are."""
        now = self._clock.now()
        taken = set[_Claimed]()
        for before, group in _by_number(attempts):
            marks = ", ".join("?" * len(group))
            found = await rows(CLAIM.format(marks=marks), before + 1, now, before, *map(str, group))
            taken |= {_Claimed(UUID(str(one["id"])), before) for one in found}
        return _once(attempts, taken)

    async def _hand_over(self, attempts: Sequence[_Claimed]) -> list[bool]:
        """Mark rows as handed over."""
        left = set[_Claimed]()
        for number, group in _by_number(attempts):
            found = await rows(HAND_OVER.format(marks=", ".join("?" * len(group))), number, *map(str, group))
            left |= {_Claimed(UUID(str(one["id"])), number) for one in found}
        return [one in left for one in attempts]

    async def _end(self, ends: Sequence[_End]) -> list[bool]:
        """Settle attempts, those that ended alike by one statement, and append their entries."""
        now, settled, over = self._clock.now(), set[_Claimed](), list[UUID]()
        alike = sorted(ends, key=_likeness)
        async with self._catalog.transaction():
            for _like, several in groupby(alike, key=_likeness):
                group = list(several)
                one = group[0]
                states = (*OPEN, DeliveryState.UNKNOWN) if one.state.over else OPEN
                statement = SETTLE.format(
                    answers="WHEN ? THEN ? " * len(group),
                    states=", ".join(f"'{state}'" for state in states),
                    marks=", ".join("?" * len(group)),
                )
                answers = [part for end in group for part in (str(end.of.delivery), end.answer)]
                settled_at, idents = now if one.state.over else None, [str(end.of.delivery) for end in group]
                changed = await rows(
                    statement, str(one.state), settled_at, one.reason, one.attached, *answers,
                    one.of.number, *idents,
                )  # fmt: skip
                found = [UUID(str(row["id"])) for row in changed]
                settled |= {_Claimed(ident, one.of.number) for ident in found}
                over += found if one.state.over else []
            self._append(over)
        return [end.of in settled for end in ends]

    def _append(self, settled: Sequence[UUID]) -> None:
        if settled:
            self._catalog.before_commit(partial(append_entries, self._catalog, settled))


def _by_number(attempts: Iterable[_Claimed]) -> list[tuple[int, list[UUID]]]:
    """The rows of attempts of each number; each row once, in one order for everybody."""
    found = dict[int, set[UUID]]()
    for one in attempts:
        found.setdefault(one.number, set()).add(one.delivery)
    return [(number, sorted(group)) for number, group in found.items()]


def _once(attempts: Sequence[_Claimed], taken: set[_Claimed]) -> list[bool]:
    """Of each attempt, whether it was taken; of several that are the same the first alone."""
    left = set(taken)
    results = list[bool]()
    for one in attempts:
        results.append(one in left)
        left.discard(one)
    return results


def _likeness(end: _End) -> tuple[int, str, str, bool]:
    return end.of.number, end.state, end.reason or "", end.attached


def deliveries_of(found: Iterable[DeliveryRow]) -> tuple[Delivery, ...]:
    """The values of rows whose sendings have been fetched, by name."""
    values = (_delivery(row) for row in found)
    return tuple(sorted(values, key=lambda one: (-one.created_at.timestamp(), one.name.casefold())))


def _delivery(row: DeliveryRow) -> Delivery:
    sending = row.sending
    return Delivery(
        id=row.id,
        run=sending.run,
        job=sending.job,
        channel=row.channel,
        recipient=row.recipient,
        address=row.address,
        name=row.name,
        state=DeliveryState(row.state),
        attempt=row.attempt,
        mode=Mode(sending.mode),
        attached=row.attached,
        answer=row.answer,
        reason=row.reason,
        sent_by_name=sending.sent_by_name,
        created_at=row.created_at,
        claimed_at=row.claimed_at,
        settled_at=row.settled_at,
    )


def _unsent(delivery: UUID, attempt: int) -> QuerySet[DeliveryRow]:
    """The row, as long as nothing of that attempt has left."""
    return DeliveryRow.filter(id=delivery, attempt=attempt, state__in=UNSENT)


def printable(answer: str) -> str:
    """What another machine said, without what no database keeps and no page shows."""
    return " ".join("".join(one if one.isprintable() else " " for one in answer).split())
