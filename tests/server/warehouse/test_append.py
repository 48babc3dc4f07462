"""Adding facts: once each, whatever arrives how often."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from bilan.sdk.datasets import Column, ColumnType, Dataset, Keep, Row
from bilan.sdk.messages import Message
from bilan.warehouse import Warehouse, one_copy_each

NAME = Message("Name")
EVENTS = Dataset(
    key="post.events",
    label=NAME,
    description=NAME,
    columns=(
        Column("occurred_at", ColumnType.INSTANT, NAME),
        Column("event_id", ColumnType.TEXT, NAME),
        Column("kind", ColumnType.TEXT, NAME, dimension=True),
        Column("tags", ColumnType.TEXTS, NAME, dimension=True),
        Column("links", ColumnType.TEXTS, NAME),
        Column("opens", ColumnType.INTEGER, NAME),
        Column("score", ColumnType.NUMBER, NAME, nullable=True),
        Column("archived", ColumnType.BOOLEAN, NAME),
        Column("country", ColumnType.TEXT, NAME, dimension=True, nullable=True),
        Column("born", ColumnType.DATE, NAME, nullable=True),
    ),
    identity=("event_id",),
)
TALKS = replace(EVENTS, key="post.talks", keep=Keep.LAST)
MOVING = replace(TALKS, key="post.moving", sort=())
SOURCE = UUID("11111111-1111-4111-8111-111111111111")
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def event(number: int, **values: Any) -> Row:
    return {"occurred_at": NOON + timedelta(days=number), "event_id": f"e{number}", "kind": "open", **values}


def facts(warehouse: Warehouse, dataset: Dataset, *columns: str) -> list[tuple[Any, ...]]:
    names = ", ".join(columns)
    sql = f"SELECT {names} FROM {one_copy_each(dataset, '1')} ORDER BY {names}"
    return [tuple(row) for row in warehouse.query(sql).rows]


def append(warehouse: Warehouse, dataset: Dataset, rows: Iterable[Row], sequence: int = 1) -> int:
    return warehouse.append(dataset, SOURCE, list(rows), sequence=sequence, ingested_at=NOON)


@pytest.fixture(autouse=True)
def tables(warehouse: Warehouse) -> None:
    warehouse.ensure([EVENTS, TALKS, MOVING])


def test_a_batch_that_arrives_twice_is_there_once(warehouse: Warehouse) -> None:
    batch = [event(n) for n in range(50)]
    append(warehouse, EVENTS, batch, sequence=7)
    append(warehouse, EVENTS, batch, sequence=7)
    assert facts(warehouse, EVENTS, "count()") == [(50,)]


def test_a_fact_of_two_batches_is_there_once(warehouse: Warehouse) -> None:
    append(warehouse, EVENTS, [event(1), event(2)], sequence=1)
    append(warehouse, EVENTS, [event(2), event(3)], sequence=2)
    assert facts(warehouse, EVENTS, "event_id") == [("e1",), ("e2",), ("e3",)]
