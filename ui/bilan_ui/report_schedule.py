"""The schedule of a report in the report's own form: off, on with a new schedule, or those that are there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from starlette.datastructures import FormData

from bilan.accounts.policy import Action, allowed
from bilan.reports.values import SavedReport
from bilan.schedules.values import ScheduleDraft, ScheduleState
from bilan.sdk.errors import BilanError, Conflict
from bilan.sdk.reports import ReportKind
from bilan_ui.forms import mistakes
from bilan_ui.page_request import PageRequest
from bilan_ui.schedule_form import ScheduleForm, with_prefix
from bilan_ui.schedule_offers import offered_of
from bilan_ui.schedule_parameters import PREFIX
from bilan_ui.schedule_words import rhythm_in_words
from bilan_ui.upcoming import NOTHING, upcoming

if TYPE_CHECKING:
    from bilan.schedules.values import Schedule

TOGGLE = f"{PREFIX}on"
UNSAVED = UUID(int=0)
"""Stands for the report until it is saved."""


@dataclass
class ReportSchedule:
    """What the form of a report says of its schedule.

    Without ``there``, the schedules of the report that have not ended, the form is that of
    a new one. With them the toggle pauses all of them and lets them go on.
    """

    on: bool
    form: ScheduleForm
    there: tuple[Schedule, ...] = ()
    draft: ScheduleDraft | None = None

    def check(self, request: PageRequest) -> list[BilanError]:
        """What is wrong with a new schedule that is asked for."""
        if not self.on or self.there:
            return []
        self.draft = self.form.draft(UNSAVED, request.services.clock.now())
        return self.form.errors

    async def save(self, request: PageRequest, saved: SavedReport) -> bool:
        """Do what the toggle says for the report that was just saved; whether something was scheduled.

        What a service refuses is among the form's errors then, and raised.
        """
        service, actor = request.services.schedules, request.actor
        if self.there:
            await self._switch(request)
            return False
        if self.draft is None:
            return False
        try:
            await service.create(actor, replace(self.draft, report=saved.id), key=await request.key())
        except BilanError as error:
            self.form.refuse(error)
            raise
        return True

    async def _switch(self, request: PageRequest) -> None:
        service, actor = request.services.schedules, request.actor
        for one in self.there:
            going_on = is_going_on(request, one)
            if self.on == going_on or one.state not in (ScheduleState.ACTIVE, ScheduleState.PAUSED):
                continue
            try:
                await (service.resume if self.on else service.pause)(actor, one.id)
            except Conflict:
                continue  # somebody else did it meanwhile

    async def shown(self, request: PageRequest) -> dict[str, Any]:
        """What the form of the report shows of it."""
        rows = [
            {"schedule": one, "rhythm": rhythm_in_words(one.timetable.recurrence, request.formatter)}
            for one in self.there
        ]
        asked = self.on and not self.there
        return {
            "schedule_on": self.on,
            "schedules": rows,
            **(await upcoming_of(request, self.form) if asked else {}),
        }


async def report_schedule(
    request: PageRequest, kind: ReportKind, saved: SavedReport | None, sent: FormData | None = None
) -> ReportSchedule | None:
    """What the form says, or at first: off, unless the address or a schedule says otherwise.

    ``None`` for whoever may not schedule the report.
    """
    if saved is not None and not allowed(
        request.actor, Action.SCHEDULE_REPORT, sources=saved.sources, personal=saved.personal
    ):
        return None
    offered = await offered_of(request, kind, saved.parameters if saved else {})
    known = await request.services.schedules.list(request.actor, report=saved.id) if saved else ()
    # What has ended is let go on by nothing but other days.
    there = tuple(one for one in known if one.state is not ScheduleState.ENDED)
    if sent is not None and f"{TOGGLE}.given" in sent:
        return ReportSchedule(TOGGLE in sent, ScheduleForm.sent(offered, sent), there)
    on = any(is_going_on(request, one) for one in there) or "schedule" in request.http.query_params
    return ReportSchedule(on, ScheduleForm(offered, {}), there)


async def upcoming_of(request: PageRequest, form: ScheduleForm) -> dict[str, Any]:
    """The fields, and when the schedule would leave, or what keeps that from being previewed."""
    asked = ScheduleForm(form.offered, form.raw)
    draft = asked.draft(UNSAVED, request.services.clock.now())
    if draft is None:
        return {**NOTHING, **form.shown, "wrong": mistakes(*asked.errors)}
    try:
        occurrences = await request.services.schedules.upcoming(request.actor, draft.timetable)
    except BilanError as error:
        return {**NOTHING, **form.shown, "wrong": mistakes(with_prefix(error))}
    return {**NOTHING, **form.shown, "upcoming": upcoming(request, occurrences)}


def is_going_on(request: PageRequest, one: Schedule) -> bool:
    """Whether a schedule has something come due now."""
    paused = one.timetable.recurrence.pause_at(request.services.clock.now()) is not None
    return one.state is ScheduleState.ACTIVE and not paused
