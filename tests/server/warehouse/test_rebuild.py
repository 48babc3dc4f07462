"""The tables of the release before, brought to the shape of this one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from bilan.sdk.activity import ACTIVITY
from bilan.sdk.datasets import Dataset
from bilan.warehouse import Warehouse, declarations, microseconds, rebuild
from bilan.warehouse.declarations import declaration_of, encode

from .declared import EVENTS, MOVING, SOURCE, TALKS, append, event, facts

pytestmark = pytest.mark.requirement("GO-17")


def day(number: int, month: int = 3) -> datetime:
    return datetime(2026, month, number, 12, tzinfo=UTC)


VERSIONS = [
    # name, version, received, occurred, opens; versions were numbers of posts and of chunks
    ("still", 1, day(1), day(1), 1),
    ("still", 2, day(2), day(1), 2),
    ("moved", 3, day(3), day(1), 1),
    ("moved", 4, day(4), day(9), 2),
    ("moved", 5, day(5), day(1, 7), 3),
    ("back", 6, day(6), day(1), 1),
    ("back", 7, day(7), day(2), 2),
    ("back", 8, day(8), day(1), 3),
    # A chunk of an import that had begun before was received after the posts.
    ("late", 9, day(12), day(1), 1),
    ("late", 10, day(10), day(2), 2),
    ("crossed", 11, day(10), day(1), 1),
    ("crossed", 12, day(13), day(2), 2),
    ("crossed", 13, day(11), day(3), 3),
]


def old_table(dataset: Dataset) -> str:
    order = ", ".join(dict.fromkeys(("source", *dataset.sort, *dataset.identity, "_version")))
    return f"""CREATE TABLE {dataset.key.replace(".", "__")} (
        occurred_at DateTime64(6, 'UTC'), event_id String, kind LowCardinality(String),
        tags Array(LowCardinality(String)), links Array(String), opens Int64, score Nullable(Float64),
        archived Bool, country LowCardinality(Nullable(String)), born Nullable(Date32), lost String,
        source UUID, ingested_at DateTime64(6, 'UTC'), _version UInt64)
        ENGINE = ReplacingMergeTree(_version) PARTITION BY toYYYYMM(occurred_at) ORDER BY ({order})"""


@pytest.fixture(params=[TALKS, MOVING], ids=["talks", "moving"])
def dataset(request: pytest.FixtureRequest) -> Dataset:
    return request.param


@pytest.fixture
def warehouse(any_warehouse: Warehouse, dataset: Dataset) -> Warehouse:
    """As the release before left it: a declaration without an order, and a column declared no longer."""
    any_warehouse.ensure([EVENTS])
    append(any_warehouse, EVENTS, [event(1)])
    any_warehouse.write(old_table(dataset))
    rows = ", ".join(
        f"(fromUnixTimestamp64Micro({microseconds(time)}), '{name}', {opens}, 'kept', '{SOURCE}',"
        f" fromUnixTimestamp64Micro({microseconds(received)}), {version})"
        for name, version, received, time, opens in VERSIONS
    )
    columns = "occurred_at, event_id, opens, lost, source, ingested_at, _version"
    any_warehouse.write(f"INSERT INTO {dataset.key.replace('.', '__')} ({columns}) VALUES {rows}")
    declared = declaration_of(dataset)
    text = encode(declared).replace('"order":["', '"_":["')
    lost = '{"name":"lost","type":"text","nullable":false,"dimension":false}'
    text = text.replace('"columns":[', f'"columns":[{lost},')
    any_warehouse.write(
        "INSERT INTO _bilan_datasets VALUES ({key:String}, {text:String}, 1)",
        {"key": dataset.key, "text": text},
    )
    return any_warehouse


def seen(moment: datetime) -> list[tuple[str, datetime, int]]:
    """Of what had been received by then, the last version of each."""
    found: dict[str, tuple[str, datetime, int]] = {}
    for name, _version, received, time, opens in VERSIONS:
        if received <= moment:
            found[name] = (name, time, opens)
    return sorted(found.values())


def check(warehouse: Warehouse, dataset: Dataset) -> None:
    for number in range(1, 15):
        visible = f"ingested_at <= fromUnixTimestamp64Micro({microseconds(day(number))}, 'UTC')"
        found = facts(warehouse, dataset, "event_id, occurred_at, opens", visible)
        assert found == seen(day(number)), number
        first_days = "occurred_at < '2026-03-02 00:00:00'"
        assert facts(warehouse, dataset, "event_id, occurred_at, opens", visible, first_days) == [
            one for one in seen(day(number)) if one[1] == day(1)
        ]


def test_every_version_is_where_it_was_at_every_moment(warehouse: Warehouse, dataset: Dataset):
    warehouse.ensure([EVENTS, dataset])

    check(warehouse, dataset)
    table = dataset.key.replace(".", "__")
    assert warehouse.query(f"SELECT DISTINCT lost FROM {table} WHERE NOT _gone").rows == [("kept",)]
    assert warehouse.query("SHOW TABLES LIKE '%\\_\\_rebuilt'").rows == []
    assert warehouse.query("SHOW TABLES LIKE '%\\_\\_before'").rows == []
    assert facts(warehouse, EVENTS, "event_id") == [("e1",)]
    append(warehouse, dataset, [event(1, event_id="moved", occurred_at=day(1), opens=4)], at=day(14))
    assert ("moved", 4) in facts(warehouse, dataset, "event_id, opens")
    assert len(facts(warehouse, dataset, "event_id, opens")) == 5


def test_a_start_that_is_broken_off_goes_on_at_its_slice(
    warehouse: Warehouse, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
):
    begun: list[int] = []
    slices = rebuild._slice

    def slice_(dataset: Dataset, columns: list[str], number: int, changing: Sequence[str]) -> Iterator[str]:
        begun.append(number)
        for n, statement in enumerate(slices(dataset, columns, number, changing)):
            if len(begun) in (3, 8) and n == 1:
                raise KeyboardInterrupt
            yield statement

    monkeypatch.setattr(rebuild, "_slice", slice_)
    for _start in range(2):
        with pytest.raises(KeyboardInterrupt):
            warehouse.ensure([dataset])
    warehouse.ensure([dataset])

    assert begun == [0, 1, 2, 2, 3, 4, 5, 6, *range(6, 16)]
    check(warehouse, dataset)


def test_a_start_that_is_broken_off_before_the_declaration_is_kept_finishes_the_rest(
    warehouse: Warehouse, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
):
    def killed(*_arguments: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(declarations, "keep", killed)
        with pytest.raises(KeyboardInterrupt):
            warehouse.ensure([dataset])
    warehouse.ensure([dataset])

    check(warehouse, dataset)


ACTIVITIES = [
    # dataset, fact, contact, number of the copy: of each fact the first copy counts
    ("post.events", "e1", "ann", 1),
    ("post.events", "e1", "ann", 5),
    ("post.events", "e2", "bob", 2),
    ("post.talks", "e1", "cy", 3),
]


def test_what_contacts_did_is_sorted_by_contact_and_that_of_changing_facts_has_a_table_of_its_own(
    any_warehouse: Warehouse,
):
    any_warehouse.ensure([EVENTS])
    any_warehouse.write("""CREATE TABLE contact__activity (
        occurred_at DateTime64(6, 'UTC'), dataset LowCardinality(String), fact String, contact String,
        category LowCardinality(String), action LowCardinality(String), subject String, detail String,
        archived Bool, source UUID, ingested_at DateTime64(6, 'UTC'), _version UInt64)
        ENGINE = ReplacingMergeTree(_version) PARTITION BY toYYYYMM(occurred_at)
        ORDER BY (source, occurred_at, dataset, fact)""")
    text = encode(declaration_of(ACTIVITY)).replace('"order":["', '"_":["')
    for column in ("key", "subject_key"):
        later = f'{{"name":"{column}","type":"text","nullable":false,"dimension":false}},'
        assert later in text
        text = text.replace(later, "")
    text = text.replace('["contact","occurred_at"]', '["occurred_at"]')
    text = text.replace('["dataset","fact","key"]', '["dataset","fact"]')
    any_warehouse.write(
        "INSERT INTO _bilan_datasets VALUES ({key:String}, {text:String}, 1)",
        {"key": ACTIVITY.key, "text": text},
    )
    columns = "occurred_at, dataset, fact, contact, action, source, ingested_at, _version"
    for name, fact, contact, number in ACTIVITIES:
        any_warehouse.write(
            f"INSERT INTO contact__activity ({columns}) VALUES"
            f" ('2026-03-01 12:00:00', '{name}', '{fact}', '{contact}', 'opened', '{SOURCE}',"
            f" fromUnixTimestamp64Micro({microseconds(day(number))}), {2**63 - microseconds(day(number))})"
        )

    any_warehouse.ensure([EVENTS, TALKS, ACTIVITY])

    found = facts(any_warehouse, ACTIVITY, "dataset, fact, key, contact, ingested_at")
    assert found == [(name, fact, "", contact, day(n)) for name, fact, contact, n in ACTIVITIES if n < 5]
    talks = any_warehouse.query("SELECT fact, _version, _gone FROM contact__activity_changing")
    assert talks.rows == [("e1", microseconds(day(3)), False)]
    assert any_warehouse.query("SELECT count() FROM contact__activity FINAL").rows == [(2,)]


def test_a_table_that_is_written_anew_has_the_index_of_a_new_one(any_warehouse: Warehouse):
    any_warehouse.ensure([EVENTS])
    any_warehouse.write("DROP TABLE post__events")
    any_warehouse.write(old_table(EVENTS))
    text = encode(declaration_of(EVENTS)).replace('"order":["', '"_":["')
    any_warehouse.write(
        "INSERT INTO _bilan_datasets VALUES ({key:String}, {text:String}, 2)",
        {"key": EVENTS.key, "text": text},
    )

    any_warehouse.ensure([EVENTS])

    indexes = "SELECT name, expr FROM system.data_skipping_indices WHERE table = 'post__events'"
    assert any_warehouse.query(indexes + " AND database = currentDatabase()").rows == [
        ("_by_identity", "event_id")
    ]
