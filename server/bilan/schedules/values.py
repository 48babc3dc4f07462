"""What the services of this area take and hand out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from bilan.runs.values import RenderSpec
from bilan.schedules.catch_up import CatchUp
from bilan.schedules.occurrences import Timetable
from bilan.sdk.messages import Message


class ScheduleState(StrEnum):
    """Whether a schedule has its report made."""

    ACTIVE = "active"
    PAUSED = "paused"
    """Until somebody resumes it; nothing is expected meanwhile."""
    SUSPENDED = "suspended"
    """Nobody is there to act for. What comes due is left out, until somebody takes the schedule over."""
    ENDED = "ended"
    """Nothing follows."""
    DELETED = "deleted"
    """Kept to tell what was made, and listed nowhere else."""


class OccurrenceState(StrEnum):
    """What became of an occurrence."""

    PLANNED = "planned"
    BEGUN = "begun"
    """It has a run, which says how it went."""
    LEFT_OUT = "left_out"
    FAILED = "failed"
    """It could not begin."""


@dataclass(frozen=True, slots=True)
class ScheduleDraft:
    """What somebody chose: which report, when and for which days, as which files, and what of the missed."""

    report: UUID
    timetable: Timetable
    formats: tuple[RenderSpec, ...] = ()
    catch_up: CatchUp = CatchUp.LATEST


@dataclass(frozen=True, slots=True)
class Schedule:
    """A report that is made again and again, with the rights that its owner has at that moment.

    ``next_due_at`` (UTC) is when the next occurrence comes due. ``version``
    counts what was saved. ``reason`` says why it is suspended or has ended.
    """

    id: UUID
    workspace: UUID
    report: UUID
    report_name: str
    """As it was called when the schedule was last saved."""
    timetable: Timetable
    formats: tuple[RenderSpec, ...]
    catch_up: CatchUp
    owner: UUID
    owner_name: str
    state: ScheduleState
    reason: Message | None
    next_due_at: datetime | None
    version: int
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class RecordedOccurrence:
    """An occurrence of a schedule as it is written down, before it is due and ever after.

    ``nominal`` is its wall time with the zone's name, ``due_at`` (UTC) when it
    was to begin. ``run`` is what it began, of the report as it was in its
    ``report_version``; ``reason`` says why there is none.
    """

    schedule: UUID
    nominal: str
    due_at: datetime
    state: OccurrenceState
    reason: Message | None
    run: UUID | None
    report_version: int | None
    settled_at: datetime | None
