"""Filling a schedule's row with what somebody chose, checked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from bilan.accounts.addresses import lower
from bilan.accounts.policy import Action, require
from bilan.accounts.values import Principal
from bilan.delivery.checking import check_sending
from bilan.delivery.values import Addressee, FileContent, Mode, NewSending
from bilan.recipients.attributes import checked_attribute
from bilan.recipients.values import EMAIL
from bilan.registry.declared import Registry
from bilan.reports.common import locality_of
from bilan.reports.models import ReportRow
from bilan.reports.reading import read_row
from bilan.reports.request import request_for
from bilan.reports.since_last_copy import figures_of
from bilan.runs.service import Runs
from bilan.schedules.approval import check_approver
from bilan.schedules.beginning import values_for
from bilan.schedules.choosing import check_owner, choose
from bilan.schedules.condition import SendCondition
from bilan.schedules.models import ScheduleRow
from bilan.schedules.occurrences import Timetable, simulate
from bilan.schedules.planning import holidays_of
from bilan.schedules.saving import begun_second, from_now, going_on, with_pauses
from bilan.schedules.split import checked_table, splittable
from bilan.schedules.split_rule import RecipientValues, SplitRule
from bilan.schedules.splitting import Chosen, assigned
from bilan.schedules.values import DeliveryOptions, Schedule, ScheduleDraft
from bilan.sdk.document import Kpi
from bilan.sdk.errors import Invalid
from bilan.sdk.periods import Preset
from bilan.sdk.textdomain import _
from bilan.shares.checking import check_views


class Filling:
    """Checks drafts, by the kinds of reports there are and the files that can be rendered of them."""

    def __init__(self, registry: Registry, runs: Runs) -> None:
        self._registry, self._runs = registry, runs

    async def fill(
        self,
        row: ScheduleRow,
        actor: Principal,
        draft: ScheduleDraft,
        now: datetime,
        before: Schedule | None = None,
    ) -> Chosen:
        """Put into the row what was chosen, and say whom it goes to. What the draft leaves out stays.

        Raises ``Invalid``, ``NotFound`` or ``Forbidden`` with the field's path.
        """
        report = await read_row(actor, draft.report)
        require(actor, Action.SCHEDULE_REPORT, sources=report.sources, personal=report.personal)
        row.report, row.report_name = report.id, report.name
        row.timetable, row.catch_up = (
            await self._timetable(actor, report, draft.timetable, now, before),
            draft.catch_up,
        )
        if draft.approval is not None:
            await check_approver(draft.approval, row.workspace_id, report)
        row.approval, row.freshness = draft.approval, draft.freshness
        row.tells_changes = draft.tells_changes
        row.condition = await self._condition(actor, report, draft.condition, before)
        row.delivery = draft.delivery or (before.delivery if before else DeliveryOptions(report.formats))
        check_sending(self._runs, sending_of(row.delivery, (), key="scheduled"), report.kind)
        if before is not None and before.split is not None and draft.split is None and draft.to is None:
            # Nobody gets the whole of what was split because a program left it out.
            said = _(
                "Each recipient gets their part of it: name the split again, or who is to get the whole."
            )
            raise Invalid(said, ("to",))
        row.split, table = self._split(report, draft)
        people = await _recipients(actor, report, draft, table, now, before)
        await check_owner(row, people)
        _check_protected(row.delivery, people)
        ids = {lower(one.address): one.id for one in people}
        chosen = Chosen(people, {ids[one.address]: one for one in table})
        if row.split is not None:
            await assigned(row, row.split, report, chosen)
        return chosen

    def _split(
        self, report: ReportRow, draft: ScheduleDraft
    ) -> tuple[SplitRule | None, tuple[RecipientValues, ...]]:
        """The rule, and its table. Raises ``Invalid``."""
        if draft.split is None:
            return None, ()
        parameter, attribute = draft.split.parameter, draft.split.attribute
        offered = [one.key for one in splittable(self._registry.report_kind(report.kind))]
        if parameter not in offered:
            raise Invalid(
                _("A report of this kind cannot be split by {key}; choose from {known}.",
                  key=parameter, known=", ".join(offered))
                if offered
                else _("A report of this kind has no filter that it could be split by."),
                ("parameter",),
            )  # fmt: skip
        if attribute:
            return SplitRule(parameter, checked_attribute(attribute)), ()
        table = tuple(one for one in checked_table(draft.table) if one.values)
        if not table:
            raise Invalid(_("Write down at least one recipient and a value."), ("values",))
        return draft.split, table

    async def _timetable(
        self, actor: Principal, report: ReportRow, given: Timetable, now: datetime, before: Schedule | None
    ) -> Timetable:
        kind, holidays = self._registry.report_kind(report.kind), await holidays_of(actor.workspace)
        timetable = going_on(before.timetable, given, now) if before else from_now(given, now)
        # A pause may last until somebody ends it; what it let pass is not counted among what was sent.
        ended = tuple(
            replace(one, end=now) if one.includes(now) else one for one in timetable.recurrence.pauses
        )
        following = simulate(with_pauses(timetable, ended), begun_second(now), 1, holidays=holidays)
        if not following:
            if before is not None and given.recurrence.count is not None:
                raise Invalid(
                    _("It was sent as often as was chosen; choose another first day or number of times, from "
                      "which it counts anew."),
                    ("count",),
                )  # fmt: skip
            raise Invalid(_("Nothing would ever come due; choose a day that is not over."), ("start",))
        if "period" not in kind.common and given.period.preset is not Preset.SINCE_OLDEST:
            raise Invalid(
                _("A report of this kind covers everything since the oldest fact; choose that."), ("period",)
            )
        values = values_for(report.parameters, following[0], given.recurrence.first_weekday)
        request_for(kind, values, as_of=now, locality=locality_of(actor), client=None)
        return timetable

    async def _condition(
        self, actor: Principal, report: ReportRow, given: SendCondition | None, before: Schedule | None
    ) -> SendCondition | None:
        """The condition, if the report had its figure when it was last built."""
        if given is None or not given.kpi or (before is not None and given == before.condition):
            return given
        known = await self.figures(actor, report.id)
        if known and given.kpi not in known:
            raise Invalid(
                _("The report has no figure {key}; choose from {known}.",
                  key=given.kpi, known=", ".join(known)),
                ("kpi",),
            )  # fmt: skip
        return given

    async def figures(self, actor: Principal, report: UUID) -> dict[str, Kpi]:
        """The leading figures of a report as it was last built, by their keys; none where it never was."""
        last = (await self._runs.latest(actor, [report])).get(report)
        if last is None or last.shown is None:
            return {}
        return figures_of(await self._runs.document(actor, last.shown.id))


async def _recipients(
    actor: Principal,
    report: ReportRow,
    draft: ScheduleDraft,
    table: tuple[RecipientValues, ...],
    now: datetime,
    before: Schedule | None,
) -> tuple[Addressee, ...]:
    written = tuple(one.address for one in table)
    if before is not None and draft.to is None:
        if not written:
            return before.recipients
        to = (*(one.address for one in before.recipients), *written)
    elif draft.to is None:
        to = written or (actor.email,)
    else:
        to = (*draft.to, *written)
    kept = before.recipients if before else ()
    return await choose(actor, to, report.kind, before=kept, personal=report.personal, now=now)


def _check_protected(options: DeliveryOptions, people: tuple[Addressee, ...]) -> None:
    """Let pass what can be delivered by protected link. Raises ``Invalid`` with the field's path."""
    if options.mode is not Mode.PROTECTED:
        return
    check_views(options.protected.views)
    if options.content is not FileContent.USUAL:
        # What a page shows is chosen by the report, and viewers choose files there.
        said = _("By protected link, tables hold everything, others the parts that the report shows.")
        raise Invalid(said, ("content",))
    for one in people:
        if one.channel != EMAIL:
            # A link opens for whoever reads an e-mail, not for a whole chat.
            said = _("{name} gets no e-mail, so no protected link either.", name=one.name)
            raise Invalid(said, ("to",))


def sending_of(options: DeliveryOptions, to: tuple[str, ...], *, key: str) -> NewSending:
    """The sending of one occurrence."""
    protected = options.mode is Mode.PROTECTED
    return NewSending(
        to=to,
        key=key,
        mode=options.mode,
        formats=options.formats,
        language=options.language,
        days=options.days,
        message=options.message,
        display=options.display,
        content=options.content,
        protected=replace(options.protected, language=options.language) if protected else None,
    )
