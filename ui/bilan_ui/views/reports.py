"""Saved reports: opened, copied, deleted and run."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from bilan.accounts.policy import Action, allowed
from bilan.reports.common import parameters_of
from bilan.reports.service import locality_of
from bilan.reports.values import SavedReport
from bilan.runs.listing import Wanted
from bilan_ui.pages import view
from bilan_ui.summaries import summary
from bilan_ui.textdomain import _
from bilan_ui.views.history import rows
from bilan_ui.visit import Visit


@view
async def report(visit: Visit) -> Response:
    """One report: its settings and its last runs."""
    saved = await saved_report(visit)
    services, actor = visit.services, visit.actor
    runs = await services.runs.list(actor, Wanted(report=saved.id), limit=20)
    names = {one.id: one.name for one in await services.sources.readable(actor)}
    may_edit = allowed(actor, Action.WRITE_REPORT, sources=saved.sources, personal=saved.personal)
    shown = {
        "report": saved,
        **rows(visit, runs.runs),
        "sources": sorted(names[one] for one in saved.sources if one in names),
        "summary": _summary(visit, saved),
        "may_edit": may_edit and saved.available,
        "may_delete": may_edit,
    }
    return visit.page("report.html", shown)


@view
async def copy(visit: Visit) -> Response:
    """Save a copy under a free name."""
    saved = await saved_report(visit)
    made = await visit.services.reports.duplicate(visit.actor, saved.id, key=await visit.key())
    return visit.go(f"/reports/{made.id}/edit", say=_("This is the copy; the original stays as it is."))


@view
async def delete(visit: Visit) -> Response:
    """Remove a report; its runs stay."""
    saved = await saved_report(visit)
    await visit.services.reports.delete(visit.actor, saved.id)
    return visit.go("/reports", say=_("The report {name} is deleted.", name=saved.name))


@view
async def run(visit: Visit) -> Response:
    """Run a saved report now."""
    return await run_saved(visit, await saved_report(visit))


async def run_saved(visit: Visit, saved: SavedReport) -> Response:
    """Start a run of the report and go to watch it."""
    started = await visit.services.runs.start(
        visit.actor,
        saved.kind,
        saved.parameters,
        title=saved.name,
        report=saved.id,
        sources=saved.sources,
        key=await visit.key(),
    )
    return visit.go(f"/runs/{started.id}")


async def saved_report(visit: Visit) -> SavedReport:
    """The report that the address names. Raises ``NotFound``."""
    return await visit.services.reports.get(visit.actor, visit.ident(_("There is no such report.")))


def _summary(visit: Visit, saved: SavedReport) -> list[dict[str, Any]]:
    kind = visit.services.registry.reports.get(saved.kind)
    if kind is None:
        return []
    return summary(parameters_of(kind, locality_of(visit.actor)), saved.parameters)
