"""Reading jobs and steps: from rows to values."""

from __future__ import annotations

from uuid import UUID

from bilan.sdk.errors import NotFound
from bilan.sdk.textdomain import _
from bilan.work.models import JobRow, StepRow
from bilan.work.values import Job, State, Step


async def read_job(job: UUID) -> Job:
    """The job. Raises ``NotFound``."""
    row = await JobRow.filter(id=job).prefetch_related("sources").first()
    if row is None:
        raise NotFound(_("There is no job {job}.", job=str(job)), ("job",))
    return job_of(row)


def job_of(row: JobRow) -> Job:
    """The value of a row whose sources have been fetched."""
    return Job(
        id=row.id,
        workspace=row.workspace,
        kind=row.kind,
        subject=row.subject,
        title=row.title,
        arguments=row.arguments,
        zone=row.zone,
        personal=row.personal,
        sources=frozenset(one.source for one in row.sources),
        actor=row.actor,
        actor_name=row.actor_name,
        state=State(row.state),
        error=row.error,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def step_of(row: StepRow) -> Step:
    """The value of a row."""
    return Step(
        id=row.id,
        name=row.name,
        arguments=row.arguments,
        state=State(row.state),
        attempt=row.attempt,
        progress=row.progress,
        detail=row.detail,
        error=row.error,
        started_at=row.started_at,
        finished_at=row.finished_at,
        optional=row.optional,
    )
