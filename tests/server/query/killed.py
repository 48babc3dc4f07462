"""A process that writes, retracts and settles until it is killed, and one that looks at what is left.

``python killed.py write FOLDER`` prints the number of each batch that was
acknowledged; ``python killed.py read FOLDER NUMBERS`` fails where an answer is
not that of a plain list of the batches that were.
"""

from __future__ import annotations

import asyncio
import random
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog

from bilan.accounts.models import Workspace
from bilan.catalog import Catalog
from bilan.clock import SystemClock
from bilan.ingest.batch import Batch as Ingested
from bilan.ingest.models import IngestCounters
from bilan.ingest.normalise import Normalisers, activities
from bilan.manifest import Manifest, Moments, Snapshot
from bilan.query.session import QuerySession
from bilan.query.settling import Settling
from bilan.registry.declared import Registry
from bilan.sdk.activity import ACTIVITY
from bilan.sdk.datasets import Dataset, Fact, Keep, Retract, Row
from bilan.sdk.periods import Interval, Span
from bilan.sdk.query import Question
from bilan.settings import Settings
from bilan.warehouse import Warehouse
from bilan.warehouse.tables import GONE

from .counting import Batch, count, same, visible
from .post import LYON, NOW, PARIS
from .worlds import DATASETS, WORLD

LATER = NOW + timedelta(days=365)
EVER = timedelta(days=-1)
START = datetime(2026, 3, 29, 20, tzinfo=UTC)
SPAN = Span(date(2026, 3, 28), date(2026, 4, 2), "Europe/Paris")


def told(number: int) -> tuple[Dataset, Batch]:
    """The batch with this number, always the same."""
    chance = random.Random(number)
    dataset = DATASETS[number % 2]
    rows = [_row(dataset, str(chance.randrange(30)), chance) for _n in range(chance.choice([1, 5, 40]))]
    source = chance.choice([PARIS, LYON])
    return dataset, Batch(source, NOW + timedelta(microseconds=number), tuple(rows))


def _row(dataset: Dataset, name: str, chance: random.Random) -> Row:
    if dataset.keep is Keep.LAST and chance.random() < 0.15:
        return {"event_id": name, GONE: True}
    # Facts that never change keep to their time.
    hours = (random.Random(name) if dataset.keep is Keep.FIRST else chance).randrange(72)
    values = {"kind": chance.choice(["sent", "opened"]), "contact": chance.choice("abc"), "country": None,
              "tags": [], "topics": [], "weight": chance.randrange(9), "rooms": 1, "price": None,
              "express": False, "due": None, "opened_at": None}  # fmt: skip
    return {"event_id": name, "occurred_at": START + timedelta(hours=hours), **values}


class Parts:
    """What both processes work with."""

    def __init__(self, folder: Path) -> None:
        self.catalog = Catalog(f"sqlite://{folder / 'catalog.sqlite3'}")
        self.warehouse = Warehouse.open(Settings(data_dir=folder))
        self.registry: Registry = WORLD
        self.clock = SystemClock()
        self.moments = Moments(self.catalog, self.clock, self.warehouse)
        self.manifest = Manifest(self.catalog, self.moments)
        self.settling = Settling(self.catalog, self.warehouse, WORLD, self.clock, self.moments)

    async def start(self) -> None:
        """As a server starts."""
        await self.catalog.open()
        self.warehouse.ensure(WORLD.datasets.values())
        with self.catalog.activate():
            if not await Workspace.all().count():
                await Workspace.create(
                    name="Post", zone=SPAN.zone, first_weekday=0, language="en", created_at=NOW
                )
            await self.moments.recover()

    async def committed(self) -> list[int]:
        """The numbers of the batches that are in."""
        with self.catalog.activate():
            return sorted(row.source.int for row in await IngestCounters.all())


async def write(folder: Path) -> None:
    """Write one batch after the other, and settle in between."""
    parts = Parts(folder)
    await parts.start()
    number = max(await parts.committed(), default=0)
    while True:
        number += 1
        dataset, batch = told(number)
        ingested = Ingested(Normalisers(WORLD.datasets), LATER)
        for place, row in enumerate(batch.rows, start=1):
            named = {"event_id": row["event_id"]}
            item = Retract(dataset.key, named) if GONE in row else Fact(dataset.key, row)
            ingested.add(batch.source, place, item)
        with parts.catalog.activate():
            async with parts.moments.turn("killed") as turn:
                touched = await asyncio.to_thread(ingested.append, parts.warehouse, turn.moment)
                async with parts.catalog.transaction():
                    await turn.close(touched)
                    await IngestCounters.create(source=UUID(int=number))
            print(number, flush=True)  # noqa: T201 - what the test reads
            if number % 3 == 0:
                await parts.settling.sweep(EVER)


async def read(folder: Path, acknowledged: set[int]) -> None:
    """Compare every answer, as it is found and once it is settled."""
    parts = Parts(folder)
    await parts.start()
    committed = await parts.committed()
    assert acknowledged <= set(committed), acknowledged - set(committed)
    with parts.catalog.activate():
        for settled in (False, True):
            if settled:
                await parts.settling.sweep(EVER)
            _compare(parts.warehouse, committed, await parts.manifest.snapshot())
    parts.warehouse.close()
    await parts.catalog.close()


def _compare(warehouse: Warehouse, committed: list[int], snapshot: Snapshot) -> None:
    client = QuerySession(warehouse, WORLD, frozenset([PARIS, LYON]), snapshot)
    batches = [told(number) for number in committed]
    did = list[tuple[object, ...]]()
    for dataset in DATASETS:
        rows = visible(
            dataset, [one for of, one in batches if of is dataset], [PARIS, LYON], NOW + timedelta(1)
        )
        for names in (("all", "people", "weight"), ("all", "middle")):
            question = Question(
                dataset.key, tuple(f"{dataset.key}_{name}" for name in names), SPAN, Interval(), ("kind",)
            )
            found = [(row.bucket and row.bucket.index, row.keys, row.values) for row in client(question).rows]
            counted = count(WORLD, question, rows).rows
            assert [one[:2] for one in found] == [one[:2] for one in counted]
            assert all(same(one[2], other[2]) for one, other in zip(found, counted, strict=True))
        did += [
            (dataset.key, row["event_id"], one.key, one.contact, row["source"])
            for row in rows
            for one in activities(dataset.activity(row) if dataset.activity else None)
        ]
    shown = client.rows(ACTIVITY.key, ("dataset", "fact", "key", "contact", "source"))
    assert sorted(tuple(row.values()) for row in shown) == sorted(did)


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    mode, place, *numbers = sys.argv[1:]
    asyncio.run(write(Path(place)) if mode == "write" else read(Path(place), set(map(int, numbers))))
