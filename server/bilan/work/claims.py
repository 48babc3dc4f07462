"""Claiming, keeping and settling steps: every change is one conditional UPDATE or one transaction.

A transaction that changes a job and its steps locks the job first, so that
settling and cancelling never wait for each other in a circle. Taking a step
changes the two in a statement each, and the ticker passes over locked steps.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
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

    def __init__(
        self,
        catalog: Catalog,
        jobs: Jobs,
        clock: Clock,
        lease: timedelta,
        is_batched: Callable[[str], bool] = lambda _name: False,
    ) -> None:
        """``is_batched`` says of a step's name whether those of a job are worked on together."""
        self._catalog, self._jobs, self._clock, self._lease = catalog, jobs, clock, lease
        self._is_batched = is_batched

    def wake(self, steps: Iterable[StepRow]) -> None:
        """Wake workers for steps that are due; of a job's that are worked on together for one of them."""
        first = dict[object, StepRow]()
        for step in steps:
            together = self._is_batched(step.name)
            first.setdefault((step.job_id, step.name) if together else step.id, step)
        self._jobs.wake(first.values())

    async def name_of(self, step: UUID) -> str | None:
        """The step's name; ``None`` where it has been deleted."""
        row = await StepRow.filter(id=step).only("name").first()
        return row.name if row else None

    async def take(self, step: UUID) -> Claim | None:
        """The step, if it is due and nobody works on it (any more)."""
        now = self._clock.now()
        holder = await self._hold(StepRow.filter(_claimable(now), id=step), now)
        claims = await _claims([step], holder, now) if holder else ()
        return claims[0] if claims else None

    async def take_batch(self, step: UUID, most: int, but: Collection[UUID]) -> list[Claim]:
        """Of the steps of the same job and name those that are due and that nobody works on, in order.

        So many at most, and none of ``but``.
        """
        now = self._clock.now()
        like = await StepRow.get_or_none(id=step).only("job_id", "name")
        if like is None:
            return []
        due = StepRow.filter(_claimable(now), job_id=like.job_id, name=like.name)
        due = due.exclude(id__in=list(but)).order_by("position").limit(most)
        async with self._catalog.transaction():
            free = [row.id for row in await due.select_for_update(skip_locked=True).only("id")]
            holder = await self._hold(StepRow.filter(id__in=free), now) if free else ""
        # The job behind the transaction: whoever stops it holds the job and waits for its steps.
        return await _claims(free, holder, now) if holder else []

    async def _hold(self, free: QuerySet[StepRow], now: datetime) -> str:
        """Take these; the name under which they are held, empty where there was none."""
        holder = f"{socket.gethostname()}/{os.getpid()}/{uuid4().hex}"[-120:]
        taken = await free.update(
            state=State.RUNNING, holder=holder, lease_until=now + self._lease,
            attempt=F("attempt") + 1, progress=0.0, detail=None, started_at=now,
        )  # fmt: skip
        return holder if taken else ""

    async def keep(self, contexts: Sequence[StepContext]) -> None:
        """Extend the leases and store the progress; what is no longer ours is ``lost``."""
        until, at_work = self._clock.now() + self._lease, [one.claim for one in contexts if not one.lost]
        if len(contexts) == 1:
            (context,) = contexts
            context.lost = not await _held(context.claim).update(
                lease_until=until, progress=context.fraction, detail=context.detail
            )
            return
        if await _all_held(at_work).update(lease_until=until) < len(at_work):
            held = set(await _all_held(at_work).values_list("id", flat=True))
            for context in contexts:
                context.lost = context.claim.step not in held

    async def succeed(self, claim: Claim, actions: Iterable[Callable[[], Awaitable[object]]]) -> bool:
        """Settle the step and what it brought forth, and let the steps that waited for it begin."""
        return bool(await self.succeed_batch({claim: actions}))

    async def succeed_batch(
        self, settled: Mapping[Claim, Iterable[Callable[[], Awaitable[object]]]]
    ) -> Collection[UUID]:
        """Settle steps that were taken together, as :meth:`succeed` does; those that were still ours."""
        now, claims = self._clock.now(), list(settled)
        async with self._catalog.transaction():
            await lock_job(claims[0].job)
            held = await _ids(_all_held(claims))
            if not held:
                return held
            await StepRow.filter(id__in=list(held)).update(
                state=State.SUCCEEDED,
                progress=1.0,
                detail=None,
                finished_at=now,
                holder=None,
                lease_until=None,
            )
            ours = [one for one in claims if one.step in held]
            for claim in ours:
                for action in settled[claim]:
                    await action()
            following = await _ready(ours)
            await StepRow.filter(id__in=[row.id for row in following]).update(due_at=now)
            self.wake(following)
            await self._conclude(claims[0].job)
        return held

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
        found = StepRow.filter(silent, id__in=due).order_by("due_at", "id")
        found = found.only("id", "job_id", "name", "background")
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


async def _claims(steps: Sequence[UUID], holder: str, now: datetime) -> list[Claim]:
    """The claims of steps that were taken just now; their job is at work with them."""
    rows = await StepRow.filter(id__in=list(steps), holder=holder).order_by("position")
    jobs = {row.job_id for row in rows}
    await JobRow.filter(id__in=jobs, state=State.WAITING).update(state=State.RUNNING, started_at=now)
    return [
        Claim(row.id, row.job_id, row.name, row.position, row.arguments, row.attempt, holder) for row in rows
    ]


async def _ready(claims: Sequence[Claim]) -> list[StepRow]:
    """The steps of the job that waited for one of these and now wait for no other."""
    job, positions = claims[0].job, {one.position for one in claims}
    waiting = StepRow.filter(job_id=job, state=State.WAITING, due_at__isnull=True)
    waiting = waiting.only("id", "job_id", "name", "after", "background")
    following = [row for row in await waiting if not positions.isdisjoint(row.after)]
    if not following:
        return []
    succeeded = StepRow.filter(job_id=job, state=State.SUCCEEDED)
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


def _all_held(claims: Sequence[Claim]) -> QuerySet[StepRow]:
    """Those of steps taken together that are still held."""
    steps = [one.step for one in claims]
    return StepRow.filter(id__in=steps, holder=claims[0].holder, state=State.RUNNING)


async def _ids(steps: QuerySet[StepRow]) -> set[UUID]:
    return {row.id for row in await steps.only("id")}
