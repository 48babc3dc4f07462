"""Facts page by page: whatever they are sorted by, each is read once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bilan.manifest import Snapshot
from bilan.query.session import QuerySession
from bilan.query.sorting import Place, settling
from bilan.sdk.conditions import Is
from bilan.sdk.datasets import ColumnType, Dataset, Row
from bilan.sdk.errors import Conflict, Invalid
from bilan.sdk.query import Order
from bilan.warehouse import Warehouse

from .post import COLUMNS, LETTERS, LYON, NOW, PARCELS, PARIS, REGISTRY

SAME = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATER = SAME + timedelta(microseconds=1)
ROWS: list[Row] = [
    {"occurred_at": at, "event_id": name, "kind": "sent", "contact": name, "rooms": 1, **more}
    for at, name, more in (
        (SAME, "a", {"country": "FR", "weight": 3, "price": 0.5, "tags": ["red"], "due": date(2026, 4, 1)}),
        (SAME, "b", {"country": "", "weight": None, "tags": ["red", "blue"], "opened_at": LATER}),
        (SAME, "c'", {"country": None, "weight": -1, "price": -2.0, "express": True}),
        (LATER, "A", {"country": "DE", "weight": 3, "rooms": 2, "tags": ["blue"], "opened_at": SAME}),
        (LATER, "d\\", {"country": None, "price": 0.5, "due": date(2025, 1, 1), "topics": ["x", "y"]}),
        (LATER, "é\n", {"country": "FR", "weight": 7, "contact": "", "topics": ["x"]}),
    )
]  # fmt: skip


@pytest.fixture(scope="module", params=[LETTERS, PARCELS], ids=lambda dataset: dataset.key)
def dataset(request: pytest.FixtureRequest, shared_warehouse: Warehouse) -> Dataset:
    """A dataset that keeps the first copy of a fact, and one that keeps the last; each with seven facts."""
    made: Dataset = request.param
    shared_warehouse.ensure([made])
    shared_warehouse.append(made, PARIS, ROWS, moment=NOW - timedelta(seconds=1))
    # The same id at another source is another fact.
    shared_warehouse.append(made, LYON, ROWS[:1], moment=NOW)
    return made


@pytest.fixture
def client(shared_warehouse: Warehouse, dataset: Dataset) -> QuerySession:
    return QuerySession(shared_warehouse, REGISTRY, frozenset([PARIS, LYON]), Snapshot(NOW))


def read(
    client: QuerySession, dataset: Dataset, order: tuple[Order, ...], **rest: Any
) -> list[dict[str, Any]]:
    return list(client.rows(dataset.key, settling(dataset), order=order, **rest))


def paged(
    client: QuerySession, dataset: Dataset, order: tuple[Order, ...], size: int
) -> list[dict[str, Any]]:
    """All the facts, a few at a time."""
    found = page = read(client, dataset, order, limit=size)
    while page:
        page = read(client, dataset, order, limit=size, place=Place(page[-1]))
        found = found + page
    return found


@pytest.mark.requirement("AD-06")
@pytest.mark.parametrize("column", [*(one.name for one in COLUMNS), "source", "ingested_at"])
def test_pages_make_up_the_whole_in_either_direction(
    client: QuerySession, dataset: Dataset, column: str
) -> None:
    for order in ((Order(column, descending=False),), (Order(column),)):
        whole = read(client, dataset, order)
        assert len(whole) == 7

        sizes = (1, 2, 5) if column in ("tags", "price") else (2,)
        assert [paged(client, dataset, order, size) for size in sizes] == [whole] * len(sizes)
        for number, fact in enumerate(whole):
            before = read(client, dataset, order, place=Place(fact, backwards=True))
            assert before == whole[:number][::-1]


@pytest.mark.requirement("AD-06")
def test_time_that_leads_lets_the_rest_unread(
    client: QuerySession, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    (*_rest, last) = read(client, dataset, ())
    statements: list[str] = []
    stream = Warehouse.stream

    def heard(self: Warehouse, sql: str, parameters: Any, **named: Any) -> Any:
        statements.append(sql)
        return stream(self, sql, parameters, **named)

    monkeypatch.setattr(Warehouse, "stream", heard)
    assert read(client, dataset, (), place=Place(last)) == []

    (statement,) = statements
    assert statement.count("`occurred_at` >= ") == 1
    assert "OFFSET" not in statement


def test_a_fact_that_is_gone_still_holds_its_place_in_time_and_in_no_other_order(
    client: QuerySession, dataset: Dataset
) -> None:
    whole = read(client, dataset, ())
    gone = Place({**whole[1], "event_id": f"{whole[1]['event_id']}0"})

    assert read(client, dataset, (), place=gone) == whole[2:]
    with pytest.raises(Conflict, match="is not there any more; begin with the first page"):
        read(client, dataset, (Order("weight"),), place=gone)


def test_conditions_hold_beyond_a_place_too(client: QuerySession, dataset: Dataset) -> None:
    first, *_rest = read(client, dataset, ())

    found = read(client, dataset, (), place=Place(first), where=Is("express", value=True))

    assert [fact["event_id"] for fact in found] == ["c'"]


@pytest.mark.parametrize("value", [None, 7, "later", SAME.replace(tzinfo=None), date(2026, 3, 1)])
def test_what_is_no_moment_is_no_place(client: QuerySession, dataset: Dataset, value: Any) -> None:
    assert next(one for one in COLUMNS if one.name == "occurred_at").type is ColumnType.INSTANT
    first, *_rest = read(client, dataset, ())

    with pytest.raises(Invalid, match="No fact can stand at this place"):
        read(client, dataset, (), place=Place({**first, "occurred_at": value}))
