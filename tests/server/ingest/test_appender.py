from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from bilan.accounts.models import Workspace
from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.ingest.appender import Appender
from bilan.ingest.batch import Batch
from bilan.ingest.inbox import Inbox
from bilan.ingest.leases import Leases
from bilan.ingest.models import IngestCounters, PostRow, RejectRow
from bilan.manifest import Moments
from bilan.meters import Meters
from bilan.registry.declared import Registry
from bilan.sdk.datasets import Fact
from bilan.sdk.errors import Invalid, Unavailable
from bilan.sdk.messages import messages
from bilan.sdk.sources import Settings, WebhookRequest
from bilan.sources.models import SourceRow
from bilan.warehouse import Warehouse
from fixtures.ingest import NOW, MemoryFacts, ShopWebhook, no_derivations, until

_ = messages("shop")[0]

Start = Callable[[], Appender]


class Open:
    """Settings that are no secret, unless they are broken."""

    broken = False

    async def open_settings(self, source: UUID, /) -> Mapping[str, Any]:
        if self.broken:
            raise Invalid(_("The settings cannot be opened with this server's key."))
        return {"secret": "s"}


@pytest.fixture
def inbox(catalog: Catalog) -> Inbox:
    return Inbox(catalog, limit=100_000)


@pytest.fixture
def meters() -> Meters:
    return Meters()


@pytest.fixture
def secrets() -> Open:
    return Open()


@pytest.fixture
def start(
    catalog: Catalog,
    facts: MemoryFacts,
    shop_registry: Registry,
    inbox: Inbox,
    clock: FrozenClock,
    meters: Meters,
    secrets: Open,
) -> Start:
    """A new appender, as a process that starts makes it."""
    moments = Moments(catalog, clock, facts)
    derivations = no_derivations(catalog, moments, clock)
    return lambda: Appender(
        catalog, facts, shop_registry, secrets, inbox, derivations, moments, clock, meters
    )


async def add_source(kind: str = "till") -> UUID:
    workspace = await Workspace.create(name="W", zone="UTC", first_weekday=0, language="en", created_at=NOW)
    ident = uuid4()
    await SourceRow.create(
        id=ident, workspace=workspace, plugin="shop", kind=kind, name="Till", live_name=f"till {ident}",
        address=ident.hex, zone="UTC", created_at=NOW,
    )  # fmt: skip
    return ident


@pytest.fixture
async def till(catalog: Catalog) -> UUID:
    return await add_source()


def order(name: str, **more: Any) -> dict[str, Any]:
    return {"occurred_at": "2026-03-09T10:00:00+00:00", "order": name, **more}


async def send(inbox: Inbox, source: UUID, body: object, at: datetime = NOW) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    await inbox.accept(source, WebhookRequest(raw, {}, {}, "application/json", at))


def orders(facts: MemoryFacts) -> dict[str, str]:
    return {row["order"]: row["buyer"] for row in facts.rows("shop.orders")}


async def test_posts_become_facts_and_rows_of_contact_activity_and_leave_the_inbox(
    start: Start, inbox: Inbox, till: UUID, facts: MemoryFacts
) -> None:
    await send(inbox, till, [order("A", buyer="a@example.org"), order("B")])
    await send(inbox, till, [order("C", buyer="c@example.org")])
    assert await start().drain() == 2
    assert orders(facts) == {"A": "a@example.org", "B": "", "C": "c@example.org"}
    assert [(row["contact"], row["fact"]) for row in facts.rows("contact.activity")] == [
        ("a@example.org", "A"),
        ("c@example.org", "C"),
    ]
    assert await PostRow.all().count() == 0


async def test_the_same_event_again_changes_nothing_and_the_first_copy_stays(
    start: Start, inbox: Inbox, till: UUID, facts: MemoryFacts, clock: FrozenClock
) -> None:
    await send(inbox, till, [order("A", buyer="first"), order("A", buyer="same batch")])
    await send(inbox, till, [order("A", buyer="next post")], NOW + timedelta(hours=1))
    await start().drain()
    clock.move(timedelta(days=1))
    await send(inbox, till, [order("A", buyer="after a restart")], NOW + timedelta(days=1))
    await start().drain()
    assert orders(facts) == {"A": "first"}


async def test_of_a_thing_that_changes_the_last_copy_stays(
    start: Start, inbox: Inbox, till: UUID, facts: MemoryFacts
) -> None:
    def basket(state: str) -> dict[str, str]:
        return {"occurred_at": "2026-03-09T10:00:00+00:00", "basket": "B", "state": state}

    await send(inbox, till, [basket("open"), basket("paid")])
    await start().drain()
    await send(inbox, till, [basket("sent")])
    await send(inbox, till, [basket("returned")])
    await start().drain()
    assert [row["state"] for row in facts.rows("shop.baskets")] == ["returned"]


async def test_two_sources_keep_their_own_facts(
    start: Start, inbox: Inbox, till: UUID, facts: MemoryFacts
) -> None:
    other = await add_source()
    await send(inbox, till, [order("A", buyer="one")])
    await send(inbox, other, [order("A", buyer="two")])
    await start().drain()
    assert sorted(row["buyer"] for row in facts.rows("shop.orders")) == ["one", "two"]


async def test_a_bad_row_is_kept_with_its_number_and_reason_and_stops_no_other(
    start: Start, inbox: Inbox, till: UUID, facts: MemoryFacts, meters: Meters
) -> None:
    await send(inbox, till, [order("A"), order("B", pieces="many"), "nonsense", order("C")])
    await start().drain()
    assert [*orders(facts)] == ["A", "C"]
    kept = await RejectRow.all().order_by("id").values("source", "number", "reason", "content")
    assert [(one["source"], one["number"]) for one in kept] == [(till, 2), (till, 3)]
    assert kept[0]["reason"].id == "{column} must be a whole number, not {value}."
    assert json.loads(kept[0]["content"])["pieces"] == "many"
    assert (kept[1]["reason"].id, kept[1]["content"]) == ("An order must be an object.", '"nonsense"')
    counters = await IngestCounters.get(source=till)
    assert (counters.accepted, counters.rejected, counters.evicted) == (2, 2, 0)
    text = meters.text().decode()
    assert 'bilan_events_total{kind="till",outcome="accepted",plugin="shop"} 2.0' in text
    assert 'bilan_events_total{kind="till",outcome="rejected",plugin="shop"} 2.0' in text


@pytest.mark.parametrize(
    ("body", "reason", "content"),
    [
        (b"{", "The body is no JSON.", "{"),
        (b"explode", "The plugin failed to read this: ZeroDivisionError()", "explode"),
        (b"\xff\x00", "The body is no JSON.", "\\xff"),
    ],
    ids=["unreadable", "a bug", "no text"],
)
async def test_a_body_that_cannot_be_read_is_kept_and_blocks_nothing(
    body: bytes, reason: str, content: str, start: Start, inbox: Inbox, till: UUID, facts: MemoryFacts
) -> None:
    await send(inbox, till, body)
    await send(inbox, till, [order("A")])
    await start().drain()
    assert [*orders(facts)] == ["A"]
    kept = await RejectRow.get()
    assert (kept.number, kept.content) == (1, content)
    assert str(kept.reason) == reason


async def test_a_reject_with_text_that_no_database_holds_is_kept_without_it_and_blocks_nothing(
    start: Start, inbox: Inbox, till: UUID, facts: MemoryFacts
) -> None:
    await send(inbox, till, ["order \x00\ud83d", order("A")])
    await start().drain()
    assert [*orders(facts)] == ["A"]
    kept = await RejectRow.get()
    assert (str(kept.reason), kept.content) == ("“order \ufffd” is no order.", "order \ufffd")


async def test_posts_of_a_kind_that_is_no_longer_installed_are_kept_as_rejects(
    start: Start, inbox: Inbox, catalog: Catalog
) -> None:
    await send(inbox, await add_source("scale"), b"5 kg")
    await start().drain()
    kept = await RejectRow.get()
    assert kept.reason.id == "No installed plugin reads posts of the kind {kind}."
    assert kept.content == "5 kg"


async def test_settings_that_cannot_be_opened_stop_only_their_own_source(
    start: Start, inbox: Inbox, till: UUID, secrets: Open
) -> None:
    secrets.broken = True
    await send(inbox, till, [order("A")])
    await start().drain()
    assert (await RejectRow.get()).reason.id == "The settings cannot be opened with this server's key."


async def test_posts_of_a_removed_source_are_dropped(
    start: Start, inbox: Inbox, till: UUID, facts: MemoryFacts
) -> None:
    await send(inbox, till, [order("A")])
    await SourceRow.filter(id=till).update(removed_at=NOW)
    assert await start().drain() == 1
    assert facts.rows("shop.orders") == []
    assert await RejectRow.all().count() == 0


async def test_a_source_remembers_when_it_was_heard_of_and_its_latest_event(
    start: Start, inbox: Inbox, till: UUID
) -> None:
    def ordered(at: str) -> list[dict[str, Any]]:
        return [{"occurred_at": at, "order": at}]

    await send(inbox, till, ordered("2026-03-09T10:00:00+00:00"))
    await send(inbox, till, ordered("2026-03-08T10:00:00+00:00"), NOW + timedelta(minutes=1))
    await start().drain()
    await send(inbox, till, ordered("2026-03-07T10:00:00+00:00"), NOW + timedelta(minutes=2))
    await start().drain()
    source = await SourceRow.get(id=till)
    assert source.last_received_at == NOW + timedelta(minutes=2)
    assert source.last_event_at == datetime(2026, 3, 9, 10, tzinfo=UTC)


@pytest.mark.requirement("GO-17")
async def test_a_warehouse_that_is_down_delays_and_loses_nothing(
    start: Start, inbox: Inbox, till: UUID, facts: MemoryFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bilan.ingest.appender.BACKOFF_SECONDS", (0.01,))
    facts.down = True
    appender = start()
    working = asyncio.create_task(appender.run())
    await send(inbox, till, [order("A")])
    await until(lambda: appender.delay is not None)
    assert appender.delay is not None
    assert appender.delay.reason == "The warehouse does not answer."
    await send(inbox, till, [order("B"), order("C", pieces="many")])
    assert await PostRow.all().count() == 2
    assert facts.rows("shop.orders") == []
    facts.down = False
    await until(lambda: [*orders(facts)] == ["A", "B"])
    await until(lambda: appender.delay is None)
    appender.stop()
    await working
    assert await PostRow.all().count() == 0
    assert (await IngestCounters.get(source=till)).rejected == 1


async def test_a_post_wakes_the_appender_and_is_kept_waiting_for_company_no_longer_than_said(
    start: Start, inbox: Inbox, till: UUID, facts: MemoryFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody looks again before an hour is over: the post itself has to wake the appender.
    monkeypatch.setattr("bilan.ingest.appender.IDLE_SECONDS", 3600)
    paused = list[float]()
    pause = Appender._pause

    async def pausing(appender: Appender, seconds: float) -> None:
        paused.append(seconds)
        await pause(appender, seconds)

    monkeypatch.setattr(Appender, "_pause", pausing)
    appender = start()
    working = asyncio.create_task(appender.run())
    await asyncio.sleep(0.05)
    await send(inbox, till, [order("A")])
    await until(lambda: [*orders(facts)] == ["A"])
    assert sum(paused) < 2
    appender.stop()
    await working


async def test_a_crash_between_warehouse_and_catalog_repeats_harmlessly(
    start: Start, inbox: Inbox, till: UUID, facts: MemoryFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send(inbox, till, [order("A", buyer="first"), "nonsense"])

    async def crash(*_args: object) -> None:
        raise Unavailable(_("Killed."))

    with monkeypatch.context() as patch:
        patch.setattr("bilan.ingest.appender.record", crash)
        appender = start()
        with pytest.raises(Unavailable):
            await appender.drain()
    # What is not counted is not there either.
    assert orders(facts) == {}
    assert await PostRow.all().count() == 1
    await send(inbox, till, [order("A", buyer="second")])
    await appender.drain()
    assert orders(facts) == {"A": "first"}
    counters = await IngestCounters.get(source=till)
    assert (counters.accepted, counters.rejected) == (2, 1)
    assert await RejectRow.all().count() == 1


async def test_while_one_appender_works_another_waits(
    start: Start, inbox: Inbox, till: UUID, facts: MemoryFacts, clock: FrozenClock
) -> None:
    one, two = start(), start()
    await send(inbox, till, [order("A")])
    assert await one.step() == 1
    await send(inbox, till, [order("B")])
    assert await two.step() == 0
    clock.move(timedelta(seconds=11))
    assert await two.step() == 1


async def test_an_appender_with_nothing_to_do_only_looks(
    start: Start, inbox: Inbox, till: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    appender, written = start(), list[str]()
    await send(inbox, till, [order("A")])
    await appender.drain()

    async def taken(*_given: object) -> bool:
        written.append("a lease")
        return True

    monkeypatch.setattr(Leases, "take", taken)
    monkeypatch.setattr(Leases, "release", taken)
    assert await appender.step() == 0
    assert written == []


async def test_an_appender_that_is_done_lets_another_process_append_what_that_one_receives(
    start: Start, inbox: Inbox, till: UUID, facts: MemoryFacts
) -> None:
    one, two = start(), start()
    await send(inbox, till, [order("A")])
    assert [await one.step(), await one.step()] == [1, 0]
    await send(inbox, till, [order("B")])
    assert await two.step() == 1
    assert [*orders(facts)] == ["A", "B"]


async def test_posts_that_found_another_process_at_work_are_not_forgotten_when_it_is_done(
    start: Start, inbox: Inbox, till: UUID, facts: MemoryFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody looks again by itself before an hour is over.
    monkeypatch.setattr("bilan.ingest.appender.IDLE_SECONDS", 3600)
    monkeypatch.setattr("bilan.ingest.appender.TURN_SECONDS", 0.01)
    monkeypatch.setattr("bilan.ingest.appender.GATHER_SECONDS", 0)
    one, two = start(), start()
    await send(inbox, till, [order("A")])
    assert await one.step() == 1
    tried, take = list[bool](), Leases.take

    async def noted(self: Leases, name: str, holder: str, duration: timedelta) -> bool:
        tried.append(await take(self, name, holder, duration))
        return tried[-1]

    monkeypatch.setattr(Leases, "take", noted)
    working = asyncio.create_task(two.run())
    await send(inbox, till, [order("B")])
    await until(lambda: len(tried) >= 3)
    assert not any(tried)
    await one._release()
    await until(lambda: [*orders(facts)] == ["A", "B"])
    two.stop()
    await working


async def test_two_appenders_that_overtake_each_other_count_every_row_once(
    start: Start,
    inbox: Inbox,
    till: UUID,
    facts: MemoryFacts,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await send(inbox, till, [order("A", buyer="first"), "nonsense"])
    slow, quick = start(), start()
    parse = slow._parse
    loop = asyncio.get_running_loop()

    async def overtake() -> None:
        clock.move(timedelta(seconds=11))
        await send(inbox, till, [order("A", buyer="second"), order("B"), "more nonsense"])
        assert await quick.step() == 2

    def slowly(*args: Any) -> Batch:
        asyncio.run_coroutine_threadsafe(overtake(), loop).result(10)
        return parse(*args)

    monkeypatch.setattr(slow, "_parse", slowly)
    assert await slow.step() == 0
    assert orders(facts) == {"A": "first", "B": ""}
    assert await PostRow.all().count() == 0
    counters = await IngestCounters.get(source=till)
    assert (counters.accepted, counters.rejected) == (3, 2)
    assert await RejectRow.all().count() == 2


async def test_an_appender_that_stops_gives_its_lease_back(
    start: Start, inbox: Inbox, till: UUID, facts: MemoryFacts
) -> None:
    await send(inbox, till, [order("A")])
    appender = start()
    working = asyncio.create_task(appender.run())
    await until(lambda: [*orders(facts)] == ["A"])
    appender.stop()
    await working
    await send(inbox, till, [order("B")])
    assert await start().step() == 1


async def test_the_real_warehouse_holds_each_fact_once_however_often_it_came(
    sqlite_catalog: Catalog, warehouse: Warehouse, shop_registry: Registry, clock: FrozenClock, secrets: Open
) -> None:
    warehouse.ensure(shop_registry.datasets.values())
    inbox, till = Inbox(sqlite_catalog, 100), await add_source()
    moments = Moments(sqlite_catalog, clock, warehouse)
    derivations = no_derivations(sqlite_catalog, moments, clock)
    appender = Appender(
        sqlite_catalog, warehouse, shop_registry, secrets, inbox, derivations, moments, clock, Meters()
    )
    full = order("A", buyer="first", tags=["x", "y"], pieces=2, price=9.5, gift=True)
    await send(inbox, till, [full, order("A", buyer="same post"), order("B")])
    await appender.drain()
    clock.move(timedelta(hours=1))
    await send(inbox, till, [order("A", buyer="first", pieces=9)], NOW + timedelta(hours=1))
    await appender.drain()
    found = warehouse.query(
        "SELECT order, buyer, tags, pieces, price, gift, occurred_at, ingested_at, source"
        " FROM shop__orders FINAL ORDER BY order"
    )
    at = datetime(2026, 3, 9, 10, tzinfo=UTC)
    assert [tuple(row) for row in found.rows] == [
        ("A", "first", ["x", "y"], 2, 9.5, True, at, NOW, till),
        ("B", "", [], 0, None, False, at, NOW, till),
    ]
    activity = warehouse.query("SELECT contact, fact FROM contact__activity FINAL")
    assert [tuple(row) for row in activity.rows] == [("first", "A")]


async def test_facts_of_another_plugin_in_a_post_are_refused_in_a_sentence(
    start: Start, inbox: Inbox, till: UUID, facts: MemoryFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(_self: ShopWebhook, _request: WebhookRequest, _settings: Settings) -> Iterator[Fact]:
        yield Fact("shop.orders", order("A", occurred_at=NOW))
        yield Fact("contact.activity", order("B", occurred_at=NOW))

    monkeypatch.setattr(ShopWebhook, "parse", parse)
    await send(inbox, till, "two orders")
    await start().drain()
    assert list(orders(facts)) == ["A"]
    kept = await RejectRow.get()
    assert (str(kept.reason), kept.content) == (
        "A source of shop brings no facts of contact.activity.",
        '"two orders"',
    )
