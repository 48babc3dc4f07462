"""Pulls as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from bilan.pulls.models import PullRow
from bilan.sdk.messages import Message
from bilan.sdk.pulls import PullRange
from bilan.sources.values import NamedSource
from bilan.work import Job, State

PULL = "pull"
"""The kind of the jobs that pull, and the name of their one step."""
WARNED = timedelta(days=14)
"""How long before its end people are warned of a token's."""


@dataclass(frozen=True, slots=True)
class PullRun:
    """A pull of a source, under way or over. All moments are in UTC.

    ``range`` are the days of a back-fill, ``None`` for the usual pull.
    ``done`` goes from 0 to 1 where that is known; ``said`` is what is being read.
    ``waits_until`` is there while the service wants to be left alone. ``new``, ``known`` and ``rejected``
    count facts that brought something, that were there already, and that could not be used.
    ``notes`` say what the service did not give, ``failure`` why it ended early.
    """

    id: UUID
    source: UUID
    job: UUID
    range: PullRange | None
    state: State
    by: str
    created_at: datetime
    ended_at: datetime | None
    done: float | None
    said: Message | None
    waits_until: datetime | None
    new: int
    known: int
    rejected: int
    requests: int
    pictures_missing: int
    notes: tuple[Message, ...]
    failure: Message | None

    @classmethod
    def of(cls, row: PullRow, job: Job | None) -> PullRun:
        """The row as a value, with the job that pulls, if there is one (still)."""
        ended = row.completed_at or (job.finished_at if job else row.written_at or row.created_at)
        state = State.SUCCEEDED if row.completed_at else job.state if job else State.CANCELLED
        return cls(
            id=row.id,
            source=row.source,
            job=row.job,
            range=row.days,
            state=state,
            by=row.by,
            created_at=row.created_at,
            ended_at=ended,
            done=1.0 if row.completed_at else row.done,
            said=None if state.over else row.said,
            waits_until=None if state.over else row.waits_until,
            new=row.new,
            known=row.known,
            rejected=row.rejected,
            requests=row.requests,
            pictures_missing=row.pictures_missing,
            notes=tuple(row.notes or ()),
            failure=job.error if job else None,
        )


@dataclass(frozen=True, slots=True)
class PullStatus:
    """How a source is pulled.

    ``every`` is ``None`` where it is pulled only when somebody asks; ``next_at``
    is when it will be, ``None`` then and while a usual pull is under way. ``checked`` is what the credentials
    could see, when somebody or a pull last looked. All moments are in UTC.
    """

    source: UUID
    every: timedelta | None
    next_at: datetime | None
    current: PullRun | None
    last: PullRun | None
    """The last that is over."""
    hosts: tuple[str, ...]
    checked: Message | None
    checked_at: datetime | None
    missing: tuple[Message, ...]
    ends_at: datetime | None
    notes: tuple[Message, ...]
    warning: Message | None
    """What somebody should do something about: a token that ends, a pull that failed."""


@dataclass(frozen=True, slots=True)
class PullWarning:
    """A source that somebody should do something about, and why."""

    source: NamedSource
    message: Message


@dataclass(frozen=True, slots=True)
class OfferedProfile:
    """A profile behind the credentials. ``source`` is the one that it is already, in use or removed."""

    key: str
    name: str
    source: NamedSource | None = None


@dataclass(frozen=True, slots=True)
class Profiles:
    """The profiles that credentials could see, to be chosen from until ``until`` (UTC)."""

    id: UUID
    plugin: str
    kind: str
    profiles: tuple[OfferedProfile, ...]
    until: datetime
