"""The steps of an erasure. See docs/decisions/111."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from bilan.contacts.models import ErasureRow
from bilan.delivery.purge import purge_due
from bilan.erasure.kinds import FACTS, FINISH
from bilan.erasure.person import person_of
from bilan.erasure.texts import TEXTS
from bilan.files.orphans import remove_orphans
from bilan.query.settling import KEPT
from bilan.sdk.textdomain import _
from bilan.warehouse import instant
from bilan.work import PutOff, StepContext

if TYPE_CHECKING:
    from bilan.catalog import Catalog
    from bilan.clock import Clock
    from bilan.erasure.facts import FactErasure
    from bilan.erasure.traces import TraceErasure
    from bilan.files import Files
    from bilan.pictures import PictureSweep
    from bilan.seal import Seal

OTHER_TABLES = (
    "rejected_row", "inbox_post", "upload", "report_document", "report_run", "kept_mail", "letter",
    "contact_erasure", "contact_same", "stored_file", "file_reference",
)  # fmt: skip
"""Tables of which rows were deleted or emptied, beside those of texts."""


class EraseStep:
    """Rewrites facts, removes traces, and, when no question reads what was before, what lies beneath."""

    def __init__(
        self,
        catalog: Catalog,
        clock: Clock,
        files: Files,
        seal: Seal,
        facts: FactErasure,
        traces: TraceErasure,
        pictures: PictureSweep,
    ) -> None:
        self._catalog, self._clock, self._files, self._seal = catalog, clock, files, seal
        self._facts, self._traces, self._pictures = facts, traces, pictures

    async def __call__(self, context: StepContext) -> None:
        """The handler of all three. Each can be begun anew after a crash."""
        row = await ErasureRow.get(id=UUID(str(context.arguments["erasure"])))
        if context.claim.name == FINISH:
            await self._finish(row, context)
        elif row.sealed:
            await (self._facts.rewrite if context.claim.name == FACTS else self._erase_traces)(row, context)

    async def _erase_traces(self, row: ErasureRow, context: StepContext) -> None:
        person = await person_of(self._seal, row)
        found = await self._traces.erase(row.workspace, person, context)
        counts = {**row.counts}
        for kind, count in found.items():
            counts[kind] = counts.get(kind, 0) + count
        await ErasureRow.filter(id=row.id).update(counts=counts)

    async def _finish(self, row: ErasureRow, context: StepContext) -> None:
        if row.sealed:
            await self._wait(row, context)
            await self._facts.drop_generations(row)
            await self._pictures.hasten((await person_of(self._seal, row)).sources, KEPT)
            await purge_due(self._catalog, self._clock)
            while await remove_orphans(self._catalog, self._files, self._clock):
                context.check()
            await self._facts.wait_for_removal(row)
            await ErasureRow.filter(id=row.id).update(sealed="")
        context.progress(0.9, _("The catalog is compacted."))
        await self._catalog.compact(dict.fromkeys([*(one.table for one in TEXTS), *OTHER_TABLES]))
        await ErasureRow.filter(id=row.id).update(completed_at=self._clock.now())

    async def _wait(self, row: ErasureRow, context: StepContext) -> None:
        """Until nothing that was under way at the beginning can have written the contact down again."""
        assert row.rewritten_to is not None  # noqa: S101 - the facts come first
        context.progress(0.1, _("Waiting until no question reads what was before."))
        left = instant(row.rewritten_to) + KEPT - self._clock.now()
        if left.total_seconds() > 0:
            raise PutOff(left)
        if await self._traces.at_work(row.workspace, context.job.id):
            raise PutOff(KEPT / 10)
        person = await person_of(self._seal, row)
        if posts := await self._traces.posts(person):
            counts = {**row.counts, "posts": row.counts.get("posts", 0) + posts}
            await ErasureRow.filter(id=row.id).update(counts=counts)
            row.counts = counts
        await self._erase_traces(row, context)
        if await self._facts.names_somebody(row):
            await self._facts.rewrite(await ErasureRow.get(id=row.id), context)
            raise PutOff(KEPT)
