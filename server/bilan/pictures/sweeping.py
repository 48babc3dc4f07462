"""Erasing pictures that no fact names any more, such as those of posts that were taken back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.files.references import Owner, release_references
from bilan.pictures.keeping import SOURCE
from bilan.pictures.models import PictureRow

log = structlog.get_logger(__name__)

UNNAMED = timedelta(days=1)
"""How long a picture is kept that no fact names (yet), and how often each is looked at."""
MOMENT = timedelta(seconds=1)
AT_ONCE = 500
"""Pictures that are looked at together."""

Named = Callable[[UUID, Collection[str]], Awaitable[Collection[str]]]
"""Those of the keys that facts of a source name."""


class PictureSweep:
    """Lets pictures go that no fact of their source names; their files then go as orphans."""

    def __init__(self, catalog: Catalog, clock: Clock, named: Named) -> None:
        self._catalog, self._clock, self._named = catalog, clock, named

    async def sweep(self) -> int:
        """Look at the pictures that were not looked at for a day; how many went."""
        gone = 0
        while rows := await self._due():
            gone += await self._look(rows)
        return gone

    async def hasten(self, sources: Collection[UUID], lately: timedelta) -> int:
        """Look at the pictures of some sources now, but those that were handed over lately; how many went."""
        now = self._clock.now()
        rested = PictureRow.filter(source__in=list(sources), known_at__lt=now - lately)
        await rested.filter(known_at__gte=now - UNNAMED).update(known_at=now - UNNAMED - MOMENT)
        return await self.sweep()

    async def _due(self) -> list[PictureRow]:
        """Pictures of one source."""
        due = PictureRow.filter(known_at__lt=self._clock.now() - UNNAMED)
        first = await due.order_by("known_at").first()
        return [] if first is None else await due.filter(source=first.source).order_by("id").limit(AT_ONCE)

    async def _look(self, rows: list[PictureRow]) -> int:
        source, before = rows[0].source, self._clock.now()
        named = set(await self._named(source, {row.sha256 for row in rows}))
        kept = [row.id for row in rows if row.sha256 in named]
        gone = [row for row in rows if row.sha256 not in named]
        async with self._catalog.transaction():
            await PictureRow.filter(id__in=kept).update(known_at=before)
            for row in gone:
                await self._let_go(row, before - UNNAMED)
        if gone:
            log.info("pictures let go", source=str(source), count=len(gone))
        return len(gone)

    async def _let_go(self, row: PictureRow, before: datetime) -> None:
        # Unless it was handed over again just now.
        if not await PictureRow.filter(id=row.id, known_at__lt=before).delete():
            return
        if not await PictureRow.filter(source=row.source, sha256=row.sha256).exists():
            await release_references(Owner(SOURCE, row.source), [row.sha256])
