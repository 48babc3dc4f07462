"""Facts that change: each stands in one place at any moment, and nowhere once it is retracted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from bilan.sdk.datasets import Column, ColumnType, Row
from bilan.warehouse import Warehouse, microseconds
from bilan.warehouse.arrow import ArrowTable, table_of

from .declared import MOVING, NAME, NOON, OTHER, SOURCE, TALKS, event, facts

pytestmark = pytest.mark.requirement("GO-17")

MARCH, APRIL, MAY = (datetime(2026, month, 5, 12, tzinfo=NOON.tzinfo) for month in (3, 4, 5))
KEYED = replace(
    TALKS,
    key="post.keyed",
    columns=(*TALKS.columns, Column("part", ColumnType.INTEGER, NAME, nullable=True)),
    identity=("event_id", "part"),
)


@pytest.fixture
def warehouse(any_warehouse: Warehouse) -> Warehouse:
    any_warehouse.ensure([TALKS, MOVING, KEYED])
    return any_warehouse


def at(moment: int) -> datetime:
    """The moment with this number."""
    return NOON + timedelta(hours=moment)


def talk(occurred_at: datetime, **values: Any) -> Row:
    return event(1, occurred_at=occurred_at, **values)


def as_of(moment: int) -> str:
    return f"ingested_at <= fromUnixTimestamp64Micro({microseconds(at(moment))}, 'UTC')"


def retraction(*names: str) -> ArrowTable:
    """The rows that retract talks."""
    return pa.table({"event_id": list(names), "_gone": [True] * len(names)})


def months(warehouse: Warehouse, moment: int = 9) -> dict[str, int]:
    """How many talks each month has when it is asked about alone."""
    found: dict[str, int] = {}
    for month in ("2026-03", "2026-04", "2026-05"):
        within = f"occurred_at >= '{month}-01 00:00:00' AND occurred_at < '{month}-28 00:00:00'"
        found[month] = facts(warehouse, TALKS, "count()", as_of(moment), within)[0][0]
    return found


def test_a_talk_that_moved_counts_once_and_where_it_was_at_each_moment(warehouse: Warehouse):
    for moment, time in enumerate((MARCH, APRIL, MARCH, MAY), start=1):
        warehouse.append(TALKS, SOURCE, [talk(time)], moment=at(moment))

    assert [months(warehouse, moment) for moment in range(5)] == [
        {"2026-03": 0, "2026-04": 0, "2026-05": 0},
        {"2026-03": 1, "2026-04": 0, "2026-05": 0},
        {"2026-03": 0, "2026-04": 1, "2026-05": 0},
        {"2026-03": 1, "2026-04": 0, "2026-05": 0},
        {"2026-03": 0, "2026-04": 0, "2026-05": 1},
    ]


def test_a_batch_touches_the_days_that_it_leaves_and_those_that_it_comes_to(warehouse: Warehouse):
    warehouse.append(TALKS, SOURCE, [talk(MARCH), event(2, occurred_at=MAY)], moment=at(1))
    moved = warehouse.append(TALKS, SOURCE, [talk(APRIL)], moment=at(2))
    stayed = warehouse.append(TALKS, SOURCE, [talk(APRIL, opens=2)], moment=at(3))
    gone = warehouse.append(TALKS, SOURCE, retraction("e1", "e3"), moment=at(4))

    assert (moved.rows, moved.days) == (1, {date(2026, 3, 5), date(2026, 4, 5)})
    assert (stayed.rows, stayed.days) == (1, {date(2026, 4, 5)})
    assert (gone.rows, gone.days) == (0, {date(2026, 4, 5)})


def test_a_talk_that_is_retracted_is_gone_from_then_on_until_it_is_told_again(warehouse: Warehouse):
    warehouse.append(TALKS, SOURCE, [talk(MARCH), event(2, occurred_at=MARCH)], moment=at(1))
    warehouse.append(TALKS, SOURCE, retraction("e1"), moment=at(2))
    warehouse.append(TALKS, SOURCE, [talk(MARCH)], moment=at(3))

    assert [months(warehouse, moment)["2026-03"] for moment in (1, 2, 3)] == [2, 1, 2]


def test_within_a_batch_the_last_word_counts(warehouse: Warehouse):
    told = table_of(TALKS, [talk(MARCH), event(2, occurred_at=MARCH)])
    told_again = table_of(TALKS, [talk(APRIL)])
    rows = pa.concat_tables([told, retraction("e1", "e2"), told_again], promote_options="default")
    warehouse.append(TALKS, SOURCE, rows, moment=at(1))

    assert facts(warehouse, TALKS, "event_id, occurred_at") == [("e1", APRIL)]


def test_what_stood_before_is_handed_back(warehouse: Warehouse):
    warehouse.append(TALKS, SOURCE, [talk(MARCH), event(2), event(3)], moment=at(1))
    warehouse.append(TALKS, OTHER, [talk(MAY)], moment=at(2))
    written = warehouse.append(
        TALKS,
        SOURCE,
        pa.concat_tables([table_of(TALKS, [talk(APRIL)]), retraction("e3")], promote_options="default"),
        moment=at(3),
    )

    assert written.before is not None
    assert written.after is not None
    assert sorted(written.before["event_id"].to_pylist()) == ["e1", "e3"]
    assert written.after["event_id"].to_pylist() == ["e1"]


def test_the_same_name_at_another_source_stays_where_it_is(warehouse: Warehouse):
    warehouse.append(TALKS, SOURCE, [talk(MARCH)], moment=at(1))
    warehouse.append(TALKS, OTHER, [talk(APRIL)], moment=at(2))
    warehouse.append(TALKS, OTHER, retraction("e1"), moment=at(3))

    assert months(warehouse, 2) == {"2026-03": 1, "2026-04": 1, "2026-05": 0}
    assert months(warehouse) == {"2026-03": 1, "2026-04": 0, "2026-05": 0}


def test_an_identity_of_several_columns_is_found_also_where_one_is_empty(warehouse: Warehouse):
    for moment, time in enumerate((MARCH, APRIL), start=1):
        rows = [talk(time, part=None), talk(time, part=1)]
        warehouse.append(KEYED, SOURCE, rows[: 3 - moment], moment=at(moment))

    assert facts(warehouse, KEYED, "ifNull(part, 0), occurred_at") == [(0, APRIL), (1, MARCH)]


@pytest.mark.parametrize("again", [1, 2], ids=["written once", "written twice"])
def test_what_is_withdrawn_stands_where_it_stood(warehouse: Warehouse, again: int):
    warehouse.append(TALKS, SOURCE, [talk(MARCH), event(2, occurred_at=MARCH)], moment=at(1))
    for _time in range(again):
        rows = pa.concat_tables([table_of(TALKS, [talk(APRIL)]), retraction("e2")], promote_options="default")
        warehouse.append(TALKS, SOURCE, rows, moment=at(2))
    assert months(warehouse) == {"2026-03": 0, "2026-04": 1, "2026-05": 0}

    warehouse.withdraw(at(2))

    assert months(warehouse) == {"2026-03": 2, "2026-04": 0, "2026-05": 0}
    assert warehouse.query("SELECT count() FROM post__talks").rows == [(2,)]


def test_what_a_process_that_stood_still_writes_after_its_batch_was_withdrawn_is_not_seen(
    warehouse: Warehouse,
):
    warehouse.append(TALKS, SOURCE, [talk(MARCH)], moment=at(1))
    warehouse.withdraw(at(2))
    warehouse.append(TALKS, SOURCE, [talk(APRIL)], moment=at(3))
    warehouse.append(TALKS, SOURCE, [talk(MAY)], moment=at(2))

    assert months(warehouse) == {"2026-03": 0, "2026-04": 1, "2026-05": 0}
    warehouse.append(TALKS, SOURCE, [talk(MARCH)], moment=at(4))
    assert months(warehouse) == {"2026-03": 1, "2026-04": 0, "2026-05": 0}


def test_things_whose_time_is_no_part_of_their_order_keep_to_their_places_too(warehouse: Warehouse):
    for moment, day in enumerate((0, 7, 60), start=1):
        row = event(1, occurred_at=NOON + timedelta(days=day), opens=day)
        warehouse.append(MOVING, SOURCE, [row], moment=at(moment))

    assert [facts(warehouse, MOVING, "opens", as_of(moment)) for moment in (1, 2, 3)] == [
        [(0,)],
        [(7,)],
        [(60,)],
    ]
    early = "occurred_at < '2026-03-30 00:00:00'"
    assert [facts(warehouse, MOVING, "opens", as_of(moment), early) for moment in (2, 3)] == [[(7,)], []]
