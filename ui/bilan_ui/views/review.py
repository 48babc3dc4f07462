"""The review of a report: what a run of it will build, in words, before it is launched."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response

from bilan.accounts.policy import Action, allowed
from bilan.parameters.validation import check
from bilan.reports.common import locality_of
from bilan.reports.request import request_for, span_of
from bilan.reports.values import SavedReport
from bilan.runs.values import RenderSpec
from bilan.sdk.errors import BilanError, Conflict
from bilan.sdk.periods import Span
from bilan.sdk.query import QueryClient
from bilan.sdk.reports import ReportKind
from bilan_ui.formats import offer, options
from bilan_ui.forms import mistakes
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import view
from bilan_ui.report_draft import fillable
from bilan_ui.summaries import summary
from bilan_ui.textdomain import _
from bilan_ui.views.reports import saved_report

DAY = timedelta(days=1)
TOLD = frozenset({"period", "compare", "zone"})
"""Parameters that the review tells with the days they stand for."""


@view
async def review(request: PageRequest) -> Response:
    """What will be built, and which files are to be rendered with it."""
    saved = await saved_report(request)
    return await _review(request, saved, {one: {} for one in saved.formats if one != "html"})


@view
async def launch(request: PageRequest) -> Response:
    """Run the report and render the chosen files as soon as it is there."""
    saved, form = await saved_report(request), await request.form()
    chosen = _chosen(request, form)
    language = request.formatter.language
    try:
        started = await request.services.runs.start(
            request.actor,
            saved.kind,
            saved.parameters,
            [RenderSpec(name, language, options=options) for name, options in chosen.items()],
            title=saved.name,
            report=saved.id,
            sources=saved.sources,
            key=await request.key(),
        )
    except BilanError as error:
        return await _review(request, saved, chosen, error)
    await _remember(request, saved, tuple(chosen))
    return request.go(f"/runs/{started.id}")


async def _remember(request: PageRequest, saved: SavedReport, chosen: tuple[str, ...]) -> None:
    """What was rendered this time is offered the next, by those who may change the report."""
    formats = chosen or ("html",)
    if formats == saved.formats or not allowed(
        request.actor, Action.WRITE_REPORT, sources=saved.sources, personal=saved.personal
    ):
        return
    await request.services.reports.offer(request.actor, saved.id, formats)


async def _review(
    request: PageRequest,
    saved: SavedReport,
    chosen: Mapping[str, Mapping[str, Any]],
    error: BilanError | None = None,
) -> Response:
    services = request.services
    kind = services.registry.reports.get(saved.kind)
    if kind is None:
        raise Conflict(_("The plugin that makes this report is not installed, so it cannot run."))
    names = {one.id: one.name for one in await services.sources.readable(request.actor)}
    client = await services.query.session([one for one in saved.sources if one in names])
    days, compared, wrong = await services.query.ask(
        request.actor.person, client, lambda client: _days(request, saved, kind, client)
    )
    said = summary([one for one in fillable(request, kind) if one.key not in TOLD], saved.parameters)
    errors = [one for one in (*wrong, error) if one is not None]
    shown = {
        "report": saved,
        "kind": kind,
        "days": days,
        "compared": compared,
        "zone": saved.parameters.get("zone") or request.actor.zone,
        "summary": said,
        "sources": sorted(names[one] for one in saved.sources if one in names),
        "offers": [offer(one, chosen, errors) for one in services.registry.renderers_of(kind.key).values()],
        "mistakes": mistakes(*errors),
        "launchable": not wrong,
        "may_edit": allowed(
            request.actor, Action.WRITE_REPORT, sources=saved.sources, personal=saved.personal
        ),
    }
    return request.page("review.html", shown, status=error.status if error else 200)


def _days(
    request: PageRequest, saved: SavedReport, kind: ReportKind, client: QueryClient
) -> tuple[tuple[str, str] | None, tuple[str, str] | None, tuple[BilanError, ...]]:
    """The first and the last day of the period and of the one before, and what would be refused."""
    locality = locality_of(request.actor)
    wrong = check(fillable(request, kind), saved.parameters, client=client).errors
    if wrong:
        return None, None, wrong
    now = request.services.clock.now()
    resolved = request_for(kind, saved.parameters, as_of=now, locality=locality, client=client)
    span = span_of(kind, resolved, client)
    return _pair(span), _pair(resolved.compare.of(span)), ()


def _pair(span: Span | None) -> tuple[str, str] | None:
    return None if span is None else (span.start.isoformat(), (span.end - DAY).isoformat())


def _chosen(request: PageRequest, form: FormData) -> dict[str, dict[str, Any]]:
    return {
        one.format: options(one, form)
        for one in request.services.registry.renderers.values()
        if f"format.{one.format}" in form
    }
