"""What the services of this area hand out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from bilan.i18n import USUAL_FORMATS, DisplayFormats
from bilan.runs.summary import Summary
from bilan.sdk.document import Definition
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _
from bilan.work.values import State, Step


class Purpose(StrEnum):
    """What a run is for: the kind of its job."""

    REPORT = "report"
    IMPORT = "import"
    DELIVERY = "delivery"
    PULL = "pull"
    MAIL = "mail"
    """A plain e-mail."""
    ERASURE = "erasure"
    """Erasing a contact."""


@dataclass(frozen=True, slots=True)
class RenderSpec:
    """A way to render a document: the format, the reader's language, the zone that instants are shown in.

    Without a zone instants are shown in the run's own. ``options`` are the
    format's. Days, weeks and months are always cut in the run's zone.
    ``display`` says how days and times of day are written.
    """

    format: str
    language: str = "en"
    zone: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    display: DisplayFormats = USUAL_FORMATS


@dataclass(frozen=True, slots=True)
class SentCopy:
    """A run whose report recipients got, sent at a moment in UTC."""

    run: UUID
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class RunStep(Step):
    """A step of a run; ``render_spec`` is what it renders, where it renders a file."""

    render_spec: RenderSpec | None = None


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file rendered from a run's document. ``size`` is in bytes."""

    id: UUID
    run: UUID
    render_spec: RenderSpec
    file_name: str
    media_type: str
    sha256: str
    size: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ArtifactPreview:
    """What is known of a file before it is rendered. ``size`` is in bytes, once it was."""

    file_name: str
    media_type: str
    size: int | None


@dataclass(frozen=True, slots=True)
class Run:
    """A job as people see it: a report that is built, a file that is imported, or a report that is sent.

    What belongs to a report is empty for the others. All moments are in UTC.
    ``kept`` is ``False`` where the figures are erased soon. Once they are, the
    run stays with its parameters, hashes, ``counts`` and the reason.
    ``values`` are the parameters as they were given. ``zone`` cuts the days
    and never changes. ``as_of`` is the moment the facts were looked at, set
    when the first attempt began. ``sources`` are those it reads. ``summary``
    is its report in a few lines, as long as the figures are there.
    """

    id: UUID
    workspace: UUID
    report: UUID | None
    purpose: Purpose
    kind: str
    title: str | None
    values: Mapping[str, Any]
    zone: str
    formats: tuple[RenderSpec, ...]
    personal: bool
    state: State
    asked_by: UUID | None
    asked_by_name: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    as_of: datetime | None
    sources: frozenset[UUID]
    document_sha256: str | None
    definitions: tuple[Definition, ...]
    error: Message | None
    steps: tuple[RunStep, ...]
    artifacts: tuple[Artifact, ...]
    kept: bool = True
    erased_at: datetime | None = None
    erased_because: Message | None = None
    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    summary: Summary | None = None

    @property
    def readable(self) -> bool:
        """Whether there is a document to show and to render."""
        return self.document_sha256 is not None and self.erased_at is None

    @property
    def erasure(self) -> Message | None:
        """The sentence that stands in place of erased figures."""
        if self.erased_at is None or self.erased_because is None:
            return None
        return erasure(self.erased_at, self.erased_because)

    @property
    def progress(self) -> float:
        """How much of it is done, from 0 to 1, every step counting the same."""
        if self.state is State.SUCCEEDED:
            return 1.0
        done = [1.0 if step.state.over else step.progress for step in self.steps]
        return sum(done) / len(done) if done else 0.0

    @property
    def working(self) -> bool:
        """Whether something more will happen by itself."""
        return not self.state.over or bool(self.rendering)

    @property
    def rendering(self) -> tuple[RunStep, ...]:
        """The files that are being rendered, also of a run that is over."""
        return tuple(step for step in self.steps if step.render_spec and not step.state.over)

    @property
    def failed_renders(self) -> tuple[RunStep, ...]:
        """The files that could not be rendered; asking for one again tries again."""
        return tuple(step for step in self.steps if step.render_spec and step.state is State.FAILED)

    @property
    def revision(self) -> str:
        """The state that a watcher compares: another once something moves."""
        steps = (f"{one.state[0]}{one.attempt}{one.progress:.2f}{one.detail or ''}" for one in self.steps)
        return f"{self.state}-{'-'.join(steps)}"

    @property
    def seconds(self) -> float | None:
        """How long it worked, once it is over."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()

    @property
    def size(self) -> int:
        """The bytes of the files rendered so far."""
        return sum(artifact.size for artifact in self.artifacts)


@dataclass(frozen=True, slots=True)
class LastRuns:
    """The last run of a report, and the last one with figures to show; often the same."""

    last: Run
    shown: Run | None


@dataclass(frozen=True, slots=True)
class Page:
    """Some runs of a list, newest first, and how many the whole list has."""

    runs: tuple[Run, ...]
    total: int


def erasure(at: datetime, because: Message) -> Message:
    """What is said of a run whose figures were erased."""
    return _(
        "The figures of this run were erased on {at:date} because {because}.",
        at=at.date().isoformat(),
        because=because,
    )
