"""Reports: listed, put together, changed, copied and run."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

import anyio.to_thread
from starlette.responses import Response

from bilan.accounts.policy import Action, allowed
from bilan.parameters import check
from bilan.reports.common import parameters_of
from bilan.reports.service import locality_of
from bilan.reports.values import Draft, SavedReport
from bilan.runs.listing import Wanted
from bilan.runs.values import Run
from bilan.sdk.errors import BilanError, NotFound
from bilan.sdk.messages import messages
from bilan.sdk.parameters import Choice, Parameter
from bilan.sdk.query import Ask
from bilan.sdk.reports import ReportKind
from bilan_ui.forms import Field, fields, mistakes, raw_values
from bilan_ui.pages import Visit, view

_, n_ = messages("ui")

REPORTS = {"href": "/reports", "label": _("Reports")}
LATEST = 200


@view
async def reports(visit: Visit) -> Response:
    """The saved reports, each with its latest run."""
    services, actor = visit.services, visit.actor
    found = await services.reports.list(actor)
    shown = {
        "reports": found,
        "latest": await _latest(visit),
        "sources": await services.sources.readable(actor),
    }
    return visit.page("reports.html", shown)


async def _latest(visit: Visit) -> dict[UUID, Run]:
    page = await visit.services.runs.list(visit.actor, limit=LATEST)
    latest: dict[UUID, Run] = {}
    for run in page.runs:
        if run.report is not None:
            latest.setdefault(run.report, run)
    return latest


@view
async def kinds(visit: Visit) -> Response:
    """What can be reported."""
    return visit.page("report_kinds.html", {"kinds": visit.services.reports.kinds()})


@view
async def new(visit: Visit) -> Response:
    """The builder of a new report."""
    kind = _kind(visit)
    return await _builder(visit, kind, {}, name=visit.formatter.text(kind.label))


@view
async def create(visit: Visit) -> Response:
    """Save a new report, and run it where that was asked for."""
    kind, form = _kind(visit), await visit.form()
    raw = raw_values(_parameters(visit, kind), form)
    name = str(form.get("name", ""))
    if form.get("then") == "refresh" or visit.fragment:
        return await _builder(visit, kind, raw, name=name)
    errors = await _errors(visit, kind, raw)
    if not errors:
        try:
            saved = await visit.services.reports.create(
                visit.actor, Draft(name=name, kind=kind.key, parameters=raw)
            )
        except BilanError as error:
            errors = [error]
        else:
            return await _after(visit, saved, str(form.get("then")))
    return await _builder(visit, kind, raw, name=name, errors=errors)


@view
async def report(visit: Visit) -> Response:
    """One report: its settings and its last runs."""
    saved = await _saved(visit)
    services, actor = visit.services, visit.actor
    runs = await services.runs.list(actor, Wanted(report=saved.id), limit=20)
    names = {one.id: one.name for one in await services.sources.readable(actor)}
    shown = {
        "report": saved,
        "runs": runs.runs,
        "titles": {},
        "sources": sorted(names[one] for one in saved.sources if one in names),
        "summary": _summary(visit, saved),
        "may_edit": allowed(actor, Action.WRITE_REPORT, sources=saved.sources, personal=saved.personal),
    }
    return visit.page("report.html", shown)


@view
async def edit(visit: Visit) -> Response:
    """The builder of a saved report."""
    saved = await _saved(visit)
    kind = visit.services.registry.reports[saved.kind]
    return await _builder(visit, kind, dict(saved.parameters), name=saved.name, saved=saved)


@view
async def change(visit: Visit) -> Response:
    """Save a changed report."""
    saved, form = await _saved(visit), await visit.form()
    kind = visit.services.registry.reports[saved.kind]
    raw = raw_values(_parameters(visit, kind), form)
    name = str(form.get("name", ""))
    if form.get("then") == "refresh" or visit.fragment:
        return await _builder(visit, kind, raw, name=name, saved=saved)
    errors = await _errors(visit, kind, raw)
    if not errors:
        draft = Draft(name=name, kind=kind.key, parameters=raw, formats=saved.formats, sources=saved.sources)
        try:
            saved = await visit.services.reports.edit(visit.actor, saved.id, draft)
        except BilanError as error:
            errors = [error]
        else:
            return await _after(visit, saved, str(form.get("then")))
    return await _builder(visit, kind, raw, name=name, saved=saved, errors=errors)


@view
async def copy(visit: Visit) -> Response:
    """Save a copy under a free name."""
    made = await visit.services.reports.duplicate(visit.actor, (await _saved(visit)).id)
    return visit.go(f"/reports/{made.id}/edit")


@view
async def delete(visit: Visit) -> Response:
    """Remove a report; its runs stay."""
    saved = await _saved(visit)
    await visit.services.reports.delete(visit.actor, saved.id)
    return visit.go("/reports", say=_("The report {name} is deleted.", name=saved.name))


@view
async def run(visit: Visit) -> Response:
    """Run a saved report now."""
    return await _run(visit, await _saved(visit))


async def _after(visit: Visit, saved: SavedReport, then: str) -> Response:
    if then == "run":
        return await _run(visit, saved)
    return visit.go(f"/reports/{saved.id}", say=_("Saved."))


async def _run(visit: Visit, saved: SavedReport) -> Response:
    started = await visit.services.runs.start(
        visit.actor, saved.kind, saved.parameters, title=saved.name, report=saved.id, sources=saved.sources
    )
    return visit.go(f"/runs/{started.id}")


async def _saved(visit: Visit) -> SavedReport:
    try:
        ident = UUID(visit.request.path_params["id"])
    except ValueError as error:
        raise NotFound(_("There is no such report.")) from error
    return await visit.services.reports.get(visit.actor, ident)


def _kind(visit: Visit) -> ReportKind:
    key = visit.request.path_params["kind"]
    found = visit.services.registry.reports.get(key)
    if found is None:
        raise NotFound(_("There is no kind of report called {kind}.", kind=key))
    return found


def _parameters(visit: Visit, kind: ReportKind) -> tuple[Parameter, ...]:
    # The report's own name is its title here; a second one would only confuse.
    found = parameters_of(kind, locality_of(visit.actor))
    return tuple(parameter for parameter in found if parameter.key != "title")


async def _ask(visit: Visit) -> Ask:
    readable = await visit.services.sources.readable(visit.actor)
    return visit.services.query.ask([source.id for source in readable])


async def _errors(visit: Visit, kind: ReportKind, raw: dict[str, Any]) -> list[BilanError]:
    ask = await _ask(visit)
    checked = await anyio.to_thread.run_sync(partial(check, _parameters(visit, kind), raw, ask=ask))
    return list(checked.errors)


async def _builder(
    visit: Visit,
    kind: ReportKind,
    raw: dict[str, Any],
    *,
    name: str,
    saved: SavedReport | None = None,
    errors: list[BilanError] | None = None,
) -> Response:
    parameters = _parameters(visit, kind)
    offered = await anyio.to_thread.run_sync(_offered, parameters, raw, await _ask(visit))
    wrong = errors or []
    drawn = fields(parameters, raw, offered, wrong)
    name_error = next((error.message for error in wrong if error.path[:1] == ("name",)), None)
    action = f"/reports/{saved.id}/edit" if saved else f"/reports/new/{kind.key}"
    shown = {
        "kind": kind,
        "heading": saved.name if saved else visit.formatter.text(kind.label),
        "back": {
            "href": f"/reports/{saved.id}" if saved else "/reports",
            "label": visit.formatter.text(_("Back")),
        },
        "action": action,
        "name": Field("name", _("What to call it"), "text", name, error=name_error, required=True),
        "fields": drawn,
        "watched": {key for parameter in parameters for key in parameter.depends_on},
        "refresh": {
            "hx-post": action,
            "hx-trigger": "change",
            "hx-target": "#report-form",
            "hx-swap": "outerHTML",
        },
        "mistakes": mistakes(*wrong),
        "advanced_open": any(field.advanced and field.error for field in drawn),
        "zones": sorted(available_timezones()),
    }
    return visit.page("report_form.html", shown, block="form", status=422 if wrong else 200)


def _offered(
    parameters: tuple[Parameter, ...], raw: dict[str, Any], ask: Ask
) -> dict[str, tuple[Choice, ...]]:
    """What can be chosen, given what is filled in so far; what is wrong so far is left out."""
    values = check(parameters, raw, ask=None).values
    return {one.key: one.choices(ask, values) if callable(one.choices) else one.choices for one in parameters}


def _summary(visit: Visit, saved: SavedReport) -> list[dict[str, Any]]:
    kind = visit.services.registry.reports.get(saved.kind)
    if kind is None:
        return []
    return [
        {"label": parameter.label, "text": _shown(saved.parameters[parameter.key])}
        for parameter in parameters_of(kind, locality_of(visit.actor))
        if saved.parameters.get(parameter.key) not in (None, "", [], ())
    ]


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return str(value).replace("_", " ")
