"""What one contact did is found without reading what the others did."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bilan.manifest import Snapshot
from bilan.manifest.snapshot import ManifestState
from bilan.query import facts
from bilan.query.session import QuerySession
from bilan.query.sorting import Sorting
from bilan.registry.declared import Declared, Registry
from bilan.sdk.activity import ACTIVITY
from bilan.sdk.conditions import AllOf, Is
from bilan.sdk.datasets import Dataset, Keep
from bilan.sdk.periods import Span
from bilan.warehouse import Warehouse
from bilan.warehouse.tables import CHANGING_ACTIVITY, table_of

from .post import LETTERS, NOW, PARIS, REGISTRY
from .worlds import WORLD

AT = datetime(2026, 3, 1, tzinfo=UTC)
MARCH = Span(AT.date(), datetime(2026, 4, 1, tzinfo=UTC).date(), "UTC")
CONTACTS, EACH = 5_000, 4
SOURCES = frozenset({PARIS})
ONE = AllOf((Is("kind", "sent"), AllOf((Is("contact", "c00017"),))))


@pytest.fixture(params=Keep, ids=str)
def sorted_by_contact(request: pytest.FixtureRequest, warehouse: Warehouse) -> Dataset:
    """Twenty thousand letters, four to each contact."""
    made = replace(LETTERS, sort=("contact", "occurred_at"), keep=request.param, rollup=None)
    warehouse.ensure([made])
    rows = [
        {
            "occurred_at": AT + timedelta(minutes=number),
            "event_id": str(number),
            "kind": "sent",
            "contact": f"c{number % CONTACTS:05}",
            "rooms": 1,
        }
        for number in range(CONTACTS * EACH)
    ]
    warehouse.append(made, PARIS, rows, moment=NOW)
    return made


def test_the_rows_of_one_contact_take_a_few_rows_to_find(
    warehouse: Warehouse, sorted_by_contact: Dataset
) -> None:
    registry = Registry((Declared(REGISTRY.plugins["post"], datasets=(sorted_by_contact,)),))
    chosen = facts.choose(registry, "post.letters", SOURCES, Snapshot(NOW), where=ONE, span=MARCH)
    wanted = facts.rows(chosen, ("event_id",), Sorting.of(chosen.conditions, ()), None)

    found = warehouse.query(wanted.sql, wanted.parameters)
    estimate = warehouse.query(f"EXPLAIN ESTIMATE {wanted.sql}", wanted.parameters)

    assert [row[0] for row in found.rows] == ["17", "5017", "10017", "15017"]
    read = sum(row[estimate.columns.index("rows")] for row in estimate.rows)
    assert read < CONTACTS * EACH / 10


@pytest.mark.parametrize("revision", [-1, 1])
def test_activity_of_facts_that_change_is_read_from_its_first_row_on(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, revision: int
) -> None:
    warehouse.ensure([ACTIVITY])
    done = {"dataset": "post.letters", "contact": "ada", "category": "post", "action": "sent"}
    asked: list[str] = []
    stream = warehouse.stream

    def asking(sql: str, *given: Any, **named: Any) -> Any:
        asked.append(sql)
        return stream(sql, *given, **named)

    monkeypatch.setattr(warehouse, "stream", asking)

    def seen(state: ManifestState) -> list[str]:
        client = QuerySession(warehouse, WORLD, SOURCES, Snapshot(NOW, state))
        return [row["fact"] for row in client.rows("contact.activity", ("fact",), where=Is("contact", "ada"))]

    warehouse.append(ACTIVITY, PARIS, [{**done, "occurred_at": AT, "fact": "1"}], moment=NOW)
    before = ManifestState(revision)
    assert seen(before) == seen(before) == ["1"]
    assert not any(table_of(CHANGING_ACTIVITY) in sql for sql in asked)
    changing = {**done, "dataset": "post.parcels", "occurred_at": AT + timedelta(days=1), "fact": "2"}
    warehouse.append(CHANGING_ACTIVITY, PARIS, [changing], moment=NOW)
    # Whatever writes makes another revision of the manifest, where there is one.
    assert seen(before if revision < 0 else ManifestState(revision + 1)) == ["1", "2"]
