"""The builder: a report is put together here, and changed."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response

from bilan.reports.values import Changed, Draft, SavedReport, Seen
from bilan.sdk.errors import BilanError, NotFound
from bilan.sdk.reports import ReportKind
from bilan_ui.building import Building, errors_of, fillable, show
from bilan_ui.forms import moves, raw_values, text
from bilan_ui.pages import view
from bilan_ui.previews import previewed
from bilan_ui.textdomain import _
from bilan_ui.views.reports import run_saved, saved_report
from bilan_ui.visit import Visit


@view
async def kinds(visit: Visit) -> Response:
    """What can be reported."""
    return visit.page("report_kinds.html", {"starts": visit.services.reports.kinds()})


@view
async def new(visit: Visit) -> Response:
    """The builder of a new report, filled in as the example that the address names."""
    kind = _kind(visit, visit.request.path_params["kind"])
    wanted = visit.request.query_params.get("example")
    example = next((one for one in kind.examples if one.key == wanted), None)
    if example is None:
        return await show(visit, Building(kind, visit.say(kind.label), {}))
    return await show(visit, Building(kind, visit.say(example.label), example.values))


@view
async def create(visit: Visit) -> Response:
    """Save a new report, and run it where that was asked for."""
    kind = _kind(visit, visit.request.path_params["kind"])
    return await _take(visit, kind, await visit.form())


@view
async def edit(visit: Visit) -> Response:
    """The builder of a saved report."""
    saved = await saved_report(visit)
    kind, seen = _kind(visit, saved.kind), Seen(saved.version)
    return await show(visit, Building(kind, saved.name, saved.parameters, saved, seen=seen))


@view
async def change(visit: Visit) -> Response:
    """Save a changed report."""
    saved = await saved_report(visit)
    return await _take(visit, _kind(visit, saved.kind), await visit.form(), saved)


@view
async def preview_new(visit: Visit) -> Response:
    """What a new report would show."""
    return await _preview(visit, _kind(visit, visit.request.path_params["kind"]))


@view
async def preview_changed(visit: Visit) -> Response:
    """What a saved report would show with what is filled in now."""
    saved = await saved_report(visit)
    return await _preview(visit, _kind(visit, saved.kind), saved)


async def _preview(visit: Visit, kind: ReportKind, saved: SavedReport | None = None) -> Response:
    form = await visit.form()
    building = Building(kind, text(form, "name"), raw_values(fillable(visit, kind), form), saved)
    return visit.page("preview.html", {"preview": await previewed(visit, building)})


async def _take(visit: Visit, kind: ReportKind, form: FormData, saved: SavedReport | None = None) -> Response:
    version, then = _over(form)
    key = await visit.key()
    raw = raw_values(fillable(visit, kind), form)
    seen = None if saved is None or version is None else Seen(version, key or "")
    building = Building(kind, text(form, "name"), raw, saved, seen=seen, key=key)
    if visit.fragment or then == "refresh" or moves(form):
        return await show(visit, building)
    if then == "preview":
        return await show(visit, building, await previewed(visit, building))
    building.errors.extend(await errors_of(visit, building))
    if not building.errors:
        try:
            saved = await _save(visit, building)
        except Changed as error:
            return await show(visit, building, changed=_changed(error, then))
        except BilanError as error:
            building.errors.append(error)
        else:
            if then == "send":
                return visit.go(f"/reports/{saved.id}/send")
            if then == "run":
                return await run_saved(visit, saved)
            if then == "review":
                return visit.go(f"/reports/{saved.id}/review")
            return visit.go(f"/reports/{saved.id}", say=_("Saved."))
    return await show(visit, building)


def _over(form: FormData) -> tuple[int | None, str]:
    """The version that may be saved over, and what comes after: both may come with the same button."""
    version, _colon, then = text(form, "over").partition(":")
    version, then = version or text(form, "version"), then or text(form, "then")
    return (int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None), then


def _changed(error: Changed, then: str) -> dict[str, Any]:
    """What somebody else saved meanwhile, and the ways out: over it, or to it."""
    return {
        "said": error.message,
        "over": f"{error.saved.version}:{then}",
        "other": f"/reports/{error.saved.id}/edit",
    }


async def _save(visit: Visit, building: Building) -> SavedReport:
    reports, saved, kind = visit.services.reports, building.saved, building.kind.key
    if saved is None:
        return await reports.create(visit.actor, Draft(building.name, kind, building.raw), key=building.key)
    # A title that somebody's program has set has no field here, and stays.
    raw = {**{key: one for key, one in saved.parameters.items() if key == "title"}, **building.raw}
    draft = Draft(building.name, kind, raw, formats=saved.formats, sources=saved.sources)
    return await reports.edit(visit.actor, saved.id, draft, seen=building.seen)


def _kind(visit: Visit, key: str) -> ReportKind:
    found = visit.services.registry.reports.get(key)
    if found is None:
        raise NotFound(_("No installed plugin makes reports of the kind {kind}.", kind=key))
    return found
