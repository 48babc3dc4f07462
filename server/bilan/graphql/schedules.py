"""Schedules, in GraphQL."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from bilan.graphql.connections import After, First, connection_of, page_arguments, to_connection
from bilan.graphql.context import Info
from bilan.graphql.deliveries import DeliveryType, delivery_type
from bilan.graphql.enums import (
    ScheduleState,
)
from bilan.graphql.ids import uuid
from bilan.graphql.limits import PAGE_COST
from bilan.graphql.presenting import as_type
from bilan.graphql.schedule_inputs import ScheduleInput, draft_of, moment_of, span_of
from bilan.graphql.schedule_types import (
    ApprovalPackageType,
    CalendarEntryType,
    ConditionFigureType,
    Count,
    OccurrenceType,
    SchedulePreviewType,
    ScheduleType,
    occurrence_type,
    package_type,
    planned_type,
    preview_type,
    schedule_type,
)

ScheduleConnection: Any = connection_of(ScheduleType)
ScheduleId = Annotated[strawberry.ID, strawberry.argument(description="The schedule's id.")]
OccurrenceId = Annotated[strawberry.ID, strawberry.argument(description="The occurrence's id.")]
Key = Annotated[
    str, strawberry.argument(description="Chosen by you; the same one again sends nothing again.")
]
Since = Annotated[datetime, strawberry.argument(description="From this moment on.")]
Until = Annotated[datetime, strawberry.argument(description="Up to this moment.")]


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
        draft = await draft_of(context, schedule, changed)
        found = await context.services.schedules.preview(context.actor, draft, schedule=changed, count=count)
        return preview_type(context, found)

    @strawberry.field(
        description="What schedules are to send between two moments, within a year: the first 5000 of it."
    )
    async def schedule_calendar(self, info: Info, since: Since, until: Until) -> list[CalendarEntryType]:
        context = info.context
        context.spend(PAGE_COST)
        found = await context.services.schedules.calendar(context.actor, *span_of(since, until))
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
            context.actor, *span_of(since, until), schedule=uuid(schedule, "schedule") if schedule else None
        )
        return [occurrence_type(context, one) for one in found]

    @strawberry.field(description="One occurrence of a schedule.")
    async def occurrence(self, info: Info, id: OccurrenceId) -> OccurrenceType:  # noqa: A002
        context = info.context
        return occurrence_type(context, await context.services.occurrences.get(context.actor, uuid(id)))

    @strawberry.field(description="What of an occurrence waits for a yes: every file, every letter.")
    async def approval_package(self, info: Info, occurrence: OccurrenceId) -> ApprovalPackageType:
        context = info.context
        context.spend(PAGE_COST)
        ident = uuid(occurrence, "occurrence")
        return package_type(context, await context.services.approvals.package(context.actor, ident))

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
        draft = await draft_of(context, schedule)
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
        ident = uuid(id)
        draft = await draft_of(context, schedule, ident)
        changed = await context.services.schedules.edit(context.actor, ident, draft, version=version)
        return schedule_type(context, changed)

    @strawberry.mutation(description="Let nothing come due, until a moment or until it is resumed.")
    async def pause_schedule(
        self,
        info: Info,
        id: ScheduleId,  # noqa: A002
        until: Annotated[datetime | None, strawberry.argument(description="When it goes on.")] = None,
    ) -> ScheduleType:
        context = info.context
        ends = moment_of(until, "until") if until else None
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
    async def resend_to_me(
        self,
        info: Info,
        occurrence: OccurrenceId,
        key: Key,
        part: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Of what is split, which part; your own without."),
        ] = None,
    ) -> list[DeliveryType]:
        context = info.context
        ident, chosen = uuid(occurrence, "occurrence"), uuid(part, "part") if part else None
        sent = await context.services.resends.resend_to_me(context.actor, ident, key, chosen)
        return [delivery_type(info, one) for one in sent.deliveries]

    @strawberry.mutation(description="Send a test to yourself, marked as one, as if it went out now.")
    async def send_schedule_test(self, info: Info, id: ScheduleId, key: Key) -> list[DeliveryType]:  # noqa: A002
        context = info.context
        sent = await context.services.resends.send_test(context.actor, uuid(id), key)
        return [delivery_type(info, one) for one in sent.deliveries]

    @strawberry.mutation(description="Have what waits for your yes sent, as you have seen it.")
    async def approve_occurrence(
        self,
        info: Info,
        occurrence: OccurrenceId,
        digest: Annotated[str, strawberry.argument(description="That of the package which you have seen.")],
    ) -> OccurrenceType:
        context = info.context
        ident, approvals = uuid(occurrence, "occurrence"), context.services.approvals
        return occurrence_type(context, await approvals.approve(context.actor, ident, digest))

    @strawberry.mutation(description="Have what waits for your yes sent to nobody.")
    async def reject_occurrence(
        self,
        info: Info,
        occurrence: OccurrenceId,
        reason: Annotated[str, strawberry.argument(description="Why, in your words.")] = "",
    ) -> OccurrenceType:
        context = info.context
        ident, approvals = uuid(occurrence, "occurrence"), context.services.approvals
        return occurrence_type(context, await approvals.reject(context.actor, ident, reason))

    @strawberry.mutation(description="Replace the days that are no working days.")
    async def set_holidays(
        self, info: Info, days: Annotated[list[date], strawberry.argument(description="The days.")]
    ) -> list[date]:
        schedules, actor = info.context.services.schedules, info.context.actor
        await schedules.change_holidays(actor, days)
        return sorted(await schedules.holidays(actor))
