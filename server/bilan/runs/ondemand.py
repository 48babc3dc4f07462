"""Files asked for after a run was begun: a step of its own each, whoever asks how often."""

from __future__ import annotations

from time import monotonic
from uuid import UUID

import anyio
import msgspec

from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.jobs import Jobs
from bilan.runs.claims import JOB, lock
from bilan.runs.models import StepRow
from bilan.runs.values import NewStep, Rendition, State
from bilan.sdk.errors import Cancelled, Conflict, NotFound
from bilan.sdk.messages import Message, messages

_, _n = messages("bilan")

LOOK = 0.05
"""Seconds between two looks at the step's row."""


def drawing(rendition: Rendition, key: str, *, after: int | None = None) -> NewStep:
    """The step that draws this file. A run ends well without it."""
    arguments = msgspec.to_builtins(rendition)
    return NewStep(f"render:{rendition.format}", arguments, after, key=key, file=True)


async def ask(catalog: Catalog, jobs: Jobs, clock: Clock, run: UUID, step: NewStep) -> UUID:
    """Have the file drawn; the step's id.

    There is one step for each key: one that waits or works is joined, one
    that is over begins anew. The run itself stays as it ended.
    """
    now = clock.now()
    async with catalog.transaction(jobs):
        await lock(run)
        row = await StepRow.get_or_none(run_id=run, key=step.key)
        if row is None:
            last = await StepRow.filter(run_id=run).order_by("-position").first()
            row = await StepRow.create(
                run_id=run,
                position=last.position + 1 if last else 0,
                name=step.name,
                arguments=dict(step.arguments),
                key=step.key,
                file=True,
                state=State.WAITING,
                due_at=now,
            )
        elif State(row.state).over:
            await StepRow.filter(id=row.id).update(
                state=State.WAITING, attempt=0, progress=0.0, detail=None, error=None,
                due_at=now, woken_at=None, started_at=None, finished_at=None,
            )  # fmt: skip
        else:
            return row.id
        jobs.enqueue(JOB, row.id)
    return row.id


async def drawn(step: UUID, seconds: float | None) -> bool:
    """Wait until the step is over; ``False`` where it takes longer.

    Raises ``Conflict`` with the reason where it failed, ``Cancelled``, and
    ``NotFound`` where the run was deleted meanwhile.
    """
    until = None if seconds is None else monotonic() + seconds
    while True:
        row = await StepRow.get_or_none(id=step)
        if row is None:
            raise NotFound(_("There is no such run."))
        if row.state == State.SUCCEEDED:
            return True
        if row.state == State.FAILED:
            raise Conflict(msgspec.convert(row.error, Message), ("format",))
        if row.state == State.CANCELLED:
            raise Cancelled(_("The drawing of this file was cancelled."), ("format",))
        if until is not None and monotonic() >= until:
            return False
        await anyio.sleep(LOOK)
