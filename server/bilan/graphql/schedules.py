"""Schedules, in GraphQL."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import strawberry

from bilan.graphql.catalogue.inputs import PeriodInput
from bilan.graphql.connections import After, First, connection_of, page_arguments, to_connection
from bilan.graphql.context import Context, Info
from bilan.graphql.deliveries import DeliveryType, delivery_type
from bilan.graphql.enums import (
    CatchUp,
    DoubledHour,
    MissingHour,
    Mode,
    Rhythm,
    ScheduleState,
    SendConditionKind,
)
from bilan.graphql.ids import uuid
from bilan.graphql.limits import PAGE_COST
from bilan.graphql.presenting import as_type
from bilan.graphql.schedule_types import (
    CalendarEntryType,
    ConditionFigureType,
    Count,
    OccurrenceType,
    SchedulePreviewType,
    ScheduleType,
    occurrence_type,
    planned_type,
    preview_type,
    schedule_type,
)
from bilan.parameters.times import parse_zone
from bilan.schedules import Recurrence, Timetable
from bilan.schedules.condition import SendCondition
from bilan.schedules.recurrence import EIGHT
from bilan.schedules.values import DeliveryOptions, ScheduleDraft
from bilan.sdk.errors import Invalid
from bilan.sdk.periods import FIRST_DAY, LAST_DAY
from bilan.sdk.textdomain import _

ScheduleConnection: Any = connection_of(ScheduleType)
ScheduleId = Annotated[strawberry.ID, strawberry.argument(description="The schedule's id.")]
OccurrenceId = Annotated[strawberry.ID, strawberry.argument(description="The occurrence's id.")]
Key = Annotated[
    str, strawberry.argument(description="Chosen by you; the same one again sends nothing again.")
]
Since = Annotated[datetime, strawberry.argument(description="From this moment on.")]
Until = Annotated[datetime, strawberry.argument(description="Up to this moment.")]


@strawberry.input(name="RecurrenceInput", description="On which days and at what time of day.")
class RecurrenceInput:
    rhythm: Rhythm = strawberry.field(description="What it counts in.")
    every: int = strawberry.field(default=1, description="How many of them from one to the next.")
    weekdays: list[int] | None = strawberry.field(
        default=None, description="Of weeks: the days, from Monday = 0."
    )
    month_day: int | None = strawberry.field(
        default=None, description="Of months: the day; 31 is the last of every month."
    )
    at: time = strawberry.field(default=EIGHT, description="The time of day, in the zone.")
    zone: str | None = strawberry.field(default=None, description="The time zone; yours without.")
    first_weekday: int | None = strawberry.field(
        default=None, description="Where weeks begin, from Monday = 0; as in your workspace without."
    )
    start: date | None = strawberry.field(default=None, description="The first day; today without.")
    until: date | None = strawberry.field(default=None, description="The last day.")
    count: int | None = strawberry.field(default=None, description="After how many times it ends.")
    missing: MissingHour = strawberry.field(
        default=MissingHour.AFTER_CHANGE, description="When it happens where the clocks skip the time."
    )
    doubled: DoubledHour = strawberry.field(
        default=DoubledHour.FIRST, description="When it happens where they show it twice."
    )


@strawberry.input(name="SendConditionInput", description="What has to be true of a report to be sent.")
class SendConditionInput:
    kind: SendConditionKind = strawberry.field(description="What is asked.")
    kpi: str = strawberry.field(default="", description="The key of the figure that it is about.")
    value: float = strawberry.field(
        default=0.0, description="The threshold in the figure's unit, or the share, where 0.1 is a tenth."
    )


@strawberry.input(name="ScheduleInput", description="Which report is sent when, for which days, to whom.")
class ScheduleInput:
    report: strawberry.ID = strawberry.field(description="The report's id.")
    recurrence: RecurrenceInput = strawberry.field(description="When.")
    period: PeriodInput = strawberry.field(description="For which days, seen from that of the occurrence.")
    to: list[str] | None = strawberry.field(
        default=None, description="Addresses; without, you, or those to whom it goes already."
    )
    formats: list[str] | None = strawberry.field(
        default=None, description="The files; those of the report without."
    )
    mode: Mode = strawberry.field(default=Mode.LINK, description="How files arrive.")
    days: int = strawberry.field(default=7, description="How many days links last, up to 90.")
    language: str | None = strawberry.field(default=None, description="That of each recipient without.")
    message: str = strawberry.field(default="", description="What stands above the figures.")
    catch_up: CatchUp = strawberry.field(
        default=CatchUp.LATEST, description="What is made up for of what was missed."
    )
    condition: SendConditionInput | None = strawberry.field(
        default=None, description="What has to be true to send it; always sent without."
    )


Wanted = Annotated[ScheduleInput, strawberry.argument(description="What it is to hold.")]


@strawberry.type
class ScheduleQueries:
    """The fields of the query."""

    @strawberry.field(
        graphql_type=ScheduleConnection, description="Schedules you may know of, the next due first."
    )
    async def schedules(
        self,
        info: Info,
        report: Annotated[
            strawberry.ID | None, strawberry.argument(description="Those of one report.")
        ] = None,
        state: Annotated[ScheduleState | None, strawberry.argument(description="Those in a state.")] = None,
        first: First = 25,
        after: After = None,
    ) -> Any:
        context = info.context
        context.spend(PAGE_COST)
        window = page_arguments(first, after)
        found = await context.services.schedules.list(
            context.actor, report=uuid(report, "report") if report else None, state=state
        )
        page = found[window.offset : window.offset + window.limit]
        return to_connection([schedule_type(context, one) for one in page], len(found), window)

    @strawberry.field(description="One schedule.")
    async def schedule(self, info: Info, id: ScheduleId) -> ScheduleType:  # noqa: A002
        context = info.context
        return schedule_type(context, await context.services.schedules.get(context.actor, uuid(id)))

    @strawberry.field(description="What is to be expected of a schedule before it is saved.")
    async def schedule_preview(
        self,
        info: Info,
        schedule: Wanted,
        id: Annotated[  # noqa: A002
            strawberry.ID | None, strawberry.argument(description="The schedule that would be changed.")
        ] = None,
        count: Count = 12,
    ) -> SchedulePreviewType:
        context = info.context
        context.spend(PAGE_COST)
        changed = uuid(id) if id else None
        draft = await _draft(context, schedule)
        found = await context.services.schedules.preview(context.actor, draft, schedule=changed, count=count)
        return preview_type(context, found)

    @strawberry.field(description="What schedules are to send between two moments, within a year.")
    async def schedule_calendar(self, info: Info, since: Since, until: Until) -> list[CalendarEntryType]:
        context = info.context
        context.spend(PAGE_COST)
        found = await context.services.schedules.calendar(context.actor, *_span(since, until))
        return [
            CalendarEntryType(
                schedule=strawberry.ID(str(one.schedule)),
                report_name=one.report_name,
                occurrence=planned_type(context, one.occurrence),
            )
            for one in found
        ]

    @strawberry.field(
        description="What was to be sent between two moments and what became of it, of deleted schedules too."
    )
    async def expected_occurrences(
        self,
        info: Info,
        since: Since,
        until: Until,
        schedule: Annotated[strawberry.ID | None, strawberry.argument(description="Of one schedule.")] = None,
    ) -> list[OccurrenceType]:
        context = info.context
        context.spend(PAGE_COST)
        found = await context.services.occurrences.expected(
            context.actor, *_span(since, until), schedule=uuid(schedule, "schedule") if schedule else None
        )
        return [occurrence_type(context, one) for one in found]

    @strawberry.field(description="One occurrence of a schedule.")
    async def occurrence(self, info: Info, id: OccurrenceId) -> OccurrenceType:  # noqa: A002
        context = info.context
        return occurrence_type(context, await context.services.occurrences.get(context.actor, uuid(id)))

    @strawberry.field(description="The figures of a report that a condition can be about, as last built.")
    async def condition_figures(
        self,
        info: Info,
        report: Annotated[strawberry.ID, strawberry.argument(description="The report's id.")],
    ) -> list[ConditionFigureType]:
        context = info.context
        context.spend(PAGE_COST)
        found = await context.services.schedules.figures(context.actor, uuid(report, "report"))
        say = context.formatter.text
        return [as_type(ConditionFigureType, one, say, label=say(one.label)) for one in found.values()]

    @strawberry.field(description="The days of the workspace that are no working days.")
    async def holidays(self, info: Info) -> list[date]:
        return sorted(await info.context.services.schedules.holidays(info.context.actor))


@strawberry.type
class ScheduleMutations:
    """The fields of the mutation."""

    @strawberry.mutation(description="Have a saved report sent again and again.")
    async def create_schedule(
        self,
        info: Info,
        schedule: Wanted,
        key: Annotated[
            str | None, strawberry.argument(description="Chosen by you; the same again makes no other one.")
        ] = None,
    ) -> ScheduleType:
        context = info.context
        draft = await _draft(context, schedule)
        return schedule_type(context, await context.services.schedules.create(context.actor, draft, key=key))

    @strawberry.mutation(description="Replace what a schedule holds; its owner and a pause stay.")
    async def change_schedule(
        self,
        info: Info,
        id: ScheduleId,  # noqa: A002
        schedule: Wanted,
        version: Annotated[int, strawberry.argument(description="The version that you have seen.")],
    ) -> ScheduleType:
        context = info.context
        draft = await _draft(context, schedule)
        changed = await context.services.schedules.edit(context.actor, uuid(id), draft, version=version)
        return schedule_type(context, changed)

    @strawberry.mutation(description="Let nothing come due, until a moment or until it is resumed.")
    async def pause_schedule(
        self,
        info: Info,
        id: ScheduleId,  # noqa: A002
        until: Annotated[datetime | None, strawberry.argument(description="When it goes on.")] = None,
    ) -> ScheduleType:
        context = info.context
        ends = _moment(until, "until") if until else None
        paused = await context.services.schedules.pause(context.actor, uuid(id), until=ends)
        return schedule_type(context, paused)

    @strawberry.mutation(description="End a pause; nothing of it is made up for.")
    async def resume_schedule(self, info: Info, id: ScheduleId) -> ScheduleType:  # noqa: A002
        context = info.context
        return schedule_type(context, await context.services.schedules.resume(context.actor, uuid(id)))

    @strawberry.mutation(description="Become the owner, with whose rights it is sent from now on.")
    async def take_over_schedule(self, info: Info, id: ScheduleId) -> ScheduleType:  # noqa: A002
        context = info.context
        return schedule_type(context, await context.services.schedules.take_over(context.actor, uuid(id)))

    @strawberry.mutation(description="Stop a schedule for good, with all that was not handed over yet.")
    async def delete_schedule(self, info: Info, id: ScheduleId) -> bool:  # noqa: A002
        await info.context.services.schedules.delete(info.context.actor, uuid(id))
        return True

    @strawberry.mutation(description="Send it to all of its recipients now, beside what is planned.")
    async def send_schedule_now(self, info: Info, id: ScheduleId, key: Key) -> OccurrenceType:  # noqa: A002
        context = info.context
        return occurrence_type(context, await context.services.resends.send_now(context.actor, uuid(id), key))

    @strawberry.mutation(description="Send the very files again to those who did not get them.")
    async def resend_failed(self, info: Info, occurrence: OccurrenceId, key: Key) -> OccurrenceType:
        context = info.context
        ident = uuid(occurrence, "occurrence")
        return occurrence_type(
            context, await context.services.resends.resend_failed(context.actor, ident, key)
        )

    @strawberry.mutation(description="Send the very files to yourself.")
    async def resend_to_me(self, info: Info, occurrence: OccurrenceId, key: Key) -> list[DeliveryType]:
        context = info.context
        ident = uuid(occurrence, "occurrence")
        sent = await context.services.resends.resend_to_me(context.actor, ident, key)
        return [delivery_type(info, one) for one in sent.deliveries]

    @strawberry.mutation(description="Send a test to yourself, marked as one, as if it went out now.")
    async def send_schedule_test(self, info: Info, id: ScheduleId, key: Key) -> list[DeliveryType]:  # noqa: A002
        context = info.context
        sent = await context.services.resends.send_test(context.actor, uuid(id), key)
        return [delivery_type(info, one) for one in sent.deliveries]

    @strawberry.mutation(description="Replace the days that are no working days.")
    async def set_holidays(
        self, info: Info, days: Annotated[list[date], strawberry.argument(description="The days.")]
    ) -> list[date]:
        schedules, actor = info.context.services.schedules, info.context.actor
        await schedules.change_holidays(actor, days)
        return sorted(await schedules.holidays(actor))


async def _draft(context: Context, given: ScheduleInput) -> ScheduleDraft:
    """What is meant. Raises ``Invalid`` with the field's path."""
    when, actor = given.recurrence, context.actor
    zone = parse_zone(when.zone) if when.zone is not None else actor.zone
    recurrence = Recurrence(
        rhythm=when.rhythm,
        start=when.start or context.services.clock.now().astimezone(ZoneInfo(zone)).date(),
        zone=zone,
        at=when.at,
        every=when.every,
        weekdays=frozenset(when.weekdays or ()),
        month_day=when.month_day,
        first_weekday=actor.first_weekday if when.first_weekday is None else when.first_weekday,
        until=when.until,
        count=when.count,
        missing=when.missing,
        doubled=when.doubled,
    )
    report, formats = uuid(given.report, "report"), given.formats
    if formats is None:
        formats = (await context.services.reports.get(actor, report)).formats
    return ScheduleDraft(
        report=report,
        timetable=Timetable(recurrence, given.period.value()),
        to=tuple(given.to) if given.to is not None else None,
        delivery=DeliveryOptions(tuple(formats), given.mode, given.days, given.language, given.message),
        catch_up=given.catch_up,
        condition=SendCondition(given.condition.kind, given.condition.kpi, given.condition.value)
        if given.condition
        else None,
    )


def _span(since: datetime, until: datetime) -> tuple[datetime, datetime]:
    return _moment(since, "since"), _moment(until, "until")


def _moment(given: datetime, field: str) -> datetime:
    if given.tzinfo is None:
        raise Invalid(_("Write the moment with its offset, such as 2026-03-10T12:00:00Z."), (field,))
    if not FIRST_DAY <= given.date() <= LAST_DAY:
        raise Invalid(
            _("{day} lies outside of the calendar of reports, which goes from {first} to {last}.",
              day=given.date().isoformat(), first=FIRST_DAY.isoformat(), last=LAST_DAY.isoformat()),
            (field,),
        )  # fmt: skip
    return given.astimezone(UTC)
