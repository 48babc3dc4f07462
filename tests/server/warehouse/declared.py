"""Datasets to append to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

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
MOVING = replace(EVENTS, key="post.moving", keep=Keep.LAST, sort=())
SOURCE = UUID("11111111-1111-4111-8111-111111111111")
OTHER = UUID("22222222-2222-4222-8222-222222222222")
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def event(number: int, **values: Any) -> Row:
    """The fact with this number, a day after the one before."""
    return {"occurred_at": NOON + timedelta(days=number), "event_id": f"e{number}", "kind": "open", **values}


def append(
    warehouse: Warehouse, dataset: Dataset, rows: Iterable[Row], sequence: int = 1, at: datetime = NOON
) -> int:
    """Add facts of the one source as the batch with this number; how many rows were written."""
    moment = at + timedelta(microseconds=sequence)
    return warehouse.append(dataset, SOURCE, list(rows), moment=moment).rows


def facts(
    warehouse: Warehouse, dataset: Dataset, columns: str, visible: str = "1", within: str = ""
) -> list[tuple[Any, ...]]:
    """Columns of the facts, each fact once, sorted."""
    found = warehouse.query(f"SELECT {columns} FROM {one_copy_each(dataset, visible, within)}").rows
    return sorted(tuple(row) for row in found)


def command(warehouse: Warehouse, statement: str) -> None:
    """What only a test does to a table: merge it at once, or empty it."""
    with warehouse._writers.handle() as client:
        client.command(statement)
