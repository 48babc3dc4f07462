"""What somebody fills in for a schedule, in GraphQL, and what is meant by it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

import strawberry

from bilan.delivery.values import ProtectedLink
from bilan.graphql.catalogue.inputs import PeriodInput
from bilan.graphql.context import Context
from bilan.graphql.enums import (
    CatchUp,
    DateFormat,
    DoubledHour,
    FileContent,
    MissingHour,
    Mode,
    Rhythm,
    SendConditionKind,
    TimeFormat,
    Unanswered,
    WhenStale,
)
from bilan.graphql.ids import uuid
from bilan.i18n import DisplayFormats
from bilan.parameters.times import parse_zone
from bilan.schedules import Recurrence, Timetable
from bilan.schedules.approval import ApprovalRule
from bilan.schedules.condition import SendCondition
from bilan.schedules.freshness import FreshnessRule
from bilan.schedules.recurrence import EIGHT
from bilan.schedules.split_rule import RecipientValues, SplitRule
from bilan.schedules.values import DeliveryOptions, ScheduleDraft
from bilan.sdk.errors import Invalid
from bilan.sdk.periods import FIRST_DAY, LAST_DAY
from bilan.sdk.textdomain import _


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


@strawberry.input(name="ApprovalInput", description="Whose yes is waited for before anything is sent.")
class ApprovalInput:
    approver: strawberry.ID = strawberry.field(description="The id of a person who may see the report.")
    hours: int = strawberry.field(default=24, description="For how many hours, up to 720.")
    unanswered: Unanswered = strawberry.field(
        default=Unanswered.WITHHOLD, description="What happens when nobody has answered by then."
    )


@strawberry.input(name="RecipientValuesInput", description="A recipient, and the values of their part.")
class RecipientValuesInput:
    address: str = strawberry.field(description="Their address.")
    values: list[str] = strawberry.field(description="Their values.")


@strawberry.input(
    name="SplitInput", description="Each recipient gets their part: a filter takes its values from them."
)
class SplitInput:
    parameter: str = strawberry.field(description="The key of a parameter that can hold several values.")
    attribute: str = strawberry.field(
        default="", description="The recipients' attribute that holds their values; the table's without."
    )
    table: list[RecipientValuesInput] = strawberry.field(
        default_factory=list, description="Recipients and their values; who stands here is a recipient."
    )


@strawberry.input(name="FreshnessInput", description="What becomes of it before its sources are fresh.")
class FreshnessInput:
    stale: WhenStale = strawberry.field(
        default=WhenStale.WAIT, description="While a source has not reported all of its days."
    )
    hours: int = strawberry.field(
        default=24, description="For how many hours from when it was due it waits, up to 168."
    )
    then: WhenStale = strawberry.field(
        default=WhenStale.PROVISIONAL, description="What happens after these: PROVISIONAL or SKIP."
    )


@strawberry.input(name="ProtectedLinkInput", description="How a report is shared by protected link.")
class ProtectedLinkInput:
    separately: bool = strawberry.field(
        default=False, description="Send the password in an e-mail of its own."
    )
    views: int | None = strawberry.field(default=None, description="How often each recipient may open it.")
    downloads: bool = strawberry.field(default=True, description="Whether they may download files.")


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
    content: FileContent = strawberry.field(
        default=FileContent.USUAL, description="What the files hold: everything, or the parts chosen."
    )
    mode: Mode | None = strawberry.field(
        default=None, description="How files arrive; as they did already without, at first by LINK."
    )
    days: int = strawberry.field(default=7, description="How many days links last, up to 90.")
    language: str | None = strawberry.field(default=None, description="That of each recipient without.")
    message: str = strawberry.field(default="", description="What stands above the figures.")
    protected: ProtectedLinkInput | None = strawberry.field(
        default=None, description="More of what arrives by protected link; as already chosen without."
    )
    date_format: DateFormat = strawberry.field(
        default=DateFormat.LOCALE, description="How days are written in it."
    )
    time_format: TimeFormat = strawberry.field(
        default=TimeFormat.LOCALE, description="How times of day are written in it."
    )
    catch_up: CatchUp = strawberry.field(
        default=CatchUp.LATEST, description="What is made up for of what was missed."
    )
    condition: SendConditionInput | None = strawberry.field(
        default=None, description="What has to be true to send it; always sent without."
    )
    approval: ApprovalInput | None = strawberry.field(
        default=None, description="Whose yes is waited for; nobody's without."
    )
    split: SplitInput | None = strawberry.field(
        default=None, description="Each recipient gets their part; all get the whole without."
    )
    freshness: FreshnessInput | None = strawberry.field(
        default=None, description="What becomes of it before its sources are fresh; sent without."
    )
    tells_changes: bool = strawberry.field(
        default=False, description="Whether each report says what changed since the last copy."
    )


async def draft_of(context: Context, given: ScheduleInput, changed: UUID | None = None) -> ScheduleDraft:
    """What is meant, of a schedule that is ``changed`` or new. Raises ``Invalid`` with the field's path."""
    when, actor, schedules = given.recurrence, context.actor, context.services.schedules
    # Nobody gets figures by e-mail in place of a protected link because a program left it out.
    before = (await schedules.get(actor, changed)).delivery if changed else DeliveryOptions()
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
        delivery=DeliveryOptions(
            tuple(formats),
            given.mode or before.mode,
            given.days,
            given.language,
            given.message,
            DisplayFormats(given.date_format, given.time_format),
            given.content,
            ProtectedLink(given.protected.separately, given.protected.views, given.protected.downloads)
            if given.protected
            else before.protected,
        ),
        catch_up=given.catch_up,
        condition=SendCondition(given.condition.kind, given.condition.kpi, given.condition.value)
        if given.condition
        else None,
        approval=ApprovalRule(
            uuid(given.approval.approver, "approver"), given.approval.hours, given.approval.unanswered
        )
        if given.approval
        else None,
        split=SplitRule(given.split.parameter, given.split.attribute) if given.split else None,
        table=tuple(RecipientValues(one.address, tuple(one.values)) for one in given.split.table)
        if given.split
        else (),
        freshness=FreshnessRule(given.freshness.stale, given.freshness.hours, given.freshness.then)
        if given.freshness
        else None,
        tells_changes=given.tells_changes,
    )


def span_of(since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """Two moments in UTC. Raises ``Invalid`` with the field's path."""
    return moment_of(since, "since"), moment_of(until, "until")


def moment_of(given: datetime, field: str) -> datetime:
    """A moment in UTC. Raises ``Invalid`` with the field's path."""
    if given.tzinfo is None:
        raise Invalid(_("Write the moment with its offset, such as 2026-03-10T12:00:00Z."), (field,))
    if not FIRST_DAY <= given.date() <= LAST_DAY:
        raise Invalid(
            _("{day} lies outside of the calendar of reports, which goes from {first} to {last}.",
              day=given.date().isoformat(), first=FIRST_DAY.isoformat(), last=LAST_DAY.isoformat()),
            (field,),
        )  # fmt: skip
    return given.astimezone(UTC)
