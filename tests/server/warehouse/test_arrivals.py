"""What of a batch is new, what is there already, and what is there at another time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pyarrow as pa
import pytest

from bilan.sdk.datasets import Dataset, Row
from bilan.warehouse import Warehouse, Written
from bilan.warehouse.arrow import table_of
from bilan.warehouse.tables import GONE

from .declared import EVENTS, NOON, OTHER, SOURCE, TALKS, event, facts

pytestmark = pytest.mark.requirement("DC-26")


@pytest.fixture
def warehouse(any_warehouse: Warehouse) -> Warehouse:
    any_warehouse.ensure([EVENTS, TALKS])
    return any_warehouse


def write(warehouse: Warehouse, dataset: Dataset, rows: Sequence[Row], number: int) -> Written:
    return warehouse.append(dataset, SOURCE, rows, moment=NOON + timedelta(microseconds=number))


def later(number: int, **hours: int) -> Row:
    """The same event, at a later time."""
    row = event(number)
    return {**row, "occurred_at": row["occurred_at"] + timedelta(**hours)}


def at(number: int) -> datetime:
    return event(number)["occurred_at"]


def test_what_came_before_is_not_new_and_what_came_with_another_time_is_told(warehouse: Warehouse):
    first = write(warehouse, EVENTS, [event(1), event(2)], 1)
    assert (first.rows, list(first.new), first.elsewhere) == (2, [0, 1], {})
    assert (warehouse.append(EVENTS, OTHER, [event(1)], moment=NOON).rows) == 1

    again = write(warehouse, EVENTS, [event(3), event(2), later(1, hours=1)], 2)

    assert (again.rows, list(again.new), again.elsewhere) == (1, [0], {2: at(1)})
    assert again.days == {at(3).date()}
    assert facts(warehouse, EVENTS, "event_id, occurred_at", f"source = '{SOURCE}'") == [
        (f"e{number}", at(number)) for number in (1, 2, 3)
    ]


@pytest.mark.parametrize("cuts", [(3,), (1, 1, 1), (2, 1)], ids=str)
def test_one_id_at_several_times_is_one_fact_the_first_to_arrive_in_one_batch_or_in_three(
    warehouse: Warehouse, cuts: tuple[int, ...]
):
    # The first to arrive is neither the earliest nor the latest; they lie in three months.
    rows = [later(1, days=40), event(1), later(1, days=80)]
    told, start = list[datetime](), 0
    for number, count in enumerate(cuts):
        written = write(warehouse, EVENTS, rows[start : start + count], number)
        told += written.elsewhere.values()
        start += count
    assert told == [rows[0]["occurred_at"]] * 2
    assert facts(warehouse, EVENTS, "occurred_at") == [(rows[0]["occurred_at"],)]


def test_of_what_changes_a_row_is_new_where_it_says_something_else(warehouse: Warehouse):
    assert list(write(warehouse, TALKS, [event(1), event(2)], 1).new) == [0, 1]
    rows = [event(1), event(2, opens=5), event(2, opens=5), later(3, hours=1), event(1, tags=["red"])]
    assert list(write(warehouse, TALKS, rows, 2).new) == [1, 3, 4]
    assert list(write(warehouse, TALKS, [event(2, opens=5), event(1)], 3).new) == [1]


def test_taking_back_is_something_new_and_so_is_what_comes_after_it(warehouse: Warehouse):
    write(warehouse, TALKS, [event(1)], 1)
    rows = table_of(TALKS, [event(1), {"event_id": "e1"}, event(1), event(1)])
    gone = rows.append_column(GONE, pa.array([False, True, False, False]))
    written = warehouse.append(TALKS, SOURCE, gone, moment=NOON + timedelta(seconds=1))
    assert list(written.new) == [1, 2]
