"""Lists of runs, each shown to those who may see all it reads."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tortoise.expressions import Q, Subquery
from tortoise.functions import Max
from tortoise.queryset import QuerySet

from bilan.accounts.policy import Action, allowed, readable_sources
from bilan.accounts.values import Principal, ViewerPrincipal
from bilan.runs.reading import PARTS, run_of
from bilan.runs.values import LastRuns, Page, Purpose
from bilan.work import State
from bilan.work.models import JobRow, JobSourceRow


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs to list; what is left empty does not narrow the list."""

    report: UUID | None = None
    purpose: Purpose | None = None
    kind: str | None = None
    state: State | None = None
    asked_by: UUID | None = None

    @property
    def narrowing(self) -> dict[str, Any]:
        """The columns of a job's row that are fixed."""
        fixed = {column: getattr(self, name) for name, column in COLUMNS.items()}
        return {column: value for column, value in fixed.items() if value is not None}


COLUMNS = {
    "report": "report_run__report",
    "purpose": "kind",
    "kind": "subject",
    "state": "state",
    "asked_by": "actor",
}


async def list_runs(actor: Principal, wanted: Wanted, *, offset: int, limit: int) -> Page:
    """The newest first. Runs about single persons are there for those who may see such rows.

    Pulls, which go on all the time, plain e-mails and erasures are there where they are asked for.
    """
    visible = visible_jobs(actor).filter(**wanted.narrowing)
    if wanted.purpose is None:
        visible = visible.exclude(kind__in=(Purpose.PULL, Purpose.MAIL, Purpose.ERASURE))
    rows = await visible.order_by("-created_at", "-id").offset(offset).limit(limit).prefetch_related(*PARTS)
    return Page(tuple(run_of(row) for row in rows), await visible.count())


async def latest_runs(actor: Principal, reports: Collection[UUID]) -> dict[UUID, LastRuns]:
    """The last runs of reports, as far as the actor may see them, in as few questions as for one report."""
    if not reports:
        return {}
    visible = visible_jobs(actor).filter(
        report_run__report__in=reports,
        # What holds a part of the figures is not the report's last run.
        report_run__part_of__isnull=True,
        kind=Purpose.REPORT,
    )
    readable = Q(report_run__document_sha256__isnull=False, report_run__erased_at__isnull=True)
    newest = (
        await visible.annotate(last=Max("created_at"), shown=Max("created_at", _filter=readable))
        .group_by("report_run__report")
        .values("report_run__report", "last", "shown")
    )
    moments = {one[which] for one in newest for which in ("last", "shown")} - {None}
    rows = (
        await visible.filter(created_at__in=moments).order_by("-created_at", "-id").prefetch_related(*PARTS)
    )
    latest: dict[UUID, LastRuns] = {}
    for run in map(run_of, rows):
        if run.report is None:
            continue
        last, shown = run, run if run.readable else None
        if (newer := latest.get(run.report)) is not None:
            last, shown = newer.last, newer.shown or shown
        latest[run.report] = LastRuns(last, shown)
    return latest


def visible_jobs(actor: Principal) -> QuerySet[JobRow]:
    """The jobs of the workspace that the actor may know of."""
    visible = JobRow.filter(workspace=actor.workspace)
    if isinstance(actor, ViewerPrincipal):
        return visible.filter(id=actor.run)
    if not allowed(actor, Action.MANAGE_RECIPIENTS):
        visible = visible.exclude(kind=Purpose.MAIL)
    if not allowed(actor, Action.EXPORT_CONTACT_DATA):
        visible = visible.filter(personal=False)
    if actor.via != "operator":
        hidden = JobSourceRow.all()
        if readable := readable_sources(actor, actor.source_roles):
            hidden = hidden.filter(source__not_in=readable)
        visible = visible.filter(id__not_in=Subquery(hidden.values("job_id")))
    return visible
