"""Facts that change, with what follows from them: corrected, taken back, told in any order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from bilan.ingest.batch import Batch
from bilan.ingest.normalise import Normalisers
from bilan.sdk.activity import ACTIVITY
from bilan.sdk.columns import FactColumns, encode
from bilan.sdk.datasets import Activity, Column, ColumnType, Dataset, Fact, Keep, Reject, Retract, Row
from bilan.sdk.messages import messages
from bilan.warehouse import Warehouse, microseconds, one_copy_each
from fixtures.ingest import NOW, ORDERS

_ = messages("shop")[0]
SOURCE, OTHER = UUID(int=7), UUID(int=8)
NINE = datetime(2026, 3, 9, 9, tzinfo=UTC)
TEN, ELEVEN = NINE + timedelta(hours=1), NINE + timedelta(hours=2)
MARCH = datetime(2026, 3, 9, tzinfo=UTC).date()


def what_was_done(row: Row) -> Iterator[Activity]:
    yield Activity(row["contact"], "talk", "began", row["topic"])
    if row["closed_at"]:
        yield Activity(row["contact"], "talk", "closed", row["topic"], at=row["closed_at"], key="close")


TALKS = Dataset(
    key="shop.talks",
    label=_("Talks"),
    description=_("What people talk about with the shop."),
    columns=(
        Column("started_at", ColumnType.INSTANT, _("Started")),
        Column("talk", ColumnType.TEXT, _("Talk")),
        Column("contact", ColumnType.TEXT, _("Contact"), personal=True),
        Column("topic", ColumnType.TEXT, _("Topic"), dimension=True),
        Column("closed_at", ColumnType.INSTANT, _("Closed"), nullable=True),
    ),
    identity=("talk",),
    time="started_at",
    sort=("started_at",),
    keep=Keep.LAST,
    activity=what_was_done,
)
NORMALISERS = Normalisers({dataset.key: dataset for dataset in (TALKS, ORDERS)})


@pytest.fixture
def warehouse(any_warehouse: Warehouse) -> Warehouse:
    any_warehouse.ensure([TALKS, ORDERS, ACTIVITY])
    return any_warehouse


def talk(name: str, contact: str, **values: Any) -> Fact:
    return Fact(TALKS.key, {"started_at": NINE, "talk": name, "contact": contact, "topic": "shoes", **values})


def gone(name: str) -> Retract:
    return Retract(TALKS.key, {"talk": name})


def take(
    warehouse: Warehouse,
    moment: int,
    *items: Fact | Retract | Reject | FactColumns,
    source: UUID = SOURCE,
) -> Batch:
    """Write a batch as the one with this number."""
    batch = Batch(NORMALISERS, NOW)
    for number, item in enumerate(items, start=1):
        batch.add(source, number, item)
    batch.append(warehouse, at(moment))
    return batch


def at(moment: int) -> datetime:
    return NOW + timedelta(seconds=moment)


def done(warehouse: Warehouse, moment: int = 99) -> list[tuple[Any, ...]]:
    """Who did what and when, as of a moment."""
    visible = f"ingested_at <= fromUnixTimestamp64Micro({microseconds(at(moment))}, 'UTC')"
    facts = one_copy_each(ACTIVITY, visible)
    found = warehouse.query(f"SELECT contact, action, occurred_at FROM {facts} ORDER BY ALL").rows
    return [tuple(row) for row in found]


def test_one_fact_can_say_several_things_each_at_its_time(warehouse: Warehouse):
    take(warehouse, 1, talk("T1", "ann", closed_at=ELEVEN))

    assert done(warehouse) == [("ann", "began", NINE), ("ann", "closed", ELEVEN)]


def test_what_follows_no_more_is_withdrawn_and_what_follows_still_stays_as_it_was_received(
    warehouse: Warehouse,
):
    take(warehouse, 1, talk("T1", "ann", closed_at=ELEVEN))
    take(warehouse, 2, talk("T1", "ann", closed_at=TEN))
    take(warehouse, 3, talk("T1", "ann"))

    assert [done(warehouse, moment) for moment in (1, 2, 3)] == [
        [("ann", "began", NINE), ("ann", "closed", ELEVEN)],
        [("ann", "began", NINE), ("ann", "closed", TEN)],
        [("ann", "began", NINE)],
    ]
    table = "contact__activity_changing"
    assert warehouse.query(f"SELECT count() FROM {table} WHERE action = 'began'").rows == [(1,)]


def test_the_activity_of_a_corrected_contact_moves_at_once_and_is_where_it_was_before(warehouse: Warehouse):
    take(warehouse, 1, talk("T1", "ann"), talk("T2", "bob"))
    batch = Batch(NORMALISERS, NOW)
    batch.add(SOURCE, 1, talk("T1", "bob"))
    touched = batch.append(warehouse, at(2))

    assert done(warehouse, 1) == [("ann", "began", NINE), ("bob", "began", NINE)]
    assert done(warehouse, 2) == [("bob", "began", NINE), ("bob", "began", NINE)]
    assert touched == {(TALKS.key, SOURCE): {MARCH}, (ACTIVITY.key, SOURCE): {MARCH}}


def test_a_retraction_takes_the_fact_and_all_that_followed_from_it(warehouse: Warehouse):
    take(warehouse, 1, talk("T1", "ann", closed_at=ELEVEN), talk("T2", "bob"))
    take(warehouse, 1, talk("T1", "cy"), source=OTHER)
    batch = take(warehouse, 2, gone("T1"))

    assert done(warehouse) == [("bob", "began", NINE), ("cy", "began", NINE)]
    assert (batch.count(SOURCE).accepted, batch.rejects) == (1, [])


def test_retracting_what_is_not_there_is_said(warehouse: Warehouse):
    take(warehouse, 1, talk("T1", "ann"))
    batch = take(warehouse, 2, gone("T9"), gone("T1"), gone("T1"))

    count = batch.count(SOURCE)
    assert (count.accepted, count.rejected) == (1, 2)
    assert [(reject.number, str(reject.reason), reject.raw) for _source, reject in batch.rejects] == [
        (1, "Talks has no fact of this identity to retract.", '{"talk": "T9"}'),
        (3, "Talks has no fact of this identity to retract.", '{"talk": "T1"}'),
    ]


def test_within_a_batch_facts_and_retractions_are_taken_in_their_order(warehouse: Warehouse):
    columns = {
        "started_at": encode([NINE, NINE]),
        "talk": encode(["T3", "T4"]),
        "contact": encode(["cy", "di"]),
    }
    batch = take(
        warehouse,
        1,
        talk("T1", "ann"),
        gone("T1"),
        gone("T2"),
        talk("T2", "bob"),
        FactColumns(TALKS.key, columns, [5, 6]),
        gone("T3"),
    )

    assert done(warehouse) == [("bob", "began", NINE), ("di", "began", NINE)]
    count = batch.count(SOURCE)
    assert (count.accepted, count.rejected) == (6, 1)
    assert [reject.number for _source, reject in batch.rejects] == [3]


@pytest.mark.parametrize(
    ("retract", "says"),
    [
        (
            Retract("shop.orders", {"order": "A1"}),
            "Facts of shop.orders never change and cannot be retracted.",
        ),
        (Retract("shop.none", {"order": "A1"}), "No plugin declares the dataset shop.none."),
        (Retract("shop.talks", {"topic": "T1"}), "topic is no part of the identity of shop.talks."),
        (Retract("shop.talks", {"talk": [1]}), "Talk must be a text, not [1]."),
        (Retract("shop.talks", {"talk": ""}), "Talk is missing; a row of Talks needs it."),
    ],
)
def test_a_retraction_of_nothing_that_can_be_retracted_is_refused(retract: Retract, says: str):
    batch = Batch(NORMALISERS, NOW)
    batch.add(SOURCE, 4, retract)

    assert [(reject.number, str(reject.reason)) for _source, reject in batch.rejects] == [(4, says)]


def test_several_activities_of_facts_in_columns_are_those_of_the_same_facts_one_by_one():
    closed = [ELEVEN, None, TEN]
    columns = {
        "started_at": encode([NINE] * 3),
        "talk": encode(["T1", "T2", "T3"]),
        "contact": encode(["ann", "", "cy"]),
        "closed_at": encode(closed),
    }
    once = replace(TALKS, keep=Keep.FIRST)
    batch = Batch(Normalisers({once.key: once}), NOW)
    batch.add(SOURCE, 1, FactColumns(TALKS.key, columns, [1, 2, 3]))
    batch.check()
    (group,) = [one for one in batch._groups.values() if one.dataset is ACTIVITY]

    wanted = ["contact", "action", "occurred_at", "key", "fact"]
    assert [tuple(row.get(name) or "" for name in wanted) for row in group.table().to_pylist()] == [
        ("ann", "began", NINE, "", "T1"),
        ("ann", "closed", ELEVEN, "close", "T1"),
        ("cy", "began", NINE, "", "T3"),
        ("cy", "closed", TEN, "close", "T3"),
    ]
