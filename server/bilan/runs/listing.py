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
from bilan.accounts.values import Actor
from bilan.runs.models import RunRow, RunSourceRow
from bilan.runs.reading import PARTS, run_of
from bilan.runs.values import Latest, Page, Purpose, State


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
        """The columns that are fixed."""
        fixed = {name: getattr(self, name) for name in ("report", "purpose", "kind", "state", "asked_by")}
        return {name: value for name, value in fixed.items() if value is not None}


async def list_runs(actor: Actor, wanted: Wanted, *, offset: int, limit: int) -> Page:
    """The newest first. Runs about single persons are there for those who may see such rows."""
    found = _visible(actor).filter(**wanted.narrowing)
    rows = await found.order_by("-created_at", "-id").offset(offset).limit(limit).prefetch_related(*PARTS)
    return Page(tuple(run_of(row) for row in rows), await found.count())


async def latest_runs(actor: Actor, reports: Collection[UUID]) -> dict[UUID, Latest]:
    """The last runs of reports, as far as the actor may see them, in as few questions as for one report."""
    if not reports:
        return {}
    found = _visible(actor).filter(report__in=reports, purpose=Purpose.REPORT)
    readable = Q(document_sha256__isnull=False, erased_at__isnull=True)
    newest = (
        await found.annotate(last=Max("created_at"), shown=Max("created_at", _filter=readable))
        .group_by("report")
        .values("report", "last", "shown")
    )
    moments = {one[which] for one in newest for which in ("last", "shown")} - {None}
    rows = await found.filter(created_at__in=moments).order_by("-created_at", "-id").prefetch_related(*PARTS)
    latest: dict[UUID, Latest] = {}
    for run in map(run_of, rows):
        if run.report is None:
            continue
        last, shown = run, run if run.readable else None
        if (newer := latest.get(run.report)) is not None:
            last, shown = newer.last, newer.shown or shown
        latest[run.report] = Latest(last, shown)
    return latest


def _visible(actor: Actor) -> QuerySet[RunRow]:
    found = RunRow.filter(workspace=actor.workspace)
    if not allowed(actor, Action.EXPORT_CONTACT_DATA):
        found = found.filter(personal=False)
    if actor.via != "operator":
        hidden = RunSourceRow.all()
        if readable := readable_sources(actor, actor.source_roles):
            hidden = hidden.filter(source__not_in=readable)
        found = found.filter(id__not_in=Subquery(hidden.values("run_id")))
    return found
