"""Schedules: listed, opened, paused, resumed, taken over, deleted, and sent beside what is planned."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from starlette.responses import Response

from bilan.accounts.policy import Action, allowed
from bilan.reports.values import SavedReport
from bilan.schedules.values import OccurrenceState, RecordedOccurrence, Schedule, ScheduleState
from bilan.sdk.errors import BilanError, Conflict, Invalid
from bilan.sdk.messages import Message
from bilan.sdk.periods import midnight
from bilan_ui.forms import read_day, text
from bilan_ui.page_request import LANGUAGES, PageRequest
from bilan_ui.pages import view
from bilan_ui.schedule_parameters import CONTENTS
from bilan_ui.schedule_words import condition_in_words, freshness_in_words, period_in_words, rhythm_in_words
from bilan_ui.textdomain import _
from bilan_ui.upcoming import format_labels, upcoming

if TYPE_CHECKING:
    from bilan.schedules.service import Schedules

PAGE = 25
HISTORY = 20
REFUSED = (Conflict, Invalid)
"""What is said on the page that somebody pressed a button of."""
GOING_ON = (ScheduleState.ACTIVE, ScheduleState.PAUSED)

LISTED = tuple(one for one in ScheduleState if one is not ScheduleState.DELETED)


@dataclass(frozen=True)
class ListedSchedule:
    """A schedule in the list."""

    schedule: Schedule
    rhythm: Message
    paused: bool
    until: datetime | None
    """When the pause ends by itself."""
    last: RecordedOccurrence | None
    may_change: bool


@view
async def schedules(request: PageRequest) -> Response:
    """The schedules one may know of, the next due first."""
    services, actor, offset = request.services, request.actor, request.number("from")
    state = request.http.query_params.get("state", "")
    wanted = ScheduleState(state) if state in LISTED else None
    found = await services.schedules.list(actor, state=wanted)
    page = found[offset : offset + PAGE]
    reports = {one.id: one for one in await services.reports.list(actor)}
    last = await services.occurrences.latest(actor, [one.id for one in page])
    narrowed = f"&state={wanted}" if wanted else ""
    shown = {
        "rows": [_row(request, one, reports.get(one.report), last.get(one.id)) for one in page],
        "total": len(found),
        "given": wanted or "",
        "states": LISTED,
        "schedulable": bool(reports),
        "pages": {
            "previous": f"/schedules?from={max(offset - PAGE, 0)}{narrowed}" if offset else None,
            "next": f"/schedules?from={offset + PAGE}{narrowed}" if offset + PAGE < len(found) else None,
        },
    }
    return request.page("schedules.html", shown)


@view
async def schedule(request: PageRequest) -> Response:
    """One schedule: what it will do, to whom, and what it did."""
    found = await the_schedule(request)
    services, actor, offset = request.services, request.actor, request.number("from")
    report = await _report(request, found)
    expected = await services.schedules.preview_saved(actor, found.id)
    history = await services.occurrences.list(actor, found.id, offset=offset, limit=HISTORY)
    asked = report is not None and found.condition is not None
    figures = await services.schedules.figures(actor, found.report) if asked else {}
    here = f"/schedules/{found.id}"
    shown = {
        "row": _row(request, found, report, None),
        "schedule": found,
        "report": report,
        "period": period_in_words(found.timetable),
        "condition": condition_in_words(found.condition, figures),
        "freshness": freshness_in_words(found.freshness),
        "approver": await _approver(request, found),
        "may_test": report is not None
        and allowed(actor, Action.SEND_REPORT, sources=report.sources, personal=report.personal),
        "upcoming": upcoming(request, expected.occurrences),
        "expected": expected,
        "wrong": (),
        "history": [one for one in history.occurrences if one.state is not OccurrenceState.PLANNED],
        "formats": format_labels(request),
        "format_labels": format_labels(request),
        "content": {one.value: one.label for one in CONTENTS[1:]}.get(found.delivery.content),
        "languages": dict(LANGUAGES),
        "pages": {
            "previous": f"{here}?from={max(offset - HISTORY, 0)}#history" if offset else None,
            "next": f"{here}?from={offset + HISTORY}#history" if offset + HISTORY < history.total else None,
        },
    }
    return request.page("schedule.html", shown)


@view
async def pause(request: PageRequest) -> Response:
    """Let nothing come due until the schedule is resumed, or until the beginning of a day in its zone."""
    found, until = await the_schedule(request), text(await request.form(), "until")
    return await _done(
        request,
        found.id,
        lambda service: service.pause(request.actor, found.id, until=_midnight(found, until)),
        _("The schedule is paused: nothing is sent meanwhile."),
    )


@view
async def resume(request: PageRequest) -> Response:
    """End a pause."""
    found = await the_schedule(request)
    return await _done(
        request,
        found.id,
        lambda service: service.resume(request.actor, found.id),
        _("The schedule goes on; what fell into the pause is not made up for."),
    )


@view
async def take_over(request: PageRequest) -> Response:
    """Become the owner."""
    found = await the_schedule(request)
    return await _done(
        request,
        found.id,
        lambda service: service.take_over(request.actor, found.id),
        _("The schedule is yours: it is sent with your rights from now on."),
    )


@view
async def delete(request: PageRequest) -> Response:
    """End a schedule for good."""
    found = await the_schedule(request)
    await request.services.schedules.delete(request.actor, found.id)
    return request.go("/schedules", say=_("The schedule of {name} is deleted.", name=found.report_name))


@view
async def send_now(request: PageRequest) -> Response:
    """Have it sent to all of its recipients now, beside what is planned."""
    found = await the_schedule(request)
    try:
        sent = await request.services.resends.send_now(request.actor, found.id, await request.key() or "")
    except REFUSED as error:
        return request.go(f"/schedules/{found.id}", say=error.message, kind="error")
    return request.go(f"/occurrences/{sent.id}", say=_("It is sent as soon as it is built."))


@view
async def test(request: PageRequest) -> Response:
    """Send a test to whoever asks."""
    found = await the_schedule(request)
    try:
        await request.services.resends.send_test(request.actor, found.id, await request.key() or "")
    except REFUSED as error:
        return request.go(f"/schedules/{found.id}", say=error.message, kind="error")
    said = _("A test is on its way to {address}, marked as one.", address=request.actor.email)
    return request.go(f"/schedules/{found.id}", say=said)


def told(request: PageRequest, found: Iterable[Schedule]) -> list[dict[str, Any]]:
    """Schedules as pages of other things list them."""
    return [
        {"schedule": one, "rhythm": rhythm_in_words(one.timetable.recurrence, request.formatter)}
        for one in found
    ]


async def the_schedule(request: PageRequest) -> Schedule:
    """The schedule that the address names. Raises ``NotFound``."""
    return await request.services.schedules.get(request.actor, request.ident(_("There is no such schedule.")))


async def _done(
    request: PageRequest, schedule: UUID, change: Callable[[Schedules], Awaitable[Schedule]], said: Message
) -> Response:
    """Change it and go on where one was: the list, or the schedule's page. What is refused is said there."""
    where = "/schedules" if text(await request.form(), "back") == "list" else f"/schedules/{schedule}"
    try:
        await change(request.services.schedules)
    except REFUSED as error:
        return request.go(where, say=error.message, kind="error")
    return request.go(where, say=said)


def _midnight(found: Schedule, given: str) -> datetime | None:
    return midnight(read_day(given, "until"), found.timetable.recurrence.zone) if given else None


def _row(
    request: PageRequest, found: Schedule, report: SavedReport | None, last: RecordedOccurrence | None
) -> ListedSchedule:
    pause = found.timetable.recurrence.pause_at(request.services.clock.now())
    may_change = report is None or allowed(
        request.actor, Action.SCHEDULE_REPORT, sources=report.sources, personal=report.personal
    )
    return ListedSchedule(
        schedule=found,
        rhythm=rhythm_in_words(found.timetable.recurrence, request.formatter),
        paused=pause is not None and found.state in GOING_ON,
        until=pause.end if pause else None,
        last=last,
        may_change=may_change,
    )


async def _approver(request: PageRequest, found: Schedule) -> str:
    """The name of whoever has to say yes."""
    people = await request.services.accounts.list(request.actor) if found.approval else ()
    return next((one.name for one in people if found.approval and one.id == found.approval.approver), "–")


async def _report(request: PageRequest, found: Schedule) -> SavedReport | None:
    try:
        return await request.services.reports.get(request.actor, found.report)
    except BilanError:
        return None  # it was deleted, or its owner may no longer see it
