"""A file on its way into a source, as a plain value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from bilan.ingest.models import UploadRow
from bilan.sdk.messages import Message
from bilan.sdk.sources import ColumnMapping


class UploadState(StrEnum):
    """How far an upload got."""

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
    count rows, those among them that the source had already included: the
    warehouse drops these silently. ``run`` is the run that reads it. All
    moments are in UTC.
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
    run: UUID | None
    accepted: int
    rejected: int
    failure: Message | None
    by: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, row: UploadRow) -> Upload:
        """The row as a value."""
        return cls(
            id=row.id,
            workspace=row.workspace,
            source=row.source,
            name=row.name,
            size=row.size,
            content=row.content,
            reader=row.reader,
            mapping=row.mapping,
            state=UploadState(row.state),
            run=row.run,
            accepted=row.accepted,
            rejected=row.rejected,
            failure=row.failure,
            by=row.by,
            created_at=row.created_at,
            started_at=row.started_at,
            ended_at=row.ended_at,
        )
