"""The first page: the saved reports, each with what its last run found. See docs/decisions/040."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from bilan.accounts import WorkspaceRole
from bilan.accounts.policy import Action, allowed
from bilan.rendering.context import render_context
from bilan.rendering.html_format import HTML
from bilan.rendering.tiles import ShownKpi, shown_kpis
from bilan.reports.values import SavedReport
from bilan.runs.values import LastRuns, Run
from bilan.sdk.document import Kpis
from bilan.sdk.messages import Message
from bilan.sdk.parameters import Choice
from bilan.sdk.rendering import RenderContext
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import view
from bilan_ui.textdomain import _

MANY = 6
"""From so many reports on there is something to narrow and sort the list by."""
SORTS = (
    Choice("name", _("Name")),
    Choice("run", _("Last run")),
    Choice("created", _("Created")),
)


@dataclass(frozen=True)
class Card:
    """A report, what its kind is about, its last run, and the last run with figures and those that lead."""

    report: SavedReport
    about: Message | None
    last: Run | None
    shown: Run | None
    period: str
    headline: str
    headline_kpis: tuple[ShownKpi, ...]
    may_run: bool
    may_edit: bool


@view
async def reports(request: PageRequest) -> Response:
    """The saved reports, each with what its last run found."""
    services, actor = request.services, request.actor
    asked = {name: request.http.query_params.get(name, "") for name in ("q", "kind", "sort")}
    everything = await services.reports.list(actor)
    narrowed = bool(asked["q"] or asked["kind"])
    found = (
        await services.reports.list(actor, kind=asked["kind"], search=asked["q"]) if narrowed else everything
    )
    latest = await services.runs.latest(actor, [one.id for one in found])
    context = render_context(services.registry, HTML.format, request.formatter)
    cards = [_card(request, one, latest.get(one.id), context) for one in found]
    shown = {
        "cards": sorted(cards, key=_order(asked["sort"])),
        "total": len(everything),
        "given": asked,
        "narrowed": narrowed,
        "sorts": SORTS,
        "many": len(everything) >= MANY,
        "kinds": {one.kind: one.kind_label for one in everything},
        "sources": (sources := await services.sources.readable(actor)),
        "whom": () if sources or everything else await _whom(request),
        "starts": () if everything else services.reports.kinds(),
    }
    return request.page("reports.html", shown)


async def _whom(request: PageRequest) -> tuple[str, ...]:
    """Whom to ask for a role where there are sources, and the visitor has none on any."""
    if not await request.services.sources.are_there(request.actor):
        return ()
    people = await request.services.accounts.list(request.actor)
    owners = [one.name for one in people if one.role is WorkspaceRole.OWNER and one.active]
    return tuple(owners)


def _card(request: PageRequest, report: SavedReport, latest: LastRuns | None, context: RenderContext) -> Card:
    last, shown = (latest.last, latest.shown) if latest else (None, None)
    summary = shown.summary if shown else None
    rights: Mapping[str, Any] = {"sources": report.sources, "personal": report.personal}
    kind = request.services.registry.reports.get(report.kind)
    return Card(
        report,
        kind.description if kind else None,
        last,
        shown,
        period=request.formatter.period(*summary.period) if summary and summary.period else "",
        headline=request.formatter.text(summary.headline) if summary else "",
        headline_kpis=shown_kpis(Kpis("headline", summary.headline_kpis), context) if summary else (),
        may_run=report.available and allowed(request.actor, Action.RUN_REPORT, **rights),
        may_edit=report.available and allowed(request.actor, Action.WRITE_REPORT, **rights),
    )


def _order(sort: str) -> Callable[[Card], Any]:
    """By name as they come, else the newest first; what never ran comes last."""
    match sort:
        case "run":
            return lambda card: -card.last.created_at.timestamp() if card.last else 0.0
        case "created":
            return lambda card: -card.report.created_at.timestamp()
        case _:
            return lambda _card: 0
