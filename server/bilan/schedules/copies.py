"""Copies: what recipients of a schedule got last. See docs/decisions/117."""

from __future__ import annotations

from uuid import UUID

import anyio.to_thread

from bilan.catalog.statements import rows
from bilan.delivery.models import SendingRow
from bilan.reports.since_last_copy import MOST_COPIES
from bilan.runs.models import DocumentRow
from bilan.runs.values import SentCopy
from bilan.schedules.models import ScheduleRow
from bilan.sdk.document import Document, decode

SENT = """
SELECT sending.id AS id FROM occurrence JOIN sending ON sending.occurrence = occurrence.id
WHERE occurrence.schedule_id = ? AND EXISTS (
  SELECT 1 FROM delivery WHERE delivery.sending_id = sending.id AND delivery.state IN ('accepted', 'arrived')
) AND {}
ORDER BY occurrence.due_at DESC, sending.created_at DESC LIMIT ?
"""
WHOLE = "NOT EXISTS (SELECT 1 FROM occurrence_part WHERE occurrence_part.run = sending.run)"
PART = (
    "EXISTS (SELECT 1 FROM occurrence_part WHERE occurrence_part.run = sending.run"
    " AND occurrence_part.key = ?)"
)


async def sent_copies(
    schedule: UUID, part: str | None = None, most: int = MOST_COPIES
) -> tuple[SentCopy, ...]:
    """The last copies that somebody got, of the whole or of the part with this key.

    The one that was due last comes first, and each run once.
    """
    statement = SENT.format(WHOLE if part is None else PART)
    which = () if part is None else (part,)
    # One that was sent once more has several sendings of one run.
    found = [UUID(str(row["id"])) for row in await rows(statement, str(schedule), *which, 2 * most)]
    sendings = {row.id: row for row in await SendingRow.filter(id__in=found)}
    copies = dict[UUID, SentCopy]()
    for one in reversed(found):
        run = sendings[one].report_run
        copies[run] = SentCopy(run, sendings[one].created_at)
    return tuple(reversed(copies.values()))[:most]


async def copies_to_tell_of(row: ScheduleRow, part: str | None = None) -> tuple[SentCopy, ...] | None:
    """The copies that the next report, or its part, is compared with; ``None`` where nobody asks for it."""
    return await sent_copies(row.id, part) if row.tells_changes else None


async def last_document(schedule: UUID, part: str | None = None) -> Document | None:
    """What somebody last got, of the whole or of a part, as far as it is kept."""
    for copy in await sent_copies(schedule, part, 1):
        row = await DocumentRow.get_or_none(run_id=copy.run)
        return await anyio.to_thread.run_sync(decode, row.json) if row is not None else None
    return None
