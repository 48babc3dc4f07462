"""Jobs: created with their steps in one transaction, once for each idempotency key; stopped; added to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from uuid import UUID

from tortoise.exceptions import IntegrityError

from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.work.idempotency import used_for_something_else
from bilan.work.models import JobRow, JobSourceRow, StepRow
from bilan.work.values import UNDER_WAY, NewJob, NewStep, State
from bilan.work.wakeups import NoWakeups, Wakeups

AT_ONCE = 200
"""So many steps are written by one statement."""
LONGEST_TITLE = 400
"""Characters; a longer one, such as the name of a file, is cut."""


class Jobs:
    """Creates and stops jobs. A worker hears of each step that is due once it has been committed."""

    def __init__(self, catalog: Catalog, clock: Clock, wakeups: Wakeups | None = None) -> None:
        self._catalog, self._clock = catalog, clock
        self._wakeups: Wakeups = wakeups or NoWakeups()

    def wake(self, steps: Iterable[StepRow]) -> None:
        """Wake workers for steps that are due, once the open transaction (if any) has been committed."""
        for step in steps:
            put = partial(self._wakeups.put, step.id, background=step.background)
            self._catalog.after_commit(put)

    async def create(self, new: NewJob, steps: Sequence[NewStep]) -> UUID:
        """Create the job, unless its idempotency key made one before: then it is that one.

        The steps that wait for no other may be claimed at once. Raises
        ``Conflict`` where the key was used for something else.
        """
        if new.idempotency_key is None:
            return await self._create(new, steps)
        if (before := await self.find(new)) is not None:
            return before
        try:
            return await self._create(new, steps)
        except IntegrityError:
            # Both were asked at the same time, and the other one was first.
            if (before := await self.find(new)) is None:
                raise
            return before

    async def find(self, new: NewJob) -> UUID | None:
        """The job that the same request made before. Raises ``Conflict`` where the key made another one."""
        key = new.idempotency_key
        if key is None:
            return None
        row = await JobRow.get_or_none(workspace=new.workspace, idempotency_key=key.key)
        if row is not None and row.request_hash != key.request_hash:
            raise used_for_something_else()
        return row.id if row else None

    async def add(self, job: UUID, step: NewStep) -> UUID:
        """Add a step that is due at once, whatever became of the job. Whoever calls holds ``lock_job``."""
        last = await StepRow.filter(job_id=job).order_by("-position").first()
        row = self._row(job, last.position + 1 if last else 0, step)
        await row.save(force_create=True)
        self.wake([row])
        return row.id

    async def restart(self, step: UUID) -> None:
        """Begin a step that is over anew, with all of its attempts."""
        await StepRow.filter(id=step).update(
            state=State.WAITING, attempt=0, progress=0.0, detail=None, error=None,
            due_at=self._clock.now(), woken_at=None, started_at=None, finished_at=None,
        )  # fmt: skip
        self.wake([await StepRow.get(id=step)])

    async def hurry(self, step: UUID) -> None:
        """Let a step that waits to be tried again begin at once."""
        waiting = StepRow.filter(id=step, state=State.WAITING, due_at__isnull=False)
        if await waiting.update(due_at=self._clock.now(), woken_at=None):
            self.wake([await StepRow.get(id=step)])

    async def cancel(self, job: UUID) -> bool:
        """Stop the job and every step under way; ``False`` where nothing was."""
        now = self._clock.now()
        async with self._catalog.transaction():
            await lock_job(job)
            stopped = await JobRow.filter(id=job, state__in=UNDER_WAY).update(
                state=State.CANCELLED, finished_at=now
            )
            # A step at work loses its holder with its state: its next heartbeat finds nothing.
            steps = await StepRow.filter(job_id=job, state__in=UNDER_WAY).update(
                state=State.CANCELLED, finished_at=now, holder=None, lease_until=None
            )
        return bool(stopped or steps)

    async def _create(self, new: NewJob, steps: Sequence[NewStep]) -> UUID:
        key = new.idempotency_key
        async with self._catalog.transaction():
            row = await JobRow.create(
                workspace=new.workspace,
                kind=new.kind,
                subject=new.subject,
                title=new.title[:LONGEST_TITLE] if new.title else None,
                arguments=dict(new.arguments),
                zone=new.zone,
                personal=new.personal,
                actor=new.actor,
                actor_name=new.actor_name,
                idempotency_key=key.key if key else None,
                request_hash=key.request_hash if key else None,
                state=State.WAITING,
                created_at=self._clock.now(),
            )
            await JobSourceRow.bulk_create(
                [JobSourceRow(job_id=row.id, source=one) for one in sorted(new.sources)]
            )
            added = [
                self._row(row.id, position, step, background=new.background)
                for position, step in enumerate(steps)
            ]
            await StepRow.bulk_create(added, AT_ONCE)
            self.wake([one for one in added if not one.after])
        return row.id

    def _row(self, job: UUID, position: int, step: NewStep, *, background: bool = False) -> StepRow:
        return StepRow(
            job_id=job,
            position=position,
            after=list(step.after),
            name=step.name,
            arguments=dict(step.arguments),
            key=step.key,
            optional=step.optional,
            background=background,
            state=State.WAITING,
            due_at=None if step.after else self._clock.now(),
        )


async def lock_job(job: UUID) -> None:
    """Hold the job's row until the transaction ends; SQLite's transaction is alone anyway."""
    await JobRow.filter(id=job).select_for_update().only("id").first()


async def is_stopped(job: UUID) -> bool:
    """Whether somebody stopped the job, or it has been deleted; a step may be added to one that is over."""
    return not await JobRow.filter(id=job).exclude(state=State.CANCELLED).exists()
