"""Creating a report run: its job, its steps and its row in one transaction, once for each idempotency key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from bilan.catalog import Catalog
from bilan.runs.models import ReportRunRow
from bilan.runs.values import RenderSpec, SentCopy
from bilan.sdk.errors import Conflict
from bilan.sdk.messages import Message
from bilan.work import UNDER_WAY, Jobs, NewJob, NewStep
from bilan.work.models import StepRow

BUILD = "build"
"""The step that makes the document: until it is over, the run is in progress for its kind."""
BEHIND = "behind"
"""The argument of a build step that names the runs which have to be over first."""

Refusal = Callable[[UUID], Awaitable[Conflict]]


@dataclass(frozen=True, slots=True)
class NewReportRun:
    """A report run to be added: its job, and what the engine does not know of it."""

    job: NewJob
    report: UUID | None = None
    formats: tuple[RenderSpec, ...] = ()
    kept: bool = True
    refusal: Refusal | None = None
    """Of a kind that runs one at a time: what is said of the run that is in progress."""
    part_of: UUID | None = None
    """What it is a part of, such as an occurrence: its parts are built as of one moment."""
    copies: tuple[SentCopy, ...] | None = None
    provisional: tuple[Message, ...] = ()


async def create_run(catalog: Catalog, jobs: Jobs, new: NewReportRun, steps: Sequence[NewStep]) -> UUID:
    """Create the run, unless the same request created it before; its id, which is its job's.

    Raises ``Conflict`` where the idempotency key was used for something else,
    and where a kind that runs one at a time has a run in progress.
    """
    async with catalog.transaction():
        if new.refusal is not None:
            steps = await _behind(catalog, jobs, new.job, steps, new.refusal)
        run = await jobs.create(new.job, steps)
        if not await ReportRunRow.exists(job_id=run):
            await ReportRunRow.create(
                id=run,
                job_id=run,
                report=new.report,
                formats=new.formats,
                kept=new.kept,
                part_of=new.part_of,
                copies=new.copies,
                provisional=new.provisional or None,
            )
    return run


async def _behind(
    catalog: Catalog, jobs: Jobs, job: NewJob, steps: Sequence[NewStep], refusal: Refusal
) -> Sequence[NewStep]:
    """The steps of a run that is the only one of its kind, of which the first waits for those in progress.

    Holds what others of the workspace wait for until the transaction ends.
    """
    await catalog.advisory_lock(f"runs {job.workspace} {job.subject}")
    if await jobs.find(job) is not None:
        return steps  # the same asked again is refused by nothing
    building = StepRow.filter(
        job__workspace=job.workspace, job__kind=job.kind, job__subject=job.subject,
        name=BUILD, state__in=UNDER_WAY,
    )  # fmt: skip
    found = [row.job_id for row in await building.order_by("job__created_at", "job_id").only("job_id")]
    if found and not job.background:
        raise await refusal(found[0])
    first, *others = steps
    behind = {BEHIND: [str(one) for one in found]} if found else {}
    return [replace(first, arguments={**first.arguments, **behind}), *others]


async def is_behind(arguments: Mapping[str, Any]) -> bool:
    """Whether a run whose build step has these arguments still waits for another one of its kind."""
    others = arguments.get(BEHIND, ())
    return await StepRow.filter(job_id__in=others, name=BUILD, state__in=UNDER_WAY).exists()
