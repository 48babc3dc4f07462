"""What is due: claimed in the catalog, by any number of processes at once, and begun.

An occurrence, what it began and the one that follows are written in one
transaction that holds the schedule's row: a process that is killed within it has
done nothing, and another finds the occurrence still planned. See docs/decisions/098.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

import anyio.to_thread
import structlog
from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from bilan.accounts.models import Membership
from bilan.catalog import Catalog
from bilan.catalog.troubles import trouble_of
from bilan.clock import Clock
from bilan.reports.models import ReportRow
from bilan.schedules.beginning import MISTAKE, OWNER_GONE, REPORT_GONE, OccurrenceBeginning, Outcome, record
from bilan.schedules.catch_up import CatchUp, Decision, catch_up
from bilan.schedules.models import OccurrenceRow, ScheduleRow
from bilan.schedules.occurrences import FARTHEST_CHANGE, Occurrence, nominal_of, occurrences
from bilan.schedules.planning import EXPECTED, holidays_of, plan, plan_anew
from bilan.schedules.values import OccurrenceState, ScheduleState
from bilan.sdk.messages import Message

log = structlog.get_logger(__name__)

NOT_OVER = (*EXPECTED, ScheduleState.PAUSED)
AT_ONCE = 50
"""Schedules that are looked for at a time, the longest due first."""


class DueSchedules:
    """Begins what is due. For the ticker of every process."""

    def __init__(self, catalog: Catalog, clock: Clock, beginning: OccurrenceBeginning) -> None:
        self._catalog, self._clock, self._beginning = catalog, clock, beginning

    async def tick(self) -> int:
        """Settle every occurrence that is due by now; of how many schedules."""
        now, done, rest = self._clock.now(), 0, Q()
        while found := await _due(now).filter(rest).order_by("next_due_at", "id").limit(AT_ONCE):
            for row in found:
                done += await self.settle(row.id, now)
            # What another process holds is left to it.
            last = found[-1]
            rest = Q(next_due_at__gt=last.next_due_at) | Q(next_due_at=last.next_due_at, id__gt=last.id)
        return done

    async def settle(self, schedule: UUID, now: datetime) -> bool:
        """Settle what is due of one schedule; ``False`` where nothing is, or another process does it."""
        try:
            return await self._settle(schedule, now)
        except Exception as error:
            if trouble_of(error) is not None:
                raise
            log.exception("an occurrence could not begin", schedule=str(schedule))
            return await self._settle(schedule, now, failure=MISTAKE)

    async def suspend_ownerless(self) -> int:
        """Suspend the schedules whose owner has no access any more; how many."""
        people = Membership.filter(person__active=True).values("person_id")
        going_on = (ScheduleState.ACTIVE, ScheduleState.PAUSED)
        ownerless = ScheduleRow.filter(state__in=going_on, owner__not_in=Subquery(people))
        return await ownerless.update(state=ScheduleState.SUSPENDED, reason=OWNER_GONE)

    async def end_reportless(self) -> int:
        """End the schedules whose report is gone, so that nobody expects anything of them; how many."""
        reports = Subquery(ReportRow.all().values("id"))
        found = ScheduleRow.filter(state__in=NOT_OVER, report__not_in=reports).only("id")
        return sum([await self._end(row.id) for row in await found])

    async def _end(self, schedule: UUID) -> int:
        now = self._clock.now()
        await self.settle(schedule, now)
        async with self._catalog.transaction():
            held = ScheduleRow.filter(id=schedule, state__in=NOT_OVER)
            row = await held.select_for_update(skip_locked=True).first()
            if row is None:
                return 0  # what was due has ended it, or another process does it
            row.state, row.reason = ScheduleState.ENDED, REPORT_GONE
            await plan_anew(row, now)
        return 1

    async def _settle(self, schedule: UUID, now: datetime, failure: Message | None = None) -> bool:
        async with self._catalog.transaction():
            row = await _due(now).filter(id=schedule).select_for_update(skip_locked=True).first()
            if row is None:
                return False
            planned = await OccurrenceRow.get(schedule_id=row.id, state=OccurrenceState.PLANNED)
            coming = await _coming(row, planned)
            # Counting days takes a while where many were missed.
            due, following = await anyio.to_thread.run_sync(_split, coming, now)
            if not due:  # the rules of its zone have changed since it was planned
                await planned.delete()
            for position, decision in enumerate(catch_up(CatchUp(row.catch_up), due, now)):
                occurrence = planned if position == 0 else OccurrenceRow(schedule_id=row.id)
                outcome = await self._outcome(row, decision, occurrence.id, failure)
                occurrence.nominal, occurrence.due_at = decision.occurrence.key, decision.occurrence.instant
                occurrence.covers = decision.occurrence.covers
                await record(occurrence, outcome, now)
                await outcome.save_parts(occurrence.id)
                if outcome.becomes is not None:
                    row.state, row.reason = outcome.becomes, outcome.reason
                log.info("occurrence settled", schedule=str(row.id), nominal=decision.occurrence.key,
                         outcome=outcome.state, run=str(outcome.run))  # fmt: skip
            await plan(row, following)
        return True

    async def _outcome(
        self, row: ScheduleRow, decision: Decision, ident: UUID, failure: Message | None
    ) -> Outcome:
        if decision.left_out is not None:
            return Outcome(OccurrenceState.LEFT_OUT, decision.left_out)
        if failure is not None:
            return Outcome(OccurrenceState.FAILED, failure)
        return await self._beginning.begin(row, decision.occurrence, ident)


def _due(now: datetime) -> QuerySet[ScheduleRow]:
    return ScheduleRow.filter(state__in=EXPECTED, next_due_at__lte=now)


async def _coming(row: ScheduleRow, planned: OccurrenceRow) -> Iterator[Occurrence]:
    """What was planned, as the clocks are by now, and all that follows and is not known yet."""
    holidays = await holidays_of(row.workspace_id)
    others = OccurrenceRow.filter(schedule_id=row.id, due_at__gte=planned.due_at - FARTHEST_CHANGE)
    known = {one.nominal for one in await others.exclude(id=planned.id)}
    first = nominal_of(planned.nominal)
    coming = occurrences(row.timetable, planned.due_at - FARTHEST_CHANGE, holidays=holidays)
    return (one for one in coming if one.nominal >= first and one.key not in known)


def _split(coming: Iterable[Occurrence], now: datetime) -> tuple[list[Occurrence], Occurrence | None]:
    """Those that are due by now, and the one that follows, if any does."""
    due = list[Occurrence]()
    for one in coming:
        if one.instant > now:
            return due, one
        due.append(one)
    return due, None
