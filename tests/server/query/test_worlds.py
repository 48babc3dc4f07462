"""Whatever is told, in whatever order, and whatever breaks: every question has the answer of a plain list.

A world is a catalog, a warehouse and a list of what was acknowledged. Batches break off between any two
statements, are written again by a process that stood still, generations are lost, clocks run backwards.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from bilan.accounts.models import Workspace
from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.ingest.batch import Batch as Ingested
from bilan.ingest.normalise import Normalisers, activities, fact_name
from bilan.manifest import Manifest, Moments
from bilan.query import settling
from bilan.query.session import QuerySession
from bilan.query.settling import Settling
from bilan.sdk.activity import ACTIVITY
from bilan.sdk.conditions import Is
from bilan.sdk.datasets import Dataset, Fact, Keep, Retract, Row
from bilan.sdk.periods import Interval, IntervalUnit, Span
from bilan.sdk.query import Question
from bilan.warehouse import Warehouse, Written
from bilan.warehouse.arrow import ArrowTable
from bilan.warehouse.tables import GONE
from support.long import times

from .counting import Batch, count, same, visible
from .post import FORMULAS, LYON, PARIS
from .questions import COUNTED, COUNTRIES, KINDS
from .worlds import DATASETS, WORLD

pytestmark = pytest.mark.requirement("DC-15", "GO-17")

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
EVER = timedelta(days=-1)
"""Months are settled however fresh they are."""
NIGHTS = [datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 4, 30, 20, tzinfo=UTC)]
UNDATED = datetime(1990, 1, 1, tzinfo=UTC)
SPANS = [(date(2026, 3, 1), date(2026, 6, 1)), (date(2026, 3, 28), date(2026, 4, 2)),
         (date(2026, 4, 30), date(2026, 5, 2)), (date(1989, 12, 1), date(1990, 2, 1))]  # fmt: skip
ZONES = ["Europe/Paris", "Asia/Kathmandu", "America/St_Johns"]
"""The last one has no rollups."""


class Broken(Exception):
    """A process that ends here."""


@dataclass
class Breaking:
    """A warehouse that breaks off before one of its writes, or after the last."""

    warehouse: Warehouse
    before: int | None

    def append(
        self,
        dataset: Dataset,
        source: UUID,
        facts: ArrowTable,
        *,
        moment: datetime,
        before: ArrowTable | None = None,
    ) -> Written:
        insert = self.warehouse._insert

        def broken(*arguments: Any) -> frozenset[date]:
            if self.before is not None:
                self.before -= 1
                if self.before < 0:
                    raise Broken
            return insert(*arguments)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(self.warehouse, "_insert", broken)
            return self.warehouse.append(dataset, source, facts, moment=moment, before=before)


@dataclass
class World:
    """The product's parts, and the list of what was acknowledged, by dataset."""

    chance: random.Random
    warehouse: Warehouse
    moments: Moments
    manifest: Manifest
    settling: Settling
    clock: FrozenClock
    catalog: Catalog
    told: dict[str, list[Batch]] = field(default_factory=dict[str, list[Batch]])
    known: dict[tuple[str, str], Row] = field(default_factory=dict[tuple[str, str], Row])
    stale: list[tuple[Ingested, datetime]] = field(default_factory=list[tuple[Ingested, datetime]])
    asked_of: list[datetime] = field(default_factory=list[datetime])

    async def write(self) -> None:
        """Tell some facts, or break off."""
        self.clock.move(timedelta(seconds=self.chance.randint(-3600, 5400)))
        dataset, source = self.chance.choice(DATASETS), self.chance.choice([PARIS, LYON])
        rows = [self.row(dataset) for _n in range(self.chance.choice([1, 4, 15]))]
        batch = Ingested(Normalisers(WORLD.datasets), NOW)
        for number, row in enumerate(rows, start=1):
            named = {"event_id": row["event_id"]}
            batch.add(source, number, Retract(dataset.key, named) if GONE in row else Fact(dataset.key, row))
        breaks = self.chance.randrange(6) if self.chance.random() < 0.3 else None
        closes = breaks is None
        moment = NOW
        try:
            async with self.moments.turn("world") as turn:
                moment = turn.moment
                touched = batch.append(Breaking(self.warehouse, breaks), turn.moment)
                if not closes:
                    raise Broken
                async with self.catalog.transaction():
                    await turn.close(touched)
        except Broken:
            if dataset.keep is Keep.LAST:
                self.stale.append((batch, moment))
            return
        self.told.setdefault(dataset.key, []).append(Batch(source, moment, tuple(rows)))
        unknown = {reject.number for _source, reject in batch.rejects}
        assert batch.count(source).accepted == len(rows) - len(unknown)

    def row(self, dataset: Dataset) -> Row:
        """A new fact, a copy of one, one that changed, or a retraction."""
        chance, name = self.chance, str(self.chance.randrange(20))
        old = self.known.get((dataset.key, name))
        if old and chance.random() < 0.2:
            return old
        if dataset.keep is Keep.LAST and chance.random() < 0.15:
            return {"event_id": name, GONE: True}
        stays = old["occurred_at"] if old and (dataset.keep is Keep.FIRST or chance.random() < 0.5) else None
        row: Row = {
            "event_id": name,
            "occurred_at": stays or self.time(),
            "kind": chance.choice(KINDS),
            "contact": chance.choice(["ada", "bob", "eve", ""]),
            "country": chance.choice(COUNTRIES),
            "tags": chance.sample(["red", "été"], chance.randrange(3)),
            "topics": [],
            "weight": chance.choice([None, -2, 0, 7]),
            "rooms": chance.randrange(5),
            "price": chance.choice([None, 0.5, 2.0]),
            "express": chance.random() < 0.5,
            "again": False,
            "due": None,
            "opened_at": self.time() if chance.random() < 0.4 else None,
        }
        self.known[dataset.key, name] = row
        return row

    def time(self) -> datetime:
        if self.chance.random() < 0.05:
            return UNDATED
        return self.chance.choice(NIGHTS) + timedelta(minutes=15 * self.chance.randrange(24))

    async def settle(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Settle what there is; now and then the process ends before a generation is named."""
        left = self.chance.randrange(1, 20)

        def lost(write: Any) -> Any:
            def write_and_end(*arguments: Any) -> None:
                nonlocal left
                write(*arguments)
                left -= 1
                if not left:
                    raise Broken

            return write_and_end

        with monkeypatch.context() as patch:
            patch.setattr(settling, "settle", lost(settling.settle))
            patch.setattr(settling, "settle_net", lost(settling.settle_net))
            try:
                await self.settling.sweep(EVER)
            except Broken:
                return

    def write_late(self) -> None:
        """What was withdrawn is written again by the process that had stood still."""
        for batch, moment in self.stale:
            batch.append(self.warehouse, moment)
        self.stale.clear()

    async def ask(self) -> None:
        """Some questions now or as of an earlier moment, and what contacts did."""
        snapshot = await self.manifest.snapshot(self.chance.choice([None, None, *self.asked_of]))
        self.asked_of.append(snapshot.as_of)
        sources = self.chance.choice([{PARIS, LYON}, {PARIS}])
        client = QuerySession(self.warehouse, WORLD, frozenset(sources), snapshot)
        for dataset in DATASETS:
            told = self.told.get(dataset.key, [])
            facts = visible(dataset, told, sources, snapshot.as_of)
            for question in self.questions(dataset):
                answer, counted = client(question), count(WORLD, question, facts)
                shown = [(row.bucket.index if row.bucket else None, row.keys) for row in answer.rows]
                where = (question, snapshot.as_of, answer.sql)
                assert shown == [(index, keys) for index, keys, _values, _before in counted.rows], where
                for row, (_index, _keys, values, _before) in zip(answer.rows, counted.rows, strict=True):
                    assert same(row.values, values), (row, values, where)
                if question.totals:
                    assert same(answer.totals, counted.totals), where
        columns = ("dataset", "fact", "key", "contact", "action", "occurred_at", "source")
        did = [tuple(row.values()) for row in client.rows(ACTIVITY.key, columns)]
        assert sorted(did) == sorted(self.done(sources, snapshot.as_of))

    def done(self, sources: set[UUID], as_of: datetime) -> Iterator[tuple[Any, ...]]:
        for dataset in DATASETS:
            for row in visible(dataset, self.told.get(dataset.key, []), sources, as_of):
                assert dataset.activity is not None
                for one in activities(dataset.activity(row)):
                    at = row["occurred_at"] if one.at is None else one.at
                    name = fact_name(dataset, row)
                    yield (dataset.key, name, one.key, one.contact, one.action, at, row["source"])

    def questions(self, dataset: Dataset) -> Iterator[Question]:
        chance = self.chance
        for names in (COUNTED, tuple(FORMULAS)):
            metrics = tuple(f"{dataset.key}_{name}" for name in chance.sample(names, 5))
            first, last = chance.choice(SPANS)
            unit = chance.choice([IntervalUnit.DAY, IntervalUnit.MONTH, IntervalUnit.NONE])
            by = tuple(chance.sample(["kind", "country", "source", "tags"], chance.randrange(2)))
            where = chance.choice([None, Is("kind", "opened")])
            span = chance.choice([None, Span(first, last, chance.choice(ZONES))])
            yield Question(dataset.key, metrics, span, Interval(unit), by, (), where)


@pytest.mark.chaos
@pytest.mark.slow
@pytest.mark.parametrize("number", range(times(1, 3)))
async def test_a_world_says_what_a_plain_list_of_what_was_acknowledged_says(
    number: int,
    chance: random.Random,
    sqlite_catalog: Catalog,
    warehouse: Warehouse,
    monkeypatch: pytest.MonkeyPatch,
):
    del number
    warehouse.ensure(WORLD.datasets.values())
    for zone in ZONES[:2]:
        await Workspace.create(name=zone, zone=zone, first_weekday=0, language="en", created_at=NOW)
    clock = FrozenClock(NOW)
    moments = Moments(sqlite_catalog, clock, warehouse)
    world = World(
        chance,
        warehouse,
        moments,
        Manifest(sqlite_catalog, moments),
        Settling(sqlite_catalog, warehouse, WORLD, clock, moments),
        clock,
        sqlite_catalog,
    )
    for _step in range(12):
        for _batch in range(chance.randint(1, 3)):
            await world.write()
        if chance.random() < 0.5:
            world.write_late()
        if chance.random() < 0.4:
            await world.settle(monkeypatch)
        await world.ask()
