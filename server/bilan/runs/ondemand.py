"""Files asked for after a run was begun: a step of its own each, whoever asks how often."""

from __future__ import annotations

from time import monotonic
from uuid import UUID

import anyio
import msgspec

from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.jobs import Jobs
from bilan.runs.claims import JOB, UNDER_WAY, lock
from bilan.runs.models import RunRow, StepRow
from bilan.runs.values import NewStep, RenderSpec, State
from bilan.sdk.errors import Cancelled, Conflict, NotFound, TooMany
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _, ngettext

LOOK = 0.05
"""Seconds between two looks at the step's row."""
OF_A_RUN = 10
"""So many files of one run may wait or be drawn at a time."""
OF_A_WORKSPACE = 50
"""So many of all runs of a workspace, so that one of them does not keep the workers from the others."""


def drawing(spec: RenderSpec, key: str, *, after: int | None = None) -> NewStep:
    """The step that draws this file. A run ends well without it."""
    arguments = msgspec.to_builtins(spec)
    return NewStep(f"render:{spec.format}", arguments, after, key=key, file=True)


async def ask(catalog: Catalog, jobs: Jobs, clock: Clock, run: UUID, step: NewStep) -> UUID:
    """Have the file drawn; the step's id.

    There is one step for each key: one that waits or works is joined, one
    that is over begins anew. The run itself stays as it ended. Raises
    ``TooMany`` where many others wait; who joins one is never refused.
    """
    now = clock.now()
    async with catalog.transaction(jobs):
        await lock(run)
        row = await StepRow.get_or_none(run_id=run, key=step.key)
        if row is not None and not State(row.state).over:
            return row.id
        await _have_room(catalog, run)
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
        else:
            await StepRow.filter(id=row.id).update(
                state=State.WAITING, attempt=0, progress=0.0, detail=None, error=None,
                due_at=now, woken_at=None, started_at=None, finished_at=None,
            )  # fmt: skip
        jobs.enqueue(JOB, row.id)
    return row.id


async def _have_room(catalog: Catalog, run: UUID) -> None:
    """Raises ``TooMany`` where no further file may wait; within the transaction that adds one."""
    waiting = StepRow.filter(file=True, state__in=UNDER_WAY)
    if await waiting.filter(run_id=run).count() >= OF_A_RUN:
        raise TooMany(
            ngettext(
                "A file of this run is being drawn; ask again once it is there.",
                "{count} files of this run are being drawn; ask again once one of them is there.",
                count=OF_A_RUN,
            ),
            ("format",),
        )
    workspace = (await RunRow.get(id=run)).workspace
    # Other runs have locks of their own, and the files of all count together.
    await catalog.advisory_lock(f"drawings {workspace}")
    if await waiting.filter(run__workspace=workspace).count() >= OF_A_WORKSPACE:
        raise TooMany(
            ngettext(
                "A file is being drawn for this workspace; ask again in a moment.",
                "{count} files are being drawn for this workspace; ask again in a moment.",
                count=OF_A_WORKSPACE,
            ),
            ("format",),
        )


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
