"""Settling: months that were quiet for a while are merged, and their rollups made anew.

See docs/decisions/058.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import anyio.to_thread
import structlog

from bilan.catalog.statements import change, rows
from bilan.manifest import Moments
from bilan.manifest.models import GenerationRow
from bilan.manifest.reading import Manifest
from bilan.manifest.snapshot import Days, ManifestState, days_of, first_of
from bilan.query.binder import Binder
from bilan.query.time import position
from bilan.sdk.datasets import Dataset
from bilan.sdk.periods import MONTH, Interval, Span
from bilan.warehouse import Warehouse, microseconds, quote, rollup_table
from bilan.warehouse.due import due_columns
from bilan.warehouse.facts import one_copy_each
from bilan.warehouse.net import net_table, write_net
from bilan.warehouse.rollups import selected
from bilan.warehouse.tables import changes, moment_of, settled_by_key, table_of

if TYPE_CHECKING:
    from bilan.catalog import Catalog
    from bilan.clock import Clock
    from bilan.registry.declared import Registry

log = structlog.get_logger(__name__)

QUIET = timedelta(seconds=20)
"""How long nothing may have been written to a day before it is worth counting in advance."""
KEPT = timedelta(minutes=10)
"""How long a generation stays that another has taken the place of; longer than a question may take."""
LOST = timedelta(hours=1)
"""The age at which a generation that nobody named was left by a killed process."""
ZONES = "SELECT zone FROM workspace UNION SELECT zone FROM person WHERE zone IS NOT NULL AND active"


class Settling:
    """Makes generations of rollups. Any number of processes may: each holds what its moment says."""

    def __init__(
        self, catalog: Catalog, warehouse: Warehouse, registry: Registry, clock: Clock, moments: Moments
    ) -> None:
        self._catalog, self._warehouse, self._clock = catalog, warehouse, clock
        self._datasets = tuple(registry.datasets.values())
        self._moments = moments
        self._manifest = Manifest(catalog, moments)

    async def sweep(self, quiet: timedelta = QUIET) -> int:
        """Settle every month with a day that was written to and then left in peace; how many there were."""
        settled = 0
        zones = sorted({row["zone"] for row in await rows(ZONES)})
        for dataset in self._datasets:
            for table, zone in derived(dataset, zones):
                state = (await self._manifest.snapshot()).state
                before = microseconds(self._clock.now() - quiet)
                for month in _stale(state, dataset, table, zone, before):
                    await self._settle(dataset, table, zone, month)
                    settled += 1
        await self._drop()
        return settled

    async def _settle(self, dataset: Dataset, table: str, zone: str, month: int) -> None:
        moment, _revision = await self._moments.visible()
        row = await GenerationRow.create(rollup=table, zone=zone, month=month, created_at=self._clock.now())
        write = partial(make(dataset, table), self._warehouse, dataset, zone, month, row.id, moment)
        await anyio.to_thread.run_sync(write)
        async with self._catalog.transaction():
            older = GenerationRow.filter(rollup=table, zone=zone, month=month, moment__not_isnull=True)
            await older.filter(superseded_at__isnull=True).update(superseded_at=self._clock.now())
            await GenerationRow.filter(id=row.id).update(moment=microseconds(moment))
            await change("UPDATE moment SET revision = revision + 1 WHERE id = 1")
        log.debug("month settled", dataset=dataset.key, zone=zone, month=month, generation=row.id)

    async def _drop(self) -> None:
        """Drop the generations that no question reads any more."""
        now = self._clock.now()
        superseded = GenerationRow.filter(superseded_at__lt=now - KEPT)
        lost = GenerationRow.filter(moment__isnull=True, created_at__lt=now - LOST)
        known = {table for dataset in self._datasets for table, _zone in derived(dataset, [""])}
        for row in [*await superseded, *await lost]:
            if row.rollup in known:
                gone = f"ALTER TABLE {quote(row.rollup)} DROP PARTITION ({row.month}, {row.id})"
                await anyio.to_thread.run_sync(self._warehouse.write, gone)
            await row.delete()


Make = Callable[[Warehouse, Dataset, str, int, int, datetime], None]


def make(dataset: Dataset, table: str) -> Make:
    """What makes a generation in one of the dataset's tables."""
    return settle_net if changes(dataset) and table == net_table(dataset) else settle


def settle_net(
    warehouse: Warehouse, dataset: Dataset, zone: str, month: int, number: int, moment: datetime
) -> None:
    """Write down what stands in a month, as of a moment, as the generation with this number. Blocking."""
    binder = Binder()
    warehouse.write(
        write_net(dataset, month, number, standing(dataset, zone, month, moment, binder)), binder.parameters
    )


def settle(
    warehouse: Warehouse, dataset: Dataset, zone: str, month: int, number: int, moment: datetime
) -> None:
    """Merge a month's facts and count them, as of a moment, as the generation with this number. Blocking."""
    if settled_by_key(dataset):
        # Facts that lie in one part need not be compared with others to find copies.
        warehouse.write(
            f"OPTIMIZE TABLE {quote(table_of(dataset))} PARTITION {month} FINAL"
            " SETTINGS optimize_skip_merged_partitions = 1"
        )
    assert dataset.rollup is not None  # noqa: S101 - only those with one are settled
    binder = Binder()
    span = Span(first_of(month), first_of(month) + MONTH, zone)
    days = Interval().buckets(span)
    starts = binder.bind([microseconds(day.starts_at) for day in days], "Array(Int64)")
    time = moment_of(dataset)
    facts = standing(dataset, zone, month, moment, binder)
    day = f"fromUnixTimestamp64Micro({starts}[{position(days, time, binder)} + 1], 'UTC')"
    dimensions = [quote(name) for name in dataset.rollup.dimensions]
    columns = [str(number), str(month), f"{day} AS _start", "source", *selected(dataset, dataset.rollup)]
    warehouse.write(
        f"INSERT INTO {quote(rollup_table(dataset, dataset.rollup))} SELECT {', '.join(columns)}\n"
        f"FROM {facts}\nGROUP BY {', '.join(['_start', 'source', *dimensions])}",
        binder.parameters,
    )


def standing(dataset: Dataset, zone: str, month: int, moment: datetime, binder: Binder) -> str:
    """The facts of a month as of a moment, as what to read from."""
    span = Span(first_of(month), first_of(month) + MONTH, zone)
    start, end = (binder.instant(edge) for edge in span.instants)
    time = moment_of(dataset)
    as_of = binder.instant(moment)
    within = f"{time} >= {start} AND {time} < {end}"
    # Net rows hold what will be due, too: it is looked at when they are read.
    looked_at = "" if due_columns(dataset) else as_of
    return one_copy_each(dataset, f"ingested_at <= {as_of}", within, as_of=looked_at)


def derived(dataset: Dataset, zones: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The tables that hold generations of a dataset, each with the zones in whose months they are made."""
    if dataset.rollup:
        rollup = rollup_table(dataset, dataset.rollup)
        # Days of the source's own are the same in every zone.
        yield from ((rollup, zone) for zone in (["UTC"] if dataset.timed_by_day else zones))
    if changes(dataset):
        yield net_table(dataset), "UTC"


def _stale(state: ManifestState, dataset: Dataset, table: str, zone: str, before: int) -> Iterator[int]:
    """The months with a day that their generation does not hold, and that was left in peace since."""
    sources = frozenset(source for key, source in state.touched if key == dataset.key)
    touched = state.last_touched(dataset.key, sources)
    made = state.generations.get((table, zone), {})
    for month in sorted({month for day in touched for month in _months(day, zone)}):
        held = made[month].moment if month in made else 0
        if any(held < touched.get(day, 0) <= before for day in _written(zone, month, touched)):
            yield month


def _written(zone: str, month: int, touched: Days) -> Iterator[int]:
    return (day for _local, days in days_of(zone, month) for day in days if day in touched)


def _months(ordinal: int, zone: str) -> Iterator[int]:
    """The months in the zone that a day in UTC has a part of."""
    start = datetime.combine(date.fromordinal(ordinal), datetime.min.time(), UTC)
    for moment in (start, start + timedelta(days=1) - timedelta(microseconds=1)):
        local = moment.astimezone(ZoneInfo(zone))
        yield local.year * 100 + local.month
