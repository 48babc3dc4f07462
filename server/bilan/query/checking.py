"""Checking: each night one generation is made once more and compared. See docs/decisions/067.

What differs counts as written to: the facts answer for it at once, and settling makes it anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import anyio.to_thread
import structlog

from bilan.manifest.models import GenerationRow
from bilan.manifest.reading import Manifest
from bilan.manifest.snapshot import days_of
from bilan.query.binder import Binder
from bilan.query.settling import derived, make, standing
from bilan.sdk.datasets import Dataset
from bilan.warehouse import Warehouse, instant, quote
from bilan.warehouse.net import net_table
from bilan.warehouse.tables import moment_of

if TYPE_CHECKING:
    from bilan.catalog import Catalog
    from bilan.clock import Clock
    from bilan.manifest import Moments
    from bilan.meters import Meters
    from bilan.registry.declared import Registry

log = structlog.get_logger(__name__)

NIGHT = 2
"""The hour, in UTC, in which a server looks."""


@dataclass(frozen=True, slots=True)
class CheckedGeneration:
    """What was found: the days, by their ordinals in UTC, that differ, and how many facts stand twice."""

    days: frozenset[int]
    twice: int


class Checker:
    """Compares generations with the facts. Any number of processes may; they look at the same one."""

    def __init__(
        self,
        catalog: Catalog,
        warehouse: Warehouse,
        registry: Registry,
        clock: Clock,
        moments: Moments,
        meters: Meters,
    ) -> None:
        self._catalog, self._warehouse, self._clock, self._meters = catalog, warehouse, clock, meters
        self._datasets = {
            table: dataset
            for dataset in registry.datasets.values()
            for table, _zone in derived(dataset, [""])
        }
        self._moments, self._manifest = moments, Manifest(catalog, moments)
        self._looked: int | None = None

    async def sweep(self) -> None:
        """Check the generation whose turn it is, once a night."""
        now = self._clock.now()
        night = now.toordinal()
        if now.hour != NIGHT or self._looked == night:
            return
        named = GenerationRow.filter(moment__isnull=False, superseded_at__isnull=True)
        known = await named.filter(rollup__in=list(self._datasets)).order_by("rollup", "zone", "month")
        if known:
            await self.check(known[night % len(known)])
        self._looked = night

    async def check(self, row: GenerationRow) -> CheckedGeneration:
        """Check one generation, and touch the days of it that differ from the facts."""
        dataset = self._datasets[row.rollup]
        again = await GenerationRow.create(
            rollup=row.rollup, zone=row.zone, month=row.month, created_at=self._clock.now()
        )  # nobody names it, so settling drops it
        checked = await anyio.to_thread.run_sync(self._compare, dataset, row, again.id)
        self._meters.generations_checked.labels(dataset.key).inc()
        if checked.days:
            await self._touch(dataset, checked.days)
            self._meters.days_differing.labels(dataset.key).inc(len(checked.days))
        if checked.days or checked.twice:
            log.error(
                "a month does not hold what its facts give",
                dataset=dataset.key, zone=row.zone, month=row.month, days=len(checked.days),
                twice=checked.twice,
            )  # fmt: skip
        return checked

    def _compare(self, dataset: Dataset, row: GenerationRow, again: int) -> CheckedGeneration:
        moment = instant(row.moment or 0)
        make(dataset, row.rollup)(self._warehouse, dataset, row.zone, row.month, again, moment)
        found, wanted = (self._hashes(dataset, row, number) for number in (row.id, again))
        differing = {day for day in found.keys() | wanted.keys() if found.get(day) != wanted.get(day)}
        return CheckedGeneration(
            frozenset(_utc_days(row.zone, row.month, differing)), self._twice(dataset, row, moment)
        )

    def _hashes(self, dataset: Dataset, row: GenerationRow, number: int) -> Mapping[datetime, Any]:
        """What a generation holds, as a number for each day."""
        day = "_day" if row.rollup != net_table(dataset) else f"toStartOfDay({moment_of(dataset)}, 'UTC')"
        sql = (
            f"SELECT {day} AS _at, count(), sum(sipHash64(toString(tuple(* EXCEPT (_generation)))))\n"
            f"FROM {quote(row.rollup)} WHERE _month = {row.month} AND _generation = {number} GROUP BY _at"
        )
        return {at: tuple(rest) for at, *rest in self._warehouse.query(sql).rows}

    def _twice(self, dataset: Dataset, row: GenerationRow, moment: datetime) -> int:
        """How many facts of the month stand in more than one place."""
        binder = Binder()
        facts = standing(dataset, row.zone, row.month, moment, binder)
        identity = ", ".join(map(quote, ("source", *dataset.identity)))
        counted = f"SELECT count() - uniqExact(tuple({identity})) FROM {facts}"  # noqa: S608 - declared names
        return int(self._warehouse.query(counted, binder.parameters).rows[0][0])

    async def _touch(self, dataset: Dataset, days: Iterable[int]) -> None:
        state = (await self._manifest.snapshot()).state
        sources = {source for key, source in state.touched if key == dataset.key}
        marks = {(dataset.key, source): frozenset(_dates(days)) for source in sources}
        async with self._moments.turn("check") as turn, self._catalog.transaction():
            await turn.close(marks)


def _dates(days: Iterable[int]) -> Iterable[date]:
    return map(date.fromordinal, days)


def _utc_days(zone: str, month: int, starts: Iterable[datetime]) -> Iterable[int]:
    """The days in UTC that the days with these first moments overlap."""
    local = {start.astimezone(ZoneInfo(zone)).date() for start in starts}
    return (utc for day, days in days_of(zone, month) if day in local for utc in days)
