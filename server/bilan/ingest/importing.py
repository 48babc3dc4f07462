"""The work of an import: reads the file in chunks, each appended and counted before the next."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import anyio.to_thread
import structlog
from tortoise.expressions import F

from bilan.catalog import Catalog
from bilan.catalog.text import sanitise
from bilan.catalog.troubles import trouble_of
from bilan.clock import Clock
from bilan.contacts import ErasedContacts, ErasedList
from bilan.contacts.erased import NOBODY
from bilan.disk import NoSpace
from bilan.files import Files
from bilan.ingest.batch import Batch, Facts
from bilan.ingest.derivations import Derivations
from bilan.ingest.imports import local_file
from bilan.ingest.models import UploadRow
from bilan.ingest.namespaces import own_facts
from bilan.ingest.normalise import Normalisers
from bilan.ingest.records import received, record
from bilan.manifest import Moments
from bilan.meters import Meters
from bilan.pictures import CompanionPictures, PictureKeeper
from bilan.registry.declared import Registry
from bilan.sdk.columns import FactColumns
from bilan.sdk.datasets import Fact, Reject, Retract, RowFacts
from bilan.sdk.errors import BilanError, Invalid, Unavailable
from bilan.sdk.messages import Message
from bilan.sdk.sources import ImportFile, Reader, Settings
from bilan.sdk.textdomain import _, ngettext
from bilan.sources import Sources
from bilan.sources.models import SourceRow
from bilan.work import StepContext

log = structlog.get_logger(__name__)

BINARY_LOOK = 8192
CHUNK_ROWS = 10_000
"""How many rows of the file are counted as one chunk, by which an import knows where to go on."""
CHUNKS_SIZE = 256_000_000
"""Bytes after which no more chunks are taken together."""
CHUNKS_AT_ONCE = 10
"""How many chunks are handed to the warehouse together."""


class _Overtaken(Unavailable):
    """Another worker counted this chunk meanwhile: the next attempt goes on after it."""


class Findings:
    """What a reader finds, as many rows at a time as are asked for."""

    def __init__(self, found: Iterator[Fact | Retract | RowFacts | Reject | FactColumns | Message]) -> None:
        self._found = found
        self._rest: FactColumns | None = None
        self.failure: Message | None = None
        """Why the file could not be read on, where that is so."""

    def take(self, rows: int) -> Iterator[tuple[int, Fact | Retract | RowFacts | Reject | FactColumns]]:
        """So many rows, unless the file ends before, each item with the number of its first row from 1."""
        taken = 0
        while taken < rows:
            item, self._rest = self._rest or next(self._found, None), None
            if item is None:
                return
            if isinstance(item, Message):
                self.failure = item
                return
            if isinstance(item, FactColumns) and len(item) > rows - taken:
                item, self._rest = item.split(rows - taken)
            yield taken + 1, item
            taken += len(item) if isinstance(item, FactColumns) else 1


@dataclass(frozen=True, slots=True)
class Chunks:
    """Chunks of the file that are handed to the warehouse together."""

    batch: Batch
    rows: int

    @property
    def count(self) -> int:
        """How many chunks these are; the file's last may be smaller than the others."""
        return -(-self.rows // CHUNK_ROWS)


class ImportStep:
    """Reads an upload into its source.

    May be begun any number of times: chunks that were counted are skipped, and
    rows that the warehouse has already are dropped there. ``check_room`` raises
    ``NoSpace`` while there is still enough to write down that it stopped. Blocking.
    """

    def __init__(
        self,
        catalog: Catalog,
        facts: Facts,
        registry: Registry,
        files: Files,
        sources: Sources,
        derivations: Derivations,
        moments: Moments,
        clock: Clock,
        meters: Meters,
        check_room: Callable[[], object],
        erased: ErasedList | None = None,
    ) -> None:
        self._erased = erased
        self._check_room = check_room
        self._catalog = catalog
        self._facts = facts
        self._registry = registry
        self._files, self._pictures = files, PictureKeeper(catalog, files, clock)
        self._sources = sources
        self._moments = moments
        self._clock = clock
        self._meters = meters
        self._normalisers = Normalisers(registry.datasets)
        self._derivations = derivations

    async def __call__(self, context: StepContext) -> None:
        """The handler of the step ``import``. Raises ``Invalid`` with why the file cannot be read on."""
        row = await UploadRow.get(id=UUID(str(context.arguments["upload"])))
        try:
            with ExitStack() as stack:
                await self._read(row, context, stack)
            await self._derivations.catch_up(row.source, lambda done: _deriving(context, done))
        except Exception as error:
            # Trying again takes as much room, and whoever waits hears of it while there is some to say so.
            if isinstance(trouble_of(error), NoSpace):
                raise Invalid(
                    _("No space left on the server's disk. Make room and start the import once more: "
                      "it goes on where it stopped.")
                ) from error  # fmt: skip
            raise
        completed = UploadRow.filter(id=row.id)
        context.on_success(lambda: completed.update(completed_at=self._clock.now()))

    async def _read(self, row: UploadRow, context: StepContext, stack: ExitStack) -> None:
        reader, kind = await self._reader(row)
        settings = await self._sources.open_settings(row.source)
        file = await anyio.to_thread.run_sync(local_file, self._files, row, stack)
        file = replace(file, picture=CompanionPictures(self._pictures, row.source, file))
        lines = await anyio.to_thread.run_sync(count_lines, file.path)
        findings = Findings(self._items(reader, file, settings, row, kind[0]))
        rows, chunks = row.chunks * CHUNK_ROWS, row.chunks
        await anyio.to_thread.run_sync(lambda: deque(findings.take(rows), maxlen=0))
        erased = await self._load_erased()
        read = await anyio.to_thread.run_sync(self._chunks, findings, row.source, rows, erased)
        while read.rows:
            context.check()
            await anyio.to_thread.run_sync(self._check_room)
            rows += read.rows
            # The next are read while the warehouse takes these.
            erased = await self._load_erased()
            reading = anyio.to_thread.run_sync(self._chunks, findings, row.source, rows, erased)
            upcoming = asyncio.create_task(reading)
            try:
                await self._append(row, chunks, read, kind)
            finally:
                chunks, read = chunks + read.count, await upcoming
            context.progress(
                min(rows / lines, 0.99) if lines else 0.0,
                ngettext("{count} row read", "{count} rows read", count=rows),
            )
        if findings.failure is not None:
            raise Invalid(findings.failure)

    async def _reader(self, row: UploadRow) -> tuple[Reader, tuple[str, str]]:
        source = await SourceRow.get(id=row.source)
        kind = self._registry.source_kinds.get((source.plugin, source.kind))
        for reader in kind.readers if kind else ():
            if reader.key == row.reader:
                return reader, (source.plugin, source.kind)
        # Another process may have the plugin; where none has it, the attempts run out.
        raise Unavailable(_("The plugin that reads {reader} is not installed.", reader=row.reader))

    def _items(
        self, reader: Reader, file: ImportFile, settings: Settings, row: UploadRow, namespace: str
    ) -> Iterator[Fact | Retract | RowFacts | Reject | FactColumns | Message]:
        """What the reader finds; in the end, where it fails, the reason."""
        try:
            yield from own_facts(reader.read(file, settings, row.mapping), namespace)
        except Unavailable:
            raise
        except BilanError as error:
            yield error.message
        except Exception as error:
            log.exception("the plugin failed to read a file", reader=reader.key)
            yield _("The plugin failed to read this: {error}", error=sanitise(repr(error)))

    async def _load_erased(self) -> ErasedContacts:
        return NOBODY if self._erased is None else await self._erased.load()

    def _chunks(self, findings: Findings, source: UUID, before: int, erased: ErasedContacts) -> Chunks:
        batch, rows = Batch(self._normalisers, self._clock.now(), erased), 0
        for _chunk in range(CHUNKS_AT_ONCE):
            start = rows
            for number, item in findings.take(CHUNK_ROWS):
                batch.add(source, before + start + number, item)
                rows = start + number + (len(item) - 1 if isinstance(item, FactColumns) else 0)
            batch.check()
            if rows - start < CHUNK_ROWS or batch.size >= CHUNKS_SIZE:
                break
        return Chunks(batch, rows)

    async def _append(self, row: UploadRow, before: int, chunks: Chunks, kind: tuple[str, str]) -> None:
        batch, now = chunks.batch, self._clock.now()
        count = batch.count(row.source)
        async with self._moments.turn(f"upload {row.id}") as turn:
            touched = await anyio.to_thread.run_sync(batch.append, self._facts, turn.moment, turn.check)
            following = await self._derivations.follow(batch, touched, turn, chunks.rows)
            async with self._catalog.transaction():
                await self._derivations.settle(following, turn)
                counted = await UploadRow.filter(id=row.id, chunks=before).update(
                    chunks=before + chunks.count,
                    accepted=F("accepted") + count.accepted,
                    known=F("known") + count.known,
                    rejected=F("rejected") + count.rejected,
                )
                if not counted:
                    raise _Overtaken(_("Another worker reads this file on."))
                await record(batch, now, row.id, self._erased)
                await received({row.source: now})
        self._meters.events.labels(*kind, "accepted").inc(count.accepted)
        self._meters.events.labels(*kind, "rejected").inc(count.rejected)


def _deriving(context: StepContext, done: float) -> None:
    """Keep the import going on while what follows from its rows is derived."""
    context.check()
    context.progress(0.9 + 0.09 * done, _("All rows are read; what follows from them is being calculated."))


def count_lines(path: Path) -> int:
    """How many lines a text file has, as a guess at its rows; 0 for a file that is no text. Blocking."""
    with path.open("rb") as file:
        if b"\x00" in (start := file.read(BINARY_LOOK)):
            return 0
        lines = start.count(b"\n")
        while part := file.read(1024 * 1024):
            lines += part.count(b"\n")
    return lines
