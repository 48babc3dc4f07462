"""Rendering on demand: a file asked for after a run was created is one step, however many ask for it.

See docs/decisions/045.
"""

from __future__ import annotations

from time import monotonic
from uuid import UUID

import anyio
import msgspec

from bilan.catalog import Catalog
from bilan.runs.reading import RENDER
from bilan.runs.values import RenderSpec
from bilan.sdk.errors import Cancelled, Conflict, NotFound, TooMany
from bilan.sdk.textdomain import _, ngettext
from bilan.work import UNDER_WAY, Jobs, NewStep, State
from bilan.work.jobs import lock_job
from bilan.work.models import JobRow, StepRow

LOOK = 0.05
"""Seconds between two looks at the step's row."""
OF_A_RUN = 10
"""So many files of one run may wait or be rendered at a time."""
OF_A_WORKSPACE = 50
"""So many of all runs of a workspace, so that one of them does not keep the workers from the others."""


def render_step(spec: RenderSpec, key: str, *, after: tuple[int, ...] = (), optional: bool) -> NewStep:
    """The step that renders this file."""
    return NewStep(f"{RENDER}{spec.format}", msgspec.to_builtins(spec), after, key, optional)


async def request_render(catalog: Catalog, jobs: Jobs, run: UUID, step: NewStep) -> UUID:
    """Have the file rendered; the step's id.

    There is one step for each key: one that waits or works is joined, one
    that is over begins anew. The run itself stays as it ended. Raises
    ``TooMany`` where many others wait; who joins one is never refused.
    """
    async with catalog.transaction():
        await lock_job(run)
        row = await StepRow.get_or_none(job_id=run, key=step.key)
        if row is not None and not State(row.state).over:
            return row.id
        await _have_room(catalog, run)
        if row is None:
            return await jobs.add(run, step)
        await jobs.restart(row.id)
    return row.id


async def _have_room(catalog: Catalog, run: UUID) -> None:
    """Raises ``TooMany`` where no further file may wait; within the transaction that adds one."""
    waiting = StepRow.filter(name__startswith=RENDER, state__in=UNDER_WAY)
    if await waiting.filter(job_id=run).count() >= OF_A_RUN:
        raise TooMany(
            ngettext(
                "A file of this run is being rendered; ask again once it is there.",
                "{count} files of this run are being rendered; ask again once one of them is there.",
                count=OF_A_RUN,
            ),
            ("format",),
        )
    workspace = (await JobRow.get(id=run)).workspace
    # Other runs have locks of their own, and the files of all count together.
    await catalog.advisory_lock(f"renderings {workspace}")
    if await waiting.filter(job__workspace=workspace).count() >= OF_A_WORKSPACE:
        raise TooMany(
            ngettext(
                "A file is being rendered for this workspace; ask again in a moment.",
                "{count} files are being rendered for this workspace; ask again in a moment.",
                count=OF_A_WORKSPACE,
            ),
            ("format",),
        )


async def rendered(step: UUID, seconds: float | None) -> bool:
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
            assert row.error is not None  # noqa: S101 - a step that failed says why
            raise Conflict(row.error, ("format",))
        if row.state == State.CANCELLED:
            raise Cancelled(_("The rendering of this file was cancelled."), ("format",))
        if until is not None and monotonic() >= until:
            return False
        await anyio.sleep(LOOK)
