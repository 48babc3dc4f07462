"""From rows to saved reports, for those who may see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from bilan.accounts.policy import Action, allowed
from bilan.accounts.values import Principal
from bilan.reports.models import ReportRow
from bilan.reports.values import SavedReport, Sort
from bilan.sdk.errors import NotFound
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.registry.declared import Registry

ORDERS: Mapping[Sort, Callable[[SavedReport], Any]] = {
    Sort.NAME: lambda one: one.name.casefold(),
    Sort.KIND: lambda one: one.kind,
    Sort.CREATED: lambda one: one.created_at,
    Sort.CHANGED: lambda one: one.changed_at,
}


async def read_row(actor: Principal, report: UUID) -> ReportRow:
    """The report's row. Raises ``NotFound`` also where the actor may not know of it."""
    row = await ReportRow.get_or_none(id=report, workspace_id=actor.workspace)
    if row is None or not visible(actor, row):
        raise NotFound(_("There is no such report."))
    return row


def visible(actor: Principal, row: ReportRow) -> bool:
    """Whether the actor may know of the report."""
    return allowed(actor, Action.READ_REPORT, sources=row.sources, personal=row.personal)


def saved_report(registry: Registry, row: ReportRow) -> SavedReport:
    """The value of a row."""
    return SavedReport(
        id=row.id,
        workspace=row.workspace_id,  # type: ignore[attr-defined]
        name=row.name,
        kind=row.kind,
        kind_label=registry.report_label(row.kind),
        parameters=row.parameters,
        formats=row.formats,
        sources=row.sources,
        personal=row.personal,
        available=row.kind in registry.reports,
        created_by=row.created_by,
        created_by_name=row.created_by_name,
        created_at=row.created_at,
        changed_at=row.changed_at,
        changed_by_name=row.changed_by_name,
        version=row.version,
    )


def in_order(found: Iterable[SavedReport], sort: Sort, *, descending: bool) -> tuple[SavedReport, ...]:
    """The reports sorted; the name decides between equals, whichever way round."""
    named = sorted(found, key=ORDERS[Sort.NAME])
    return tuple(sorted(named, key=ORDERS[sort], reverse=descending))
