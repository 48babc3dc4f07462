"""From rows to values."""

from __future__ import annotations

from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec

from bilan.runs.briefs import Brief
from bilan.runs.models import ArtifactRow, RunRow, StepRow
from bilan.runs.values import Artifact, Purpose, RenderSpec, Run, State, Step
from bilan.sdk.document import Definition
from bilan.sdk.document_versions import renamed
from bilan.sdk.errors import NotFound
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _

PARTS = ("steps", "sources", "artifacts")
"""What must be fetched with a row before it can become a value."""


async def read_run(run: UUID) -> Run:
    """The run with its steps and artifacts. Raises ``NotFound``."""
    row = await RunRow.filter(id=run).prefetch_related(*PARTS).first()
    if row is None:
        raise NotFound(_("There is no run {run}.", run=str(run)), ("run",))
    return run_of(row)


def run_of(row: RunRow) -> Run:
    """The value of a row whose ``PARTS`` have been fetched."""
    steps: list[StepRow] = sorted(row.steps, key=attrgetter("position"))
    artifacts: list[ArtifactRow] = sorted(row.artifacts, key=attrgetter("created_at", "file_name"))
    return Run(
        id=row.id,
        workspace=row.workspace,
        report=row.report,
        purpose=Purpose(row.purpose),
        kind=row.kind,
        title=row.title,
        values=row.values,
        zone=row.zone,
        formats=tuple(render_spec_of(one) for one in row.formats),
        personal=row.personal,
        state=State(row.state),
        asked_by=row.asked_by,
        asked_by_name=row.asked_by_name,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        as_of=row.as_of,
        sources=frozenset(one.source for one in row.sources),
        document_sha256=row.document_sha256,
        definitions=definitions_of(row),
        error=message_of(row.error),
        steps=tuple(_step(step) for step in steps),
        artifacts=tuple(artifact_of(artifact, row.id) for artifact in artifacts),
        kept=row.kept,
        erased_at=row.erased_at,
        erased_because=message_of(row.erased_because),
        counts=row.counts or {},
        brief=None if row.brief is None else msgspec.convert(renamed(row.brief), Brief),
    )


def artifact_of(row: ArtifactRow, run: UUID) -> Artifact:
    """The value of a row."""
    return Artifact(
        row.id, run, render_spec_of(row.rendition), row.file_name, row.media_type,
        row.sha256, row.size, row.created_at,
    )  # fmt: skip


def render_spec_of(stored: Any) -> RenderSpec:
    """A spec from what ``msgspec.to_builtins`` made of it."""
    return msgspec.convert(stored, RenderSpec)


def definitions_of(row: RunRow) -> tuple[Definition, ...]:
    """What the metrics of the run's document meant; empty before there is one."""
    return msgspec.convert(row.definitions or (), tuple[Definition, ...])


def _step(row: StepRow) -> Step:
    return Step(
        row.id, row.name, State(row.state), row.attempt, row.progress,
        message_of(row.detail), message_of(row.error), row.started_at, row.finished_at,
        render_spec_of(row.arguments) if row.file else None,
    )  # fmt: skip


def message_of(stored: Any) -> Message | None:
    """A message from what ``msgspec.to_builtins`` made of it."""
    return None if stored is None else msgspec.convert(stored, Message)
