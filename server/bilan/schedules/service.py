"""Schedules, as people see them: made, changed, paused, taken over, deleted, listed and previewed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import anyio.to_thread
from tortoise.exceptions import IntegrityError

from bilan.accounts.policy import Action, require
from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.delivery.ledger import Ledger
from bilan.delivery.values import Addressee
from bilan.registry.declared import Registry
from bilan.reports.models import ReportRow
from bilan.reports.reading import read_row
from bilan.runs.service import Runs
from bilan.schedules.beginning import OccurrenceBeginning
from bilan.schedules.choosing import check_owner, keep, remaining
from bilan.schedules.due import DueSchedules
from bilan.schedules.filling import Filling
from bilan.schedules.models import HolidayRow, ScheduleRow
from bilan.schedules.occurrences import Occurrence, Timetable, immediate, simulate
from bilan.schedules.planning import EXPECTED, holidays_of, lock_schedule, plan_anew
from bilan.schedules.preview import (
    CalendarEntry,
    ExpectedRecipient,
    SchedulePreview,
    calendar_of,
    expected_recipients,
    with_parts,
)
from bilan.schedules.reading import (
    no_schedule,
    read_schedule,
    require_change,
    schedule_of,
    schedules_of,
    visible_schedules,
)
from bilan.schedules.recurrence import Pause, Rhythm
from bilan.schedules.saving import begun_second, from_now, with_pauses, without_moment
from bilan.schedules.splitting import Chosen, KnownValues, assigned, kept_table
from bilan.schedules.stopping import stop_begun
from bilan.schedules.values import Schedule, ScheduleDraft, ScheduleState
from bilan.sdk.document import Kpi
from bilan.sdk.errors import Conflict, Forbidden, Invalid
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _
from bilan.work import Jobs, idempotency_key

MOST_UPCOMING = 100
MOST_HOLIDAYS = 1000
MOST_IN_CALENDAR = 5000
LONGEST_CALENDAR = timedelta(days=366)


class Schedules:
    """The schedules of every workspace, each shown to its owner and to those who may see its report.

    Whoever changes one needs admin or editor on every source of its report.
    What is due by then begins first. Methods raise ``NotFound`` for one that
    the actor may not know of, and ``Forbidden``.
    """

    def __init__(
        self,
        catalog: Catalog,
        clock: Clock,
        registry: Registry,
        jobs: Jobs,
        ledger: Ledger,
        runs: Runs,
        due: DueSchedules,
        beginning: OccurrenceBeginning,
        known: KnownValues,
    ) -> None:
        self._catalog, self._clock = catalog, clock
        self._jobs, self._ledger = jobs, ledger
        self._filling, self._due, self._beginning = Filling(registry, runs), due, beginning
        self._known = known

    async def create(self, actor: Principal, draft: ScheduleDraft, *, key: str | None = None) -> Schedule:
        """Have a report sent again and again for whoever creates the schedule, its owner.

        What is due in this very second is still to come. The same by the same
        with the same ``key`` is the same schedule. Raises ``Invalid`` with the
        field's path, also where nothing would ever come due.
        """
        now = self._clock.now()
        ident = _ident(actor, key, draft, now)
        if before := await ScheduleRow.get_or_none(id=ident):
            return await schedule_of(before)
        row = ScheduleRow(id=ident, workspace_id=actor.workspace, state=ScheduleState.ACTIVE, created_at=now)
        row.owner, row.owner_name, row.changed_at = _person(actor), actor.name, now
        chosen = await self._filling.fill(row, actor, draft, now)
        try:
            async with self._catalog.transaction():
                await row.save(force_create=True)
                await keep(row, chosen)
                await plan_anew(row, now)
        except IntegrityError:  # asked twice at the same time
            return await schedule_of(await ScheduleRow.get(id=ident))
        return await schedule_of(row)

    async def edit(self, actor: Principal, schedule: UUID, draft: ScheduleDraft, *, version: int) -> Schedule:
        """Replace what the schedule holds; its owner and a pause stay. Other days are counted from now on.

        Recipients and ways of delivery that the draft does not name stay.
        Raises like :meth:`create`, and ``Conflict`` where somebody saved it after ``version``.
        """
        async with self._changing(actor, schedule) as (row, now):
            if row.version != version:
                raise Conflict(
                    _("Somebody else changed this schedule meanwhile; look at it again."), ("version",)
                )
            before = await schedule_of(row)
            await keep(row, await self._filling.fill(row, actor, draft, now, before))
            if row.state == ScheduleState.ENDED:
                row.state, row.reason = ScheduleState.ACTIVE, None
        return await schedule_of(row)

    async def pause(self, actor: Principal, schedule: UUID, *, until: datetime | None = None) -> Schedule:
        """Let nothing come due until an instant, or until it is resumed. Raises ``Conflict``, ``Invalid``."""
        async with self._changing(actor, schedule) as (row, now):
            if row.state != ScheduleState.ACTIVE or row.timetable.recurrence.pause_at(now):
                raise Conflict(_("Only a schedule that is going on can be paused."), ("schedule",))
            if until is not None and until <= now:
                raise Invalid(_("A pause ends later than now."), ("until",))
            pauses = row.timetable.recurrence.pauses
            row.timetable = with_pauses(row.timetable, (*pauses, Pause(now, until)))
            if until is None:
                row.state = ScheduleState.PAUSED
        return await schedule_of(row)

    async def resume(self, actor: Principal, schedule: UUID) -> Schedule:
        """End a pause: what would have come due meanwhile is not made up for. Raises ``Conflict``."""
        async with self._changing(actor, schedule) as (row, now):
            pauses = row.timetable.recurrence.pauses
            if row.timetable.recurrence.pause_at(now) is None:
                raise Conflict(_("This schedule is not paused."), ("schedule",))
            row.timetable = with_pauses(row.timetable, (*pauses[:-1], Pause(pauses[-1].start, now)))
            if row.state == ScheduleState.PAUSED:
                row.state = ScheduleState.ACTIVE
        return await schedule_of(row)

    async def take_over(self, actor: Principal, schedule: UUID) -> Schedule:
        """Become the owner, with whose rights the report is sent from now on; a suspended one goes on.

        Whoever has left gets it no more; where nobody is left, the new owner does. Raises ``Invalid``
        where the new owner may not send to its recipients.
        """
        async with self._changing(actor, schedule) as (row, now):
            row.owner, row.owner_name = _person(actor), actor.name
            chosen = await remaining(row, Addressee(row.owner, actor.email, actor.name), now)
            await check_owner(row, chosen)
            await keep(row, Chosen(chosen, await kept_table(row.id)))
            if row.state == ScheduleState.SUSPENDED:
                pause = row.timetable.recurrence.pause_at(now)
                paused = pause is not None and pause.end is None
                row.state, row.reason = ScheduleState.PAUSED if paused else ScheduleState.ACTIVE, None
        return await schedule_of(row)

    async def delete(self, actor: Principal, schedule: UUID) -> None:
        """Let nothing come due any more, for good. What was not handed over yet is not sent."""
        async with self._changing(actor, schedule) as (row, now):
            row.state = ScheduleState.DELETED
            await stop_begun(self._jobs, self._ledger, row.id, now)

    async def get(self, actor: Principal, schedule: UUID) -> Schedule:
        """The schedule."""
        return await schedule_of(await read_schedule(actor, schedule))

    async def list(
        self, actor: Principal, *, report: UUID | None = None, state: ScheduleState | None = None
    ) -> tuple[Schedule, ...]:
        """The schedules that the actor may know of, the next due first: of one report, in one state."""
        rows = ScheduleRow.filter(workspace_id=actor.workspace).exclude(state=ScheduleState.DELETED)
        if report is not None:
            rows = rows.filter(report=report)
        if state is not None:
            rows = rows.filter(state=state)
        found = await schedules_of(await visible_schedules(actor, await rows))
        return tuple(
            sorted(found, key=lambda one: (one.next_due_at is None, one.next_due_at, one.report_name))
        )

    async def upcoming(
        self, actor: Principal, timetable: Timetable, count: int = 12
    ) -> tuple[Occurrence, ...]:
        """The next occurrences of a timetable in the actor's workspace, also before anything is saved."""
        if not 1 <= count <= MOST_UPCOMING:
            raise Invalid(_("From 1 to {most} can be asked for.", most=MOST_UPCOMING), ("count",))
        now, holidays = self._clock.now(), await holidays_of(actor.workspace)
        seen = partial(simulate, from_now(timetable, now), begun_second(now), count, holidays=holidays)
        return await anyio.to_thread.run_sync(seen)

    async def preview(
        self, actor: Principal, draft: ScheduleDraft, *, schedule: UUID | None = None, count: int = 12
    ) -> SchedulePreview:
        """What is to be expected of a draft: of a new schedule, or in place of what one holds.

        Nothing is saved. Raises what saving raises.
        """
        now, before = self._clock.now(), None
        row = ScheduleRow(workspace_id=actor.workspace, state=ScheduleState.ACTIVE)
        row.owner, row.owner_name = _person(actor), actor.name
        if schedule is not None:
            row = await read_schedule(actor, schedule)
            before = await schedule_of(row)
        chosen = await self._filling.fill(row, actor, draft, now, before)
        recipients, reason = await self._expected(actor, row, chosen, now)
        coming = await self.upcoming(actor, row.timetable, count)
        return SchedulePreview(coming, recipients, reason, await self._stale(row, now))

    async def preview_saved(self, actor: Principal, schedule: UUID, count: int = 12) -> SchedulePreview:
        """What is to be expected of a schedule as it is."""
        row, now = await read_schedule(actor, schedule), self._clock.now()
        chosen = Chosen((await schedule_of(row)).recipients, await kept_table(row.id))
        recipients, reason = await self._expected(actor, row, chosen, now)
        coming = await self.upcoming(actor, row.timetable, count) if row.state in EXPECTED else ()
        return SchedulePreview(coming, recipients, reason, await self._stale(row, now))

    async def _stale(self, row: ScheduleRow, now: datetime) -> tuple[Message, ...]:
        """Which sources would be waited for, if it were due now."""
        report = await ReportRow.get_or_none(id=row.report, workspace_id=row.workspace_id)
        return await self._beginning.stale(row, report, immediate(row.timetable, now)) if report else ()

    async def _expected(
        self, actor: Principal, row: ScheduleRow, chosen: Chosen, now: datetime
    ) -> tuple[tuple[ExpectedRecipient, ...], Message | None]:
        """Those whom a schedule goes to, each with their part and what stands in the way."""
        found, reason = await expected_recipients(row, chosen.people, now)
        report = await ReportRow.get_or_none(id=row.report, workspace_id=row.workspace_id)
        if row.split is None or report is None:
            return found, reason
        parts = await assigned(row, row.split, report, chosen)
        values = {value for part in parts.parts for value in part.values}
        unknown = await self._known.unknown(report, row.split.parameter, sorted(values), actor.person)
        return with_parts(found, parts, frozenset(unknown)), reason

    async def calendar(self, actor: Principal, since: datetime, until: datetime) -> tuple[CalendarEntry, ...]:
        """What the schedules that the actor may know of are to send, from ``since`` to before ``until``.

        Both are in UTC. From now on alone, the first ``MOST_IN_CALENDAR``. Raises ``Invalid`` for
        more than a year.
        """
        if until - since > LONGEST_CALENDAR:
            raise Invalid(_("A calendar shows at most a year."), ("until",))
        now, holidays = begun_second(self._clock.now()), await holidays_of(actor.workspace)
        rows = await ScheduleRow.filter(workspace_id=actor.workspace, state=ScheduleState.ACTIVE)
        seen = await visible_schedules(actor, rows)
        entries = partial(calendar_of, seen, max(since, now), until, holidays, MOST_IN_CALENDAR)
        return tuple((await anyio.to_thread.run_sync(entries))[:MOST_IN_CALENDAR])

    async def figures(self, actor: Principal, report: UUID) -> dict[str, Kpi]:
        """The figures that a condition can be about, by their keys, as the report was last built."""
        await read_row(actor, report)
        return await self._filling.figures(actor, report)

    async def holidays(self, actor: Principal) -> frozenset[date]:
        """The days of the workspace that are no working days."""
        require(actor, Action.READ_WORKSPACE)
        return await holidays_of(actor.workspace)

    async def change_holidays(self, actor: Principal, days: Collection[date]) -> None:
        """Replace the days that are no working days; schedules of working days are planned anew."""
        require(actor, Action.MANAGE_WORKSPACE)
        if len(days) > MOST_HOLIDAYS:
            raise Invalid(_("At most {most} holidays can be kept.", most=MOST_HOLIDAYS), ("holidays",))
        now = self._clock.now()
        await self._due.tick()
        async with self._catalog.transaction():
            await HolidayRow.filter(workspace_id=actor.workspace).delete()
            await HolidayRow.bulk_create(
                [HolidayRow(workspace_id=actor.workspace, day=day) for day in sorted(set(days))]
            )
            for row in await ScheduleRow.filter(workspace_id=actor.workspace).select_for_update():
                if row.timetable.recurrence.rhythm is Rhythm.WORKING_DAYS and row.next_due_at is not None:
                    await plan_anew(row, now)

    @asynccontextmanager
    async def _changing(
        self, actor: Principal, schedule: UUID
    ) -> AsyncGenerator[tuple[ScheduleRow, datetime]]:
        """The schedule's row, held while it is changed, and the moment; then it is saved and planned anew."""
        found, now = await read_schedule(actor, schedule), self._clock.now()
        await require_change(actor, found)
        await self._due.settle(schedule, now)
        async with self._catalog.transaction():
            row = await lock_schedule(schedule)
            if row.state == ScheduleState.DELETED:
                raise no_schedule()
            yield row, now
            row.version, row.changed_at = row.version + 1, now
            await plan_anew(row, now)


def _ident(actor: Principal, key: str | None, draft: ScheduleDraft, now: datetime) -> UUID:
    """The id of a schedule to be: the same for the same draft with the same key.

    What is to be sent at once is the same in whichever second it is asked for.
    """
    if key is None:
        return uuid4()
    asked = replace(draft, timetable=without_moment(draft.timetable, now))
    named = idempotency_key(_person(actor), key, actor.workspace, asked)
    return UUID(named.including_request().key[:32])


def _person(actor: Principal) -> UUID:
    if actor.person is None:
        raise Forbidden(_("A schedule acts for a person, with their rights; sign in as one."))
    return actor.person
