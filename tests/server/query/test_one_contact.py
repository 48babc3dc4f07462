"""What one contact did is found without reading what the others did."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bilan.manifest import Snapshot
from bilan.query import facts
from bilan.query.sorting import Sorting
from bilan.registry.declared import Declared, Registry
from bilan.sdk.conditions import AllOf, Is
from bilan.sdk.datasets import Dataset, Keep
from bilan.sdk.periods import Span
from bilan.warehouse import Warehouse

from .post import LETTERS, NOW, PARIS, REGISTRY

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
