"""What becomes of the tables when a plugin's declaration changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bilan.sdk.datasets import Column, ColumnType, Dataset, Keep
from bilan.sdk.errors import Misdeclared
from bilan.sdk.messages import Message
from bilan.warehouse import Warehouse

from .declared import EVENTS, NAME, append, command, event, facts

pytestmark = pytest.mark.requirement("GO-17")


@pytest.fixture
def warehouse(any_warehouse: Warehouse) -> Warehouse:
    """With one fact, so that nothing can be made anew."""
    any_warehouse.ensure([EVENTS])
    append(any_warehouse, EVENTS, [event(1, opens=3, country="fr", tags=["a"])])
    return any_warehouse


def with_column(column: Column) -> Dataset:
    """The dataset with one column declared otherwise, or added."""
    others = [one for one in EVENTS.columns if one.name != column.name]
    return replace(EVENTS, columns=(*others, column))


def test_declaring_the_same_again_changes_nothing(warehouse: Warehouse):
    warehouse.ensure([EVENTS, EVENTS])
    assert facts(warehouse, EVENTS, "event_id, opens") == [("e1", 3)]
    assert warehouse.query("SELECT count() FROM _bilan_datasets").rows == [(1,)]


def test_another_label_changes_nothing(warehouse: Warehouse):
    relabelled = tuple(replace(one, label=Message("Other")) for one in EVENTS.columns)
    warehouse.ensure([replace(EVENTS, label=Message("Other"), columns=relabelled)])
    assert warehouse.query("SELECT count() FROM _bilan_datasets").rows == [(1,)]


def test_a_new_column_is_empty_in_older_facts(warehouse: Warehouse):
    changed = with_column(Column("subject", ColumnType.TEXT, NAME))
    warehouse.ensure([changed])
    append(warehouse, changed, [event(2, subject="Hello")])
    assert facts(warehouse, changed, "event_id, subject") == [("e1", ""), ("e2", "Hello")]


def test_a_column_left_out_and_declared_again_has_its_values(warehouse: Warehouse):
    shorter = replace(EVENTS, columns=tuple(one for one in EVENTS.columns if one.name != "opens"))
    warehouse.ensure([shorter])
    append(warehouse, shorter, [event(2)])
    warehouse.ensure([EVENTS])
    assert facts(warehouse, EVENTS, "event_id, opens") == [("e1", 3), ("e2", 0)]


def test_a_column_may_become_nullable(warehouse: Warehouse):
    changed = with_column(Column("opens", ColumnType.INTEGER, NAME, nullable=True))
    warehouse.ensure([changed])
    append(warehouse, changed, [event(2)])
    assert facts(warehouse, changed, "event_id, opens") == [("e1", 3), ("e2", None)]


def test_whole_numbers_may_become_numbers(warehouse: Warehouse):
    changed = with_column(Column("opens", ColumnType.NUMBER, NAME))
    warehouse.ensure([changed])
    append(warehouse, changed, [event(2, opens=0.5)])
    assert facts(warehouse, changed, "event_id, opens") == [("e1", 3.0), ("e2", 0.5)]


def test_becoming_a_dimension_keeps_the_values(warehouse: Warehouse):
    changed = replace(
        EVENTS,
        columns=tuple(replace(one, dimension=one.name in ("event_id", "links")) for one in EVENTS.columns),
    )
    warehouse.ensure([changed])
    append(warehouse, changed, [event(2, links=["x"])])
    assert facts(warehouse, changed, "event_id, country, links") == [("e1", "fr", []), ("e2", None, ["x"])]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (
            with_column(Column("opens", ColumnType.TEXT, NAME)),
            "its column opens held integer and is now to hold text",
        ),
        (
            with_column(Column("score", ColumnType.NUMBER, NAME)),
            "its column score could be empty and now may not",
        ),
        (
            replace(EVENTS, identity=("event_id", "kind")),
            "its identity was event_id and is now event_id, kind",
        ),
        (replace(EVENTS, sort=("kind",)), "its sort order was occurred_at and is now kind"),
        (replace(EVENTS, keep=Keep.LAST), "its copy that is kept was first and is now last"),
        (
            replace(with_column(Column("sent_at", ColumnType.INSTANT, NAME)), time="sent_at"),
            "its time column was occurred_at and is now sent_at",
        ),
        (
            with_column(Column("event_id", ColumnType.TEXT, NAME, nullable=True)),
            "its column event_id is part of the table's order and cannot change",
        ),
    ],
)
def test_a_change_that_would_bend_stored_facts_is_refused_by_name(
    warehouse: Warehouse, changed: Dataset, says: str
):
    with pytest.raises(Misdeclared) as refusal:
        warehouse.ensure([changed])
    assert "The plugin of post changed the dataset post.events" in str(refusal.value)
    assert says in str(refusal.value)
    warehouse.ensure([EVENTS])
    assert facts(warehouse, EVENTS, "event_id, opens") == [("e1", 3)]


def test_facts_past_their_retention_are_dropped_and_a_longer_one_may_be_declared(warehouse: Warehouse):
    old = datetime.now(UTC) - timedelta(days=40)
    append(warehouse, EVENTS, [event(2, occurred_at=old), event(3, occurred_at=datetime.now(UTC))])
    warehouse.ensure([replace(EVENTS, retention_days=100)])
    warehouse.ensure([replace(EVENTS, retention_days=30)])
    command(warehouse, "ALTER TABLE post__events MATERIALIZE TTL SETTINGS mutations_sync = 2")
    assert ("e2",) not in facts(warehouse, EVENTS, "event_id")
    assert ("e3",) in facts(warehouse, EVENTS, "event_id")
    warehouse.ensure([EVENTS])
