"""What the catalog remembers of a batch: counts, rejected rows, when a source was last heard of.

The functions run inside the caller's transaction, together with whatever marks
the batch as done; so a batch that is repeated after a crash is counted once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import F, Q

from bilan.catalog.text import sanitise
from bilan.contacts import ErasedList
from bilan.contacts.ties import tell
from bilan.ingest.batch import Batch, SourceCount
from bilan.ingest.models import IngestCounters, RejectRow
from bilan.sdk.datasets import Reject
from bilan.sources.models import SourceRow
from bilan.warehouse import microseconds

REJECT_QUOTA_ROWS = 50_000
REJECT_QUOTA_BYTES = 256 * 1024 * 1024
"""How much of one source's rejects is kept; the oldest go first, and are counted as evicted."""
CONTENT_LIMIT = 1024 * 1024
"""Characters of one reject. A longer body is cut there."""
TRIM_ROWS = 500


async def record(
    batch: Batch, at: datetime, upload: UUID | None = None, erased: ErasedList | None = None
) -> None:
    """Count the batch; keep its rejects, rows that were there at another time, and who is one person."""
    if batch.same and erased is not None:
        # Rows were read before the turn to write: whoever was erased since would be named for good.
        batch.forget_told(await erased.load())
    for source, pairs in sorted(batch.same.items()):
        assert batch.moment is not None  # noqa: S101 - it was appended
        await tell(source, pairs, microseconds(batch.moment))
    by_source: dict[UUID, list[RejectRow]] = {}
    for known, listed in ((False, batch.rejects), (True, batch.noted)):
        for source, reject in listed:
            by_source.setdefault(source, []).append(_row(source, reject, at, upload, known))
    for source, count in sorted(batch.counts.items()):
        rows = by_source.get(source, [])
        noted = sum(row.known for row in rows)
        await _count(source, count, noted, sum(row.size for row in rows))
        if rows:
            await RejectRow.bulk_create(rows, batch_size=1_000)
            await _trim(source)
        await _latest(source, "last_event_at", count.last_event_at)


async def stale(source: UUID) -> None:
    """Count a post whose signature was older than its source accepts."""
    await IngestCounters.get_or_create(source=source)
    await IngestCounters.filter(source=source).update(stale=F("stale") + 1)


async def received(latest: Mapping[UUID, datetime]) -> None:
    """Note when each source was last heard of."""
    for source, at in sorted(latest.items()):
        await _latest(source, "last_received_at", at)


def _row(source: UUID, reject: Reject, at: datetime, upload: UUID | None, known: bool) -> RejectRow:
    content = sanitise(reject.raw[:CONTENT_LIMIT])
    return RejectRow(
        source=source,
        upload=upload,
        number=reject.number,
        reason=reject.reason,
        content=content,
        size=len(content.encode()),
        at=at,
        known=known,
    )


async def _count(source: UUID, count: SourceCount, noted: int, size: int) -> None:
    await IngestCounters.get_or_create(source=source)
    await IngestCounters.filter(source=source).update(
        accepted=F("accepted") + count.accepted,
        known=F("known") + count.known,
        noted=F("noted") + noted,
        rejected=F("rejected") + count.rejected,
        kept_bytes=F("kept_bytes") + size,
    )


async def _trim(source: UUID) -> None:
    """Evict the oldest rejects until the rest is within the limits."""
    while True:
        counters = await IngestCounters.get(source=source)
        surplus = counters.rejected + counters.noted - counters.evicted - REJECT_QUOTA_ROWS
        if surplus <= 0 and counters.kept_bytes <= REJECT_QUOTA_BYTES:
            return
        count = min(surplus, TRIM_ROWS) if surplus > 0 else 1
        oldest = await RejectRow.filter(source=source).order_by("id").limit(count).values_list("id", "size")
        if not oldest:
            return
        await RejectRow.filter(id__in=[ident for ident, _size in oldest]).delete()
        freed = sum(size for _ident, size in oldest)
        await IngestCounters.filter(source=source).update(
            evicted=F("evicted") + len(oldest), kept_bytes=F("kept_bytes") - freed
        )


async def _latest(source: UUID, field: str, at: datetime | None) -> None:
    """Move the instant forward, never back."""
    if at is not None:
        older: dict[str, Any] = {f"{field}__lt": at}
        unknown: dict[str, Any] = {f"{field}__isnull": True}
        await SourceRow.filter(Q(**older) | Q(**unknown), id=source).update(**{field: at})
