"""What one insert carries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bilan.sdk.datasets import Row
from bilan.warehouse.arrow import ArrowTable, table_of
from bilan.warehouse.blocks import blocks, one_copy

from .declared import EVENTS, NOON, SOURCE, TALKS, event


def written(rows: list[Row], dataset: object = EVENTS) -> list[ArrowTable]:
    """The inserts of a batch."""
    chosen = TALKS if dataset is TALKS else EVENTS
    return list(blocks(chosen, SOURCE, one_copy(chosen, table_of(chosen, rows)), NOON))


def test_a_large_batch_is_several_inserts_in_order_of_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bilan.warehouse.blocks.ROWS", 10)
    rows = [event(number) for number in reversed(range(25))]

    found = [block["event_id"].to_pylist() for block in written(rows)]

    names = [f"e{number}" for number in range(25)]
    assert found == [names[:10], names[10:20], names[20:]]


@pytest.mark.parametrize(("dataset", "opens"), [(EVENTS, 1), (TALKS, 3)], ids=["first", "last"])
def test_a_copy_is_dropped_before_a_batch_is_cut(
    monkeypatch: pytest.MonkeyPatch, dataset: object, opens: int
):
    monkeypatch.setattr("bilan.warehouse.blocks.ROWS", 1)
    rows = [event(1, opens=1), event(2), event(1, opens=2), event(1, opens=3)]

    found = [block.select(["event_id", "opens"]).to_pylist() for block in written(rows, dataset)]

    assert found == [[{"event_id": "e1", "opens": opens}], [{"event_id": "e2", "opens": None}]]


def test_an_insert_touches_no_more_than_a_hundred_months():
    months = [datetime(2010 + n // 12, n % 12 + 1, 28, tzinfo=UTC) for n in range(150)]
    last = datetime(2018, 4, 30, 23, 59, 59, 999_999, tzinfo=UTC)
    rows = [event(n, occurred_at=month) for n, month in enumerate([*months, last])]

    first, second = (block["occurred_at"].to_pylist() for block in written(rows))

    assert (first[0], first[-1], second[0]) == (months[0], last, last + timedelta(days=27, microseconds=1))


def test_every_row_carries_its_source_the_moment_and_its_version():
    [block] = written([event(1), event(2)])

    assert (
        block.select(["source", "ingested_at", "_version"]).to_pylist()
        == [{"source": SOURCE.bytes, "ingested_at": NOON, "_version": 2**63 - 1_773_489_600_000_000}] * 2
    )
