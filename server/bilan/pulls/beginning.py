"""Beginning pulls: by hand, and by themselves once they are due.

Of a source one usual pull and one back-fill are under way at a time, and the usual one goes first.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import structlog

from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.pulls.models import PulledSourceRow, PullRow
from bilan.pulls.values import PULL
from bilan.registry.declared import Registry
from bilan.sdk.pulls import PullRange
from bilan.sources.models import SourceRow
from bilan.sources.settings import pulled_every
from bilan.work import UNDER_WAY, Jobs, NewJob, NewStep
from bilan.work.models import JobRow

log = structlog.get_logger(__name__)

KEPT = 200
"""How many pulls of a source are remembered."""
BY_ITSELF = "Bilan"
"""Who asks for the pulls that are due."""


class Beginning:
    """Begins pulls. Safe in any number of processes: of two, one finds that the source is being pulled."""

    def __init__(self, catalog: Catalog, registry: Registry, jobs: Jobs, clock: Clock) -> None:
        self._catalog, self._registry, self._jobs, self._clock = catalog, registry, jobs, clock

    async def sweep(self) -> int:
        """Begin the pulls that are due, of every workspace; how many. For the ticker."""
        begun = 0
        for source in await self._pulled():
            try:
                begun += await self._begin_due(source)
            except Exception:
                # What is wrong with one source holds up no other.
                log.warning("a pull could not be begun", source=str(source.id), exc_info=True)
        return begun

    async def begin(
        self, source: SourceRow, actor: tuple[str, UUID | None], days: PullRange | None
    ) -> PullRow | None:
        """Begin a pull, for somebody (a name and an id); ``None`` where one of its kind is under way."""
        async with self._catalog.transaction():
            row = await self._locked(source)
            if await _under_way(row.back_fill if days else row.job):
                return None
            return await self._create(source, row, actor, days)

    async def _begin_due(self, source: SourceRow) -> bool:
        every = self.every(source)
        if every is None or not await self._is_due(source, every):
            return False
        async with self._catalog.transaction():
            row = await self._locked(source)
            # Another process may have been quicker.
            if not _due(row, every, self._clock) or await _under_way(row.job):
                return False
            await self._create(source, row, (BY_ITSELF, None), None)
        return True

    async def _is_due(self, source: SourceRow, every: timedelta) -> bool:
        row = await PulledSourceRow.get_or_none(source=source.id)
        return row is None or (_due(row, every, self._clock) and not await _under_way(row.job))

    async def _pulled(self) -> list[SourceRow]:
        kinds = [key for key, kind in self._registry.source_kinds.items() if kind.pull is not None]
        found = list[SourceRow]()
        for plugin, kind in kinds:
            found += await SourceRow.filter(plugin=plugin, kind=kind, removed_at__isnull=True).order_by("id")
        return found

    def every(self, source: SourceRow) -> timedelta | None:
        """How often a source is pulled by itself."""
        kind = self._registry.source_kinds.get((source.plugin, source.kind))
        return pulled_every(kind, source.settings, source.sealed) if kind else None

    async def _locked(self, source: SourceRow) -> PulledSourceRow:
        """The source's row, held until the transaction ends."""
        await self._catalog.advisory_lock(f"pull {source.id}")
        return (await PulledSourceRow.get_or_create(source=source.id))[0]

    async def _create(
        self, source: SourceRow, row: PulledSourceRow, actor: tuple[str, UUID | None], days: PullRange | None
    ) -> PullRow:
        name, person = actor
        ident, now = uuid4(), self._clock.now()
        new = NewJob(
            workspace=source.workspace_id,
            kind=PULL,
            subject=f"{source.plugin}.{source.kind}",
            arguments={"pull": str(ident)} | _written(days),
            zone=source.zone,
            actor=person,
            actor_name=name,
            sources=frozenset({source.id}),
            title=source.name,
        )
        job = await self._jobs.create(new, [NewStep(PULL, {"pull": str(ident)})])
        pull = await PullRow.create(
            id=ident,
            workspace=source.workspace_id,
            source=source.id,
            job=job,
            first_day=days.first if days else None,
            last_day=days.last if days else None,
            by=name,
            created_at=now,
            state=None if days else row.state,
            settings_digest="" if days else row.settings_digest,
        )
        begun = {"back_fill": job} if days else {"job": job, "begun_at": now}
        await PulledSourceRow.filter(source=source.id).update(**begun)
        await _forget_old(source)
        return pull


async def goes_first(source: UUID) -> bool:
    """Whether a usual pull of the source waits or is at work, for which a back-fill waits."""
    row = await PulledSourceRow.get_or_none(source=source)
    return row is not None and await _under_way(row.job)


async def _under_way(job: UUID | None) -> bool:
    return job is not None and await JobRow.exists(id=job, state__in=UNDER_WAY)


def _due(row: PulledSourceRow, every: timedelta, clock: Clock) -> bool:
    # Of a pull that was begun in time to come, the clock was wrong: nothing would be pulled until then.
    return row.begun_at is None or not timedelta(0) <= clock.now() - row.begun_at < every


def _written(days: PullRange | None) -> dict[str, str]:
    return {"first": days.first.isoformat(), "last": days.last.isoformat()} if days else {}


async def _forget_old(source: SourceRow) -> None:
    """Forget the pulls that are over beyond those that are kept, with their jobs."""
    old = await PullRow.filter(source=source.id).order_by("-created_at", "id").offset(KEPT).limit(KEPT)
    over = JobRow.filter(id__in=[row.job for row in old]).exclude(state__in=UNDER_WAY)
    if old and (jobs := await over.values_list("id", flat=True)):
        await PullRow.filter(source=source.id, job__in=jobs).delete()
        await JobRow.filter(id__in=jobs).delete()
