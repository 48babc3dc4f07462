"""Talks made of notes: joined, cut, moved and withdrawn by what arrives, left behind and caught up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.ingest import deriving
from bilan.ingest.batch import Batch
from bilan.ingest.derivations import Derivations, DerivationState
from bilan.ingest.models import DerivationRow
from bilan.ingest.normalise import Normalisers
from bilan.manifest import Manifest, Moments
from bilan.query.session import QuerySession
from bilan.registry.declared import Registry
from bilan.sdk.activity import ACTIVITY
from bilan.sdk.datasets import Dataset, Fact, Retract, Row
from bilan.sdk.errors import NotFound
from bilan.sdk.query import Question
from bilan.warehouse import Warehouse
from support.chat import CHANGING_NOTES, NOTES, TALKS, _, chat, talks

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
ROOM = UUID(int=7)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def said(name: str, at: datetime = MONDAY, contact: str = "ada", **values: Any) -> Fact:
    return Fact(NOTES.key, {"note": name, "said_at": at, "contact": contact, "kind": "said", **values})


@dataclass
class Room:
    """A source of the chat, with all that it takes to write its notes and to ask about its talks."""

    catalog: Catalog
    warehouse: Warehouse
    clock: FrozenClock
    moments: Moments
    registry: Registry
    settings: dict[str, Any] | None = field(default_factory=lambda: {"silence": 24, "secret": "s"})

    def __post_init__(self) -> None:
        datasets = self.registry.datasets
        self.warehouse.ensure(datasets.values())
        self.derivations = Derivations(self.catalog, self.warehouse, datasets, self, self.moments, self.clock)

    async def open_settings(self, _source: UUID) -> Mapping[str, Any]:
        if self.settings is None:
            raise NotFound(_("There is no such source."))
        return self.settings

    def with_talks(self, **changes: Any) -> Room:
        """The same room after a start with another declaration of talks."""
        assert TALKS.derived is not None
        talks = replace(TALKS, derived=replace(TALKS.derived, **changes))
        return replace(self, registry=chat(self.registry.datasets[NOTES.key], talks))

    async def tell(self, *items: Fact | Retract, rows: int | None = None) -> datetime:
        """Write a batch, as a chunk of an import where ``rows`` says how long; its moment."""
        batch = Batch(Normalisers(self.registry.datasets), NOW)
        for number, item in enumerate(items, start=1):
            batch.add(ROOM, number, item)
        async with self.moments.turn("room") as turn:
            touched = batch.append(self.warehouse, turn.moment)
            following = await self.derivations.follow(batch, touched, turn, rows)
            async with self.catalog.transaction():
                await self.derivations.settle(following, turn)
        return turn.moment

    async def break_off(self) -> datetime:
        """Begin a batch in a process that ends; its moment."""
        moment = NOW
        with suppress(RuntimeError):
            async with self.moments.turn("room") as turn:
                moment = turn.moment
                raise RuntimeError
        return moment

    async def client(self, as_of: datetime | None = None) -> QuerySession:
        snapshot = await Manifest(self.catalog, self.moments).snapshot(as_of)
        return QuerySession(self.warehouse, self.registry, frozenset({ROOM}), snapshot)

    async def talks(self, as_of: datetime | None = None) -> list[tuple[Any, ...]]:
        """The talks in order of time: the first note, the contact, and how many notes."""
        found = (await self.client(as_of)).rows(TALKS.key, ("talk", "contact", "notes"))
        return [tuple(row.values()) for row in found]

    async def state(self) -> DerivationState:
        (state,) = await self.derivations.states(ROOM, personal=True)
        return state


def opened(catalog: Catalog, warehouse: Warehouse, notes: Dataset) -> Room:
    clock = FrozenClock(NOW)
    return Room(catalog, warehouse, clock, Moments(catalog, clock, warehouse), chat(notes))


@pytest.fixture
def room(sqlite_catalog: Catalog, warehouse: Warehouse) -> Room:
    return opened(sqlite_catalog, warehouse, NOTES)


async def test_a_late_note_joins_two_talks_and_earlier_moments_still_see_two(room: Room) -> None:
    two = await room.tell(said("A"), said("C", MONDAY + 30 * HOUR))
    one = await room.tell(said("B", MONDAY + 15 * HOUR))

    assert await room.talks(two) == [("A", "ada", 1), ("C", "ada", 1)]
    assert await room.talks(one) == await room.talks() == [("A", "ada", 3)]
    totals = (await room.client())(Question(TALKS.key, ("chat.count", "chat.notes_of_talks"))).totals
    assert totals == {"chat.count": 1, "chat.notes_of_talks": 3}


async def test_the_order_of_arrival_makes_no_difference(room: Room) -> None:
    await room.tell(said("C", MONDAY + 30 * HOUR))
    await room.tell(said("B", MONDAY + 15 * HOUR), said("C", MONDAY + 30 * HOUR))
    await room.tell(said("A"), said("Z", MONDAY + 99 * HOUR), said("Z", contact="bob"))

    assert await room.talks() == [("A", "ada", 3), ("Z", "ada", 1)]


async def test_a_corrected_contact_takes_the_talk_along_and_a_retraction_takes_it_away(
    sqlite_catalog: Catalog, warehouse: Warehouse
) -> None:
    room = opened(sqlite_catalog, warehouse, CHANGING_NOTES)
    first = await room.tell(said("A"), said("B", MONDAY + HOUR))
    second = await room.tell(said("A", contact="bob"))
    third = await room.tell(Retract(NOTES.key, {"note": "B"}))

    assert await room.talks(first) == [("A", "ada", 2)]
    assert await room.talks(second) == [("A", "bob", 1), ("B", "ada", 1)]
    assert await room.talks(third) == [("A", "bob", 1)]


async def test_a_talk_is_over_by_silence_without_any_further_note(room: Room) -> None:
    first = await room.tell(said("A", NOW - 20 * HOUR), said("X", NOW - 30 * HOUR, "bob"))
    room.clock.move(5 * HOUR)

    async def found(as_of: datetime | None = None) -> list[tuple[Any, ...]]:
        rows = (await room.client(as_of)).rows(TALKS.key, ("talk", "state", "over_at"))
        return [tuple(row.values()) for row in rows]

    over = ("X", "over", NOW - 6 * HOUR)
    assert await found(first) == [over, ("A", "open", None)]
    assert await found() == [over, ("A", "over", NOW + 4 * HOUR)]
    assert await found(NOW + 4 * HOUR) == [over, ("A", "over", NOW + 4 * HOUR)]
    assert await found(NOW + 4 * HOUR - timedelta(microseconds=1)) == [over, ("A", "open", None)]
    totals = (await room.client(first))(Question(TALKS.key, ("chat.count", "chat.open"))).totals
    assert totals == {"chat.count": 2, "chat.open": 1}


async def test_what_contacts_did_follows_from_the_talks(room: Room) -> None:
    await room.tell(said("A"), said("B", MONDAY + 2 * DAY))
    await room.tell(said("!", MONDAY + HOUR, kind="ended"), said("0", MONDAY - HOUR))

    did = (await room.client()).rows(ACTIVITY.key, ("contact", "action", "subject", "occurred_at"))
    assert [tuple(row.values()) for row in did] == [
        ("ada", "began", "0", MONDAY - HOUR),
        ("ada", "ended", "0", MONDAY),
        ("ada", "began", "B", MONDAY + 2 * DAY),
    ]


async def test_notes_of_nobody_make_no_talk(room: Room) -> None:
    await room.tell(said("A", contact=""))

    assert await room.talks() == []
    assert (await room.state()).complete


async def test_make_is_given_the_named_settings_alone_and_rows_in_order_of_time(room: Room) -> None:
    given = list[Any]()

    def look(rows: Sequence[Row], settings: Mapping[str, Any]) -> Iterator[Row]:
        given.append(([(row["note"], row["words"]) for row in rows], dict(settings)))
        return iter(())

    room = room.with_talks(make=look)
    await room.tell(said("B", MONDAY, words=2), said("A", MONDAY), said("C", MONDAY - HOUR))

    assert given == [([("C", None), ("A", None), ("B", 2)], {"silence": 24})]


async def test_make_is_given_the_named_columns_and_the_keys_alone(room: Room) -> None:
    given = list[Row]()

    def look(rows: Sequence[Row], _settings: Mapping[str, Any]) -> Iterator[Row]:
        given.extend(rows)
        return iter(())

    room = room.with_talks(make=look, columns=("words", "said_at"))
    await room.tell(said("A", words=2))

    assert given == [{"said_at": MONDAY, "contact": "ada", "words": 2}]


async def test_where_make_fails_the_rows_of_that_contact_stay_and_those_of_others_go_on(room: Room) -> None:
    await room.tell(said("A"), said("X", contact="bob"))

    def fail(rows: Sequence[Row], settings: Mapping[str, Any]) -> Iterator[Row]:
        if len(rows) == 2 and rows[0]["contact"] == "bob":
            raise ZeroDivisionError
        return talks(rows, settings)

    failing = room.with_talks(make=fail)
    await failing.tell(said("B", MONDAY + HOUR), said("Y", MONDAY + HOUR, contact="bob"))

    assert await room.talks() == [("A", "ada", 2), ("X", "bob", 1)]
    state = await failing.state()
    assert str(state.failure) == "The plugin failed to derive this: ZeroDivisionError()"
    assert state.complete

    repaired = room.with_talks(version=2)
    assert await repaired.derivations.sweep() == 1
    assert await room.talks() == [("A", "ada", 2), ("X", "bob", 2)]
    assert (await repaired.state()).failure is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"talk": "one for all"}, "Two rows of Chat have the same identity."),
        ({"mood": "good"}, "chat.talks has no column mood."),
        ({"notes": "many"}, "Chat must be a whole number, not 'many'."),
    ],
)
async def test_rows_that_cannot_be_used_are_told_and_not_written(
    room: Room, change: Row, sentence: str
) -> None:
    def make(rows: Sequence[Row], settings: Mapping[str, Any]) -> list[Row]:
        return [{**row, **change} for row in talks(rows, settings)]

    room = room.with_talks(make=make)
    await room.tell(said("A"), said("B", MONDAY + 2 * DAY))

    assert await room.talks() == []
    assert str((await room.state()).failure) == sentence


async def test_rows_are_derived_and_cannot_be_told(room: Room) -> None:
    batch = Batch(Normalisers(room.registry.datasets), NOW)
    batch.add(ROOM, 1, Fact(TALKS.key, {"talk": "A", "started_at": MONDAY, "contact": "ada"}))
    batch.add(ROOM, 2, Retract(TALKS.key, {"talk": "A"}))

    sentence = "Rows of chat.talks are derived from chat.notes; none can be added."
    assert [str(reject.reason) for _source, reject in batch.rejects] == [sentence, sentence]


async def test_a_chunk_that_would_read_much_is_left_behind_until_the_end(room: Room) -> None:
    await room.tell(*(said(f"{n}", MONDAY + n * HOUR) for n in range(5)))
    chunk = await room.tell(said("late", MONDAY + 5 * HOUR), rows=1)

    assert await room.talks() == [("0", "ada", 5)]
    state = await room.state()
    assert not state.complete
    assert state.through is not None
    assert state.through < chunk
    # A small chunk behind it waits for the same end.
    await room.tell(said("small", contact="eve"), rows=1)
    assert await room.talks() == [("0", "ada", 5)]

    live = await room.tell(said("b", contact="bob"))
    assert await room.talks() == [("0", "ada", 5), ("b", "bob", 1)]
    assert not (await room.state()).complete

    await room.derivations.catch_up(ROOM)
    assert await room.talks() == [("0", "ada", 6), ("b", "bob", 1), ("small", "eve", 1)]
    assert await room.talks(live) == [("0", "ada", 5), ("b", "bob", 1)]
    assert (await room.state()).complete


async def test_a_chunk_that_reads_little_is_derived_at_once(room: Room) -> None:
    await room.tell(said("A"), rows=1)

    assert await room.talks() == [("A", "ada", 1)]
    assert (await room.state()).complete


async def test_what_was_left_behind_is_derived_once_its_log_is_in_peace(room: Room) -> None:
    await room.tell(said("A"), said("B", MONDAY + HOUR), rows=0)
    assert await room.derivations.sweep() == 0

    room.clock.move(timedelta(seconds=30))

    assert await room.derivations.sweep() == 1
    assert await room.talks() == [("A", "ada", 2)]
    assert await room.derivations.sweep() == 0


async def test_a_log_that_is_never_in_peace_is_derived_from_after_five_minutes(room: Room) -> None:
    await room.tell(said("A"), rows=0)
    room.clock.move(timedelta(minutes=6))
    await room.tell(said("B", MONDAY + 9 * DAY), rows=0)

    assert await room.derivations.sweep() == 1
    assert await room.talks() == [("A", "ada", 1), ("B", "ada", 1)]


@pytest.mark.parametrize("parts", [1, 3])
async def test_other_settings_make_all_rows_anew_under_one_moment(
    room: Room, parts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deriving, "ROWS", -(-6 // parts))
    contacts = ["ada", "bob", "eve"]
    await room.tell(*(said(f"{one}{n}", MONDAY + 5 * n * HOUR, one) for one in contacts for n in range(2)))
    room.settings = {"silence": 4, "secret": "s"}
    before = await room.tell(said("ada2", MONDAY + 10 * HOUR))

    # What another definition made is not mixed with what this one makes.
    assert await room.talks() == [(f"{one}0", one, 2) for one in contacts]
    assert not (await room.state()).complete

    assert await room.derivations.sweep() == 1
    again = [(f"{one}{n}", one, 1) for n in range(2) for one in contacts]
    assert await room.talks() == [*again, ("ada2", "ada", 1)]
    assert await room.talks(before) == [(f"{one}0", one, 2) for one in contacts]
    assert (await room.state()).complete

    room.settings = {"silence": 4, "secret": "another"}
    assert await room.derivations.sweep() == 0


async def test_a_dataset_that_was_declared_later_is_made_of_the_log_that_is_there(room: Room) -> None:
    await room.tell(said("A"), said("B", MONDAY + HOUR))
    await DerivationRow.all().delete()
    state = await room.state()
    assert (state.through, state.complete) == (None, False)
    await room.tell(said("C", MONDAY + 2 * HOUR))
    assert not (await room.state()).complete

    assert await room.derivations.sweep() == 1

    assert await room.talks() == [("A", "ada", 3)]


async def test_a_source_whose_settings_cannot_be_opened_is_left_behind(room: Room) -> None:
    settings, room.settings = room.settings, None
    await room.tell(said("A"))
    assert await room.derivations.sweep() == 0
    assert await room.talks() == []

    room.settings = settings
    assert await room.derivations.sweep() == 1
    assert await room.talks() == [("A", "ada", 1)]


async def test_work_that_is_stopped_leaves_no_row_and_is_begun_anew(room: Room) -> None:
    await room.tell(said("A"), rows=0)

    def stop(_done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await room.derivations.catch_up(ROOM, stop)
    assert await room.talks() == []

    await room.derivations.catch_up(ROOM)
    assert await room.talks() == [("A", "ada", 1)]


async def test_what_was_written_late_of_a_withdrawn_batch_makes_way_for_what_is_told_again(
    room: Room,
) -> None:
    late = Batch(Normalisers(room.registry.datasets), NOW)
    late.add(ROOM, 1, said("A"))
    late.append(room.warehouse, await room.break_off())

    again = await room.tell(said("A"))

    assert await room.talks() == [("A", "ada", 1)]
    assert room.warehouse.query("SELECT ingested_at FROM chat__notes").rows == [(again,)]


async def test_a_message_about_rows_of_persons_is_for_those_who_may_see_them(room: Room) -> None:
    def quote(rows: Sequence[Row], _settings: Mapping[str, Any]) -> Iterator[Row]:
        raise ValueError(rows[0]["contact"])

    room = room.with_talks(make=quote)
    await room.tell(said("A"))

    (state,) = await room.derivations.states(ROOM, personal=False)
    assert str(state.failure) == "The plugin failed to derive this: …"
