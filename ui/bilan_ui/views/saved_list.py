"""The page of a kind whose reports are named by what they are about: all of them, with their status."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from bilan.accounts.policy import Action, allowed
from bilan.reports.common import locality_of
from bilan.reports.request import request_for
from bilan.reports.values import SavedReport, Sort
from bilan.runs.values import Run
from bilan.sdk.errors import BilanError
from bilan.sdk.periods import DAY
from bilan.sdk.reports import ReportKind
from bilan_ui.contact_links import subject_href
from bilan_ui.kind_pages import Group, address_of
from bilan_ui.page_request import PageRequest


@dataclass(frozen=True)
class SavedLine:
    """A saved report with its last run and the last one with figures, and what the visitor may do."""

    report: SavedReport
    last: Run | None
    shown: Run | None
    period: str
    contact: str
    """Where the timeline of whom it is about is shown."""
    may_run: bool
    may_delete: bool

    @property
    def opens(self) -> str:
        """Where its name leads."""
        run = self.shown or self.last
        return f"/runs/{run.id}" if run else f"/reports/{self.report.id}"


async def saved_list(request: PageRequest, kind: ReportKind, group: Group) -> Response:
    """The reports of the kind, the newest first; asked for again by itself while one is in progress."""
    services, actor = request.services, request.actor
    found = await services.reports.list(actor, kind=kind.key, sort=Sort.CREATED, descending=True)
    latest = await services.runs.latest(actor, [one.id for one in found])
    lines = [
        SavedLine(
            one,
            last=latest[one.id].last if one.id in latest else None,
            shown=latest[one.id].shown if one.id in latest else None,
            period=_period(request, kind, one),
            contact=subject_href(request, kind, one.parameters),
            may_run=allowed(actor, Action.RUN_REPORT, sources=one.sources, personal=one.personal),
            may_delete=allowed(actor, Action.WRITE_REPORT, sources=one.sources, personal=one.personal),
        )
        for one in found
    ]
    working = [one for one in lines if one.last is not None and not one.last.state.over]
    shown = {
        "kind": kind,
        "group": group,
        "address": address_of(kind),
        "lines": lines,
        "in_progress": working[0].report.name if working and kind.one_at_a_time else "",
        "working": bool(working),
        "fragment": request.fragment,
    }
    return request.page("saved_list.html", shown, block="live")


def _period(request: PageRequest, kind: ReportKind, report: SavedReport) -> str:
    """The days of its last figures are told by these; before there are any, those that it would have now."""
    now, locality = request.services.clock.now(), locality_of(request.actor)
    try:
        span = request_for(kind, report.parameters, as_of=now, locality=locality, client=None).span()
    except BilanError:
        return ""
    return request.formatter.period(span.start.isoformat(), (span.end - DAY).isoformat())
