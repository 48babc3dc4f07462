"""Files that are read into a source: stored, recognised, looked at by a person, and started."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID, uuid4

import anyio
import anyio.to_thread

from bilan.accounts import Principal
from bilan.accounts.policy import Action, allowed, require
from bilan.catalog import Catalog
from bilan.catalog.text import sanitise
from bilan.clock import Clock
from bilan.files import Files
from bilan.files.references import FileReferences, Owner, confirm_references
from bilan.files.store import Content
from bilan.ingest import readers
from bilan.ingest.models import UploadRow
from bilan.ingest.normalise import Normalisers
from bilan.ingest.previews import Preview, preview
from bilan.ingest.unquoted import unquoted
from bilan.ingest.uploads import IMPORT, Upload, UploadState
from bilan.registry.declared import Registry
from bilan.sdk.errors import Conflict, Invalid, NotFound, Unavailable
from bilan.sdk.messages import Message
from bilan.sdk.sources import ColumnMapping, ImportFile, Reader, Rereader, Settings
from bilan.sdk.textdomain import _
from bilan.sources import Source, Sources
from bilan.work import Jobs, NewJob, NewStep
from bilan.work.models import JobRow
from bilan.work.reading import job_of

NAME_LIMIT = 255
"""Characters of a file's name; what is beyond is cut."""
COMPANIONS = 20
LOOKED_AT_ONCE = 2
"""Files that are looked at side by side: each takes a processor, a workbook a process of up to 2 GB."""
OPEN = (UploadState.WAITING, UploadState.FAILED, UploadState.STOPPED)
"""The states in which an upload can be started."""


@dataclass(frozen=True, slots=True)
class NewUpload:
    """A file that is handed over: what it is called, its bytes, and others that belong to it.

    ``reader`` is the key of the reader to use; without one the file is recognised.
    ``sheet`` is the one to read of a workbook, or the file of an archive, and
    ``encoding`` that of a text that does not tell it. ``uses`` are columns of the
    dataset by columns of the file, instead of those that are proposed;
    ``dates`` and ``decimals`` say how all columns write them, where they leave it open.
    """

    name: str
    content: Content
    reader: str | None = None
    companions: Mapping[str, Content] = field(default_factory=dict[str, Content])
    sheet: str = ""
    encoding: str = ""
    uses: Mapping[str, str] = field(default_factory=dict[str, str])
    dates: str = ""
    decimals: str = ""


class Imports:
    """The uploads of sources, for those who may import into them."""

    def __init__(
        self,
        catalog: Catalog,
        registry: Registry,
        files: Files,
        sources: Sources,
        clock: Clock,
        jobs: Jobs,
    ) -> None:
        self._catalog = catalog
        self._registry = registry
        self._files = files
        self._references = FileReferences(catalog, files, clock)
        self._sources = sources
        self._clock = clock
        self._jobs = jobs
        self._looks = anyio.CapacityLimiter(LOOKED_AT_ONCE)

    async def upload(self, actor: Principal, source: UUID | str, new: NewUpload) -> Upload:
        """Store the file, find its reader and propose a mapping. Nothing is imported yet.

        Raises ``NotFound``, ``Forbidden``, and ``Invalid`` where no reader knows the file.
        """
        target = await self._open(actor, source)
        if len(new.companions) > COMPANIONS:
            raise Invalid(_("At most {most} other files come with a file.", most=COMPANIONS), ("companions",))
        owner = Owner("upload", uuid4())
        stored = await self._references.put(owner, new.content)
        companions = {
            name: (await self._references.put(owner, one)).sha256 for name, one in new.companions.items()
        }
        settings = await self._sources.open_settings(target.id)
        row = UploadRow(
            id=owner.id,
            workspace=target.workspace,
            source=target.id,
            name=sanitise(new.name)[:NAME_LIMIT],
            size=stored.size,
            content=stored.sha256,
            companions=companions,
            known=0,
            by=actor.name,
            created_at=self._clock.now(),
        )
        reader, mapping = await anyio.to_thread.run_sync(
            self._look, row, target, settings, new, limiter=self._looks
        )
        row.reader, row.mapping = reader.key, mapping
        async with self._catalog.transaction():
            await row.save(force_create=True)
            await confirm_references(owner, [stored.sha256, *companions.values()])
        return _seen_by(actor, Upload.of(row, None))

    async def correct(self, actor: Principal, upload: UUID, mapping: ColumnMapping) -> Upload:
        """Replace the proposed mapping before the file is read.

        Raises ``Invalid`` with the column's path where it does not fit, ``Conflict`` once the upload runs.
        """
        row = await self._find(actor, upload)
        proposed = row.mapping
        if proposed is None:
            raise Conflict(_("Files of this format leave no columns to choose."))
        if row.job is not None or row.chunks:
            raise Conflict(_("The file {name} is being read already; upload it once more.", name=row.name))
        # Whoever may not see the first values has none to send back.
        samples = {one.column: one.sample for one in proposed.columns}
        columns = tuple(replace(one, sample=samples.get(one.column, "")) for one in mapping.columns)
        mapping = replace(mapping, columns=columns)
        readers.check(mapping, proposed, self._registry.datasets.get(mapping.dataset))
        # Whoever starts it meanwhile reads with the mapping that they saw.
        if not await UploadRow.filter(id=upload, job=row.job, chunks=0).update(mapping=mapping):
            raise Conflict(_("The file {name} is being read already; upload it once more.", name=row.name))
        return await self.get(actor, upload)

    async def start(self, actor: Principal, upload: UUID) -> Upload:
        """Have the file read; it goes on where it stopped. Raises ``Conflict`` where it is being read."""
        row = await self._find(actor, upload)
        source = await self._open(actor, row.source)
        if (await self._upload_of(row)).state not in OPEN:
            raise _started(row)
        new = NewJob(
            workspace=source.workspace,
            kind=IMPORT,
            subject=f"{source.plugin}.{source.kind}",
            arguments={"upload": str(upload), "file": row.name},
            zone=source.zone,
            actor=actor.person,
            actor_name=actor.name,
            sources=frozenset({source.id}),
            title=row.name,
        )
        async with self._catalog.transaction():
            job = await self._jobs.create(new, [NewStep(IMPORT, {"upload": str(upload)})])
            # Of two who start it at once, one finds the row as it was read; the other's job is undone.
            if not await UploadRow.filter(id=upload, job=row.job).update(job=job):
                raise _started(row)
        return await self.get(actor, upload)

    async def get(self, actor: Principal, upload: UUID) -> Upload:
        """One upload. Raises ``NotFound``, ``Forbidden``."""
        return _seen_by(actor, await self._upload_of(await self._find(actor, upload)))

    async def list(
        self, actor: Principal, source: UUID | str, *, offset: int = 0, limit: int = 20
    ) -> tuple[Upload, ...]:
        """The uploads into the source, the latest first. Raises ``NotFound``, ``Forbidden``."""
        target = await self._open(actor, source)
        rows = (
            await UploadRow.filter(source=target.id).order_by("-created_at", "id").offset(offset).limit(limit)
        )
        jobs = JobRow.filter(id__in=[row.job for row in rows if row.job]).prefetch_related("sources")
        known = {row.id: job_of(row) for row in await jobs}
        found = (Upload.of(row, known.get(row.job) if row.job else None) for row in rows)
        return tuple(_seen_by(actor, one) for one in found)

    async def to_repeat(self, actor: Principal, source: UUID | str) -> tuple[tuple[Upload, Message], ...]:
        """The files that an earlier release read in a way that cannot be mended, and why; the latest first.

        One that was handed over again since, into whichever source, is not among
        them. Raises ``NotFound``, ``Forbidden``.
        """
        target = await self._open(actor, source)
        earlier = UploadRow.filter(source=target.id, known__isnull=True, completed_at__isnull=False)
        rereaders = {one.key: one for one in self.readers(target) if isinstance(one, Rereader)}
        found = list[tuple[Upload, Message]]()
        for row in await earlier.filter(reader__in=list(rereaders)).order_by("-created_at", "id"):
            why = rereaders[row.reader].why_again(row.mapping)
            again = UploadRow.filter(workspace=row.workspace, content=row.content, known__isnull=False)
            if why is not None and not await again.filter(completed_at__isnull=False).exists():
                found.append((await self._upload_of(row), why))
        return tuple(found)

    async def _upload_of(self, row: UploadRow) -> Upload:
        job = await JobRow.filter(id=row.job).prefetch_related("sources").first() if row.job else None
        return Upload.of(row, job_of(job) if job else None)

    def readers(self, source: Source) -> tuple[Reader, ...]:
        """What reads files for the source."""
        kind = self._registry.source_kinds.get((source.plugin, source.kind))
        return kind.readers if kind else ()

    def _look(
        self, row: UploadRow, source: Source, settings: Settings, new: NewUpload
    ) -> tuple[Reader, ColumnMapping | None]:
        with ExitStack() as stack:
            file = replace(local_file(self._files, row, stack), sheet=new.sheet, encoding=new.encoding)
            reader = readers.choose(self.readers(source), file, new.reader)
            proposed = readers.propose(reader, file, settings)
            datasets = self._registry.datasets
            return reader, readers.adjusted(proposed, datasets, new.uses, new.dates, new.decimals)

    async def preview(self, actor: Principal, upload: UUID) -> Preview:
        """The first rows of the file as they would be read, and totals. Nothing is kept.

        Who may not see rows about single persons sees none, and reasons without what was refused.

        Raises ``NotFound``, ``Forbidden``, and ``Invalid`` where the file cannot be read so.
        """
        row = await self._find(actor, upload)
        source = await self._sources.get(actor, row.source)
        reader = next((one for one in self.readers(source) if one.key == row.reader), None)
        if reader is None:
            raise Unavailable(_("The plugin that reads {reader} is not installed.", reader=row.reader))
        settings = await self._sources.open_settings(row.source)
        found = await anyio.to_thread.run_sync(self._preview, row, reader, settings, limiter=self._looks)
        if allowed(actor, Action.IMPORT, sources=(source.id,), personal=True):
            return found
        refused = tuple(
            replace(one, values={}, reason=one.reason and unquoted(one.reason)) for one in found.refused
        )
        return replace(found, rows=(), refused=refused)

    def _preview(self, row: UploadRow, reader: Reader, settings: Settings) -> Preview:
        with ExitStack() as stack:
            file = local_file(self._files, row, stack)
            normalisers, now = Normalisers(self._registry.datasets), self._clock.now()
            return preview(reader, file, settings, row.mapping, normalisers, now)

    async def _open(self, actor: Principal, source: UUID | str) -> Source:
        found = await self._sources.get(actor, source)
        require(actor, Action.IMPORT, sources=(found.id,))
        if found.removed_at is not None:
            raise Invalid(_("The source {name} was removed.", name=found.name), ("source",))
        return found

    async def _find(self, actor: Principal, upload: UUID) -> UploadRow:
        row = await UploadRow.get_or_none(id=upload, workspace=actor.workspace)
        if row is None:
            raise NotFound(_("There is no such import."))
        await self._open(actor, row.source)
        return row


def _seen_by(actor: Principal, upload: Upload) -> Upload:
    """The upload; without the first values of its columns for those who may not see single persons."""
    if upload.mapping is None or allowed(actor, Action.IMPORT, sources=(upload.source,), personal=True):
        return upload
    columns = tuple(replace(one, sample="") for one in upload.mapping.columns)
    return replace(upload, mapping=replace(upload.mapping, columns=columns))


def _started(row: UploadRow) -> Conflict:
    return Conflict(_("The file {name} was started already.", name=row.name))


def local_file(files: Files, row: UploadRow, stack: ExitStack) -> ImportFile:
    """The upload's file and its companions on this machine, as long as the stack is open. Blocking."""
    companions: dict[str, Path] = {
        name: stack.enter_context(files.local(content)) for name, content in row.companions.items()
    }
    return ImportFile(stack.enter_context(files.local(row.content)), row.name, companions)
