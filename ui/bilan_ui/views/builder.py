"""The builder: a report is put together here, and changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData
from starlette.responses import Response

from bilan.accounts.policy import Action, require
from bilan.reports.values import Changed, Draft, SavedReport, Seen
from bilan.sdk.errors import BilanError, Conflict, Invalid, NotFound
from bilan.sdk.reports import ReportKind
from bilan_ui.forms import moves, raw_values, text
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import view
from bilan_ui.previews import previewed
from bilan_ui.report_draft import ReportDraft, chosen_sources, errors_of, fillable, show
from bilan_ui.report_schedule import TOGGLE, report_schedule, upcoming_of
from bilan_ui.schedule_form import ScheduleForm
from bilan_ui.schedule_offers import offered_of
from bilan_ui.schedule_recipients import ADD, add_recipient
from bilan_ui.textdomain import _
from bilan_ui.views.reports import run_saved, saved_report
from bilan_ui.views.schedule_forms import saved_with_errors


@view
async def kinds(request: PageRequest) -> Response:
    """What can be reported."""
    return request.page("report_kinds.html", {"starts": request.services.reports.kinds()})


@view
async def new(request: PageRequest) -> Response:
    """The builder of a new report, filled in as the example that the address names."""
    kind = _kind(request, request.http.path_params["kind"])
    wanted = request.http.query_params.get("example")
    example = next((one for one in kind.examples if one.key == wanted), None)
    label, values = (
        (example.label, example.values) if example else (kind.label, await _of_a_run(request, kind))
    )
    name = (
        "" if kind.named_by else await request.services.reports.free_name(request.actor, request.say(label))
    )
    schedule = await report_schedule(request, kind, None)
    return await show(request, ReportDraft(kind, name, values, schedule=schedule))


@view
async def create(request: PageRequest) -> Response:
    """Save a new report, and run it where that was asked for."""
    kind = _kind(request, request.http.path_params["kind"])
    return await _take(request, kind, await request.form())


@view
async def edit(request: PageRequest) -> Response:
    """The builder of a saved report, for those who may change it."""
    saved = await _changeable(request)
    kind, seen = _kind(request, saved.kind), Seen(saved.version)
    schedule = await report_schedule(request, kind, saved)
    draft = ReportDraft(
        kind, saved.name, saved.parameters, saved, seen=seen, sources=saved.sources, schedule=schedule
    )
    return await show(request, draft)


@view
async def change(request: PageRequest) -> Response:
    """Save a changed report."""
    saved = await _changeable(request)
    return await _take(request, _kind(request, saved.kind), await request.form(), saved)


@view
async def preview_new(request: PageRequest) -> Response:
    """What a new report would show."""
    return await _preview(request, _kind(request, request.http.path_params["kind"]))


@view
async def preview_changed(request: PageRequest) -> Response:
    """What a saved report would show with what is filled in now."""
    saved = await saved_report(request)
    return await _preview(request, _kind(request, saved.kind), saved)


@view
async def schedule_fields(request: PageRequest) -> Response:
    """The fields of the schedule of a report that is being put together, and when it would leave."""
    kind, sent = _kind(request, request.http.path_params["kind"]), await request.form()
    form = ScheduleForm.sent(await offered_of(request, kind, raw_values(fillable(request, kind), sent)), sent)
    shown = {"schedule_on": TOGGLE in sent, "schedule_action": request.http.url.path}
    return request.page("report_schedule.html", {**shown, **await upcoming_of(request, form)})


async def _of_a_run(request: PageRequest, kind: ReportKind) -> Mapping[str, Any]:
    """What the run that the address names was built with, so that it can be saved as a report."""
    given = request.http.query_params.get("run", "")
    try:
        run = await request.services.runs.get(request.actor, UUID(given))
    except (BilanError, ValueError):
        return {}
    return run.values if run.kind == kind.key else {}


async def _changeable(request: PageRequest) -> SavedReport:
    """The report in the address. Raises ``Forbidden`` before anybody fills in what they may not save."""
    saved = await saved_report(request)
    require(request.actor, Action.WRITE_REPORT, sources=saved.sources, personal=saved.personal)
    return saved


async def _preview(request: PageRequest, kind: ReportKind, saved: SavedReport | None = None) -> Response:
    form = await request.form()
    raw = raw_values(fillable(request, kind), form)
    sources = await chosen_sources(request, kind, form, saved)
    draft = ReportDraft(kind, text(form, "name"), raw, saved, sources=sources)
    return request.page("preview.html", {"preview": await previewed(request, draft)})


async def _take(
    request: PageRequest, kind: ReportKind, form: FormData, saved: SavedReport | None = None
) -> Response:
    version, then = _over(form)
    key = await request.key()
    raw = raw_values(fillable(request, kind), form)
    seen = None if saved is None or version is None else Seen(version, key or "")
    sources = await chosen_sources(request, kind, form, saved)
    draft = ReportDraft(kind, text(form, "name"), raw, saved, seen=seen, key=key, sources=sources)
    if request.fragment:
        return await show(request, draft)
    form, wrong = await add_recipient(request, form)
    draft = replace(draft, schedule=await report_schedule(request, kind, saved, form))
    if draft.schedule is not None and wrong is not None:
        draft.schedule.form.errors.append(wrong)
    if then == ADD:
        draft.errors.extend([wrong] if wrong is not None else ())
    if then in ("refresh", ADD) or moves(form):
        return await show(request, draft)
    if then == "preview":
        return await show(request, draft, await previewed(request, draft))
    draft.errors.extend(await errors_of(request, draft))
    draft.errors.extend(draft.schedule.check(request) if draft.schedule else ())
    if not draft.errors:
        try:
            saved = await _save(request, draft)
        except Changed as error:
            return await show(request, draft, changed=_changed(error, then))
        except BilanError as error:
            draft.errors.append(error)
        else:
            return await _saved(request, draft, saved, then)
    return await show(request, draft)


async def _saved(request: PageRequest, draft: ReportDraft, saved: SavedReport, then: str) -> Response:
    """What comes after saving: its schedule, then what the button says."""
    if draft.kind.named_by and then in ("", "save"):
        then = "run"
    scheduled = False
    if draft.schedule is not None:
        try:
            scheduled = await draft.schedule.save(request, saved)
        except BilanError:
            return await saved_with_errors(request, saved, draft.schedule.form)
    match then:
        case "send":
            return request.go(f"/reports/{saved.id}/send")
        case "run":
            try:
                return await run_saved(request, saved)
            except Conflict as refused:
                if draft.saved is None:
                    # Nobody asked for a report that is only saved: it can be asked for again.
                    await request.services.reports.delete(request.actor, saved.id)
                draft.errors.append(refused)
                return await show(request, draft)
        case "review":
            return request.go(f"/reports/{saved.id}/review")
        case _:
            said = _("Saved, and scheduled.") if scheduled else _("Saved.")
            return request.go(f"/reports/{saved.id}", say=said)


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


async def _save(request: PageRequest, draft: ReportDraft) -> SavedReport:
    reports, saved, kind = request.services.reports, draft.saved, draft.kind.key
    if saved is None:
        made = Draft(draft.name, kind, draft.raw, sources=draft.sources)
        return await reports.create(request.actor, made, key=draft.key)
    # A title that somebody's program has set has no field here, and stays.
    raw = {**{key: one for key, one in saved.parameters.items() if key == "title"}, **draft.raw}
    changed = Draft(draft.name, kind, raw, formats=saved.formats, sources=draft.sources)
    return await reports.edit(request.actor, saved.id, changed, seen=draft.seen)


def _kind(request: PageRequest, key: str) -> ReportKind:
    try:
        return request.services.registry.report_kind(key)
    except Invalid as error:
        raise NotFound(error.message) from error  # it stands in the address
