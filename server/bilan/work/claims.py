"""Claiming, keeping and settling steps: every change is one conditional UPDATE or one transaction.

A transaction that changes a job and its steps locks the job first, so that
settling and cancelling never wait for each other in a circle. Taking a step
changes the two in a statement each, and the ticker passes over locked steps.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from tortoise.expressions import F, Q
from tortoise.queryset import QuerySet

from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.sdk.messages import Message
from bilan.work.context import Claim, StepContext
from bilan.work.jobs import Jobs, lock_job
from bilan.work.models import JobRow, StepRow
from bilan.work.values import UNDER_WAY, State

MOST_FORGOTTEN = 50
"""Attempts at a step that were in vain and no longer count, at most."""


class Claims:
    """The rows behind the engine. Every method is safe with any number of workers on any machine."""

    def __init__(self, catalog: Catalog, jobs: Jobs, clock: Clock, lease: timedelta) -> None:
        self._catalog, self._jobs, self._clock, self._lease = catalog, jobs, clock, lease

    async def name_of(self, step: UUID) -> str | None:
        """The step's name; ``None`` where it has been deleted."""
        row = await StepRow.filter(id=step).only("name").first()
        return row.name if row else None

    async def take(self, step: UUID) -> Claim | None:
        """The step, if it is due and nobody works on it (any more)."""
        now, holder = self._clock.now(), f"{socket.gethostname()}/{os.getpid()}/{uuid4().hex}"[-120:]
        taken = await StepRow.filter(_claimable(now), id=step).update(
            state=State.RUNNING, holder=holder, lease_until=now + self._lease,
            attempt=F("attempt") + 1, progress=0.0, detail=None, started_at=now,
        )  # fmt: skip
        if not taken:
            return None
        row = await StepRow.get(id=step)
        await JobRow.filter(id=row.job_id, state=State.WAITING).update(state=State.RUNNING, started_at=now)
        return Claim(step, row.job_id, row.name, row.position, row.arguments, row.attempt, holder)

    async def keep(self, context: StepContext) -> bool:
        """Extend the lease and store the progress. ``False`` where the step is no longer ours."""
        return bool(
            await _held(context.claim).update(
                lease_until=self._clock.now() + self._lease,
                progress=context.fraction,
                detail=context.detail,
            )
        )

    async def succeed(self, claim: Claim, actions: Iterable[Callable[[], Awaitable[object]]]) -> bool:
        """Settle the step and what it brought forth, and let the steps that waited for it begin."""
        now = self._clock.now()
        async with self._catalog.transaction():
            await lock_job(claim.job)
            if not await _held(claim).update(
                state=State.SUCCEEDED,
                progress=1.0,
                detail=None,
                finished_at=now,
                holder=None,
                lease_until=None,
            ):
                return False
            for action in actions:
                await action()
            following = await _ready(claim)
            await StepRow.filter(id__in=[row.id for row in following]).update(due_at=now)
            self._jobs.wake(following)
            await self._conclude(claim.job)
        return True

    async def fail(self, claim: Claim, error: Message) -> bool:
        """Settle the step as failed; the steps that waited for it will not be done."""
        now = self._clock.now()
        async with self._catalog.transaction():
            await lock_job(claim.job)
            if not await _held(claim).update(
                state=State.FAILED, error=error, finished_at=now, holder=None, lease_until=None
            ):
                return False
            await StepRow.filter(id__in=await _beyond(claim)).update(state=State.CANCELLED, finished_at=now)
            await self._conclude(claim.job)
        return True

    async def requeue(self, claim: Claim, *, wait: timedelta, counted: bool = True) -> bool:
        """Let the step be claimed again after a while. ``counted``: this attempt is one of those it has."""
        return bool(
            await _held(claim).update(
                state=State.WAITING,
                due_at=self._clock.now() + wait,
                woken_at=None,
                attempt=F("attempt") if counted else F("attempt") - 1,
                holder=None,
                lease_until=None,
            )
        )

    async def stale(self, limit: int, wake_again_after: timedelta, *, background: bool) -> list[StepRow]:
        """Of the oldest steps that are due and that nobody works on, those to be woken (again).

        Only so many of them as ``limit`` says: while all workers are busy, wake-ups of
        the others would only make the queue longer. Each is woken once in ``wake_again_after``.
        """
        now = self._clock.now()
        silent = _claimable(now) & (Q(woken_at__isnull=True) | Q(woken_at__lt=now - wake_again_after))
        oldest = StepRow.filter(_claimable(now), background=background).order_by("due_at", "id").limit(limit)
        due = [row.id for row in await oldest.only("id")]
        found = StepRow.filter(silent, id__in=due).order_by("due_at", "id").only("id", "background")
        rows = await found if due else []
        if not rows:
            return []
        async with self._catalog.transaction():
            # Another ticker may have been quicker with some of them; what somebody settles is not waited for.
            free = StepRow.filter(silent, id__in=[row.id for row in rows]).select_for_update(skip_locked=True)
            ours = {row.id for row in await free.only("id")}
            await StepRow.filter(id__in=ours).update(woken_at=now)
        return [row for row in rows if row.id in ours]

    async def _conclude(self, job: UUID) -> None:
        # Asked first, and alone: a job that sends to many has a step for each of them.
        if await StepRow.filter(job_id=job, state__in=UNDER_WAY).exists():
            return
        steps = await StepRow.filter(job_id=job).order_by("position").only("state", "optional", "error")
        # What waited for an optional step that failed is not done: then that step did matter.
        missed = any(step.state == State.CANCELLED and not step.optional for step in steps)
        failed = [step for step in steps if step.state == State.FAILED and (missed or not step.optional)]
        error = failed[0].error if failed else None
        await JobRow.filter(id=job, state__in=UNDER_WAY).update(
            state=State.FAILED if error else State.SUCCEEDED, error=error, finished_at=self._clock.now()
        )


async def _ready(claim: Claim) -> list[StepRow]:
    """The steps that waited for this one and now wait for no other."""
    waiting = StepRow.filter(job_id=claim.job, state=State.WAITING, due_at__isnull=True)
    waiting = waiting.only("id", "after", "background")
    following = [row for row in await waiting if claim.position in row.after]
    if not following:
        return []
    succeeded = StepRow.filter(job_id=claim.job, state=State.SUCCEEDED)
    done = set(await succeeded.values_list("position", flat=True))
    return [row for row in following if done.issuperset(row.after)]


async def _beyond(claim: Claim) -> list[UUID]:
    """The steps that can never begin once this one has failed."""
    lost = {claim.position}
    cancelled: list[UUID] = []
    waiting = StepRow.filter(job_id=claim.job, state=State.WAITING).order_by("position")
    for row in await waiting.only("id", "position", "after"):
        if not lost.isdisjoint(row.after):
            lost.add(row.position)
            cancelled.append(row.id)
    return cancelled


async def forget_attempts(context: StepContext) -> None:
    """Let the attempts before this one no longer count: what the step writes now has got further.

    For the transaction that writes it. A step that gets further each time and ends its process each time
    is given up all the same: so many of its attempts are forgotten at most.
    """
    if context.attempt == 1:
        return
    held = _held(context.claim).filter(forgotten__lt=MOST_FORGOTTEN)
    if await held.update(forgotten=F("forgotten") + (context.attempt - 1), attempt=1):
        context.attempt, context.last = 1, False


def _claimable(now: datetime) -> Q:
    return Q(state=State.WAITING, due_at__lte=now) | Q(state=State.RUNNING, lease_until__lt=now)


def _held(claim: Claim) -> QuerySet[StepRow]:
    return StepRow.filter(id=claim.step, holder=claim.holder, state=State.RUNNING)
