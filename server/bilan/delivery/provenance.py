"""Provenance of a file that somebody holds, by its hash: which run made it, and whom it was delivered to."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bilan.catalog.statements import rows
from bilan.delivery.models import DeliveryRow
from bilan.runs.models import ArtifactRow
from bilan.sdk.document import Definition

HANDED_OVER = """
SELECT content FROM ledger_entry AS entry WHERE content LIKE ? AND NOT EXISTS (
  SELECT 1 FROM ledger_entry AS later
  WHERE later.delivery = entry.delivery AND later.sequence > entry.sequence
) ORDER BY entry.workspace, entry.sequence
"""


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file that a run made. Moments are in UTC; ``as_of`` is when the facts were looked at."""

    run: UUID
    title: str
    kind: str
    file_name: str
    format: str
    language: str
    made_at: datetime
    as_of: datetime | None
    definitions: tuple[Definition, ...]


@dataclass(frozen=True, slots=True)
class FileDelivery:
    """That a file was sent to somebody, attached or behind a link. Whoever was erased has no address."""

    run: str
    channel: str
    address: str
    state: str
    settled_at: datetime
    attached: bool


@dataclass(frozen=True, slots=True)
class FileProvenance:
    """What is known of a file. One that no run made, or that was changed since, has neither.

    A delivery without a file is one of a run that was deleted since.
    """

    made: tuple[MadeFile, ...]
    deliveries: tuple[FileDelivery, ...]


async def provenance_of(sha256: str) -> FileProvenance:
    """Where a file with this hash (in hexadecimal) comes from, and where it went."""
    found = ArtifactRow.filter(sha256=sha256).order_by("created_at").select_related("run__job")
    return FileProvenance(tuple([_made(row) for row in await found]), await _deliveries(sha256))


async def made_under(name: str) -> MadeFile | None:
    """The last file that was made under this name, for one that is not known by its hash."""
    found = ArtifactRow.filter(file_name=name).order_by("-created_at").select_related("run__job")
    row = await found.first()
    return _made(row) if row else None


def _made(row: ArtifactRow) -> MadeFile:
    run = row.run
    return MadeFile(
        run=run.job_id,
        title=run.job.title or run.job.subject,
        kind=run.job.subject,
        file_name=row.file_name,
        format=row.render_spec.format,
        language=row.render_spec.language,
        made_at=row.created_at,
        as_of=run.as_of,
        definitions=run.definitions or (),
    )


async def _deliveries(sha256: str) -> tuple[FileDelivery, ...]:
    entries = [json.loads(row["content"]) for row in await rows(HANDED_OVER, f'%"{sha256}"%')]
    addresses = await _addresses([one["delivery"] for one in entries])
    return tuple(
        FileDelivery(
            one["run"],
            one["channel"],
            addresses.get(one["delivery"], ""),
            one["state"],
            datetime.fromisoformat(one["settled_at"]),
            one["attached"],
        )
        for one in entries
    )


async def _addresses(deliveries: Collection[str]) -> dict[str, str]:
    found = await DeliveryRow.filter(id__in=list(deliveries)).only("id", "address")
    return {str(row.id): row.address for row in found}
