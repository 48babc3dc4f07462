"""The context of a step: what its handler is given, the job and a line to whoever watches."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from bilan.sdk.errors import Cancelled
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _
from bilan.work.values import Job


class PutOff(Exception):
    """Raised by a handler whose step is to go on later; none of its attempts is used up by it."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"to go on in {wait}")
        self.wait = wait


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """A step and who works on it. ``holder`` is new for each attempt, so a stale one is told apart."""

    step: UUID
    job: UUID
    name: str
    position: int
    arguments: Mapping[str, Any]
    attempt: int
    holder: str


@dataclass(eq=False)
class StepContext:
    """One attempt at a step. Its methods may be called from any thread and never block."""

    claim: Claim
    job: Job
    limit: timedelta
    """How long the attempt may take before it is stopped."""
    last: bool = False
    """No further attempt follows this one."""
    lost: bool = False
    """The job was cancelled, or another worker has taken the step over: nothing will be stored."""
    stopping: bool = False
    """The process shuts down; another will begin the step anew."""
    fraction: float = 0.0
    detail: Message | None = None
    actions: list[Callable[[], Awaitable[object]]] = field(
        default_factory=list[Callable[[], Awaitable[object]]]
    )
    attempt: int = field(init=False)
    """Which of its attempts it is, of those that count."""
    error: Exception | None = None
    """What has gone wrong with it, where it is one of several that are worked on together."""
    _began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.attempt = self.claim.attempt

    @property
    def arguments(self) -> Mapping[str, Any]:
        """What the step was added with."""
        return self.claim.arguments

    @property
    def seconds(self) -> float:
        """How long the attempt has been going on."""
        return time.monotonic() - self._began

    @property
    def overdue(self) -> bool:
        """Whether the attempt has taken longer than it may."""
        return self.seconds > self.limit.total_seconds()

    def cancelled(self) -> bool:
        """Whether to stop as soon as possible."""
        return self.lost or self.stopping or self.overdue

    def check(self) -> None:
        """Raise ``Cancelled`` where the work is to stop."""
        if self.cancelled():
            raise Cancelled(_("The run was cancelled."))

    def progress(self, fraction: float, detail: Message | None = None) -> None:
        """Say how much is done, from 0 to 1, and what is being done. The next heartbeat stores it."""
        self.fraction = min(max(fraction, 0.0), 1.0)
        if detail is not None:
            self.detail = detail

    def on_success(self, action: Callable[[], Awaitable[object]]) -> None:
        """Do this in the transaction that settles the step; never, where the step is no longer ours."""
        self.actions.append(action)


StepHandler = Callable[[StepContext], Awaitable[None]]
"""Does a step's work. Blocking work goes to a thread; failing is raising."""


class BatchHandler(ABC):
    """Does the work of several steps of one job and one name together; what fails of one is its ``error``."""

    most: int = 50
    """So many steps at a time."""

    @abstractmethod
    async def __call__(self, contexts: Sequence[StepContext]) -> None: ...
