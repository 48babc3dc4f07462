"""A file on its way into a source, as a plain value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from bilan.ingest.models import UploadRow
from bilan.sdk.messages import Message
from bilan.sdk.sources import ColumnMapping
from bilan.work import Job, State

IMPORT = "import"
"""The kind of the jobs that read uploads, and the name of their one step."""


class UploadState(StrEnum):
    """How far an upload got, as its job tells it."""

    WAITING = "waiting"
    """Stored and recognised; somebody looks at its mapping and starts it."""
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """It stopped with a reason; what was read before stays, and starting it again goes on from there."""
    STOPPED = "stopped"
    """Somebody stopped it; starting it again goes on where it stopped."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way into a source.

    ``size`` is in bytes, ``content`` the SHA-256 of the bytes. ``mapping`` is
    empty where the format leaves nothing open. ``accepted`` and ``rejected``
    count rows of the file; ``known`` are those accepted of which everything was
    there already, and is empty where an earlier release read the file. ``job``
    is the job that reads it. All moments are in UTC.
    """

    id: UUID
    workspace: UUID
    source: UUID
    name: str
    size: int
    content: str
    reader: str
    mapping: ColumnMapping | None
    state: UploadState
    job: UUID | None
    accepted: int
    known: int | None
    rejected: int
    failure: Message | None
    by: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def new(self) -> int | None:
        """How many rows brought something new."""
        return None if self.known is None else self.accepted - self.known

    @classmethod
    def of(cls, row: UploadRow, job: Job | None) -> Upload:
        """The row as a value, with the job that reads it, if there is one (still)."""
        return cls(
            id=row.id,
            workspace=row.workspace,
            source=row.source,
            name=row.name,
            size=row.size,
            content=row.content,
            reader=row.reader,
            mapping=row.mapping,
            state=_state(row, job),
            job=job.id if job else None,
            accepted=row.accepted,
            known=row.known,
            rejected=row.rejected,
            failure=job.error if job else None,
            by=row.by,
            created_at=row.created_at,
            started_at=job.started_at if job else None,
            ended_at=row.completed_at or (job.finished_at if job else None),
        )


_STATES = {
    State.WAITING: UploadState.RUNNING,
    State.RUNNING: UploadState.RUNNING,
    State.SUCCEEDED: UploadState.DONE,
    State.FAILED: UploadState.FAILED,
    State.CANCELLED: UploadState.STOPPED,
}


def _state(row: UploadRow, job: Job | None) -> UploadState:
    if row.completed_at is not None:
        return UploadState.DONE
    return UploadState.WAITING if job is None else _STATES[job.state]
