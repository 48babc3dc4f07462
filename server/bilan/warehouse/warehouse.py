"""The warehouse: tables of facts, written once, read under limits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID, uuid4

import pyarrow as pa
from clickhouse_connect.driver.exceptions import ClickHouseError
from pyarrow.compute import call_function

from bilan.sdk.activity import ACTIVITY
from bilan.sdk.datasets import Dataset, Row
from bilan.sdk.errors import BilanError
from bilan.settings import Settings
from bilan.warehouse import arrivals, changes, declarations, once, tables
from bilan.warehouse.address import Address, parse
from bilan.warehouse.arrow import INSTANT as INSTANT_TYPE
from bilan.warehouse.arrow import ArrowTable, table_of
from bilan.warehouse.blocks import blocks, one_copy
from bilan.warehouse.broken import READ as READ_BROKEN
from bilan.warehouse.broken import BrokenPart, broken_parts
from bilan.warehouse.export import Format, export
from bilan.warehouse.lock import FolderLock
from bilan.warehouse.patience import Patience, PatientFile
from bilan.warehouse.pool import Pool, create_database
from bilan.warehouse.rebuild import UNBOUNDED, rebuild
from bilan.warehouse.results import Result, Statistics
from bilan.warehouse.types import INSTANT, microseconds, quote

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

Parameters = Mapping[str, Any]
T = TypeVar("T")

READING = {
    # A month's facts lie in one partition, so months need not be compared with one another to
    # find copies. Measured: four to thirteen times faster.
    "do_not_merge_across_partitions_select_final": "1",
    "date_time_output_format": "iso",
    "format_csv_null_representation": "",
    # Whole numbers are written as JSON numbers, and addresses as they are.
    "output_format_json_quote_64bit_integers": "0",
    "output_format_json_escape_forward_slashes": "0",
}
WRITING = {"async_insert": "0"}
"""What was inserted is there when the insert returns; the engine's own default is otherwise."""
FEW = 5_000
"""How many facts are found faster by an index than by reading all names."""
AT_ONCE = {"mutations_sync": "2"}
"""What changes rows has changed them when it returns."""
STREAMING = {**READING, "max_block_size": "8192", "max_execution_time": "0"}
"""Small blocks: a stream holds a few of them in memory, and takes as long as its reader does."""


@dataclass(frozen=True, slots=True)
class Written:
    """How many facts a batch wrote, and the days in UTC on which it changed something.

    ``new`` are the positions, among the facts that were given, of those that
    were not there just so before; ``elsewhere`` those whose identity stands at another time, with it.
    Of a dataset that changes, also what the batch wrote of facts (``after``)
    and what stood of the same ones before it.
    """

    rows: int
    days: frozenset[date]
    before: ArrowTable | None = None
    after: ArrowTable | None = None
    new: Sequence[int] = ()
    elsewhere: Mapping[int, datetime] = field(default_factory=dict[int, datetime])


class Warehouse:
    """Synchronous and safe to call from any number of threads.

    Values travel as bound parameters (``{name:Type}``). Reads run closed for
    writing, under a time and a memory limit. Raises ``Unavailable`` where the
    server does not answer and ``TooLarge`` where a limit is reached.
    """

    def __init__(self, address: Address, *, seconds: int, memory: int, holder: str = "") -> None:
        self.address = address
        self._lock = FolderLock(address.path, holder) if address.path is not None else None
        limits = {"max_execution_time": str(seconds), "max_memory_usage": str(memory)}
        self._readers = Pool(address, {**limits, **READING}, read_only=True)
        self._streamers = Pool(address, {**limits, **STREAMING}, read_only=True)
        self._seconds = seconds
        self._writers = Pool(address, {**limits, **WRITING}, read_only=False)
        self._ensuring = threading.Lock()
        self.broken: tuple[BrokenPart, ...] = ()
        """The parts that could not be read when somebody last looked."""
        self._closed = False

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Open the warehouse of the settings; its database is made where it is missing.

        Raises ``Conflict`` where another process holds the embedded one,
        ``Unavailable`` where the server does not answer, ``Invalid`` for a URL
        that is none.
        """
        url = settings.warehouse_url or f"chdb://{(settings.data_dir / 'warehouse').resolve()}"
        warehouse = cls(
            parse(url),
            seconds=settings.query_seconds,
            memory=settings.query_memory_bytes,
            holder=settings.public_url,
        )
        warehouse._start()
        return warehouse

    def _start(self) -> None:
        if self._lock is not None:
            self._lock.acquire()
        try:
            create_database(self.address)
        except BaseException:
            if self._lock is not None:
                self._lock.release()
            raise

    def close(self) -> None:
        """Close every handle and give the folder free. Closing twice is as good as once."""
        if self._closed:
            return
        self._closed = True
        self._readers.close()
        self._streamers.close()
        self._writers.close()
        if self._lock is not None:
            self._lock.release()

    def look_for_broken(self) -> tuple[BrokenPart, ...]:
        """Ask for parts that cannot be read; keep and give them. Where nothing answers, none are known."""
        try:
            self.broken = broken_parts(self.query(READ_BROKEN).rows)
        except (BilanError, ClickHouseError):
            return ()
        return self.broken

    def ping(self) -> bool:
        """Whether the warehouse answers."""
        try:
            return self.query("SELECT 1").rows == [(1,)]
        except (BilanError, ClickHouseError):
            return False

    def ensure(self, datasets: Iterable[Dataset]) -> None:
        """Make the tables of new datasets and bring those of changed ones up to their declaration.

        Raises ``Misdeclared`` with a sentence that names dataset and column
        where stored facts would lose their meaning.
        """
        with self._ensuring, self._writers.handle() as client:
            client.command(declarations.TABLE)
            client.command(
                f"CREATE TABLE IF NOT EXISTS {tables.WITHDRAWN} (`moment` {INSTANT})"
                " ENGINE = MergeTree ORDER BY moment"
            )
            known = declarations.decode(client.query(declarations.READ).result_rows)
            # A part that takes over rows of another is there before it.
            parts = [part for dataset in datasets for part in reversed(tables.parts_of(dataset))]
            changing = [part.key for part in parts if tables.changes(part)]
            for dataset in parts:
                before, version = known.get(dataset.key, (None, 0))
                now = declarations.declaration_of(dataset, before)
                if now == before:
                    continue
                for step in list(declarations.migrate(dataset, before)):
                    client.command(step, settings={**UNBOUNDED, **AT_ONCE})
                if before is not None:
                    rebuild(client, dataset, now, changing, declarations.core_definitions(dataset))
                declarations.keep(client, dataset, now, version + 1)

    def append(
        self,
        dataset: Dataset,
        source: UUID,
        facts: ArrowTable | Sequence[Row],
        *,
        moment: datetime,
        before: ArrowTable | None = None,
    ) -> Written:
        """Add facts, in columns or as rows; when this returns they are on disk.

        Idempotent: a fact with the same source and identity is there once,
        however often, from wherever and at whatever time it arrives.
        ``moment`` (UTC, to the microsecond) orders the batches: of several
        copies the earliest stays (``Keep.FIRST``) or the latest
        (``Keep.LAST``); within one batch the first or the last row. Looking
        back to an earlier moment relies on it, so a batch that is written
        later has a later one.

        Of a dataset that changes, a row with ``_gone`` retracts the fact of
        its identity, and a fact that has left its place leaves a tombstone
        there. ``before`` is what stood before the moment, where the caller knows it.
        """
        given = arrivals.numbered(facts if isinstance(facts, pa.Table) else table_of(dataset, facts))
        table = one_copy(dataset, given)
        if not tables.changes(dataset):
            return self._append_new(dataset, source, given, table, moment)
        table = table.drop_columns(arrivals.ROW)
        table = changes.marked(dataset, table, moment)
        after = changes.facts_of(table)
        self._insert(dataset, source, table, moment)
        if before is None:
            before = self._standing(dataset, source, table, moment)
        left = changes.tombstones(dataset, before, after)
        days = _days(dataset, after) | self._insert(dataset, source, left, moment)
        return Written(after.num_rows, days, before, after, arrivals.changed(dataset, given, before))

    def _append_new(
        self, dataset: Dataset, source: UUID, given: ArrowTable, table: ArrowTable, moment: datetime
    ) -> Written:
        """Add the facts of which none with their identity is there."""
        found = arrivals.Arrivals(table)
        if dataset.key != ACTIVITY.key:  # which is as new as the facts that it follows from
            found = arrivals.sift(dataset, given, table, self._known(dataset, source, table, moment))
        new = found.new.drop_columns(arrivals.ROW)
        days = self._insert(dataset, source, new, moment)
        days |= self._mark_repeats(dataset, source, new, moment)
        rows = found.new[arrivals.ROW].to_pylist()
        return Written(new.num_rows, days, new=rows, elsewhere=found.elsewhere)

    def _known(self, dataset: Dataset, source: UUID, facts: ArrowTable, moment: datetime) -> ArrowTable:
        """The identities and times of those of the facts that stood before a moment."""
        batch = uuid4().int >> 65
        parameters = {"source": source, "moment": microseconds(moment), "batch": batch}
        names = [name for name in dataset.identity if name in facts.column_names]
        with self._writers.handle() as client:
            if not client.query(arrivals.any_before(dataset), parameters).result_rows:
                return facts.slice(0, 0)
            numbers = pa.repeat(pa.scalar(batch, pa.uint64()), facts.num_rows)
            arriving = facts.select(names).append_column(arrivals.BATCH, numbers).unify_dictionaries()
            client.insert_arrow(quote(arrivals.arriving_table(dataset)), arriving)
            find, settings = arrivals.known(dataset), _looking_up(facts)
            try:
                found = client.query_arrow(find, parameters=parameters, settings=settings)
                if found[arrivals.LATE].null_count < found.num_rows:
                    # It would stand for what is written now, and nothing be derived from it.
                    for late in found[arrivals.LATE].drop_null().unique().to_pylist():
                        self.withdraw(late)
                    found = client.query_arrow(find, parameters=parameters, settings=settings)
                return found
            finally:
                client.command(arrivals.dropped(dataset, batch))

    def _insert(self, dataset: Dataset, source: UUID, facts: ArrowTable, moment: datetime) -> frozenset[date]:
        for block in blocks(dataset, source, facts, moment):
            with self._writers.handle() as client:
                client.insert_arrow(quote(tables.table_of(dataset)), block)
        return _days(dataset, facts)

    def _mark_repeats(
        self, dataset: Dataset, source: UUID, written: ArrowTable, moment: datetime
    ) -> frozenset[date]:
        """Mark what repeats an outcome since the batch that was written; the days on which that is."""
        if dataset.once is None or not written.num_rows:
            return frozenset()
        parameters = _of_batch(dataset, source, written, moment)
        with self._writers.handle() as client:
            settings = _looking_up(written)
            repeats = client.query_arrow(once.found(dataset), parameters=parameters, settings=settings)
            if repeats.num_rows:
                client.command(once.mark(dataset), parameters=parameters, settings={**UNBOUNDED, **settings})
        return _days(dataset, repeats)

    def _standing(self, dataset: Dataset, source: UUID, written: ArrowTable, moment: datetime) -> ArrowTable:
        """What stood before a batch that was written, of the facts that it names."""
        parameters = _of_batch(dataset, source, written, moment)
        with self._writers.handle() as client:
            return client.query_arrow(
                changes.standing(dataset, tuple(dataset.by_name)), parameters=parameters
            )

    def touched(self, dataset: Dataset) -> list[tuple[UUID, date, datetime]]:
        """The days in UTC that there are facts of, by source, and when the last of them was written."""
        found: dict[tuple[UUID, date], datetime] = {}
        for table in map(quote, map(tables.table_of, tables.parts_of(dataset))):
            day = f"toDate32({tables.moment_of(dataset)}, 'UTC')"
            sql = f"SELECT source, {day} AS _day, max(ingested_at) FROM {table} GROUP BY source, _day"  # noqa: S608 - declared names
            for source, written_on, at in self.query(sql).rows:
                found[source, written_on] = max(at, found.get((source, written_on), at))
        return [(source, written_on, at) for (source, written_on), at in found.items()]

    def withdraw(self, moment: datetime) -> None:
        """Take everything out again that was written under a moment, in every table of facts.

        What a process that stood still writes under it afterwards is not seen
        where versions are kept.
        """
        at = f"fromUnixTimestamp64Micro({microseconds(moment)}, 'UTC')"
        under = f"ingested_at = {at}"
        with self._writers.handle() as client:
            client.command(f"INSERT INTO {tables.WITHDRAWN} SELECT {at}")
            known = declarations.decode(client.query(declarations.READ).result_rows)
            for table in map(quote, map(tables.table_of, known)):
                # Most tables hold nothing of it, and a mutation that changes nothing costs as much.
                looked = f"SELECT 1 FROM {table} WHERE {under} LIMIT 1"  # noqa: S608 - declared names
                if client.query(looked).result_rows:
                    client.command(f"ALTER TABLE {table} DELETE WHERE {under}", settings=AT_ONCE)
            for key, (declared, _version) in known.items():
                if repeat := declared.once.partition(" ")[0]:
                    looked, undo = once.unmark_from(quote(tables.table_of(key)), repeat, at)
                    if client.query(looked).result_rows:
                        client.command(undo, settings=AT_ONCE)

    def work(self, do: Callable[[Client], T]) -> T:
        """Give what ``do`` does with a handle that may write. For the core's own statements."""
        with self._writers.handle() as client:
            return do(client)

    def write(self, sql: str, parameters: Parameters | None = None) -> None:
        """Run one statement that makes or drops what is derived from facts."""
        with self._writers.handle() as client:
            client.command(sql, parameters=dict(parameters or {}))

    def query(self, sql: str, parameters: Parameters | None = None, *, tag: str = "") -> Result:
        """Run one reading statement and hold its result in memory. ``tag`` is what it is cancelled by."""
        with self._readers.handle() as client:
            found = client.query(_tagged(sql, tag), parameters=dict(parameters or {}))
            summary = found.summary
            statistics = Statistics(int(summary.get("read_rows", 0)), int(summary.get("read_bytes", 0)))
            return Result(tuple(found.column_names), found.result_rows, statistics)

    def table(self, sql: str, parameters: Parameters) -> ArrowTable:
        """Run one reading statement of the core's own, however long it takes; its result in columns."""
        with self._writers.handle() as client:
            settings = {**UNBOUNDED, "do_not_merge_across_partitions_select_final": "1"}
            return client.query_arrow(sql, parameters=dict(parameters), settings=settings)

    def encoded(self, sql: str, parameters: Parameters, format: str, *, tag: str = "") -> bytes:  # noqa: A002
        """Run one reading statement; its result whole in one of ClickHouse's row formats."""
        with self._readers.handle() as client:
            return client.raw_query(_tagged(sql, tag), parameters=dict(parameters), fmt=format)

    def cancel(self, tag: str) -> None:
        """End the statements that run under a tag, in whatever process and thread they were begun."""
        with self._writers.handle() as client:
            client.command(f"KILL QUERY WHERE startsWith(query, '/* {tag} */') ASYNC")

    @contextmanager
    def stream(
        self, sql: str, parameters: Parameters | None = None, *, tag: str = ""
    ) -> Generator[Iterator[Sequence[Sequence[Any]]]]:
        """Run one reading statement and iterate over its rows, a block at a time, in constant memory.

        It may take as long as it likes, but not for one block.
        """
        tag = tag or uuid4().hex
        patience = Patience(self._seconds, partial(self.cancel, tag))
        with self._streamers.handle() as client, ExitStack() as open_stream:
            with patience.waiting():
                stream = open_stream.enter_context(
                    client.query_row_block_stream(_tagged(sql, tag), parameters=dict(parameters or {}))
                )
            yield patience.items(stream)

    @contextmanager
    def text(self, sql: str, parameters: Parameters, format: str) -> Generator[PatientFile]:  # noqa: A002
        """Run one reading statement; its result as a file in one of ClickHouse's row formats.

        It may take as long as it likes, but not for one piece.
        """
        tag = uuid4().hex
        patience = Patience(self._seconds, partial(self.cancel, tag))
        with self._streamers.handle() as client:
            with patience.waiting():
                file: Any = client.raw_stream(_tagged(sql, tag), parameters=dict(parameters), fmt=format)
            with closing(file):
                yield PatientFile(file, patience)

    def export(
        self,
        dataset: Dataset,
        sources: Mapping[UUID, str],
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        format: Format,  # noqa: A002 - the word people use
        columns: Sequence[str] = (),
    ) -> Iterator[bytes]:
        """The facts of some sources (id → name) from ``since`` up to and without ``until``, as bytes.

        All columns of them, or those that are named, in their order. One copy of
        each fact, in order of time; ``source`` shows the source's name. The bytes
        come in pieces: memory does not grow with the number of facts.
        """
        return export(self, dataset, sources, since, until, format, columns)


def _of_batch(dataset: Dataset, source: UUID, written: ArrowTable, moment: datetime) -> dict[str, Any]:
    """What finds a batch that was written in its table."""
    ends = call_function("min_max", [written[dataset.time].cast(INSTANT_TYPE).cast(pa.int64())]).as_py()
    return {
        "source": source,
        "moment": microseconds(moment),
        "first": ends["min"] or 0,
        "last": ends["max"] or 0,
    }


def _looking_up(facts: ArrowTable) -> dict[str, str]:
    """The settings of a look for so many facts: indexes find few of them, and only delay a look for many."""
    return {"use_skip_indexes": "1" if facts.num_rows <= FEW else "0"}


def _days(dataset: Dataset, facts: ArrowTable) -> frozenset[date]:
    """The days in UTC that rows lie on."""
    if dataset.time not in facts.column_names:
        return frozenset()
    return frozenset(facts[dataset.time].cast(pa.date32()).unique().to_pylist())


def _tagged(sql: str, tag: str) -> str:
    return f"/* {tag} */ {sql}" if tag else sql
