"""A question whose asker has gone: ended in the engine, its place given free."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from bilan.manifest import Snapshot
from bilan.query.asker import asked_through
from bilan.query.query import Query
from bilan.query.session import QuerySession
from bilan.registry.declared import Registry
from bilan.sdk.errors import Cancelled
from bilan.warehouse import Warehouse
from fixtures.email_reports import NOW

SLOW = "SELECT sum(sipHash64(number, 1)) FROM numbers(1000000000000)"
RUNNING = (
    "SELECT count() FROM system.processes WHERE query LIKE '%1000000000000%' AND query NOT LIKE '%system%'"
)


@pytest.fixture
def query(any_warehouse: Warehouse) -> Query:
    """A query of one place, over a warehouse in which anything can be asked."""
    registry: Any = SimpleNamespace(datasets={})
    return Query(any_warehouse, registry, SimpleNamespace(), at_once=1, each=1)  # type: ignore[arg-type]


@pytest.fixture
def client(any_warehouse: Warehouse) -> QuerySession:
    registry: Any = Registry(())
    return QuerySession(any_warehouse, registry, frozenset(), Snapshot(NOW))


def running(query: Query) -> int:
    return query.warehouse.query(RUNNING).rows[0][0]


async def until_it_runs(query: Query) -> None:
    while not await asyncio.to_thread(running, query):  # noqa: ASYNC110 - the engine tells nobody
        await asyncio.sleep(0.01)


def slow(client: QuerySession) -> object:
    return client.warehouse.query(SLOW, tag=client.tag).rows


class Connection:
    """An asker's connection."""

    def __init__(self) -> None:
        self.over = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.over.wait()
        return {"type": "http.disconnect"}


async def test_hanging_up_ends_the_statement_and_gives_the_place_free(
    query: Query, client: QuerySession
) -> None:
    connection = Connection()
    with asked_through(connection.receive):
        asking = asyncio.create_task(query.ask(uuid4(), client, slow))
    await until_it_runs(query)
    assert query.questions.asking == 1
    connection.over.set()
    with pytest.raises(Cancelled):
        await asking
    assert (query.questions.asking, await asyncio.to_thread(running, query)) == (0, 0)
    assert await query.ask(uuid4(), client, lambda bound: bound.warehouse.query("SELECT 1").rows) == [(1,)]


async def test_a_task_that_is_cancelled_ends_the_statement_too(query: Query, client: QuerySession) -> None:
    asking = asyncio.create_task(query.ask(uuid4(), client, slow))
    await until_it_runs(query)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (query.questions.asking, await asyncio.to_thread(running, query)) == (0, 0)


async def test_what_was_not_asked_yet_is_asked_no_more(
    query: Query, client: QuerySession, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = threading.Event()

    def told_of(_tag: str) -> None:
        told.set()

    monkeypatch.setattr(query.warehouse, "cancel", told_of)
    connection, begun, may_go_on, steps = Connection(), threading.Event(), threading.Event(), list[str]()

    def work(bound: QuerySession) -> None:
        begun.set()
        may_go_on.wait()
        bound.progress(0.5)
        steps.append("went on")

    with asked_through(connection.receive):
        asking = asyncio.create_task(query.ask(uuid4(), client, work))
    await asyncio.to_thread(begun.wait)
    connection.over.set()
    await asyncio.to_thread(told.wait)
    may_go_on.set()
    with pytest.raises(Cancelled):
        await asking
    assert steps == []


async def test_who_hangs_up_while_waiting_asks_nothing(query: Query, client: QuerySession) -> None:
    first = asyncio.create_task(query.ask(uuid4(), client, slow))
    await until_it_runs(query)
    connection, asked = Connection(), list[object]()
    with asked_through(connection.receive):
        second = asyncio.create_task(query.ask(uuid4(), client, asked.append))
    while not query.questions.waiting:  # noqa: ASYNC110 - nobody is told
        await asyncio.sleep(0)
    connection.over.set()
    with pytest.raises(Cancelled):
        await second
    assert (query.questions.waiting, asked) == (0, [])
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_an_error_of_the_work_is_the_askers(query: Query, client: QuerySession) -> None:
    def broken(_bound: QuerySession) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await query.ask(uuid4(), client, broken)
    assert query.questions.asking == 0
