"""Any question over any facts has the answer that counting row by row gives."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from bilan.manifest import Snapshot
from bilan.query.session import QuerySession
from bilan.sdk.query import Answer, Question
from bilan.warehouse import Warehouse
from support.long import times

from .counting import Batch, Counted, count, same, visible
from .post import LETTERS, LYON, NOW, PARCELS, PARIS, REGISTRY
from .questions import batches, questions

DATASETS = {dataset.key: dataset for dataset in (LETTERS, PARCELS)}


@pytest.fixture
def warehouse(any_warehouse: Warehouse) -> Warehouse:
    any_warehouse.ensure(DATASETS.values())
    return any_warehouse


def agree(answer: Answer, counted: Counted) -> None:
    """Every row, in order, and every total."""
    shown = [(row.bucket.index if row.bucket else None, row.keys) for row in answer.rows]
    assert shown == [(index, keys) for index, keys, _values, _previous in counted.rows]
    for row, (_index, _keys, values, previous) in zip(answer.rows, counted.rows, strict=True):
        assert same(row.values, values), (row, values)
        assert same(row.previous, previous), (row, previous)
    assert same(answer.totals, counted.totals), (answer.totals, counted.totals)
    assert same(answer.previous_totals, counted.previous_totals)
    assert answer.total_rows == counted.total_rows


@pytest.mark.requirement("DC-15", "DC-16", "DC-18", "DC-23", "AD-01", "GO-17")
@given(data=st.data(), received=batches(), key=st.sampled_from(sorted(DATASETS)))
@settings(
    max_examples=times(20),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_an_answer_is_what_counting_row_by_row_gives(
    warehouse: Warehouse, data: st.DataObject, received: list[Batch], key: str
):
    dataset = DATASETS[key]
    with warehouse._writers.handle() as client:
        client.command(f"TRUNCATE TABLE {key.replace('.', '__')}")
    for batch in received:
        warehouse.append(dataset, batch.source, batch.rows, moment=batch.moment)
    sources = data.draw(st.sampled_from([{PARIS, LYON}, {PARIS}, {LYON}, set()]))
    for _time in range(8):
        question: Question = data.draw(questions(key))
        client = QuerySession(warehouse, REGISTRY, frozenset(sources), Snapshot(NOW))
        note(client.statement(question).sql)
        event(f"compared {question.compare is not None}, by {len(question.by)}")
        counted = count(REGISTRY, question, visible(dataset, received, sources, NOW))
        agree(client(question), counted)
