"""Settling: quiet months are counted in advance, again where they were written to, and never half."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from bilan.accounts.models import Workspace
from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.manifest import Manifest, Moments
from bilan.manifest.models import GenerationRow, TouchedDayRow
from bilan.meters import Meters
from bilan.query import settling
from bilan.query.checking import CheckedGeneration, Checker
from bilan.query.session import QuerySession
from bilan.query.settling import Settling
from bilan.sdk.datasets import Dataset
from bilan.sdk.periods import Interval, IntervalUnit, Span
from bilan.sdk.query import Question
from bilan.warehouse import Warehouse, rollup_table
from bilan.warehouse.arrow import table_of
from bilan.warehouse.net import net_table

from .post import LETTERS, LYON, PARCELS, PARIS, REGISTRY, ROLLUP

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
QUIET = timedelta(minutes=1)
ROLLED = rollup_table(LETTERS, ROLLUP)
SPRING = Question(
    LETTERS.key,
    ("post.letters_all", "post.letters_people"),
    Span(date(2026, 3, 1), date(2026, 6, 1), "Europe/Paris"),
    Interval(IntervalUnit.MONTH),
)

Write = Callable[..., Awaitable[None]]
Ask = Callable[..., Awaitable[tuple[list[tuple[Any, ...]], bool, bool]]]


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW)


@pytest.fixture
def moments(sqlite_catalog: Catalog, warehouse: Warehouse, clock: FrozenClock) -> Moments:
    return Moments(sqlite_catalog, clock, warehouse)


@pytest.fixture
async def settles(
    sqlite_catalog: Catalog, warehouse: Warehouse, clock: FrozenClock, moments: Moments
) -> Settling:
    """A workspace in Paris, whose letters and parcels are settled."""
    warehouse.ensure(REGISTRY.datasets.values())
    await Workspace.create(name="Post", zone="Europe/Paris", first_weekday=0, language="en", created_at=NOW)
    return Settling(sqlite_catalog, warehouse, REGISTRY, clock, moments)


@pytest.fixture
def write(warehouse: Warehouse, moments: Moments, clock: FrozenClock) -> Write:
    """Write letters of these days at noon in UTC, one each from every contact."""

    async def write(
        *days: date,
        contacts: tuple[str, ...] = ("ada",),
        name: str = "",
        source: UUID = PARIS,
        kind: str = "sent",
        dataset: Dataset = LETTERS,
    ) -> None:
        clock.move(timedelta(seconds=1))
        rows = [
            {"occurred_at": datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
             "event_id": f"{name}{day} {contact}", "kind": kind, "contact": contact}
            for day in days for contact in contacts
        ]  # fmt: skip
        async with moments.turn("test") as turn:
            written = warehouse.append(dataset, source, rows, moment=turn.moment)
            await turn.close({(dataset.key, source): written.days})

    return write


@pytest.fixture
def ask(sqlite_catalog: Catalog, warehouse: Warehouse, moments: Moments) -> Ask:
    """The figures of March, April and May, and whether they came from a rollup and from facts."""
    manifest = Manifest(sqlite_catalog, moments)

    async def ask(as_of: datetime | None = None) -> tuple[list[tuple[Any, ...]], bool, bool]:
        snapshot = await manifest.snapshot(as_of)
        client = QuerySession(warehouse, REGISTRY, frozenset([PARIS, LYON]), snapshot)
        sql = client.statement(SPRING).sql
        rows = [tuple(row.values.values()) for row in client(SPRING).rows]
        return rows, ROLLED in sql, "`post__letters` FINAL" in sql

    return ask


MARCH, APRIL, MAY = date(2026, 3, 10), date(2026, 4, 10), date(2026, 5, 10)


async def test_quiet_months_are_counted_in_advance(
    settles: Settling, write: Write, ask: Ask, clock: FrozenClock
):
    await write(MARCH, APRIL, MAY, contacts=("ada", "bob"))
    assert await settles.sweep(QUIET) == 0
    assert await ask() == ([(2, 2)] * 3, False, True)
    clock.move(QUIET)
    assert await settles.sweep(QUIET) == 3
    assert await ask() == ([(2, 2)] * 3, True, False)
    assert await settles.sweep(QUIET) == 0


async def test_a_day_that_is_written_to_is_read_from_the_facts_until_it_is_settled_again(
    settles: Settling, write: Write, ask: Ask, clock: FrozenClock
):
    await write(MARCH, APRIL, contacts=("ada",))
    clock.move(QUIET)
    await settles.sweep(QUIET)
    await write(APRIL, contacts=("ada", "eve"), name="again ", source=LYON)
    assert await ask() == ([(1, 1), (3, 2), (0, 0)], True, True)
    clock.move(QUIET)
    assert await settles.sweep(QUIET) == 1
    assert await ask() == ([(1, 1), (3, 2), (0, 0)], True, False)


async def test_months_of_a_zone_without_a_rollup_are_whole_days_of_another_and_facts_at_their_edges(
    settles: Settling, write: Write, sqlite_catalog: Catalog, moments: Moments, warehouse: Warehouse,
    clock: FrozenClock,
):  # fmt: skip
    in_april_in_auckland = date(2026, 3, 31)  # noon in UTC is an hour past midnight there
    await write(MARCH, in_april_in_auckland, APRIL, MAY, contacts=("ada", "bob"))
    clock.move(QUIET)
    await settles.sweep(QUIET)
    days = (date(2026, 3, 1), date(2026, 6, 1))
    spring = replace(SPRING, span=Span(*days, "Pacific/Auckland"))
    snapshot = await Manifest(sqlite_catalog, moments).snapshot()
    client = QuerySession(warehouse, REGISTRY, frozenset([PARIS]), snapshot)
    assert [tuple(row.values.values()) for row in client(spring).rows] == [(2, 2), (4, 2), (2, 2)]
    by_month = client.statement(spring).sql
    assert ROLLED in by_month
    assert "`post__letters` FINAL" in by_month
    by_day = client.statement(replace(spring, interval=Interval())).sql
    assert ROLLED not in by_day
    berlin = replace(SPRING, span=Span(*days, "Europe/Berlin"), interval=Interval())
    assert "`post__letters` FINAL" not in client.statement(berlin).sql
    assert [tuple(row.values.values()) for row in client(berlin).rows if any(row.values.values())] == [
        (2, 2)
    ] * 4


async def test_keys_that_share_a_column_are_told_apart_in_facts_in_rollups_and_in_both(
    settles: Settling, write: Write, clock: FrozenClock, sqlite_catalog: Catalog, moments: Moments,
    warehouse: Warehouse,
):  # fmt: skip
    question = replace(SPRING, metrics=("post.letters_known_people", "post.letters_known_openers"))

    async def counted() -> list[tuple[Any, ...]]:
        snapshot = await Manifest(sqlite_catalog, moments).snapshot()
        answer = QuerySession(warehouse, REGISTRY, frozenset([PARIS, LYON]), snapshot)(question)
        return [tuple(row.values.values()) for row in answer.rows]

    await write(MARCH, APRIL, contacts=("ada", "bob", ""))
    await write(MARCH, contacts=("ada", "eve"), source=LYON)
    await write(MARCH, contacts=("ada", "bob"), name="opened ", kind="opened")
    assert await counted() == [(4, 2), (2, 0), (0, 0)]
    clock.move(QUIET)
    assert await settles.sweep(QUIET) == 2
    assert await counted() == [(4, 2), (2, 0), (0, 0)]
    await write(APRIL, contacts=("ada", "eve"), name="opened ", kind="opened", source=LYON)
    assert await counted() == [(4, 2), (4, 2), (0, 0)]


async def test_an_earlier_moment_is_answered_as_it_was(
    settles: Settling, write: Write, ask: Ask, clock: FrozenClock, moments: Moments
):
    await write(MARCH, APRIL)
    clock.move(QUIET)
    await settles.sweep(QUIET)
    before, _revision = await moments.visible()
    await write(APRIL, name="later ")
    clock.move(QUIET)
    await settles.sweep(QUIET)
    assert await ask() == ([(1, 1), (2, 1), (0, 0)], True, False)
    assert await ask(before) == ([(1, 1), (1, 1), (0, 0)], True, True)


async def test_a_generation_that_nobody_named_is_not_seen_and_goes_later(
    settles: Settling,
    write: Write,
    ask: Ask,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
    warehouse: Warehouse,
):
    await write(MARCH)
    clock.move(QUIET)

    def killed(*arguments: Any) -> None:
        settling_settle(*arguments)
        raise KeyboardInterrupt

    settling_settle = settling.settle
    with monkeypatch.context() as patch:
        patch.setattr(settling, "settle", killed)
        with pytest.raises(KeyboardInterrupt):
            await settles.sweep(QUIET)
    assert await ask() == ([(1, 1), (0, 0), (0, 0)], False, True)
    assert await settles.sweep(QUIET) == 1
    assert await ask() == ([(1, 1), (0, 0), (0, 0)], True, False)
    assert warehouse.query(f"SELECT uniqExact(_generation) FROM {ROLLED}").rows == [(2,)]
    clock.move(settling.LOST + timedelta(seconds=1))
    await settles.sweep(QUIET)
    assert warehouse.query(f"SELECT uniqExact(_generation) FROM {ROLLED}").rows == [(1,)]
    assert await GenerationRow.all().count() == 1


async def test_a_generation_whose_place_was_taken_stays_as_long_as_a_question_may_read_it(
    settles: Settling, write: Write, ask: Ask, clock: FrozenClock, warehouse: Warehouse
):
    for name in ("one ", "two "):
        await write(MARCH, name=name)
        clock.move(QUIET)
        await settles.sweep(QUIET)
    count = f"SELECT uniqExact(_generation) FROM {ROLLED}"
    assert warehouse.query(count).rows == [(2,)]
    clock.move(settling.KEPT + timedelta(seconds=1))
    await settles.sweep(QUIET)
    assert warehouse.query(count).rows == [(1,)]
    assert await ask() == ([(2, 1), (0, 0), (0, 0)], True, False)


async def test_facts_of_days_that_no_month_holds_yet_are_read_beside_the_rollup(
    settles: Settling, write: Write, ask: Ask, clock: FrozenClock
):
    await write(MARCH)
    clock.move(QUIET)
    await settles.sweep(QUIET)
    await write(MAY, contacts=("ada", "bob", "eve"))
    assert await ask() == ([(1, 1), (0, 0), (3, 3)], True, True)


async def test_versions_of_settled_months_are_read_for_the_days_alone_that_were_written_to_since(
    settles: Settling,
    write: Write,
    clock: FrozenClock,
    sqlite_catalog: Catalog,
    warehouse: Warehouse,
    moments: Moments,
):
    heavy = Question(PARCELS.key, ("post.parcels_all", "post.parcels_middle"), SPRING.span, SPRING.interval)

    async def ask() -> tuple[list[int], bool, bool]:
        snapshot = await Manifest(sqlite_catalog, moments).snapshot()
        client = QuerySession(warehouse, REGISTRY, frozenset([PARIS]), snapshot)
        sql = client.statement(heavy).sql
        counts = [row.values["post.parcels_all"] for row in client(heavy).rows]
        return counts, f"`{net_table(PARCELS)}`" in sql, "`post__parcels`" in sql

    for _time in range(3):
        await write(MARCH, APRIL, contacts=("ada", "bob"), dataset=PARCELS)
    assert await ask() == ([2, 2, 0], False, True)
    clock.move(QUIET)
    # March and April, net and counted in advance.
    assert await settles.sweep(QUIET) == 4
    assert await ask() == ([2, 2, 0], True, False)
    await write(APRIL, contacts=("eve",), dataset=PARCELS)
    assert await ask() == ([2, 3, 0], True, True)
    clock.move(QUIET)
    assert await settles.sweep(QUIET) == 2
    assert await ask() == ([2, 3, 0], True, False)


@pytest.fixture
def checker(
    sqlite_catalog: Catalog, warehouse: Warehouse, clock: FrozenClock, moments: Moments, settles: Settling
) -> Checker:
    """What compares generations with the facts, after all that there is was settled."""
    assert settles
    return Checker(sqlite_catalog, warehouse, REGISTRY, clock, moments, Meters())


async def generation(month: int) -> GenerationRow:
    """The named generation of letters of a month."""
    return await GenerationRow.get(
        month=month, rollup=ROLLED, moment__isnull=False, superseded_at__isnull=True
    )


async def test_a_generation_that_holds_what_its_facts_give_stays(
    settles: Settling, write: Write, ask: Ask, clock: FrozenClock, checker: Checker
):
    await write(MARCH, APRIL, contacts=("ada", "bob"))
    clock.move(QUIET)
    await settles.sweep(QUIET)
    await write(MARCH, name="later ")  # what came after it was made is no difference
    before = await TouchedDayRow.all().order_by("id").values()
    for month in (202603, 202604):
        assert await checker.check(await generation(month)) == CheckedGeneration(frozenset(), 0)
    assert await TouchedDayRow.all().order_by("id").values() == before
    assert await ask() == ([(3, 2), (2, 2), (0, 0)], True, True)


async def test_days_that_differ_from_their_facts_are_read_from_them_and_made_anew(
    settles: Settling, write: Write, ask: Ask, clock: FrozenClock, checker: Checker, warehouse: Warehouse
):
    other = MARCH + timedelta(days=5)
    await write(MARCH, other, contacts=("ada", "bob"))
    clock.move(QUIET)
    await settles.sweep(QUIET)
    day = f"toDate(`_day`, 'Europe/Paris') = '{MARCH}'"
    warehouse.write(f"ALTER TABLE {ROLLED} DELETE WHERE {day} SETTINGS mutations_sync = 2")
    assert await ask() == ([(2, 2), (0, 0), (0, 0)], True, False)

    found = await checker.check(await generation(202603))
    # The day in Paris begins on the day before in UTC.
    assert found == CheckedGeneration(frozenset({MARCH.toordinal() - 1, MARCH.toordinal()}), 0)
    rows, _rolled, from_facts = await ask()
    assert (rows, from_facts) == ([(4, 2), (0, 0), (0, 0)], True)

    clock.move(QUIET + timedelta(seconds=1))
    assert await settles.sweep(QUIET) == 1
    assert await ask() == ([(4, 2), (0, 0), (0, 0)], True, False)


async def test_a_fact_that_stands_in_two_places_is_counted(
    settles: Settling, write: Write, clock: FrozenClock, checker: Checker, warehouse: Warehouse,
    moments: Moments,
):  # fmt: skip
    await write(MARCH)
    again = {"occurred_at": datetime(2026, 3, 11, 12, tzinfo=UTC), "event_id": f"{MARCH} ada", "kind": "sent"}
    async with moments.turn("test") as turn:
        # As an earlier release did, which looked nothing up.
        warehouse._insert(LETTERS, PARIS, table_of(LETTERS, [again]), turn.moment)
        await turn.close({(LETTERS.key, PARIS): {date(2026, 3, 11)}})
    clock.move(QUIET)
    await settles.sweep(QUIET)
    assert await checker.check(await generation(202603)) == CheckedGeneration(frozenset(), 1)


async def test_one_generation_is_checked_each_night_and_each_in_its_turn(
    settles: Settling, write: Write, clock: FrozenClock, checker: Checker, monkeypatch: pytest.MonkeyPatch
):
    await write(MARCH, APRIL, MAY)
    clock.move(QUIET)
    await settles.sweep(QUIET)
    checked: list[int] = []

    async def note(row: GenerationRow) -> None:
        checked.append(row.month)

    monkeypatch.setattr(checker, "check", note)
    await checker.sweep()
    assert checked == []
    for _night in range(4):
        clock.move(timedelta(hours=(2 - clock.now().hour) % 24 or 24))
        await checker.sweep()
        await checker.sweep()
    assert sorted(checked[:3]) == [202603, 202604, 202605]
    assert checked[3] == checked[0]
