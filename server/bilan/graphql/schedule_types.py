"""What GraphQL tells of schedules and of what became of them."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from bilan.graphql.connections import After, First, connection_of, page_arguments, to_connection
from bilan.graphql.context import Context, Info
from bilan.graphql.deliveries import DeliveryType, delivery_type
from bilan.graphql.enums import (
    CatchUp,
    DateFormat,
    DoubledHour,
    FileContent,
    MissingHour,
    Mode,
    OccurrenceState,
    Preset,
    Rhythm,
    ScheduleState,
    SendConditionKind,
    TimeFormat,
    Unanswered,
    Unit,
    WhenStale,
)
from bilan.graphql.limits import PAGE_COST
from bilan.graphql.presenting import as_type
from bilan.graphql.scalars import BigInt, Figure
from bilan.sdk.periods import DAY

if TYPE_CHECKING:
    from bilan.schedules import Occurrence, Timetable
    from bilan.schedules.approvals import Package
    from bilan.schedules.preview import SchedulePreview
    from bilan.schedules.values import OccurrenceParts, RecordedOccurrence, Schedule

Count = Annotated[int, strawberry.argument(description="How many occurrences, up to 100.")]


@strawberry.type(name="Recurrence", description="On which days and at what time of day something recurs.")
class RecurrenceType:
    rhythm: Rhythm = strawberry.field(description="What it counts in.")
    every: int = strawberry.field(description="How many days, weeks or months from one to the next.")
    weekdays: list[int] = strawberry.field(description="Of weeks: the days, from Monday = 0.")
    month_day: int | None = strawberry.field(
        description="Of months: the day, 1 to 31; the last one of a shorter month."
    )
    at: time = strawberry.field(description="The time of day, in the zone.")
    zone: str = strawberry.field(description="The IANA name of the time zone.")
    first_weekday: int = strawberry.field(description="Where weeks begin, from Monday = 0.")
    start: date = strawberry.field(description="The first day on which it can happen.")
    until: date | None = strawberry.field(description="The last day on which it can happen.")
    count: int | None = strawberry.field(description="After how many times it ends.")
    missing: MissingHour = strawberry.field(description="When it happens where the clocks skip the time.")
    doubled: DoubledHour = strawberry.field(description="When it happens where they show it twice.")


@strawberry.type(name="SchedulePeriod", description="The days that are covered each time.")
class SchedulePeriodType:
    preset: Preset | None = strawberry.field(description="A period seen from the day of the occurrence.")
    first: date | None = strawberry.field(description="The first of fixed days.")
    last: date | None = strawberry.field(description="The last of them, included.")


@strawberry.type(name="ScheduleRecipient", description="Somebody whom a schedule goes to.")
class ScheduleRecipientType:
    id: strawberry.ID = strawberry.field(description="The person's id.")
    address: str = strawberry.field(description="Where it goes.")
    name: str = strawberry.field(description="What they are called.")
    formats: list[str] | None = strawberry.field(
        description="The files that they get, where these are not the schedule's."
    )


@strawberry.type(name="SendCondition", description="What has to be true of a report so that it is sent.")
class SendConditionType:
    kind: SendConditionKind = strawberry.field(description="What is asked.")
    kpi: str = strawberry.field(description="The key of the figure that it is about.")
    value: float = strawberry.field(description="The threshold, or the share, where 0.1 is a tenth.")


@strawberry.type(name="ApprovalRule", description="Whose yes is waited for before anything is sent.")
class ApprovalRuleType:
    approver: strawberry.ID = strawberry.field(description="The id of the person who is asked.")
    hours: int = strawberry.field(description="For how many hours.")
    unanswered: Unanswered = strawberry.field(description="What happens then.")


@strawberry.type(name="RecipientValues", description="An address, and the values of whoever has it.")
class RecipientValuesType:
    address: str = strawberry.field(description="The address for which they were written.")
    values: list[str] = strawberry.field(description="The values.")


@strawberry.type(name="SplitRule", description="By which filter each recipient gets their part.")
class SplitRuleType:
    parameter: str = strawberry.field(description="The key of the parameter.")
    attribute: str = strawberry.field(
        description="The recipients' attribute that holds their values; empty where there is a table."
    )
    table: list[RecipientValuesType] = strawberry.field(description="Recipients and their values.")


@strawberry.type(name="PartRecipient", description="Whose part it is.")
class PartRecipientType:
    id: strawberry.ID = strawberry.field(description="The recipient's id.")
    name: str = strawberry.field(description="What they were called; empty once they are erased.")
    address: str = strawberry.field(description="The address they had then; empty once they are erased.")
    reason: str | None = strawberry.field(description="Why nothing goes to them.")


@strawberry.type(name="OccurrencePart", description="A part of an occurrence that is split.")
class OccurrencePartType:
    id: strawberry.ID = strawberry.field(description="The part's id.")
    values: list[str] = strawberry.field(description="The values of the filter.")
    run: strawberry.ID | None = strawberry.field(description="The run that holds this part alone.")
    state: OccurrenceState = strawberry.field(description="What became of it.")
    reason: str | None = strawberry.field(description="Why it was not sent to all, or what is to be said.")
    recipients: list[PartRecipientType] = strawberry.field(description="Whose it is.")


@strawberry.type(name="OccurrenceParts", description="The parts of an occurrence; none where it is whole.")
class OccurrencePartsType:
    parts: list[OccurrencePartType] = strawberry.field(description="The parts, in order.")
    without: list[PartRecipientType] = strawberry.field(description="Those who have none, with the reason.")


@strawberry.type(name="FreshnessRule", description="What becomes of it before its sources are fresh.")
class FreshnessRuleType:
    stale: WhenStale = strawberry.field(description="While a source has not reported all of its days.")
    hours: int = strawberry.field(description="For how many hours from when it was due it waits.")
    then: WhenStale = strawberry.field(description="What happens after these.")


@strawberry.type(name="PreparedFile", description="A file that is ready to be sent.")
class PreparedFileType:
    id: strawberry.ID = strawberry.field(description="The file's id; /files/RUN/ID downloads it.")
    file_name: str = strawberry.field(description="What it is called.")
    media_type: str = strawberry.field(description="What it is.")
    size: BigInt = strawberry.field(description="Its size in bytes.")
    sha256: str = strawberry.field(description="Its hash.")
    run: strawberry.ID = strawberry.field(description="The run it is of; parts have their own.")


@strawberry.type(name="PreparedLetter", description="A letter that is ready, but for each recipient's links.")
class PreparedLetterType:
    id: strawberry.ID = strawberry.field(description="The letter's id.")
    channel: str = strawberry.field(description="How it goes: email, webhook, or a plugin's own.")
    language: str = strawberry.field(description="Its language.")
    sha256: str = strawberry.field(description="Its hash.")
    to: list[str] = strawberry.field(description="Who gets it.")
    run: strawberry.ID | None = strawberry.field(description="The run it is about; parts have their own.")
    occurrence: strawberry.Private[UUID]

    @strawberry.field(description="What it says, without its pictures.")
    async def text(self, info: Info) -> str:
        info.context.spend(PAGE_COST)
        approvals, actor = info.context.services.approvals, info.context.actor
        return (await approvals.letter(actor, self.occurrence, int(self.id))).text


@strawberry.type(name="ApprovalPackage", description="All that waits for a yes.")
class ApprovalPackageType:
    approver: strawberry.ID = strawberry.field(description="The id of the person who is asked.")
    mine: bool = strawberry.field(description="Whether that is you.")
    until: datetime = strawberry.field(description="Until when, in UTC.")
    files: list[PreparedFileType] = strawberry.field(description="Every file.")
    letters: list[PreparedLetterType] = strawberry.field(description="Every letter.")
    parts: OccurrencePartsType = strawberry.field(description="The parts, whose runs files and letters name.")
    digest: str = strawberry.field(description="What stands for all of it; approving names it.")


@strawberry.type(name="ConditionFigure", description="A figure that a condition can be about.")
class ConditionFigureType:
    key: str = strawberry.field(description="Its key.")
    label: str = strawberry.field(description="What it is called.")
    unit: Unit = strawberry.field(description="What it is; a threshold is in the same unit.")
    value: Figure | None = strawberry.field(description="What it was when the report was last built.")


@strawberry.type(name="ExpectedRecipient", description="Somebody whom a schedule goes to, as things are now.")
class ExpectedRecipientType:
    recipient: ScheduleRecipientType = strawberry.field(description="Who.")
    reason: str | None = strawberry.field(description="Why they would get nothing.")
    values: list[str] = strawberry.field(description="The values of their part, of a schedule that is split.")
    remark: str | None = strawberry.field(description="Which of these no source knows.")


@strawberry.type(name="PlannedOccurrence", description="One time that something is to be sent.")
class PlannedOccurrenceType:
    nominal: str = strawberry.field(description="The wall time as it was chosen, with the zone's name.")
    local: str = strawberry.field(description="What the clocks of the zone show then, with its offset.")
    due_at: datetime = strawberry.field(description="When it is, in UTC.")
    remark: str | None = strawberry.field(description="What is to be said of the clocks.")
    first: date | None = strawberry.field(
        description="The first day covered; null where it is that of the oldest fact."
    )
    last: date | None = strawberry.field(description="The last day covered.")


@strawberry.type(name="SchedulePreview", description="What is to be expected of a schedule as things are.")
class SchedulePreviewType:
    occurrences: list[PlannedOccurrenceType] = strawberry.field(description="What comes next, in order.")
    recipients: list[ExpectedRecipientType] = strawberry.field(description="Who receives it, or why not.")
    reason: str | None = strawberry.field(description="Why nobody would get anything.")
    stale: list[str] = strawberry.field(
        description="Which sources would be late if it were due now, where the schedule asks."
    )


@strawberry.type(name="CalendarEntry", description="Something that a schedule is to send.")
class CalendarEntryType:
    schedule: strawberry.ID = strawberry.field(description="The schedule's id.")
    report_name: str = strawberry.field(description="What its report is called.")
    occurrence: PlannedOccurrenceType = strawberry.field(description="When, and for which days.")


@strawberry.type(name="Occurrence", description="What was or is to be sent, and what became of it.")
class OccurrenceType:
    id: strawberry.ID = strawberry.field(description="The occurrence's id.")
    schedule: strawberry.ID = strawberry.field(description="The schedule's id.")
    report_name: str = strawberry.field(description="What its report was called.")
    nominal: str = strawberry.field(description="The wall time as it was chosen, with the zone's name.")
    due_at: datetime = strawberry.field(description="When it was or is to begin, in UTC.")
    state: OccurrenceState = strawberry.field(description="What became of it.")
    reason: str | None = strawberry.field(description="Why it was not sent to all.")
    run: strawberry.ID | None = strawberry.field(description="The run that built its report.")
    report_version: int | None = strawberry.field(description="The version of the report that was run.")
    settled_at: datetime | None = strawberry.field(description="When it was begun or concluded, in UTC.")
    asked_by_name: str | None = strawberry.field(
        name="askedBy", description="Who had it sent beside what was planned."
    )
    approval_until: datetime | None = strawberry.field(description="Until when somebody is asked for a yes.")
    waits_until: datetime | None = strawberry.field(
        description="Until when it waits for its sources, or could, in UTC."
    )
    decided_by_name: str | None = strawberry.field(name="decidedBy", description="Who said yes or no to it.")
    recipients: int = strawberry.field(description="To how many people it was sent.")
    reached: int = strawberry.field(description="How many of them had it taken by their mail servers.")

    @strawberry.field(description="What each recipient got, the newest first.")
    async def deliveries(self, info: Info) -> list[DeliveryType]:
        context = info.context
        context.spend(PAGE_COST)
        found = await context.services.occurrences.deliveries(context.actor, UUID(self.id))
        return [delivery_type(info, one) for one in found]

    @strawberry.field(description="Its parts, where it is split.")
    async def parts(self, info: Info) -> OccurrencePartsType:
        context = info.context
        context.spend(PAGE_COST)
        return parts_type(context, await context.services.occurrences.parts(context.actor, UUID(self.id)))


OccurrenceConnection: Any = connection_of(OccurrenceType)


@strawberry.type(name="ProtectedLink", description="How a report is shared by protected link.")
class ProtectedLinkType:
    separately: bool = strawberry.field(description="Whether the password is in an e-mail of its own.")
    views: int | None = strawberry.field(description="How often each recipient may open it.")
    downloads: bool = strawberry.field(description="Whether they may download files.")


@strawberry.type(name="Schedule", description="A saved report that is sent again and again.")
class ScheduleType:
    id: strawberry.ID = strawberry.field(description="The schedule's id.")
    report: strawberry.ID = strawberry.field(description="The report's id.")
    report_name: str = strawberry.field(description="What it was called when the schedule was last saved.")
    recurrence: RecurrenceType = strawberry.field(description="When.")
    period: SchedulePeriodType = strawberry.field(description="For which days.")
    recipients: list[ScheduleRecipientType] = strawberry.field(description="To whom.")
    formats: list[str] = strawberry.field(description="The files; the e-mail alone without any.")
    content: FileContent = strawberry.field(description="What the files hold.")
    mode: Mode = strawberry.field(description="How files arrive.")
    days: int = strawberry.field(description="How many days links last.")
    language: str | None = strawberry.field(description="That of each recipient without.")
    message: str = strawberry.field(description="What stands above the figures.")
    protected: ProtectedLinkType | None = strawberry.field(
        description="More of what arrives by protected link."
    )
    date_format: DateFormat = strawberry.field(description="How days are written in it.")
    time_format: TimeFormat = strawberry.field(description="How times of day are written in it.")
    catch_up: CatchUp = strawberry.field(description="What is made up for of what was missed.")
    condition: SendConditionType | None = strawberry.field(description="What has to be true to send it.")
    approval: ApprovalRuleType | None = strawberry.field(description="Whose yes is waited for.")
    split: SplitRuleType | None = strawberry.field(description="By what each recipient gets their part.")
    freshness: FreshnessRuleType | None = strawberry.field(
        description="What becomes of it before its sources are fresh."
    )
    tells_changes: bool = strawberry.field(
        description="Whether each report says what changed since the last copy."
    )
    owner: strawberry.ID = strawberry.field(description="The id of the person with whose rights it is sent.")
    owner_name: str = strawberry.field(description="What they are called.")
    state: ScheduleState = strawberry.field(description="Whether it goes on.")
    reason: str | None = strawberry.field(description="Why it is suspended or has ended.")
    next_due_at: datetime | None = strawberry.field(description="When the next is due, in UTC.")
    version: int = strawberry.field(description="Counts what was saved; a change names it.")
    created_at: datetime = strawberry.field(description="When it was created, in UTC.")
    changed_at: datetime = strawberry.field(description="When it was last changed, in UTC.")

    @strawberry.field(description="What is to be expected of it as things are.")
    async def preview(self, info: Info, count: Count = 12) -> SchedulePreviewType:
        context = info.context
        context.spend(PAGE_COST)
        schedules = context.services.schedules
        return preview_type(context, await schedules.preview_saved(context.actor, UUID(self.id), count))

    @strawberry.field(
        graphql_type=OccurrenceConnection, description="What was and is to be sent, last first."
    )
    async def occurrences(self, info: Info, first: First = 25, after: After = None) -> Any:
        context = info.context
        context.spend(PAGE_COST)
        window = page_arguments(first, after)
        page = await context.services.occurrences.list(
            context.actor, UUID(self.id), offset=window.offset, limit=window.limit
        )
        return to_connection([occurrence_type(context, one) for one in page.occurrences], page.total, window)


def schedule_type(context: Context, schedule: Schedule) -> ScheduleType:
    """A schedule as the schema's type."""
    timetable, delivery = schedule.timetable, schedule.delivery
    return as_type(
        ScheduleType,
        schedule,
        context.formatter.text,
        recurrence=recurrence_type(timetable),
        period=as_type(SchedulePeriodType, timetable.period),
        recipients=[as_type(ScheduleRecipientType, one) for one in schedule.recipients],
        condition=as_type(SendConditionType, schedule.condition) if schedule.condition else None,
        approval=as_type(ApprovalRuleType, schedule.approval) if schedule.approval else None,
        split=as_type(
            SplitRuleType,
            schedule.split,
            table=[as_type(RecipientValuesType, one) for one in schedule.table],
        )
        if schedule.split
        else None,
        freshness=as_type(FreshnessRuleType, schedule.freshness) if schedule.freshness else None,
        formats=list(delivery.formats),
        content=delivery.content,
        mode=delivery.mode,
        days=delivery.days,
        language=delivery.language,
        message=delivery.message,
        protected=as_type(ProtectedLinkType, delivery.protected) if delivery.mode is Mode.PROTECTED else None,
        date_format=delivery.display.date,
        time_format=delivery.display.time,
    )


def recurrence_type(timetable: Timetable) -> RecurrenceType:
    """When a timetable has something happen, as the schema's type."""
    return as_type(RecurrenceType, timetable.recurrence)


def occurrence_type(context: Context, occurrence: RecordedOccurrence) -> OccurrenceType:
    """What became of an occurrence, in the reader's words."""
    return as_type(OccurrenceType, occurrence, context.formatter.text)


def parts_type(context: Context, found: OccurrenceParts) -> OccurrencePartsType:
    """The parts of an occurrence, in the reader's words."""
    say = context.formatter.text
    return OccurrencePartsType(
        parts=[
            as_type(
                OccurrencePartType,
                one,
                say,
                recipients=[as_type(PartRecipientType, each, say) for each in one.recipients],
            )
            for one in found.parts
        ],
        without=[as_type(PartRecipientType, one, say) for one in found.without],
    )


def package_type(context: Context, package: Package) -> ApprovalPackageType:
    """What waits for a yes, as the schema's type."""
    return as_type(
        ApprovalPackageType,
        package,
        parts=parts_type(context, package.parts),
        files=[as_type(PreparedFileType, one) for one in package.files],
        letters=[
            as_type(PreparedLetterType, one, id=strawberry.ID(str(one.id)), occurrence=package.occurrence)
            for one in package.letters
        ],
    )


def planned_type(context: Context, one: Occurrence) -> PlannedOccurrenceType:
    """An occurrence to come, in the reader's words."""
    return PlannedOccurrenceType(
        nominal=one.key,
        local=one.local.isoformat(),
        due_at=one.instant,
        remark=context.formatter.text(one.remark) if one.remark else None,
        first=one.covers.start if one.covers else None,
        last=one.covers.end - DAY if one.covers else None,
    )


def preview_type(context: Context, preview: SchedulePreview) -> SchedulePreviewType:
    """What is to be expected, in the reader's words."""
    return SchedulePreviewType(
        occurrences=[planned_type(context, one) for one in preview.occurrences],
        recipients=[
            as_type(
                ExpectedRecipientType,
                one,
                context.formatter.text,
                recipient=as_type(ScheduleRecipientType, one.recipient),
            )
            for one in preview.recipients
        ],
        reason=context.formatter.text(preview.reason) if preview.reason else None,
        stale=[context.formatter.text(one) for one in preview.stale],
    )
