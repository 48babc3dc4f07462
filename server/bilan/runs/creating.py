"""Creating a report run: its job, its steps and its row in one transaction, once for each idempotency key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from bilan.catalog import Catalog
from bilan.runs.models import ReportRunRow
from bilan.runs.values import RenderSpec
from bilan.work import Jobs, NewJob, NewStep


@dataclass(frozen=True, slots=True)
class NewReportRun:
    """A report run to be added: its job, and what the engine does not know of it."""

    job: NewJob
    report: UUID | None = None
    formats: tuple[RenderSpec, ...] = ()
    kept: bool = True


async def create_run(catalog: Catalog, jobs: Jobs, new: NewReportRun, steps: Sequence[NewStep]) -> UUID:
    """Create the run, unless the same request created it before; its id, which is its job's.

    Raises ``Conflict`` where the idempotency key was used for something else.
    """
    async with catalog.transaction():
        run = await jobs.create(new.job, steps)
        if not await ReportRunRow.exists(job_id=run):
            await ReportRunRow.create(
                id=run,
                job_id=run,
                report=new.report,
                formats=new.formats,
                kept=new.kept,
            )
    return run
