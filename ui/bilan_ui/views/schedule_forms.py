"""Schedules: made of a saved report, and changed. What is previewed stands beside the form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import available_timezones

from starlette.responses import Response

from bilan.accounts.policy import Action, require
from bilan.reports.values import SavedReport
from bilan.sdk.errors import BilanError, Conflict
from bilan_ui.forms import mistakes, text
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import view
from bilan_ui.schedule_form import ScheduleForm, raw_of, with_prefix
from bilan_ui.schedule_offers import offered_for
from bilan_ui.schedule_parameters import PREFIX
from bilan_ui.schedule_recipients import ADD, add_recipient
from bilan_ui.textdomain import _
from bilan_ui.upcoming import NOTHING, format_labels, upcoming
from bilan_ui.views.reports import may_schedule, saved_report

if TYPE_CHECKING:
    from bilan.schedules.values import Schedule, ScheduleDraft


@dataclass(frozen=True)
class _Scheduled:
    """What the form is about: a report that is to be scheduled, or a schedule that is changed."""

    saved: SavedReport
    schedule: Schedule | None = None
    version: int | None = None
    """What the visitor has seen of the schedule."""

    @property
    def here(self) -> str:
        return f"/schedules/{self.schedule.id}" if self.schedule else f"/reports/{self.saved.id}"

    @property
    def action(self) -> str:
        return f"{self.here}/edit" if self.schedule else f"{self.here}/schedule"

    @property
    def preview(self) -> str:
        return f"{self.here}/preview" if self.schedule else f"{self.here}/schedule/preview"


@view
async def choose(request: PageRequest) -> Response:
    """The reports that may be scheduled: all of them, or those that read one source."""
    source = _uuid(request.http.query_params.get("source", ""))
    found = await request.services.reports.list(request.actor)
    named = {one.id: one.name for one in await request.services.sources.readable(request.actor)}
    shown = {
        "reports": [
            one for one in found if may_schedule(request, one) and (source is None or source in one.sources)
        ],
        "source": named.get(source) if source else None,
    }
    return request.page("schedule_new.html", shown)


@view
async def new(request: PageRequest) -> Response:
    """The form of a new schedule."""
    target = await _new(request)
    return await _show(
        request, target, ScheduleForm(await offered_for(request, target.saved, target.schedule), {})
    )


@view
async def create(request: PageRequest) -> Response:
    """Save a new schedule, or show first what it would do."""
    return await _take(request, await _new(request))


@view
async def edit(request: PageRequest) -> Response:
    """The form of a schedule as it is."""
    target = await _changed(request)
    assert target.schedule is not None  # noqa: S101 - it is what is changed
    offered = await offered_for(request, target.saved, target.schedule)
    return await _show(request, target, ScheduleForm(offered, raw_of(target.schedule, offered)))


@view
async def change(request: PageRequest) -> Response:
    """Save a changed schedule, or show first what it would do."""
    return await _take(request, await _changed(request))


@view
async def preview_new(request: PageRequest) -> Response:
    """What a new schedule would do."""
    return await _preview(request, await _new(request))


@view
async def preview_changed(request: PageRequest) -> Response:
    """What a schedule would do with what is filled in now."""
    return await _preview(request, await _changed(request))


async def saved_with_errors(request: PageRequest, saved: SavedReport, form: ScheduleForm) -> Response:
    """The form for a report that has just been saved, and whose schedule could not be."""
    return await _show(
        request, _Scheduled(saved), form, said=_("The report is saved; its schedule is not yet.")
    )


async def _new(request: PageRequest) -> _Scheduled:
    saved = await saved_report(request)
    _require(request, saved)
    return _Scheduled(saved)


async def _changed(request: PageRequest) -> _Scheduled:
    ident = request.ident(_("There is no such schedule."))
    schedule = await request.services.schedules.get(request.actor, ident)
    try:
        saved = await request.services.reports.get(request.actor, schedule.report)
    except BilanError as error:
        raise Conflict(_("The report of this schedule is gone, so it cannot be changed.")) from error
    _require(request, saved)
    return _Scheduled(saved, schedule, schedule.version)


def _require(request: PageRequest, saved: SavedReport) -> None:
    if not saved.available:
        raise Conflict(_("The plugin that makes this report is not installed, so it cannot be scheduled."))
    require(request.actor, Action.SCHEDULE_REPORT, sources=saved.sources, personal=saved.personal)


async def _take(request: PageRequest, target: _Scheduled) -> Response:
    services = request.services
    sent, wrong = await add_recipient(request, await request.form())
    form = ScheduleForm.sent(await offered_for(request, target.saved, target.schedule), sent)
    form.errors.extend([wrong] if wrong else ())
    then = text(sent, "then")
    if then == ADD:
        return await _show(request, target, form)
    if then == "preview":
        return await _show(
            request, target, form, await previewed(request, target.saved, form, target.schedule)
        )
    target = _Scheduled(target.saved, target.schedule, _version(text(sent, "version")))
    if (draft := form.draft(target.saved.id, services.clock.now())) is not None:
        try:
            if target.schedule is None:
                made = await services.schedules.create(request.actor, draft, key=await request.key())
                return request.go(f"/schedules/{made.id}", say=_("The report is scheduled."))
            draft = _with_unasked(form, draft, target.schedule)
            await services.schedules.edit(
                request.actor, target.schedule.id, draft, version=target.version or 0
            )
        except BilanError as error:
            form.refuse(error)
        else:
            return request.go(f"/schedules/{target.schedule.id}", say=_("Saved."))
    return await _show(request, target, form)


def _with_unasked(form: ScheduleForm, draft: ScheduleDraft, before: Schedule) -> ScheduleDraft:
    """The draft, with what the form did not ask as it was: nobody gets the whole of what was split unseen."""
    if f"{PREFIX}approver" not in form.raw:
        draft = replace(draft, approval=before.approval)
    if f"{PREFIX}filter" not in form.raw:
        draft = replace(draft, split=before.split, table=before.table)
    if f"{PREFIX}stale" not in form.raw:
        draft = replace(draft, freshness=before.freshness)
    if f"{PREFIX}content" not in form.raw and draft.delivery is not None:
        draft = replace(draft, delivery=replace(draft.delivery, content=before.delivery.content))
    if f"{PREFIX}tells_changes" not in form.raw:
        draft = replace(draft, tells_changes=before.tells_changes)
    return draft


def _version(given: str) -> int | None:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


async def _preview(request: PageRequest, target: _Scheduled) -> Response:
    form = ScheduleForm.sent(await offered_for(request, target.saved, target.schedule), await request.form())
    return request.page("upcoming.html", await previewed(request, target.saved, form, target.schedule))


async def previewed(
    request: PageRequest, saved: SavedReport, form: ScheduleForm, schedule: Schedule | None
) -> dict[str, Any]:
    """What is to be expected of what is filled in, or what keeps it from being previewed."""
    asked = ScheduleForm(form.offered, form.raw)
    draft = asked.draft(saved.id, request.services.clock.now())
    if draft is None:
        return {**NOTHING, "wrong": mistakes(*asked.errors)}
    try:
        expected = await request.services.schedules.preview(
            request.actor, draft, schedule=schedule.id if schedule else None
        )
    except BilanError as error:
        return {**NOTHING, "wrong": mistakes(with_prefix(error))}
    return {
        **NOTHING,
        "upcoming": upcoming(request, expected.occurrences),
        "expected": expected,
        "format_labels": format_labels(request),
    }


async def _show(
    request: PageRequest,
    target: _Scheduled,
    form: ScheduleForm,
    preview: dict[str, Any] | None = None,
    *,
    said: Any = None,
) -> Response:
    shown = {
        "report": target.saved,
        "schedule": target.schedule,
        "back": {"href": target.here, "label": target.saved.name},
        "action": target.action,
        "preview_action": target.preview,
        "previewed": preview is not None,
        **(preview or NOTHING),
        "version": target.version,
        "said": said,
        "outbox": not request.services.settings.mail_url,
        "zones": sorted(available_timezones()),
        "mistakes": mistakes(*form.errors),
        **form.shown,
    }
    status = form.errors[0].status if form.errors else 200
    return request.page("schedule_form.html", shown, status=status, kept=True)


def _uuid(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None
