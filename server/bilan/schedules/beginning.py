"""Beginning: an occurrence that is due becomes a run of the report as it is then, for the days it covers.

The run's last step sends what was built; see :mod:`bilan.schedules.dispatch`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bilan.accounts.principals import principal_for_schedule
from bilan.parameters.times import write_period
from bilan.reports.common import WEEKDAYS
from bilan.reports.models import ReportRow
from bilan.runs.service import Runs
from bilan.schedules.models import ScheduleRow
from bilan.schedules.occurrences import Occurrence
from bilan.schedules.recurrence import Recurrence
from bilan.schedules.values import OccurrenceState, ScheduleState
from bilan.sdk.errors import BilanError
from bilan.sdk.messages import Message
from bilan.sdk.periods import DAY, Period
from bilan.sdk.textdomain import _
from bilan.work import IdempotencyKey, NewStep, idempotency_key

OWNER_GONE = _("Its owner no longer has access; somebody else has to take it over.")
REPORT_GONE = _("Its report was deleted.")
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


async def begin(
    runs: Runs, row: ScheduleRow, occurrence: Occurrence, ident: UUID, request: IdempotencyKey | None = None
) -> Outcome:
    """Have the report built and sent, with the rights that the schedule's owner has now.

    ``ident`` is the id of the occurrence's row. The same ``request``, which
    is by default the occurrence, is the same run.
    """
    if row.state == ScheduleState.SUSPENDED:
        return Outcome(OccurrenceState.LEFT_OUT, row.reason)
    actor = await principal_for_schedule(row.id, row.owner, row.workspace_id)
    if actor is None:
        return Outcome(OccurrenceState.LEFT_OUT, OWNER_GONE, becomes=ScheduleState.SUSPENDED)
    report = await ReportRow.get_or_none(id=row.report, workspace_id=row.workspace_id)
    if report is None:
        return Outcome(OccurrenceState.LEFT_OUT, REPORT_GONE, becomes=ScheduleState.ENDED)
    try:
        run = await runs.start(
            actor,
            report.kind,
            values_for(report.parameters, row.timetable.recurrence, occurrence),
            title=report.name,
            report=report.id,
            sources=report.sources,
            then=[dispatching(ident)],
            request=request or idempotency_key(row.id, occurrence.key),
        )
    except BilanError as error:
        return Outcome(OccurrenceState.FAILED, error.message, report_version=report.version)
    return Outcome(OccurrenceState.BEGUN, run=run.id, report_version=report.version)


def dispatching(occurrence: UUID) -> NewStep:
    """The step that sends what was built for an occurrence."""
    return NewStep(DISPATCH, {"occurrence": str(occurrence)})


def values_for(
    parameters: Mapping[str, Any], recurrence: Recurrence, occurrence: Occurrence
) -> dict[str, Any]:
    """A report's parameters with the zone, the first weekday and the days of an occurrence.

    The days are fixed: what is made up for later covers what it would have covered.
    """
    own = {"zone": recurrence.zone, "first_weekday": WEEKDAYS[recurrence.first_weekday].value}
    if occurrence.covers is not None:
        span = occurrence.covers
        own["period"] = write_period(Period(first=span.start, last=span.end - DAY))
    return {**parameters, **own}
