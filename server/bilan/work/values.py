"""What the engine takes and hands out: jobs, their steps, and where they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from bilan.sdk.messages import Message
from bilan.work.idempotency import IdempotencyKey


class State(StrEnum):
    """Where a job or a step is."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self not in UNDER_WAY


UNDER_WAY = (State.WAITING, State.RUNNING)


@dataclass(frozen=True, slots=True)
class NewStep:
    """A step to be added to a job. ``after`` are the positions of the steps that must succeed before it.

    ``key`` is the same for steps that do the same; a job has one of them.
    An ``optional`` step may fail: the job succeeds without it, unless another
    step waits for it.
    """

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    after: tuple[int, ...] = ()
    key: str | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to be added; the fields mean what they mean in :class:`Job`.

    Of the requests with one ``idempotency_key`` in a workspace, one makes a job.
    Nobody sits and waits for a job in the ``background``: what people wait for goes first.
    """

    workspace: UUID
    kind: str
    subject: str
    actor: UUID | None
    actor_name: str
    zone: str
    sources: frozenset[UUID] = frozenset()
    personal: bool = False
    title: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    idempotency_key: IdempotencyKey | None = None
    background: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a job that can fail and be tried again by itself. All moments are in UTC.

    ``progress`` goes from 0 to 1; ``detail`` says in words what is being
    done. ``attempt`` counts from 1, with 0 before the first.
    """

    id: UUID
    name: str
    arguments: Mapping[str, Any]
    state: State
    attempt: int
    progress: float
    detail: Message | None
    error: Message | None
    started_at: datetime | None
    finished_at: datetime | None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """Work in steps that somebody asked for. All moments are in UTC.

    ``kind`` says what it is for, ``subject`` is the key of what it works on
    (a kind of report, a kind of source), ``arguments`` is what it was asked
    to do. ``actor`` is the person, or ``None`` for the operator. ``sources``
    and ``personal`` decide who may know of it: those who may read all of
    these sources and, where it is personal, rows about single persons.
    ``zone`` cuts its days and never changes.
    """

    id: UUID
    workspace: UUID
    kind: str
    subject: str
    title: str | None
    arguments: Mapping[str, Any]
    zone: str
    personal: bool
    sources: frozenset[UUID]
    actor: UUID | None
    actor_name: str
    state: State
    error: Message | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
