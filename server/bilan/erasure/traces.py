"""What names an erased contact beside facts: refused rows, posts, files, reports and texts."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from uuid import UUID

import anyio.to_thread
from tortoise.expressions import F

from bilan.accounts.models import Person as Account
from bilan.catalog import Catalog
from bilan.catalog.text import sanitise
from bilan.contacts.forms import Forms
from bilan.delivery.models import DeliveryRow, KeptMailRow
from bilan.erasure.person import Person
from bilan.erasure.reading import names
from bilan.erasure.texts import replace_texts
from bilan.files import Files
from bilan.files.models import FileReferenceRow
from bilan.files.references import Owner, release_references
from bilan.ingest.models import IngestCounters, PostRow, RejectRow, UploadRow
from bilan.runs.models import DocumentRow, ReportRunRow
from bilan.runs.retention import Retention
from bilan.sdk.errors import NotFound
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _
from bilan.work import UNDER_WAY, StepContext
from bilan.work.models import JobRow

REFUSED = _("The row named a contact who was erased since.")
BECAUSE = _("it named a contact who was erased")
AT_ONCE = 500
"""Rows that are read together."""


class TraceErasure:
    """Removes or empties what names them, in one workspace. Safe to begin any number of times."""

    def __init__(self, catalog: Catalog, files: Files, retention: Retention) -> None:
        self._catalog, self._files, self._retention = catalog, files, retention

    async def erase(self, workspace: UUID, person: Person, context: StepContext) -> dict[str, int]:
        """Go through all there is; how many of each kind named them.

        Reports and imports that are at work are left to the next look.
        """
        searched: dict[str, bool] = {}
        found = {"rejects": await self._rejects(person)}
        context.progress(0.2, _("Files and reports are searched."))
        found["files"] = await self._uploads(workspace, person, searched)
        context.check()
        found["reports"] = await self._reports(workspace, person, context, searched)
        found["e_mails"] = await self._outbox(workspace, person, searched)
        found["texts"] = await replace_texts(workspace, person.forms, person.pseudonym)
        return found

    async def posts(self, person: Person) -> int:
        """Delete posts that wait since before and name them; how many."""
        gone = 0
        for row in await PostRow.filter(source__in=list(person.sources)):
            said = f"{row.headers} {row.query} {row.content_type}".encode()
            if person.forms.inside(bytes(row.body)) or person.forms.inside(said):
                gone += await PostRow.filter(id=row.id).delete()
        return gone

    async def at_work(self, workspace: UUID, own: UUID) -> bool:
        """Whether a job that began before may still write them down."""
        busy = JobRow.filter(workspace=workspace, state__in=UNDER_WAY, kind__in=("report", "import"))
        return await busy.exclude(id=own).exists()

    async def _rejects(self, person: Person) -> int:
        emptied, last = 0, 0
        rows = RejectRow.filter(source__in=list(person.sources))
        while some := await rows.filter(id__gt=last).order_by("id").limit(AT_ONCE):
            last = some[-1].id
            for row in some:
                if not person.forms.inside(f"{row.content} {row.reason.args}".encode()):
                    continue
                async with self._catalog.transaction():
                    await RejectRow.filter(id=row.id).update(content="", size=0, reason=REFUSED)
                    counters = IngestCounters.filter(source=row.source)
                    await counters.update(kept_bytes=F("kept_bytes") - row.size)
                emptied += 1
        return emptied

    async def _uploads(self, workspace: UUID, person: Person, searched: dict[str, bool]) -> int:
        removed = 0
        for row in await UploadRow.filter(workspace=workspace):
            busy = row.job and await JobRow.filter(id=row.job, state__in=UNDER_WAY).exists()
            owner = Owner("upload", row.id)
            if busy or not await FileReferenceRow.filter(owner_kind=owner.kind, owner_id=owner.id).exists():
                continue
            hashes = (row.content, *row.companions.values())
            if not await self._any_names(hashes, person.forms, searched):
                continue
            async with self._catalog.transaction():
                await UploadRow.filter(id=row.id).update(mapping=None)
                await release_references(owner)
            removed += 1
        return removed

    async def _reports(
        self, workspace: UUID, person: Person, context: StepContext, searched: dict[str, bool]
    ) -> int:
        erased = 0
        there = ReportRunRow.filter(
            job__workspace=workspace, erased_at__isnull=True, document_sha256__isnull=False
        )
        runs = [row.job_id for row in await there]
        for number, run in enumerate(runs):
            context.check()
            context.progress(0.2 + 0.7 * number / len(runs))
            if await self._run_names(run, person.forms, searched):
                erased += await self._retention.erase(run, BECAUSE)
        return erased

    async def _run_names(self, run: UUID, forms: Forms, searched: dict[str, bool]) -> bool:
        document = await DocumentRow.get_or_none(run_id=run)
        if document is not None and await anyio.to_thread.run_sync(forms.inside, document.json.encode()):
            return True
        held = await FileReferenceRow.filter(owner_id=run).values_list("sha256", flat=True)
        return await self._any_names([str(one) for one in held], forms, searched)

    async def _outbox(self, workspace: UUID, person: Person, searched: dict[str, bool]) -> int:
        """Kept e-mails, of which the address on the envelope is a recipient's and no contact's."""
        gone = 0
        for row in await KeptMailRow.filter(workspace=workspace):
            if not await self._any_names([row.sha256], person.forms, searched):
                continue
            async with self._catalog.transaction():
                await KeptMailRow.filter(id=row.id).delete()
                await release_references(Owner("outbox", row.id))
            gone += 1
        return gone

    async def _any_names(self, hashes: Iterable[str], forms: Forms, searched: dict[str, bool]) -> bool:
        for sha256 in hashes:
            if sha256 not in searched:
                searched[sha256] = await anyio.to_thread.run_sync(partial(self._names, sha256, forms))
            if searched[sha256]:
                return True
        return False

    def _names(self, sha256: str, forms: Forms) -> bool:
        try:
            return names(self._files.open(sha256), forms)
        except NotFound:
            return False


async def also_known_as(workspace: UUID, address: str) -> tuple[Message, ...]:
    """Who of the workspace's own people has the same address, and stays."""
    found: list[Message] = []
    address = sanitise(address).lower()
    if await Account.filter(email=address, membership__workspace_id=workspace).exists():
        found.append(_("Somebody with this address can sign in to this workspace; that stays as it is."))
    if await DeliveryRow.filter(address=address, sending__workspace=workspace).exists():
        found.append(_("Reports were sent to this address. Recipients are erased in the address book."))
    return tuple(found)
