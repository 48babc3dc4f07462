"""Whatever arrives in whatever order, and whatever breaks: talks are what the notes say, as of any moment.

A world is a catalog, a warehouse and a list of what was acknowledged. Batches break off between any two
statements, are written and derived once more by a process that stood still, are left behind by imports;
settings change. The oracle derives talks from the plain list of notes.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.ingest.batch import Batch
from bilan.ingest.derivations import Derivations
from bilan.ingest.deriving import Deriver, derived_datasets, target_of
from bilan.ingest.normalise import Normalisers, activities
from bilan.manifest import Manifest, Moments
from bilan.query.session import QuerySession
from bilan.query.settling import Settling
from bilan.registry.declared import Registry
from bilan.sdk.activity import ACTIVITY
from bilan.sdk.datasets import Dataset, Fact, Keep, Retract, Row
from bilan.sdk.query import Question
from bilan.warehouse import Warehouse
from support.chat import CHANGING_NOTES, NOTES, TALKS, chat, talks, what_was_done
from support.long import times

pytestmark = [pytest.mark.requirement("AC-14"), pytest.mark.chaos, pytest.mark.slow]

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SOURCES = (UUID(int=1), UUID(int=2))
CONTACTS = ("ada", "bob", "")
COLUMNS = tuple(TALKS.by_name)
DAYS = [NOW + timedelta(hours=6 * number) for number in range(-14, 2)]


class Broken(Exception):
    """A process that ends here."""


@dataclass
class World:
    """The product's parts, and what was acknowledged."""

    chance: random.Random
    registry: Registry
    warehouse: Warehouse
    moments: Moments
    manifest: Manifest
    settling: Settling
    catalog: Catalog
    clock: FrozenClock
    settings: dict[UUID, dict[str, Any]] = field(
        default_factory=lambda: {one: {"silence": 24} for one in SOURCES}
    )
    log: dict[UUID, dict[str, Row]] = field(default_factory=lambda: {one: {} for one in SOURCES})
    """The notes by name as of now."""
    shown: dict[UUID, dict[str, list[Row]]] = field(default_factory=lambda: {one: {} for one in SOURCES})
    """The talks by contact, as far as they are derived."""
    made_by: dict[UUID, Mapping[str, Any] | None] = field(default_factory=lambda: dict.fromkeys(SOURCES))
    """The settings by which a source's talks are derived; of one that has none yet, nothing."""
    behind: dict[UUID, bool] = field(default_factory=lambda: dict.fromkeys(SOURCES, False))
    history: list[tuple[datetime, dict[UUID, list[Row]]]] = field(
        default_factory=list[tuple[datetime, dict[UUID, list[Row]]]]
    )
    stale: list[tuple[UUID, list[Fact | Retract], Batch, datetime]] = field(
        default_factory=list[tuple[UUID, list[Fact | Retract], Batch, datetime]]
    )
    asked_of: list[datetime] = field(default_factory=list[datetime])
    numbers: int = 0

    def __post_init__(self) -> None:
        datasets = self.registry.datasets
        self.notes = datasets[NOTES.key]
        self.derivations = Derivations(self.catalog, self.warehouse, datasets, self, self.moments, self.clock)

    async def open_settings(self, source: UUID) -> Mapping[str, Any]:
        return {"secret": "x", **self.settings[source]}

    async def write(self) -> None:
        """Tell some notes, live or as a chunk of an import, or break off."""
        self.clock.move(timedelta(seconds=self.chance.randint(-3600, 5400)))
        source = self.chance.choice(SOURCES)
        items = [self.item(source) for _n in range(self.chance.choice([1, 3, 12]))]
        breaks = self.chance.randrange(8) if self.chance.random() < 0.3 else None
        await self.tell(source, items, breaks, imported=self.chance.random() < 0.25)

    async def tell(
        self, source: UUID, items: list[Fact | Retract], breaks: int | None, *, imported: bool
    ) -> None:
        batch = Batch(Normalisers(self.registry.datasets), NOW)
        for number, item in enumerate(items, start=1):
            batch.add(source, number, item)
        moment = NOW
        try:
            async with self.moments.turn("world") as turn:
                moment = turn.moment
                with self.breaking(breaks):
                    touched = batch.append(self.warehouse, moment)
                    following = await self.derivations.follow(batch, touched, turn, 0 if imported else None)
                if breaks is not None:
                    raise Broken
                async with self.catalog.transaction():
                    await self.derivations.settle(following, turn)
        except Broken:
            self.stale.append((source, items, batch, moment))
            return
        contacts = self.acknowledge(source, items)
        if contacts is None:
            return
        if self.made_by[source] is None:
            self.made_by[source] = dict(self.settings[source])
        if self.made_by[source] != self.settings[source] or (imported and contacts):
            self.behind[source] = True
        else:
            self.derive(source, contacts)
        self.remember(moment)

    async def write_late(self) -> None:
        """What was withdrawn is written and derived once more by the process that had stood still.

        What never changes is told again after that, as posts and files are.
        """
        datasets = self.registry.datasets
        (declared,) = derived_datasets(datasets.values())
        stale, self.stale = self.stale, []
        for source, items, batch, moment in stale:
            target = target_of(declared, source, self.settings[source])
            batch.append(self.warehouse, moment)
            keys = {(contact,) for contact in CONTACTS if contact}
            Deriver(self.warehouse, datasets).derive_keys(target, keys, moment, NOW, lambda: None)
            if self.notes.keep is Keep.FIRST:
                await self.tell(source, items, None, imported=False)

    @contextmanager
    def breaking(self, before: int | None) -> Generator[None]:
        """A warehouse that breaks off before one of its inserts."""
        insert, left = self.warehouse._insert, before

        def broken(*arguments: Any) -> frozenset[date]:
            nonlocal left
            if left is not None:
                left -= 1
                if left < 0:
                    raise Broken
            return insert(*arguments)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(self.warehouse, "_insert", broken)
            yield

    def acknowledge(self, source: UUID, items: list[Fact | Retract]) -> set[str] | None:
        """Take the notes down; the contacts that they tell of, or nothing where all is known already."""
        log = self.log[source]
        if self.notes.keep is Keep.FIRST:
            new = {item.row["note"]: item.row for item in reversed(items) if isinstance(item, Fact)}
            new = {name: row for name, row in new.items() if name not in log}
            log |= new
            return {row["contact"] for row in new.values()} - {""} if new else None
        before, changed = dict(log), False
        names = {item.row["note"] if isinstance(item, Fact) else item.identity["note"] for item in items}
        for item in items:
            if isinstance(item, Retract):
                changed |= log.pop(item.identity["note"], None) is not None
            else:
                changed |= log.get(item.row["note"]) != item.row
                log[item.row["note"]] = item.row
        told = [row for notes in (before, log) for name, row in notes.items() if name in names]
        return {row["contact"] for row in told} - {""} if changed else None

    def derive(self, source: UUID, contacts: set[str]) -> None:
        settings = self.made_by[source]
        assert settings is not None
        for contact in contacts - {""}:
            rows = [row for row in self.log[source].values() if row["contact"] == contact]
            rows.sort(key=lambda row: (row["said_at"], row["note"]))
            made = talks(rows, settings)
            self.shown[source][contact] = [{**row, "contact": contact} for row in made]

    def remember(self, moment: datetime) -> None:
        said = {source: [row for rows in self.shown[source].values() for row in rows] for source in SOURCES}
        self.history.append((moment, said))

    def item(self, source: UUID) -> Fact | Retract:
        """A new note, a copy of one, one that changed, or a retraction."""
        chance, log = self.chance, self.log[source]
        changes = self.notes.keep is Keep.LAST
        old = chance.choice(list(log.values())) if log and chance.random() < 0.4 else None
        if old is not None and changes and chance.random() < 0.3:
            return Retract(NOTES.key, {"note": old["note"]})
        if old is not None and (not changes or chance.random() < 0.3):
            return Fact(NOTES.key, dict(old))
        self.numbers += old is None
        row: Row = {
            "note": old["note"] if old else f"{chance.randrange(100)}-{self.numbers}",
            "said_at": chance.choice(DAYS) + timedelta(minutes=chance.randrange(3)),
            "contact": chance.choice(CONTACTS),
            "kind": chance.choice(["said", "said", "said", "ended", "read", "unsaid"]),
            "about": chance.choice(list(log)) if log and chance.random() < 0.7 else "",
            "words": chance.choice([None, 0, 5]),
        }
        return Fact(NOTES.key, row)

    async def catch_up(self, breaks: int | None) -> None:
        """Derive what was left behind, or break off after some inserts."""
        try:
            with self.breaking(breaks):
                await self.derivations.sweep(timedelta(days=-1))
        except Broken:
            pass
        found = [
            (one.through, source)
            for source in SOURCES
            for one in await self.derivations.states(source, personal=True)
            if one.complete
        ]
        for through, source in sorted(found, key=str):
            if self.behind[source] or self.made_by[source] != self.settings[source]:
                assert through is not None
                self.made_by[source], self.behind[source] = dict(self.settings[source]), False
                self.shown[source] = {}
                self.derive(source, set(CONTACTS))
                self.remember(through)

    async def ask(self) -> None:
        """The talks now or as of an earlier moment, how many, and what contacts did."""
        snapshot = await self.manifest.snapshot(self.chance.choice([None, None, *self.asked_of]))
        self.asked_of.append(snapshot.as_of)
        said = next((said for at, said in reversed(self.history) if at <= snapshot.as_of), {})
        for source in SOURCES:
            client = QuerySession(self.warehouse, self.registry, frozenset({source}), snapshot)
            expected = [as_seen(row, snapshot.as_of) for row in said.get(source, [])]
            found = [tuple(row.values()) for row in client.rows(TALKS.key, COLUMNS)]
            assert sorted(found, key=str) == sorted(
                (tuple(row[name] for name in COLUMNS) for row in expected), key=str
            ), snapshot.as_of
            totals = client(
                Question(TALKS.key, ("chat.count", "chat.ended", "chat.open", "chat.notes_of_talks"))
            ).totals
            assert list(totals.values()) == [
                len(expected),
                sum(row["ended"] for row in expected),
                sum(row["state"] == "open" for row in expected),
                sum(row["notes"] for row in expected) if expected else totals["chat.notes_of_talks"],
            ]
            did = [tuple(row.values()) for row in client.rows(ACTIVITY.key, ("fact", "contact", "action"))]
            assert sorted(did) == sorted(
                (row["talk"], one.contact, one.action)
                for row in expected
                for one in activities(what_was_done(row))
            )


def as_seen(talk: Row, as_of: datetime) -> Row:
    """A talk as it was at a moment: what will be over is open."""
    return talk if talk["over_at"] <= as_of else {**talk, "over_at": None, "state": "open"}


@pytest.mark.parametrize("notes", [NOTES, CHANGING_NOTES], ids=["notes stay", "notes change"])
@pytest.mark.parametrize("number", range(times(1, 2)))
async def test_talks_are_what_a_plain_list_of_notes_says(
    notes: Dataset,
    number: int,
    chance: random.Random,
    sqlite_catalog: Catalog,
    warehouse: Warehouse,
):
    del number
    registry = chat(notes)
    warehouse.ensure(registry.datasets.values())
    clock = FrozenClock(NOW)
    moments = Moments(sqlite_catalog, clock, warehouse)
    world = World(
        chance,
        registry,
        warehouse,
        moments,
        Manifest(sqlite_catalog, moments),
        Settling(sqlite_catalog, warehouse, registry, clock, moments),
        sqlite_catalog,
        clock,
    )
    for _step in range(15):
        for _batch in range(chance.randint(1, 3)):
            await world.write()
        if chance.random() < 0.5:
            await world.write_late()
        if chance.random() < 0.15:
            world.settings[chance.choice(SOURCES)]["silence"] = chance.choice([6, 24, 48])
        if chance.random() < 0.4:
            await world.catch_up(chance.choice([None, None, 0, 1, 2]))
        if chance.random() < 0.3:
            await world.settling.sweep(timedelta(days=-1))
        await world.ask()
    await world.catch_up(None)
    await world.ask()
