"""Claiming, keeping and settling steps: every change is one conditional UPDATE or one transaction.

Rows are locked in one order, the run before its steps, so that settling and
cancelling never wait for each other in a circle.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
from tortoise.expressions import F, Q

from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.jobs import Jobs
from bilan.runs.context import Claim, StepContext
from bilan.runs.models import RunRow, StepRow
from bilan.runs.values import State
from bilan.sdk.messages import Message

JOB = "step"
"""The name of the job that works on a step."""

UNDER_WAY = (State.WAITING, State.RUNNING)


class Claims:
    """The rows behind the engine. Every method is safe with any number of workers on any machine."""

    def __init__(self, catalog: Catalog, jobs: Jobs, clock: Clock, lease: timedelta) -> None:
        self._catalog, self._jobs, self._clock, self._lease = catalog, jobs, clock, lease

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
        run = UUID(str(row.run_id))  # type: ignore[attr-defined]
        await RunRow.filter(id=run, state=State.WAITING).update(state=State.RUNNING, started_at=now)
        return Claim(step, run, row.name, row.position, row.arguments, row.attempt, holder)

    async def keep(self, context: StepContext) -> bool:
        """Extend the lease and store the progress. ``False`` where the step is no longer ours."""
        return bool(
            await _held(context.claim).update(
                lease_until=self._clock.now() + self._lease,
                progress=context.share,
                detail=_plain(context.detail),
            )
        )

    async def succeed(self, claim: Claim, actions: Iterable[Callable[[], Awaitable[object]]]) -> bool:
        """Settle the step and what it brought forth, and let the steps that waited for it begin."""
        now = self._clock.now()
        async with self._catalog.transaction(self._jobs):
            await lock(claim.run)
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
            waiting = StepRow.filter(run_id=claim.run, after=claim.position, state=State.WAITING)
            following = [row.id for row in await waiting]
            await StepRow.filter(id__in=following).update(due_at=now)
            for step in following:
                self._jobs.enqueue(JOB, step)
            await self._conclude(claim.run)
        return True

    async def fail(self, claim: Claim, error: Message) -> bool:
        """Settle the step as failed; the steps that waited for it will not be done."""
        now = self._clock.now()
        async with self._catalog.transaction():
            await lock(claim.run)
            if not await _held(claim).update(
                state=State.FAILED, error=_plain(error), finished_at=now, holder=None, lease_until=None
            ):
                return False
            beyond = {claim.position}
            for row in await StepRow.filter(run_id=claim.run, state=State.WAITING).order_by("position"):
                if row.after in beyond:
                    beyond.add(row.position)
                    await StepRow.filter(id=row.id).update(state=State.CANCELLED, finished_at=now)
            await self._conclude(claim.run)
        return True

    async def put_back(self, claim: Claim, *, wait: timedelta, counted: bool = True) -> bool:
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

    async def unclaimed(self, limit: int, again: timedelta) -> list[UUID]:
        """Steps that are due and that nobody works on, oldest first; each at most once in ``again``."""
        now = self._clock.now()
        silent = _claimable(now) & (Q(woken_at__isnull=True) | Q(woken_at__lt=now - again))
        found = await StepRow.filter(silent).order_by("due_at", "id").limit(limit).only("id")
        if not found:
            return []
        async with self._catalog.transaction():
            # Another ticker may have been quicker with some of them.
            return [row.id for row in found if await StepRow.filter(silent, id=row.id).update(woken_at=now)]

    async def _conclude(self, run: UUID) -> None:
        # Asked first, and alone: a run that is sent to many has a step for each of them.
        if await StepRow.filter(run_id=run, state__in=UNDER_WAY).exists():
            return
        steps = await StepRow.filter(run_id=run).order_by("position")
        # What waited for a file that could not be drawn is not done: then the file did matter.
        missed = any(step.state == State.CANCELLED and not step.file for step in steps)
        failed = [step for step in steps if step.state == State.FAILED and (missed or not step.file)]
        error = failed[0].error if failed else None
        await RunRow.filter(id=run, state__in=UNDER_WAY).update(
            state=State.FAILED if error else State.SUCCEEDED, error=error, finished_at=self._clock.now()
        )


def _claimable(now: Any) -> Q:
    return Q(state=State.WAITING, due_at__lte=now) | Q(state=State.RUNNING, lease_until__lt=now)


def _held(claim: Claim) -> Any:
    return StepRow.filter(id=claim.step, holder=claim.holder, state=State.RUNNING)


async def lock(run: UUID) -> None:
    """Have the run alone until the transaction ends; SQLite's transaction is alone anyway."""
    await RunRow.filter(id=run).select_for_update().only("id").first()


def _plain(message: Message | None) -> Any:
    return None if message is None else msgspec.to_builtins(message)
