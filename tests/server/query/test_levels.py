"""What was last known, its change and what is made of it, over random facts: as plain Python has it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from bilan.manifest import Generation, Snapshot
from bilan.manifest.snapshot import ManifestState
from bilan.query.session import QuerySession
from bilan.query.settling import settle_net
from bilan.sdk.conditions import Is
from bilan.sdk.datasets import Dataset, Row
from bilan.sdk.periods import Interval, IntervalUnit, Span
from bilan.sdk.query import Order, Question
from bilan.warehouse import Warehouse, microseconds
from bilan.warehouse.net import net_table
from bilan.warehouse.tables import GONE, table_of
from support.long import times

from .counting import Batch, visible
from .levels import DAYS, FORMULAS, NOW, REGISTRY, SAMPLES, Plain
from .post import LYON, PARIS

HERE = frozenset({PARIS, LYON})
DATASETS = {dataset.key: dataset for dataset in (DAYS, SAMPLES)}
ZONES = ["UTC", "Europe/Paris", "America/Los_Angeles", "Pacific/Auckland", "Pacific/Apia"]
FIRST = date(2026, 3, 25)


@pytest.fixture(scope="module")
def warehouse(shared_warehouse: Warehouse) -> Warehouse:
    shared_warehouse.ensure(DATASETS.values())
    return shared_warehouse


amounts = st.none() | st.integers(-3, 12)


@st.composite
def facts(draw: st.DrawFn, dataset: Dataset) -> Row:
    day = FIRST + timedelta(days=draw(st.integers(-40, 30)))
    row: Row = {
        "network": draw(st.sampled_from(["x", "y"])),
        "profile": draw(st.sampled_from(["a", "b", None])),
    }
    if dataset is DAYS:
        row["day"] = day
    else:
        hours = draw(st.sampled_from([0, 5, 10, 14, 23]))
        row["taken_at"] = datetime.combine(day, time(hours), UTC)
        row["sample"] = draw(st.sampled_from("klmnop"))
    if draw(st.integers(0, 9)) == 0:
        return {**{name: row.get(name) for name in dataset.by_name}, GONE: True}
    return row | {
        "followers": draw(amounts),
        "score": draw(st.sampled_from([0.5, 1.0, 2.25])),
        "engagement": draw(amounts),
        "lost": draw(amounts),
        "country": draw(st.sampled_from([None, "", "fr"])),
        "stars": draw(st.sampled_from([None, 1, 2])),
        "labels": draw(st.lists(st.sampled_from(["p", "q"]), max_size=2)),
        "verified": draw(st.booleans()),
    }


@st.composite
def batches(draw: st.DrawFn, dataset: Dataset) -> list[Batch]:
    found: list[Batch] = []
    for number in range(draw(st.integers(1, 4))):
        rows = draw(st.lists(facts(dataset), min_size=1, max_size=12))
        moment = NOW - timedelta(days=1) + timedelta(hours=number)
        found.append(Batch(draw(st.sampled_from([PARIS, LYON])), moment, tuple(rows)))
    return found


@st.composite
def questions(draw: st.DrawFn, dataset: Dataset) -> Question:
    zone, start = draw(st.sampled_from(ZONES)), FIRST + timedelta(days=draw(st.integers(-20, 20)))
    span = Span(start, start + timedelta(days=draw(st.integers(1, 40))), zone)
    unit = draw(st.sampled_from([IntervalUnit.NONE, IntervalUnit.DAY, IntervalUnit.WEEK, IntervalUnit.MONTH]))
    metrics = draw(st.lists(st.sampled_from(sorted(FORMULAS)), min_size=1, max_size=4, unique=True))
    by = draw(st.lists(st.sampled_from(["network", "profile", "country", "stars", "labels", "verified"]),
                       max_size=2, unique=True))  # fmt: skip
    keys = tuple(f"{dataset.key}_{key}" for key in metrics)
    ever = draw(st.integers(0, 9)) == 0
    return Question(
        dataset.key,
        keys,
        span=None if ever else span,
        interval=Interval(unit) if not ever else Interval(IntervalUnit.NONE),
        by=tuple(by),
        where=draw(st.none() | st.just(Is("network", "x")) | st.just(Is("verified", value=True))),
        compare=None if ever or draw(st.booleans()) else draw(st.sampled_from([span.before(), span])),
        order=(Order(keys[0], descending=draw(st.booleans())),) if draw(st.booleans()) else (),
        totals=draw(st.booleans()),
    )


@pytest.mark.requirement("AP-12", "DC-15", "DC-16", "AD-01")
@given(data=st.data(), key=st.sampled_from(sorted(DATASETS)))
@settings(
    max_examples=times(5, 8),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_what_was_last_known_is_what_looking_fact_by_fact_finds(
    warehouse: Warehouse, data: st.DataObject, key: str
):
    dataset = DATASETS[key]
    received = data.draw(batches(dataset))
    touched: dict[tuple[str, UUID], dict[int, int]] = {}
    for table in (table_of(dataset), net_table(dataset)):
        warehouse.write(f"TRUNCATE TABLE {table}")
    for batch in received:
        written = warehouse.append(dataset, batch.source, batch.table(dataset), moment=batch.moment)
        days = touched.setdefault((key, batch.source), {})
        days |= {day.toordinal(): microseconds(batch.moment) for day in written.days}
    moments = sorted({NOW, *(batch.moment for batch in received)})
    generations: dict[int, Generation] = {}
    for number, month in enumerate(data.draw(st.sets(st.sampled_from([202602, 202603, 202604]))), start=1):
        made = data.draw(st.sampled_from(moments))
        settle_net(warehouse, dataset, "UTC", month, number, made)
        generations[month] = Generation(number, microseconds(made))
    state = ManifestState(0, touched, {(net_table(dataset), "UTC"): generations})
    for _time in range(6):
        question = data.draw(questions(dataset))
        as_of, sources = data.draw(st.sampled_from(moments)), data.draw(st.sampled_from([HERE, {PARIS}]))
        # The present moment may lie within the period: then some of its intervals have not begun.
        today = data.draw(st.none() | st.datetimes(datetime(2026, 3, 1), datetime(2026, 5, 1)))  # noqa: DTZ001
        now = None if today is None else today.replace(tzinfo=UTC)
        client = QuerySession(warehouse, REGISTRY, frozenset(sources), Snapshot(as_of, state, now))
        note(client.statement(question).sql)
        agree(client, question, Plain(dataset, visible(dataset, received, sources, as_of), client.today))


def agree(client: QuerySession, question: Question, plain: Plain) -> None:
    answer = client(question)
    wanted = plain.answer(question, question.span)
    before = plain.answer(question, question.compare) if question.compare else None
    rows = {(row.bucket.index if row.bucket else None, row.keys): row for row in answer.rows}
    assert {place: dict(row.values) for place, row in rows.items()} == approximately(wanted.rows)
    if question.totals or (not question.by and len(answer.rows) == 1 and answer.totals):
        assert answer.totals == approximately(wanted.totals)
    if before is not None:
        count = len(question.interval.buckets(question.compare)) if question.compare else 0
        for (index, keys), row in rows.items():
            if (index or 0) >= count:
                assert row.previous is None
            elif (found := before.rows.get((index, keys))) is not None:
                assert row.previous == approximately(found)
            else:
                assert set(row.previous.values() if row.previous else ()) <= {None, 0}
        if question.totals:
            assert answer.previous_totals == approximately(before.totals)
    if question.order:
        values = [row.values[question.order[0].key] for row in answer.rows]
        known = [value for value in values if value is not None]
        assert known == sorted(known, reverse=question.order[0].descending)
        assert values == [*known, *[None] * (len(values) - len(known))]
    said = [(one.args["count"], one.args["since"]) for one in answer.notes if "since" in one.args]
    assert sorted(said) == sorted((count, since.isoformat()) for count, since in wanted.carried.values())


def approximately(values: Any) -> Any:
    if isinstance(values, dict):
        return {key: approximately(value) for key, value in values.items()}
    return pytest.approx(values) if isinstance(values, float) else values
