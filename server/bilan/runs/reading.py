"""From rows to values."""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec

from bilan.runs.models import ArtifactRow, ReportRunRow
from bilan.runs.values import Artifact, Purpose, RenderSpec, Run, RunStep
from bilan.sdk.errors import NotFound
from bilan.sdk.textdomain import _
from bilan.work.models import JobRow, StepRow
from bilan.work.reading import job_of, step_of

RENDER = "render:"
"""How the name of a step begins that renders a file; the format follows."""
PARTS = ("steps", "sources", "report_run", "report_run__artifacts")
"""What must be fetched with a job's row before it can become a run."""


async def read_run(run: UUID) -> Run:
    """The run with its steps and artifacts. Raises ``NotFound``."""
    row = await JobRow.filter(id=run).prefetch_related(*PARTS).first()
    if row is None:
        raise NotFound(_("There is no run {run}.", run=str(run)), ("run",))
    return run_of(row)


def report_run_of(row: JobRow) -> ReportRunRow | None:
    """The report run of a job's row whose ``PARTS`` have been fetched; other jobs have none."""
    return getattr(row, "report_run", None)


def run_of(row: JobRow) -> Run:
    """The value of a job's row whose ``PARTS`` have been fetched."""
    job, report = job_of(row), report_run_of(row)
    steps: list[StepRow] = sorted(row.steps, key=attrgetter("position"))
    return Run(
        id=job.id,
        workspace=job.workspace,
        report=report.report if report else None,
        purpose=Purpose(job.kind),
        kind=job.subject,
        title=job.title,
        values=job.arguments,
        zone=job.zone,
        formats=report.formats if report else (),
        personal=job.personal,
        state=job.state,
        asked_by=job.actor,
        asked_by_name=job.actor_name,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        as_of=report.as_of if report else None,
        sources=job.sources,
        document_sha256=report.document_sha256 if report else None,
        definitions=(report.definitions or ()) if report else (),
        error=job.error,
        steps=tuple(_run_step(step) for step in steps),
        artifacts=_artifacts_of(report) if report else (),
        kept=report.kept if report else True,
        erased_at=report.erased_at if report else None,
        erased_because=report.erased_because if report else None,
        counts=(report.counts or {}) if report else {},
        summary=report.summary if report else None,
    )


def _artifacts_of(report: ReportRunRow) -> tuple[Artifact, ...]:
    rows: list[ArtifactRow] = sorted(report.artifacts, key=attrgetter("created_at", "file_name"))
    return tuple(artifact_of(row, report.job_id) for row in rows)


def artifact_of(row: ArtifactRow, run: UUID) -> Artifact:
    """The value of a row."""
    return Artifact(
        row.id, run, row.render_spec, row.file_name, row.media_type,
        row.sha256, row.size, row.created_at,
    )  # fmt: skip


def render_spec_of(stored: Any) -> RenderSpec:
    """A spec from what ``msgspec.to_builtins`` made of it."""
    return msgspec.convert(stored, RenderSpec)


def _run_step(row: StepRow) -> RunStep:
    step = step_of(row)
    render_spec = render_spec_of(row.arguments) if row.name.startswith(RENDER) and row.arguments else None
    return RunStep(
        **{one.name: getattr(step, one.name) for one in dataclasses.fields(step)}, render_spec=render_spec
    )
