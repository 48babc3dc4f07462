"""Keeping pictures: written anew, put into the file store, and noted with the source that brought them."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import UUID

import anyio.from_thread

from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.files import Files
from bilan.files.references import FileReferences, Owner, confirm_references
from bilan.pictures.encoding import reencoded
from bilan.pictures.models import PictureRow

SOURCE = "source_picture"
"""The kind of owner that a source is to its pictures."""
HALF_A_DAY = timedelta(hours=12)
"""How often it is noted that a picture was handed over again: half of what it is kept without a fact."""


class PictureKeeper:
    """Keeps pictures for sources. The blocking methods are for threads that the event loop has started."""

    def __init__(self, catalog: Catalog, files: Files, clock: Clock) -> None:
        self._catalog, self._clock = catalog, clock
        self._references = FileReferences(catalog, files, clock)

    def keep_blocking(self, source: UUID, content: bytes, origin: str = "") -> str:
        """Keep the picture and give its key. ``origin`` is where it came from, where that tells it.

        It is kept for a day, and from then on as long as a fact of the source
        names it. Raises ``TooLarge``, ``Invalid`` for what is no picture that can be used.
        """
        stored = self._references.put_blocking(Owner(SOURCE, source), reencoded(content))
        anyio.from_thread.run(self._note, source, _digest(origin or stored.sha256), stored.sha256)
        return stored.sha256

    def known_blocking(self, source: UUID, origin: str) -> str:
        """The key of the picture that came from there before; empty where none did."""
        return anyio.from_thread.run(self._known, source, _digest(origin))

    async def _note(self, source: UUID, address: str, sha256: str) -> None:
        now = self._clock.now()
        async with self._catalog.transaction():
            row = PictureRow(source=source, address=address, sha256=sha256, known_at=now)
            await PictureRow.bulk_create([row], ignore_conflicts=True)
            await PictureRow.filter(source=source, address=address, sha256=sha256).update(known_at=now)
            await confirm_references(Owner(SOURCE, source), [sha256])

    async def _known(self, source: UUID, address: str) -> str:
        row = await PictureRow.filter(source=source, address=address).order_by("-id").first()
        if row is None:
            return ""
        now = self._clock.now()
        if row.known_at >= now - HALF_A_DAY:
            return row.sha256
        # Gone where the sweep has just removed it: then it is fetched again.
        return row.sha256 if await PictureRow.filter(id=row.id).update(known_at=now) else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
