"""Adding facts: each is there once, whatever arrives how often."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bilan.sdk.datasets import Dataset, Row
from bilan.settings import Settings
from bilan.warehouse import Warehouse
from support.long import times

from .declared import EVENTS, MOVING, NOON, OTHER, SOURCE, TALKS, append, command, event, facts

pytestmark = pytest.mark.requirement("GO-17")


@pytest.fixture
def warehouse(any_warehouse: Warehouse) -> Warehouse:
    any_warehouse.ensure([EVENTS, TALKS, MOVING])
    return any_warehouse


def test_a_batch_that_arrives_twice_is_there_once(warehouse: Warehouse):
    batch = [event(number) for number in range(50)]
    assert append(warehouse, EVENTS, batch, sequence=7) == 50
    append(warehouse, EVENTS, batch, sequence=7)
    assert facts(warehouse, EVENTS, "count()") == [(50,)]


def test_a_fact_of_two_batches_is_there_once(warehouse: Warehouse):
    append(warehouse, EVENTS, [event(1), event(2)], sequence=1)
    append(warehouse, EVENTS, [event(2), event(3)], sequence=2)
    assert facts(warehouse, EVENTS, "event_id") == [("e1",), ("e2",), ("e3",)]


def test_the_same_identity_at_two_sources_is_two_facts(warehouse: Warehouse):
    for source in (SOURCE, OTHER):
        warehouse.append(EVENTS, source, [event(1)], moment=NOON)
    assert facts(warehouse, EVENTS, "count()") == [(2,)]


ORDERS = list(enumerate(itertools.permutations((1, 2, 3))))


def test_the_copy_with_the_lowest_sequence_stays_in_whatever_order_they_arrive(warehouse: Warehouse):
    for number, order in ORDERS:
        for sequence in order:
            append(warehouse, EVENTS, [event(number, opens=sequence * 100)], sequence=sequence)
    assert facts(warehouse, EVENTS, "event_id, opens") == [(f"e{number}", 100) for number in range(6)]


@pytest.mark.parametrize("dataset", [TALKS, MOVING], ids=["talks", "moving"])
def test_of_changing_things_the_copy_with_the_highest_sequence_stays(warehouse: Warehouse, dataset: Dataset):
    for number, order in ORDERS:
        for sequence in order:
            append(warehouse, dataset, [event(number, opens=sequence * 100)], sequence=sequence)
    assert facts(warehouse, dataset, "event_id, opens") == [(f"e{number}", 300) for number in range(6)]


def test_a_thing_whose_time_changes_is_there_once_even_in_another_month(warehouse: Warehouse):
    append(warehouse, MOVING, [event(1)], sequence=1)
    later = event(1, occurred_at=NOON + timedelta(days=60), opens=9)
    append(warehouse, MOVING, [later], sequence=2)
    assert facts(warehouse, MOVING, "event_id, opens, occurred_at") == [("e1", 9, NOON + timedelta(days=60))]


def test_within_a_batch_the_first_row_stays_or_the_last_one_of_a_changing_thing(warehouse: Warehouse):
    batch = [event(1, opens=1), event(1, opens=2), event(1, opens=3)]
    assert append(warehouse, EVENTS, batch) == 1
    assert append(warehouse, TALKS, batch) == 1
    assert facts(warehouse, EVENTS, "opens") == [(1,)]
    assert facts(warehouse, TALKS, "opens") == [(3,)]


def test_a_changing_thing_can_be_seen_as_it_was_at_an_earlier_moment(warehouse: Warehouse):
    for hour in (1, 2, 3):
        append(warehouse, TALKS, [event(1, opens=hour)], sequence=hour, at=NOON + timedelta(hours=hour))
    command(warehouse, "OPTIMIZE TABLE post__talks FINAL")
    for hour in (1, 2, 3):
        moment = f"ingested_at <= toDateTime64('2026-03-14 {12 + hour}:30:00', 6, 'UTC')"
        assert facts(warehouse, TALKS, "opens", moment) == [(hour,)]


def test_concurrent_copies_of_the_same_batches_leave_each_fact_once(warehouse: Warehouse):
    batches = [[event(number) for number in range(start, start + 40)] for start in range(0, 100, 20)]
    with ThreadPoolExecutor(6) as pool:
        writing = [
            pool.submit(append, warehouse, EVENTS, batches[number % 5], number) for number in range(20)
        ]
    # Each was new to somebody; to whom depends on who looked before whom.
    assert sum(one.result() for one in writing) >= 120
    assert facts(warehouse, EVENTS, "count(), uniqExact(event_id)") == [(120, 120)]


def test_facts_and_their_uniqueness_outlive_closing_and_opening(any_warehouse_settings: Settings):
    for _time in range(2):
        warehouse = Warehouse.open(any_warehouse_settings)
        warehouse.ensure([EVENTS])
        append(warehouse, EVENTS, [event(number) for number in range(30)])
        assert facts(warehouse, EVENTS, "count()") == [(30,)]
        warehouse.close()


def test_a_batch_may_span_more_months_than_one_insert_may_touch(warehouse: Warehouse):
    months = [datetime(2010 + n // 12, n % 12 + 1, 1, tzinfo=UTC) for n in range(150)]
    append(warehouse, EVENTS, [event(n, occurred_at=month) for n, month in enumerate(months)])
    assert facts(warehouse, EVENTS, "count(), uniqExact(toYYYYMM(occurred_at))") == [(150, 150)]


def test_nothing_to_append_is_no_insert(warehouse: Warehouse):
    assert append(warehouse, EVENTS, []) == 0


TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
INSTANT = st.datetimes(datetime(1990, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "occurred_at": INSTANT,
            "event_id": TEXT,
            "kind": TEXT,
            "tags": st.lists(TEXT, max_size=3),
            "links": st.lists(TEXT, max_size=3),
            "opens": st.integers(-(2**63), 2**63 - 1),
            "score": st.none() | st.floats(allow_nan=False),
            "archived": st.booleans(),
            "country": st.none() | TEXT,
            "born": st.none() | st.dates(date(1900, 1, 1), date(2299, 12, 31)),
        }
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda row: str(row["event_id"]),
)


@given(rows=ROWS)
@settings(max_examples=times(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_value_comes_back_as_it_was(warehouse: Warehouse, rows: list[Row]):
    command(warehouse, "TRUNCATE TABLE post__events")
    append(warehouse, EVENTS, rows)
    names = [column.name for column in EVENTS.columns]
    found = {row[1]: dict(zip(names, row, strict=True)) for row in facts(warehouse, EVENTS, ", ".join(names))}
    assert found == {row["event_id"]: row for row in rows}


def test_an_insert_is_there_when_it_returns_whatever_the_engine_does_by_itself(any_warehouse: Warehouse):
    with any_warehouse._writers.handle() as client:
        found = client.query("SELECT value, changed FROM system.settings WHERE name = 'async_insert'")
    assert [tuple(row) for row in found.result_rows] == [("0", 1)]
