"""How long the figures of runs are kept, and how they are erased.

Erasing takes the document, its long tables and the rendered files. The run
stays with its parameters, hashes, counts and the reason, so that a file
somebody holds can still be told to be the one that was made.

A file is removed once nobody refers to it (:mod:`bilan.files.orphans`). See docs/decisions/046.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import anyio.to_thread
import structlog
from tortoise.expressions import Q

from bilan.accounts.models import Workspace
from bilan.accounts.policy import Action, require
from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.files import Files
from bilan.files.orphans import remove_orphans
from bilan.files.references import Owner, release_references
from bilan.pictures.showing import RUN
from bilan.reports.parts import counted
from bilan.runs.models import ArtifactRow, DocumentRow, ReportRunRow
from bilan.runs.values import Run
from bilan.sdk.document import decode
from bilan.sdk.errors import Invalid
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _, ngettext
from bilan.work import UNDER_WAY
from bilan.work.jobs import lock_job
from bilan.work.models import StepRow

log = structlog.get_logger(__name__)

LONGEST = 3650
"""Days that a workspace may keep its reports."""
UNKEPT = timedelta(days=1)
"""How long a report that is not kept can be read and sent, after it was built."""
AT_ONCE = 200
"""Runs that one sweep takes; the next goes on."""


class Retention:
    """Erases what is due. Any number of processes may sweep at once."""

    def __init__(self, catalog: Catalog, files: Files, clock: Clock) -> None:
        self._catalog, self._files, self._clock = catalog, files, clock

    async def days(self, actor: Principal) -> int:
        """How many days the actor's workspace keeps its reports."""
        require(actor, Action.READ_WORKSPACE)
        return (await Workspace.get(id=actor.workspace)).retention_days

    async def change(self, actor: Principal, days: int) -> int:
        """Change it, also for the reports there are. Raises ``Forbidden``, ``Invalid``."""
        require(actor, Action.MANAGE_WORKSPACE)
        if not 1 <= days <= LONGEST:
            raise Invalid(
                _("Reports are kept for 1 to {most:count} days.", most=LONGEST), ("retention_days",)
            )
        await Workspace.filter(id=actor.workspace).update(retention_days=days)
        return days

    async def sweep(self) -> int:
        """Erase the figures of runs that are due, and remove orphaned files; how many runs."""
        erased = 0
        for workspace in await Workspace.all():
            for run in await self._due(workspace):
                over = self._over(workspace.retention_days)
                erased += await self._erase(run, over, days=workspace.retention_days)
        await remove_orphans(self._catalog, self._files, self._clock)
        return erased

    async def erase(self, run: UUID, because: Message) -> bool:
        """Erase the figures of a run now, whatever leads to them; ``False`` where it is at work."""
        return await self._erase(run, Q(erased_at__isnull=True, document_sha256__isnull=False), because)

    async def _due(self, workspace: Workspace) -> list[UUID]:
        due = ReportRunRow.filter(self._over(workspace.retention_days), job__workspace=workspace.id)
        return [row.job_id for row in await due.order_by("job__finished_at").limit(AT_ONCE)]

    def _over(self, days: int) -> Q:
        now = self._clock.now()
        late = Q(kept=True, job__finished_at__lt=now - timedelta(days=days)) | Q(
            kept=False, job__finished_at__lt=now - UNKEPT
        )
        free = Q(hold_until__isnull=True) | Q(hold_until__lt=now)
        there = Q(erased_at__isnull=True, document_sha256__isnull=False)
        return late & free & there & ~Q(job__state__in=UNDER_WAY)

    async def _erase(self, run: UUID, over: Q, because: Message | None = None, days: int = 0) -> bool:
        counts = await _counted(run)
        async with self._catalog.transaction():
            await lock_job(run)
            row = await ReportRunRow.filter(over, job_id=run).first()
            # Another sweeper was quicker, or a file of it is being rendered just now.
            if row is None or await StepRow.filter(job_id=run, state__in=UNDER_WAY).exists():
                return False
            because = because or _over_because(row, days)
            await self._empty(row, because, counts)
        log.info("run erased", run=str(run), because=str(because))
        return True

    async def _empty(self, row: ReportRunRow, because: Message, counts: Mapping[str, int]) -> None:
        files = await ArtifactRow.filter(run_id=row.job_id).only("size")
        await ReportRunRow.filter(job_id=row.job_id).update(
            erased_at=self._clock.now(),
            erased_because=because,
            counts={"files": len(files), "bytes": sum(one.size for one in files), **counts},
            summary=None,
        )
        await release_references(Owner("run", row.job_id))
        await release_references(Owner(RUN, row.job_id))
        await DocumentRow.filter(run_id=row.job_id).delete()


def _over_because(row: ReportRunRow, days: int) -> Message:
    if not row.kept:
        return _("the report was made not to be kept")
    return ngettext(
        "this workspace keeps reports for one day",
        "this workspace keeps reports for {count} days",
        count=days,
    )


async def _counted(run: UUID) -> dict[str, int]:
    """How many tables and rows the document has, which never changes: read before the run is locked."""
    document = await DocumentRow.get_or_none(run_id=run)
    return {} if document is None else await anyio.to_thread.run_sync(_counts, document.json)


def _counts(document: str) -> dict[str, int]:
    return counted(decode(document))


async def hold(run: UUID, until: datetime) -> None:
    """Keep the run's figures at least until then, as for a link that leads to them."""
    later = Q(hold_until__isnull=True) | Q(hold_until__lt=until)
    await ReportRunRow.filter(later, job_id=run, erased_at__isnull=True).update(hold_until=until)


def kept_until(run: Run, days: int) -> datetime | None:
    """Until when a workspace that keeps reports for so many days keeps this one, whatever leads to it."""
    if run.finished_at is None:
        return None
    return run.finished_at + (timedelta(days=days) if run.kept else UNKEPT)
