"""Kept e-mails go with what they hold: the report's figures.

An e-mail in the outbox goes when the figures of its run are erased or the run
is deleted, so "not kept" and erasure hold for it too, and at the latest when
the workspace keeps nothing that old. Its bytes are removed by who removes files.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from bilan.accounts.models import Workspace
from bilan.catalog import Catalog
from bilan.catalog.statements import rows
from bilan.clock import Clock
from bilan.delivery.models import KeptMailRow
from bilan.files.references import Owner, release_references

AT_ONCE = 200
"""E-mails that one sweep takes for each reason, in ``ERASED`` too; the next goes on."""
ERASED = """
SELECT kept_mail.id AS id FROM kept_mail
  LEFT JOIN delivery ON delivery.id = kept_mail.id
  LEFT JOIN sending ON sending.id = delivery.sending_id
  LEFT JOIN report_run ON report_run.id = sending.run
  WHERE (report_run.id IS NULL AND (sending.id IS NULL OR sending.run IS NOT NULL))
    OR report_run.erased_at IS NOT NULL
  LIMIT 200
"""


async def purge_due(catalog: Catalog, clock: Clock) -> int:
    """Delete what is due; how many. Any number of processes may do so at once."""
    due = [UUID(str(row["id"])) for row in await rows(ERASED)]
    for workspace in await Workspace.all():
        oldest = clock.now() - timedelta(days=workspace.retention_days)
        late = KeptMailRow.filter(workspace=workspace.id, kept_at__lt=oldest)
        due += [row.id for row in await late.limit(AT_ONCE).only("id")]
    return sum([await _delete(catalog, mail) for mail in dict.fromkeys(due)])


async def _delete(catalog: Catalog, mail: UUID) -> int:
    async with catalog.transaction():
        row = await KeptMailRow.get_or_none(id=mail)
        if row is None:
            return 0  # another sweeper was quicker
        await row.delete()
        await release_references(Owner("outbox", mail))
    return 1
