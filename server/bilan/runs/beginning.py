"""Adding a run: its row, its sources and its steps in one transaction, then the wake-up call."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from tortoise.exceptions import IntegrityError

from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.jobs import Jobs
from bilan.runs.claims import JOB
from bilan.runs.models import RunRow, RunSourceRow, StepRow
from bilan.runs.values import NewRun, NewStep, State

LONGEST_TITLE = 400
"""Characters; a longer one, such as the name of a file, is cut."""


async def begin_once(
    catalog: Catalog, jobs: Jobs, clock: Clock, new: NewRun, steps: Sequence[NewStep]
) -> UUID:
    """Add the run, unless the same request added it before or is doing so just now: then it is that one."""
    if new.once is None:
        return await begin(catalog, jobs, clock, new, steps)
    same = RunRow.filter(workspace=new.workspace, once=new.once)
    if known := await same.first():
        return known.id
    try:
        return await begin(catalog, jobs, clock, new, steps)
    except IntegrityError:
        # Both were asked at the same time, and the other one was first.
        return (await same.get()).id


async def begin(catalog: Catalog, jobs: Jobs, clock: Clock, new: NewRun, steps: Sequence[NewStep]) -> UUID:
    """Add the run; the steps that wait for no other may be claimed at once."""
    now = clock.now()
    async with catalog.transaction(jobs):
        run = await RunRow.create(
            workspace=new.workspace,
            report=new.report,
            purpose=new.purpose,
            kind=new.kind,
            title=new.title[:LONGEST_TITLE] if new.title else None,
            values=dict(new.values),
            zone=new.zone,
            formats=msgspec.to_builtins(new.formats),
            personal=new.personal,
            kept=new.kept,
            state=State.WAITING,
            asked_by=new.asked_by,
            asked_by_name=new.asked_by_name,
            once=new.once,
            created_at=now,
        )
        for source in sorted(new.sources):
            await RunSourceRow.create(run=run, source=source)
        for position, step in enumerate(steps):
            row = await StepRow.create(
                run=run,
                position=position,
                after=step.after,
                name=step.name,
                arguments=dict(step.arguments),
                key=step.key,
                file=step.file,
                state=State.WAITING,
                due_at=now if step.after is None else None,
            )
            if step.after is None:
                jobs.enqueue(JOB, row.id)
    return run.id
