"""Rows that could not be used: counted, listed, and read out for a file."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bilan.accounts import Principal
from bilan.accounts.policy import Action, allowed, require
from bilan.ingest.models import IngestCounters, RejectRow
from bilan.ingest.unquoted import unquoted
from bilan.sdk.messages import Message
from bilan.sources import Sources

PAGE = 50
READ_ROWS = 500


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that could not be used. ``number`` is its number in its file or post, from 1.

    One that is ``known`` is no reject: its fact is there with another time.
    ``raw`` is what came, as text; ``None`` for those who may not see rows
    about single persons. ``upload`` is the import it came with, if it did. ``at`` is in UTC.
    """

    id: int
    source: UUID
    upload: UUID | None
    number: int
    reason: Message
    raw: str | None
    at: datetime
    known: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Some rejects, the latest first. ``older`` continues the list, if there are more."""

    rows: tuple[Rejected, ...]
    older: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows of a source were accepted and rejected, ever.

    Those that were there already are among the accepted, too. Of the rejected,
    and of rows that were there at another time, only ``kept`` can still be
    looked at: the oldest make room. ``stale`` posts were refused because their
    signature was too old.
    """

    accepted: int
    rejected: int
    kept: int
    stale: int
    known: int = 0

    @property
    def new(self) -> int:
        """How many rows brought something new."""
        return self.accepted - self.known


class Rejects:
    """The rejects of sources, for those who may import into them."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    async def counts(self, actor: Principal, source: UUID) -> Counts:
        """The source's counts. Raises ``NotFound``, ``Forbidden``."""
        await self._open(actor, source)
        counters = await IngestCounters.get_or_none(source=source)
        if counters is None:
            return Counts(0, 0, 0, 0)
        kept = counters.rejected + counters.noted - counters.evicted
        return Counts(counters.accepted, counters.rejected, kept, counters.stale, counters.known)

    async def list(
        self, actor: Principal, source: UUID, *, upload: UUID | None = None, before: int | None = None
    ) -> Page:
        """A page of rejects of the source, or of one import into it.

        ``before`` is the ``older`` of the page before. Raises ``NotFound``, ``Forbidden``.
        """
        await self._open(actor, source)
        shown = allowed(actor, Action.IMPORT, sources=(source,), personal=True)
        rows = RejectRow.filter(source=source)
        if upload is not None:
            rows = rows.filter(upload=upload)
        if before is not None:
            rows = rows.filter(id__lt=before)
        found = await rows.order_by("-id").limit(PAGE + 1)
        page = tuple(_value(row, shown=shown) for row in found[:PAGE])
        return Page(page, page[-1].id if len(found) > PAGE else None)

    async def read(
        self, actor: Principal, source: UUID, *, upload: UUID | None = None
    ) -> AsyncGenerator[Rejected]:
        """Every reject that is kept, the oldest first, in constant memory. Raises at the first row.

        Takes the permission to see rows about single persons. Raises ``NotFound``, ``Forbidden``.
        """
        await self._open(actor, source, personal=True)
        rows = RejectRow.filter(source=source)
        if upload is not None:
            rows = rows.filter(upload=upload)
        last = 0
        while found := await rows.filter(id__gt=last).order_by("id").limit(READ_ROWS):
            for row in found:
                yield _value(row, shown=True)
            last = found[-1].id

    async def _open(self, actor: Principal, source: UUID, *, personal: bool = False) -> None:
        await self._sources.get(actor, source)
        require(actor, Action.IMPORT, sources=(source,), personal=personal)


def _value(row: RejectRow, *, shown: bool) -> Rejected:
    return Rejected(
        id=row.id,
        source=row.source,
        upload=row.upload,
        number=row.number,
        reason=row.reason if shown else unquoted(row.reason),
        raw=row.content if shown else None,
        at=row.at,
        known=row.known,
    )
