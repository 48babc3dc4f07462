"""Any question over any facts has the answer that counting row by row gives."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from bilan.manifest import Generation, Snapshot
from bilan.manifest.snapshot import ManifestState
from bilan.query.session import QuerySession
from bilan.query.settling import settle, settle_net
from bilan.sdk.periods import IntervalUnit
from bilan.sdk.query import Answer, Question
from bilan.warehouse import Warehouse, microseconds, rollup_table
from bilan.warehouse.net import net_table
from bilan.warehouse.tables import changes, table_of
from support.long import times

from .counting import Counted, count, same, visible
from .post import LETTERS, LYON, NOW, PARCELS, PARIS, REGISTRY, ROLLUP
from .questions import ZONES, batches, questions, within_rollup

HERE = frozenset({PARIS, LYON})
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
    question = answer.question
    broken_down = question.by or (question.span and question.interval.unit is not IntervalUnit.NONE)
    if question.totals or not broken_down:
        assert same(answer.totals, counted.totals), (answer.totals, counted.totals)
        assert same(answer.previous_totals, counted.previous_totals)
    else:
        assert answer.totals == {}
    assert answer.total_rows == counted.total_rows


@pytest.mark.requirement("DC-15", "DC-16", "DC-18", "DC-23", "AD-01", "GO-17")
@given(data=st.data(), key=st.sampled_from(sorted(DATASETS)))
@settings(
    max_examples=times(10),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_an_answer_is_what_counting_row_by_row_gives(warehouse: Warehouse, data: st.DataObject, key: str):
    dataset = DATASETS[key]
    received = data.draw(batches(dataset))
    with warehouse._writers.handle() as client:
        client.command(f"TRUNCATE TABLE {key.replace('.', '__')}")
    for batch in received:
        warehouse.append(dataset, batch.source, batch.table(dataset), moment=batch.moment)
    sources = data.draw(st.sampled_from([{PARIS, LYON}, {PARIS}, {LYON}, set()]))
    for _time in range(8):
        question: Question = data.draw(questions(key))
        client = QuerySession(warehouse, REGISTRY, frozenset(sources), Snapshot(NOW))
        note(client.statement(question).sql)
        event(f"compared {question.compare is not None}, by {len(question.by)}")
        counted = count(REGISTRY, question, visible(dataset, received, sources, NOW))
        agree(client(question), counted)


@pytest.mark.requirement("DC-15", "DC-16", "DC-18", "AD-01", "GO-17")
@given(data=st.data(), key=st.sampled_from(sorted(DATASETS)))
@settings(
    max_examples=times(10),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_days_that_were_counted_in_advance_change_no_answer_now_or_as_of_an_earlier_moment(
    warehouse: Warehouse, data: st.DataObject, key: str
):
    dataset = DATASETS[key]
    received = data.draw(batches(dataset))
    rollup, net = rollup_table(dataset, ROLLUP), net_table(dataset)
    for table in (table_of(dataset), rollup, *([net] if changes(dataset) else [])):
        warehouse.write(f"TRUNCATE TABLE {table}")
    touched: dict[tuple[str, UUID], dict[int, int]] = {}
    for batch in received:
        written = warehouse.append(dataset, batch.source, batch.table(dataset), moment=batch.moment)
        days = touched.setdefault((key, batch.source), {})
        days |= {day.toordinal(): microseconds(batch.moment) for day in written.days}
    moments = sorted({NOW, *(batch.moment for batch in received)})
    anything = questions(key) if changes(dataset) else st.nothing()
    one = questions(key).map(within_rollup) | anything
    asked = data.draw(st.lists(one, min_size=8, max_size=8))
    generations: dict[tuple[str, str], dict[int, Generation]] = {}
    own = sorted({one.span.zone for one in asked if one.span} or {"UTC"})
    zones = data.draw(st.just(own) | st.lists(st.sampled_from(ZONES), min_size=1, max_size=2, unique=True))
    made_of = [(rollup, zone) for zone in zones]
    made_of += [(net, "UTC")] if changes(dataset) else []
    at = {row["occurred_at"] for batch in received for row in batch.rows if "occurred_at" in row}
    for table, zone in made_of:
        for month in sorted({_month(time, zone) for time in at}):
            if data.draw(st.integers(0, 3)):
                made = data.draw(st.sampled_from(moments))
                number = 1 + sum(map(len, generations.values()))
                write = settle_net if table == net else settle
                write(warehouse, dataset, zone, month, number, made)
                months = generations.setdefault((table, zone), {})
                months[month] = Generation(number, microseconds(made))
    state = ManifestState(0, touched, generations)
    for question in asked:
        as_of = data.draw(st.sampled_from(moments))
        sources = data.draw(st.sampled_from([HERE, frozenset({PARIS}), frozenset({LYON})]))
        client = QuerySession(warehouse, REGISTRY, sources, Snapshot(as_of, state))
        sql = client.statement(question).sql
        note(sql)
        event(f"own zone {one_of(question, zones)}, rollup {rollup in sql}")
        event(f"rollup {rollup in sql}, net rows {net in sql}, facts {f'FROM `{table_of(dataset)}`' in sql}")
        agree(client(question), count(REGISTRY, question, visible(dataset, received, sources, as_of)))


def one_of(question: Question, zones: list[str]) -> bool:
    """Whether the question is asked in one of the zones."""
    return question.span is not None and question.span.zone in zones


def _month(at: datetime, zone: str) -> int:
    local = at.astimezone(ZoneInfo(zone))
    return local.year * 100 + local.month
