"""References to files: a row for each file and owner, written by whoever names a file.

A reference is *reserved* before the file is put, and *confirmed* in the
transaction that writes the owner's rows. So at no moment is there a file that
is needed and has no row, and nothing is locked while the store is asked.
Reserving waits for nobody but whoever removes the very same file just then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import anyio
import anyio.from_thread
import anyio.to_thread
from tortoise.queryset import QuerySet

from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.files.models import FileReferenceRow, StoredFileRow
from bilan.files.store import Content, Files, Stored
from bilan.sdk.errors import Unavailable
from bilan.sdk.textdomain import _

RESERVED = timedelta(days=1)
"""How long a file is kept whose owner's rows are not there yet; longer than any step may take."""
TRIES, PAUSE = 100, 0.05
"""How often, and after how many seconds, to look whether the removal of the same file is over."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose rows name a file: ``run``, ``upload``, ``workspace`` or ``outbox``, and its id."""

    kind: str
    id: UUID


class FileReferences:
    """Puts files for an owner. Safe with any number of processes that put and remove the same bytes."""

    def __init__(self, catalog: Catalog, files: Files, clock: Clock) -> None:
        self._catalog, self._files, self._clock = catalog, files, clock

    async def put(self, owner: Owner, content: Content) -> Stored:
        """Reserve and keep a file. Not within a transaction: the reservation must be seen at once."""
        return await anyio.to_thread.run_sync(self.put_blocking, owner, content)

    def put_blocking(self, owner: Owner, content: Content) -> Stored:
        """As ``put``, for threads that the event loop has started."""
        return self._files.put_blocking(
            content, lambda sha256: anyio.from_thread.run(self.reserve, owner, sha256)
        )

    async def reserve(self, owner: Owner, sha256: str) -> None:
        """Have the file kept for a while. Raises ``Unavailable`` where its removal does not end."""
        for _try in range(TRIES):
            if await self._reserved(owner, sha256):
                return
            await anyio.sleep(PAUSE)
        raise _removed()

    async def _reserved(self, owner: Owner, sha256: str) -> bool:
        async with self._catalog.transaction():
            await StoredFileRow.bulk_create([StoredFileRow(sha256=sha256)], ignore_conflicts=True)
            row = await StoredFileRow.filter(sha256=sha256).select_for_update().first()
            if row is None or row.removing_at is not None:
                return False
            until = self._clock.now() + RESERVED
            reference = FileReferenceRow(
                sha256=sha256, owner_kind=owner.kind, owner_id=owner.id, reserved_until=until
            )
            await FileReferenceRow.bulk_create([reference], ignore_conflicts=True)
            # A confirmed one stays as it is.
            await _of(owner).filter(sha256=sha256, reserved_until__isnull=False).update(reserved_until=until)
        return True


async def confirm_references(owner: Owner, hashes: Iterable[str]) -> None:
    """Keep these files as long as their owner names them; within the transaction that writes its rows.

    Raises ``Unavailable`` where one was never put for this owner, or too long
    ago; putting it again is right.
    """
    named = set(hashes)
    if await _of(owner).filter(sha256__in=named).update(reserved_until=None) != len(named):
        raise _removed()


async def release_references(owner: Owner, hashes: Iterable[str] | None = None) -> None:
    """Stop naming these files, or all; within the transaction that takes the owner's rows away.

    What is only reserved stays so: somebody may be putting it at this moment.
    """
    references = _of(owner).filter(reserved_until__isnull=True)
    await (references if hashes is None else references.filter(sha256__in=set(hashes))).delete()


def _of(owner: Owner) -> QuerySet[FileReferenceRow]:
    return FileReferenceRow.filter(owner_kind=owner.kind, owner_id=owner.id)


def _removed() -> Unavailable:
    return Unavailable(_("A file was removed just as it was to be used; try again."))
