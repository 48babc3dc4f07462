"""The work of an import: reads the file in chunks, each appended and counted before the next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from uuid import UUID

import anyio.to_thread
import structlog
from tortoise.expressions import F

from bilan.catalog import Catalog
from bilan.catalog.text import sanitise
from bilan.clock import Clock
from bilan.files import Files
from bilan.ingest.batch import APPEND_ROWS, Batch, Facts
from bilan.ingest.imports import local_file
from bilan.ingest.models import UploadRow
from bilan.ingest.normalise import Normalisers
from bilan.ingest.records import received, record
from bilan.manifest import Moments
from bilan.meters import Meters
from bilan.registry.declared import Registry
from bilan.sdk.datasets import Fact, Reject
from bilan.sdk.errors import BilanError, Invalid, Unavailable
from bilan.sdk.messages import Message
from bilan.sdk.sources import ImportFile, Reader, Settings
from bilan.sdk.textdomain import _, ngettext
from bilan.sources import Sources
from bilan.sources.models import SourceRow
from bilan.work import StepContext

log = structlog.get_logger(__name__)

BINARY_LOOK = 8192


class _Overtaken(Unavailable):
    """Another worker counted this chunk meanwhile: the next attempt goes on after it."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of the file. ``failure`` is set where the file cannot be read on after them."""

    batch: Batch
    rows: int
    failure: Message | None


class ImportStep:
    """Reads an upload into its source.

    May be begun any number of times: chunks that were counted are skipped, and
    rows that the warehouse has already are dropped there.
    """

    def __init__(
        self,
        catalog: Catalog,
        facts: Facts,
        registry: Registry,
        files: Files,
        sources: Sources,
        moments: Moments,
        clock: Clock,
        meters: Meters,
    ) -> None:
        self._catalog = catalog
        self._facts = facts
        self._registry = registry
        self._files = files
        self._sources = sources
        self._moments = moments
        self._clock = clock
        self._meters = meters
        self._normalisers = Normalisers(registry.datasets)

    async def __call__(self, context: StepContext) -> None:
        """The handler of the step ``import``. Raises ``Invalid`` with the reason the file cannot be read."""
        row = await UploadRow.get(id=UUID(str(context.arguments["upload"])))
        with ExitStack() as stack:
            await self._read(row, context, stack)
        completed = UploadRow.filter(id=row.id)
        context.on_success(lambda: completed.update(completed_at=self._clock.now()))

    async def _read(self, row: UploadRow, context: StepContext, stack: ExitStack) -> None:
        reader, kind = await self._reader(row)
        settings = await self._sources.open_settings(row.source)
        file = await anyio.to_thread.run_sync(local_file, self._files, row, stack)
        lines = await anyio.to_thread.run_sync(count_lines, file.path)
        items = self._items(reader, file, settings, row)
        rows, number = 0, 0
        while True:
            context.check()
            chunk = await anyio.to_thread.run_sync(self._chunk, items, row.source, rows)
            if not chunk.rows and chunk.failure is None:
                return
            rows, number = rows + chunk.rows, number + 1
            if number > row.chunks:
                await self._append(row, number, chunk.batch, kind)
            if chunk.failure is not None:
                raise Invalid(chunk.failure)
            context.progress(
                min(rows / lines, 0.99) if lines else 0.0,
                ngettext("{count} row read", "{count} rows read", count=rows),
            )

    async def _reader(self, row: UploadRow) -> tuple[Reader, tuple[str, str]]:
        source = await SourceRow.get(id=row.source)
        kind = self._registry.source_kinds.get((source.plugin, source.kind))
        for reader in kind.readers if kind else ():
            if reader.key == row.reader:
                return reader, (source.plugin, source.kind)
        # Another process may have the plugin; where none has it, the attempts run out.
        raise Unavailable(_("The plugin that reads {reader} is not installed.", reader=row.reader))

    def _items(
        self, reader: Reader, file: ImportFile, settings: Settings, row: UploadRow
    ) -> Iterator[Fact | Reject | Message]:
        """What the reader finds; in the end, where it fails, the reason."""
        try:
            yield from reader.read(file, settings, row.mapping)
        except Unavailable:
            raise
        except BilanError as error:
            yield error.message
        except Exception as error:
            log.exception("the plugin failed to read a file", reader=reader.key)
            yield _("The plugin failed to read this: {error}", error=sanitise(repr(error)))

    def _chunk(self, items: Iterator[Fact | Reject | Message], source: UUID, before: int) -> Chunk:
        batch = Batch(self._normalisers, self._clock.now())
        rows = 0
        for rows, item in enumerate(islice(items, APPEND_ROWS), start=1):
            if isinstance(item, Message):
                return Chunk(batch, rows - 1, item)
            batch.add(source, before + rows, item)
        return Chunk(batch, rows, None)

    async def _append(self, row: UploadRow, number: int, batch: Batch, kind: tuple[str, str]) -> None:
        now, count = self._clock.now(), batch.count(row.source)
        async with self._moments.turn(f"upload {row.id}") as turn:
            touched = await anyio.to_thread.run_sync(batch.append, self._facts, turn.moment, turn.check)
            async with self._catalog.transaction():
                await turn.close(touched)
                counted = await UploadRow.filter(id=row.id, chunks=number - 1).update(
                    chunks=number,
                    accepted=F("accepted") + count.accepted,
                    rejected=F("rejected") + count.rejected,
                )
                if not counted:
                    raise _Overtaken(_("Another worker reads this file on."))
                await record(batch, now, row.id)
                await received({row.source: now})
        self._meters.events.labels(*kind, "accepted").inc(count.accepted)
        self._meters.events.labels(*kind, "rejected").inc(count.rejected)


def count_lines(path: Path) -> int:
    """How many lines a text file has, as a guess at its rows; 0 for a file that is no text. Blocking."""
    with path.open("rb") as file:
        if b"\x00" in (start := file.read(BINARY_LOOK)):
            return 0
        lines = start.count(b"\n")
        while part := file.read(1024 * 1024):
            lines += part.count(b"\n")
    return lines
