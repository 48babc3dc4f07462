"""Orphans: files that nobody refers to any more, removed from the store.

Removing is announced in the catalog first, done then, and struck off last, so
no lock is held while the store is asked. Who wants to put the same bytes sees
the announcement and waits; who reserved them before is seen and left alone. A
remover that fell silent is made up for by the next one.
"""

from __future__ import annotations

from datetime import timedelta

from tortoise.expressions import Q

from bilan.catalog import Catalog
from bilan.catalog.statements import rows
from bilan.clock import Clock
from bilan.files.models import FileReferenceRow, StoredFileRow
from bilan.files.store import Files

AT_ONCE = 200
"""Files that one sweep removes; the next goes on."""
SILENCE = timedelta(minutes=10)
"""How long one removal may take: far longer than the store is tried."""
ORPHANED = f"""
SELECT sha256 FROM stored_file
  WHERE NOT EXISTS (SELECT 1 FROM file_reference WHERE file_reference.sha256 = stored_file.sha256)
  ORDER BY sha256
  LIMIT {AT_ONCE}
"""  # noqa: S608 - a number of our own


async def remove_orphans(catalog: Catalog, files: Files, clock: Clock) -> int:
    """Remove what nobody refers to; how many. Any number of processes may do so at once."""
    await _expire(clock)
    orphaned = [str(row["sha256"]) for row in await rows(ORPHANED)]
    removed = 0
    for sha256 in orphaned:
        # One by one: what waits its turn is not announced, so who wants its bytes need not wait.
        if not await _announce(catalog, clock, [sha256]):
            continue
        try:
            await files.delete(sha256)
        except BaseException:
            await StoredFileRow.filter(sha256=sha256).update(removing_at=None)
            raise
        await StoredFileRow.filter(sha256=sha256).filter(removing_at__isnull=False).delete()
        removed += 1
    return removed


async def _expire(clock: Clock) -> None:
    """Forget the reservations of those who never came to name their file."""
    late = FileReferenceRow.filter(reserved_until__lt=clock.now())
    expired = [row.id for row in await late.limit(AT_ONCE).only("id")]
    if expired:
        await late.filter(id__in=expired).delete()


async def _announce(catalog: Catalog, clock: Clock, orphaned: list[str]) -> list[str]:
    """Those that this process is to remove, in one transaction."""
    now = clock.now()
    async with catalog.transaction():
        free = Q(removing_at=None) | Q(removing_at__lt=now - SILENCE)
        found = StoredFileRow.filter(free, sha256__in=orphaned).order_by("sha256").select_for_update()
        locked = [row.sha256 for row in await found]
        # Asked once they are locked: whoever reserved one in between is seen now.
        needed = {row.sha256 for row in await FileReferenceRow.filter(sha256__in=locked).only("sha256")}
        mine = [sha256 for sha256 in locked if sha256 not in needed]
        await StoredFileRow.filter(sha256__in=mine).update(removing_at=now)
    return mine
