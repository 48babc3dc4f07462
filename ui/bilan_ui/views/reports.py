"""Saved reports: opened, copied, deleted and run."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from bilan.accounts.policy import Action, allowed
from bilan.reports.common import locality_of, parameters_of
from bilan.reports.values import SavedReport
from bilan.runs.listing import Wanted
from bilan_ui.kind_pages import address_of, page_of
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import view
from bilan_ui.sharing_rights import may_share
from bilan_ui.summaries import summary
from bilan_ui.textdomain import _
from bilan_ui.views.history import rows
from bilan_ui.views.schedules import told


@view
async def report(request: PageRequest) -> Response:
    """One report: its settings and its last runs."""
    saved = await saved_report(request)
    services, actor = request.services, request.actor
    runs = await services.runs.list(actor, Wanted(report=saved.id), limit=20)
    names = {one.id: one.name for one in await services.sources.readable(actor)}
    may_edit = allowed(actor, Action.WRITE_REPORT, sources=saved.sources, personal=saved.personal)
    shown = {
        "report": saved,
        **rows(request, runs.runs),
        "sources": sorted(names[one] for one in saved.sources if one in names),
        "summary": _summary(request, saved),
        "may_edit": may_edit and saved.available,
        "may_schedule": may_schedule(request, saved),
        "schedules": told(request, await services.schedules.list(actor, report=saved.id)),
        "may_delete": may_edit,
        "may_share": any(may_share(request, one) for one in runs.runs),
        "listed": listed_at(request, saved),
    }
    return request.page("report.html", shown)


def may_schedule(request: PageRequest, saved: SavedReport) -> bool:
    """Whether the visitor may schedule a report."""
    return saved.available and allowed(
        request.actor, Action.SCHEDULE_REPORT, sources=saved.sources, personal=saved.personal
    )


@view
async def copy(request: PageRequest) -> Response:
    """Save a copy under a free name."""
    saved = await saved_report(request)
    made = await request.services.reports.duplicate(request.actor, saved.id, key=await request.key())
    return request.go(f"/reports/{made.id}/edit", say=_("This is the copy; the original stays as it is."))


@view
async def delete(request: PageRequest) -> Response:
    """Remove a report; its runs stay."""
    saved = await saved_report(request)
    await request.services.reports.delete(request.actor, saved.id)
    listed = listed_at(request, saved)
    return request.go(listed or "/reports", say=_("The report {name} is deleted.", name=saved.name))


@view
async def run(request: PageRequest) -> Response:
    """Run a saved report now."""
    return await run_saved(request, await saved_report(request))


async def run_saved(request: PageRequest, saved: SavedReport) -> Response:
    """Start a run of the report and go to watch it."""
    started = await request.services.runs.start(
        request.actor,
        saved.kind,
        saved.parameters,
        title=saved.name,
        report=saved.id,
        sources=saved.sources,
        key=await request.key(),
    )
    return request.go(listed_at(request, saved) or f"/runs/{started.id}")


def listed_at(request: PageRequest, saved: SavedReport) -> str:
    """The page that lists the reports of its kind, where the kind has one."""
    kind = page_of(request, saved.kind)
    return address_of(kind) if kind is not None and kind.named_by else ""


async def saved_report(request: PageRequest) -> SavedReport:
    """The report that the address names. Raises ``NotFound``."""
    return await request.services.reports.get(request.actor, request.ident(_("There is no such report.")))


def _summary(request: PageRequest, saved: SavedReport) -> list[dict[str, Any]]:
    kind = request.services.registry.reports.get(saved.kind)
    if kind is None:
        return []
    return summary(parameters_of(kind, locality_of(request.actor)), saved.parameters)
