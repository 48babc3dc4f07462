"""A schedule previewed: when it is sent next, for which days, to whom, and what stands in the way."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from bilan.accounts.policy import Action, allowed, require
from bilan.accounts.principals import principal_for_schedule
from bilan.delivery.recipients import obstacle
from bilan.delivery.values import Addressee
from bilan.reports.models import ReportRow
from bilan.schedules.beginning import OWNER_GONE, REPORT_GONE
from bilan.schedules.models import ScheduleRow
from bilan.schedules.occurrences import Occurrence, occurrences
from bilan.schedules.split import Assignment
from bilan.schedules.splitting import unknown_values
from bilan.schedules.values import ScheduleState
from bilan.sdk.errors import Forbidden
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _


@dataclass(frozen=True, slots=True)
class ExpectedRecipient:
    """Somebody whom a schedule goes to. ``reason`` says why they would get nothing as things are now.

    ``values`` are those of their part, and ``remark`` says which of them no source knows.
    """

    recipient: Addressee
    reason: Message | None
    values: tuple[str, ...] = ()
    remark: Message | None = None


@dataclass(frozen=True, slots=True)
class SchedulePreview:
    """What is to be expected of a schedule. ``reason`` says why nobody would get anything as it is now.

    ``stale`` says which sources it would wait for, or be provisional or left out for, if it were due now.
    """

    occurrences: tuple[Occurrence, ...]
    recipients: tuple[ExpectedRecipient, ...]
    reason: Message | None
    stale: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """Something that a schedule is to send."""

    schedule: UUID
    report_name: str
    occurrence: Occurrence


async def expected_recipients(
    row: ScheduleRow, chosen: Iterable[Addressee], now: datetime
) -> tuple[tuple[ExpectedRecipient, ...], Message | None]:
    """Those whom a schedule goes to, each with what stands in the way, and what stands in everybody's way."""
    report = await ReportRow.get_or_none(id=row.report, workspace_id=row.workspace_id)
    owner = await principal_for_schedule(row.id, row.owner, row.workspace_id)
    personal = report is not None and report.personal
    alone = owner is not None and not allowed(owner, Action.SEND_TO_OTHERS)
    found = list[ExpectedRecipient]()
    for one in chosen:
        kind = report.kind if report is not None else ""
        reason = await obstacle(row.workspace_id, one, kind, personal=personal, schedule=row.id, now=now)
        if reason is None and alone and one.id != row.owner:
            reason = _("{name} may send reports to themselves alone.", name=row.owner_name)
        found.append(ExpectedRecipient(one, reason))
    if row.state == ScheduleState.SUSPENDED or owner is None:
        return tuple(found), row.reason or OWNER_GONE
    if report is None:
        return tuple(found), REPORT_GONE
    try:
        require(owner, Action.SEND_REPORT, sources=report.sources, personal=personal)
    except Forbidden as error:
        return tuple(found), error.message
    return tuple(found), None


def with_parts(
    found: Iterable[ExpectedRecipient], assignment: Assignment, unknown: Collection[str]
) -> tuple[ExpectedRecipient, ...]:
    """Each with their part. Whose values no source knows, or who has none, would get nothing."""
    values = {one.id: part.values for part in assignment.parts for one in part.people}
    without = {one.id: reason for one, reason in assignment.without}
    expected = list[ExpectedRecipient]()
    for one in found:
        theirs = values.get(one.recipient.id, ())
        missing = tuple(value for value in theirs if value in unknown)
        reason = one.reason or without.get(one.recipient.id)
        remark = unknown_values(missing) if missing else None
        if missing == theirs:
            reason = reason or remark
        expected.append(replace(one, reason=reason, values=theirs, remark=remark))
    return tuple(expected)


def calendar_of(
    rows: Iterable[ScheduleRow], since: datetime, until: datetime, holidays: frozenset[date], most: int
) -> list[CalendarEntry]:
    """What schedules are to send from ``since`` to before ``until`` (UTC), the first ``most`` of each."""
    found = list[CalendarEntry]()
    for row in rows:
        for number, one in enumerate(occurrences(row.timetable, since, holidays=holidays)):
            if one.instant >= until or number == most:
                break
            found.append(CalendarEntry(row.id, row.report_name, one))
    return sorted(found, key=lambda one: (one.occurrence.instant, one.report_name.casefold()))
