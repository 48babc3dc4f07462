"""Beginning: an occurrence that is due becomes a run of the report as it is then, for the days it covers.

The run's last step sends what was built; see :mod:`bilan.schedules.dispatch`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from bilan.accounts.principals import principal_for_schedule
from bilan.accounts.values import SchedulePrincipal
from bilan.clock import Clock
from bilan.delivery.plain_mails import PlainMails
from bilan.delivery.values import Addressee
from bilan.parameters.times import write_period
from bilan.reports.common import WEEKDAYS
from bilan.reports.models import ReportRow
from bilan.runs.service import Runs
from bilan.runs.values import SentCopy
from bilan.schedules.copies import copies_to_tell_of
from bilan.schedules.freshness import Freshness, FreshnessRule, WhenStale, together
from bilan.schedules.models import OccurrenceRow, ScheduleRow
from bilan.schedules.notices import late
from bilan.schedules.occurrences import Occurrence
from bilan.schedules.reading import recipients_of
from bilan.schedules.split import AssignedPart, part_key
from bilan.schedules.split_rule import SplitRule
from bilan.schedules.splitting import StartedPart, assignment_of, save_parts
from bilan.schedules.values import OccurrenceState, ScheduleState
from bilan.sdk.errors import BilanError
from bilan.sdk.messages import Message
from bilan.sdk.periods import DAY, Period
from bilan.sdk.textdomain import _
from bilan.work import NewStep, idempotency_key
from bilan.work.idempotency import request_hash

OWNER_GONE = _("Its owner no longer has access; somebody else has to take it over.")
REPORT_GONE = _("Its report was deleted.")
MISTAKE = _("The server made a mistake when this was to begin. Its log says more.")
NOBODY_HAS_A_PART = _("None of its recipients has a part of it.")
DISPATCH = "dispatch"
"""The step that sends what was built."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an occurrence; ``becomes`` is the state that the whole schedule takes because of it."""

    state: OccurrenceState
    reason: Message | None = None
    run: UUID | None = None
    report_version: int | None = None
    becomes: ScheduleState | None = None
    split: SplitRule | None = None
    parts: tuple[StartedPart, ...] = ()
    without: tuple[tuple[Addressee, Message], ...] = ()
    waits_until: datetime | None = None
    """Until when it waits for its sources, where it does."""

    async def save_parts(self, occurrence: UUID) -> None:
        """Write down the parts, and whose they are, once the occurrence's row is there."""
        if self.split is not None:
            await save_parts(occurrence, self.split, self.parts, self.without)


class OccurrenceBeginning:
    """Begins what is due, or says why not (yet)."""

    def __init__(
        self, runs: Runs, freshness: Freshness, clock: Clock, mails: PlainMails, public_url: str
    ) -> None:
        self._runs, self._freshness, self._clock = runs, freshness, clock
        self._mails, self._public_url = mails, public_url

    async def begin(
        self,
        row: ScheduleRow,
        occurrence: Occurrence,
        ident: UUID,
        key: str | None = None,
        *,
        waits: bool = True,
    ) -> Outcome:
        """Have the report built and sent, with the rights that the schedule's owner has now.

        ``ident`` is the id of the occurrence's row. The same ``key``, which
        is by default the occurrence's, is the same run. Without ``waits`` it begins
        also where its sources have not reported all of its days. Belongs in the transaction that
        writes down what became of it.
        """
        if row.state == ScheduleState.SUSPENDED:
            return Outcome(OccurrenceState.LEFT_OUT, row.reason)
        actor = await principal_for_schedule(row.id, row.owner, row.workspace_id)
        if actor is None:
            return Outcome(OccurrenceState.LEFT_OUT, OWNER_GONE, becomes=ScheduleState.SUSPENDED)
        report = await ReportRow.get_or_none(id=row.report, workspace_id=row.workspace_id)
        if report is None:
            return Outcome(OccurrenceState.LEFT_OUT, REPORT_GONE, becomes=ScheduleState.ENDED)
        stale = await self.stale(row, report, occurrence)
        if stale and waits and row.freshness is not None:
            held = await self._held(row, row.freshness, occurrence, ident, stale, actor)
            if held is not None:
                return held
        start = _Start(self._runs, actor, report, row, occurrence, ident, key or occurrence.key, stale)
        if row.split is not None:
            return await _begin_parts(start, row.split)
        try:
            run = await start.whole()
        except BilanError as error:
            return Outcome(OccurrenceState.FAILED, error.message, report_version=report.version)
        return Outcome(OccurrenceState.BEGUN, run=run, report_version=report.version)

    async def stale(self, row: ScheduleRow, report: ReportRow, occurrence: Occurrence) -> tuple[Message, ...]:
        """Which sources have not reported all of its days, where the schedule asks."""
        if row.freshness is None:
            return ()
        return await self._freshness.stale(row.workspace_id, report, occurrence)

    async def _held(
        self,
        row: ScheduleRow,
        rule: FreshnessRule,
        occurrence: Occurrence,
        ident: UUID,
        stale: tuple[Message, ...],
        actor: SchedulePrincipal,
    ) -> Outcome | None:
        """What becomes of it in place of being sent; ``None`` where it is sent as provisional."""
        decision = rule.decide(occurrence.instant, self._clock.now())
        if decision is WhenStale.WAIT:
            until = rule.until(occurrence.instant)
            return Outcome(OccurrenceState.AWAITING_SOURCES, together(stale), waits_until=until)
        sent = decision is WhenStale.PROVISIONAL
        if rule.stale is not WhenStale.PROVISIONAL:
            url = f"{self._public_url}/occurrences/{ident}"
            mail = late(row.report_name, occurrence.instant, stale, url, sent=sent)
            owner = Addressee(actor.person, actor.email, actor.name, actor.language, actor.zone)
            await self._mails.send(row.workspace_id, owner, mail, f"late:{ident.hex}", sent_by_name="Bilan")
        return None if sent else Outcome(OccurrenceState.LEFT_OUT, together(stale))


async def record(row: OccurrenceRow, outcome: Outcome, now: datetime) -> None:
    """Write down what became of an occurrence."""
    row.state, row.reason, row.run = outcome.state, outcome.reason, outcome.run
    row.report_version, row.waits_until = outcome.report_version, outcome.waits_until or row.waits_until
    row.settled_at = None if outcome.waits_until else now
    await row.save()


async def _begin_parts(start: _Start, split: SplitRule) -> Outcome:
    """A run for each part, of which none holds anything of another."""
    version = start.report.version
    try:
        people = (await recipients_of([start.row]))[start.row.id]
        assignment = await assignment_of(start.row, split, start.report, people)
    except BilanError as error:
        return Outcome(OccurrenceState.FAILED, error.message, report_version=version)
    parts = tuple([await start.part(split, one) for one in assignment.parts])
    state, reason = OccurrenceState.BEGUN, None
    if all(one.run is None for one in parts):
        state = OccurrenceState.FAILED
        reason = next((one.reason for one in parts), None) or NOBODY_HAS_A_PART
    return Outcome(
        state, reason, report_version=version, split=split, parts=parts, without=assignment.without
    )


@dataclass(frozen=True, slots=True)
class _Start:
    """What the runs of an occurrence are started with."""

    runs: Runs
    actor: SchedulePrincipal
    report: ReportRow
    row: ScheduleRow
    occurrence: Occurrence
    ident: UUID
    key: str
    stale: tuple[Message, ...]
    """Which sources have not reported all of its days."""

    async def whole(self) -> UUID:
        """The run of the whole report. Raises what starting one raises."""
        copies = await copies_to_tell_of(self.row)
        return await self._run(self.key, {}, dispatching(self.ident), copies)

    async def part(self, split: SplitRule, part: AssignedPart) -> StartedPart:
        """The run of a part, or why there is none."""
        started = StartedPart(part)
        own = part_key(split.parameter, part.values)
        key = f"{request_hash(self.key)[:24]}:{own[:24]}"
        copies = await copies_to_tell_of(self.row, own)
        values = {split.parameter: list(part.values)}
        try:
            then = dispatching(self.ident, started.ident)
            run = await self._run(key, values, then, copies, part_of=self.ident)
        except BilanError as error:
            return replace(started, reason=error.message)
        return replace(started, run=run)

    async def _run(
        self,
        key: str,
        values: Mapping[str, Any],
        then: NewStep,
        copies: tuple[SentCopy, ...] | None,
        part_of: UUID | None = None,
    ) -> UUID:
        report = self.report
        first_weekday = self.row.timetable.recurrence.first_weekday
        whole = values_for(report.parameters, self.occurrence, first_weekday)
        run = await self.runs.start(
            self.actor,
            report.kind,
            {**whole, **values},
            title=report.name,
            report=report.id,
            sources=report.sources,
            then=[then],
            request=idempotency_key(self.row.id, key),
            part_of=part_of,
            copies=copies,
            provisional=self.stale,
        )
        return run.id


def dispatching(occurrence: UUID, part: UUID | None = None) -> NewStep:
    """The step that sends what was built for an occurrence, or for a part of it."""
    more = {"part": str(part)} if part is not None else {}
    return NewStep(DISPATCH, {"occurrence": str(occurrence), **more})


def values_for(parameters: Mapping[str, Any], occurrence: Occurrence, first_weekday: int) -> dict[str, Any]:
    """A report's parameters with the zone, the first weekday and the days of an occurrence.

    The days are fixed: what is made up for later covers what it would have covered.
    """
    own = {"zone": occurrence.zone, "first_weekday": WEEKDAYS[first_weekday].value}
    if occurrence.covers is not None:
        span = occurrence.covers
        own["period"] = write_period(Period(first=span.start, last=span.end - DAY))
    return {**parameters, **own}
