"""A person with several addresses is counted once, from facts and from what was counted in advance alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from bilan.contacts.people import Strength, Tie, Ties
from bilan.manifest import Generation, Snapshot
from bilan.manifest.snapshot import ManifestState
from bilan.query.session import QuerySession
from bilan.query.settling import settle, settle_net
from bilan.sdk.conditions import AllOf, AnyOf, Condition, Is, Not, matches
from bilan.sdk.datasets import Row
from bilan.sdk.query import WHOLE, Question
from bilan.warehouse import Warehouse, microseconds, rollup_table
from bilan.warehouse.net import net_table
from bilan.warehouse.tables import changes, table_of
from support.long import times

from .counting import count, same, visible
from .post import LETTERS, LYON, NOW, PARCELS, PARIS, REGISTRY, ROLLUP
from .questions import CONTACTS, batches, questions, within_rollup

HERE = frozenset({PARIS, LYON})
OFFICE, ELSEWHERE = UUID(int=1), UUID(int=2)
DATASETS = {dataset.key: dataset for dataset in (LETTERS, PARCELS)}
COUNTED = ("people", "openers", "known_openers", "known_people", "guarded", "each")
IN_ADVANCE = ("people", "known_openers", "known_people", "guarded", "each")
"""Those of them that a rollup can tell."""
MOMENTS = [microseconds(NOW + timedelta(minutes=minutes)) for minutes in (-90, -30, 0)]

ties = st.builds(
    Tie,
    st.sampled_from(CONTACTS[:3]),
    st.sampled_from(CONTACTS[1:4]),
    st.sampled_from(Strength),
    st.sampled_from(MOMENTS),
    st.none() | st.sampled_from(MOMENTS),
)


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Warehouse:
    warehouse.ensure(DATASETS.values())
    return warehouse


def persons(said: list[Tie], moment: int) -> dict[str, str]:
    """Who each address is: painted over until nothing changes."""
    who = {address: address for address in CONTACTS}
    for _round in CONTACTS:
        for one, other in _joined(said, moment):
            who[one] = who[other] = min(who[one], who[other])
    return who


def _joined(said: list[Tie], moment: int) -> set[tuple[str, str]]:
    now = [tie for tie in said if tie.moment <= moment and not (tie.until and tie.until <= moment)]
    merged = {(tie.one, tie.other) for tie in now if tie.strength is Strength.MERGED}
    apart = {(tie.one, tie.other) for tie in now if tie.strength is Strength.APART}
    return merged | {(tie.one, tie.other) for tie in now if tie.strength is Strength.TOLD} - (apart - merged)


def widened(condition: Condition, who: dict[str, str]) -> Condition:
    """The condition, with every address of a person in the place of one."""
    match condition:
        case Is("contact", str(value)) if value in who:
            return AnyOf(tuple(Is("contact", one) for one in CONTACTS if who[one] == who[value]))
        case Not(inner):
            return Not(widened(inner, who))
        case AllOf(parts) | AnyOf(parts):
            return type(condition)(tuple(widened(part, who) for part in parts))
        case _:
            return condition


@pytest.mark.requirement("DC-15", "AD-01", "FX-06")
@given(data=st.data(), key=st.sampled_from(sorted(DATASETS)))
@settings(
    max_examples=times(6),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_person_is_counted_once_whatever_was_told_decided_and_undone_in_whatever_order(
    warehouse: Warehouse, data: st.DataObject, key: str
) -> None:
    dataset = DATASETS[key]
    rollup, net = rollup_table(dataset, ROLLUP), net_table(dataset)
    for table in (table_of(dataset), rollup, *([net] if changes(dataset) else [])):
        warehouse.write(f"TRUNCATE TABLE {table}")
    received, touched = data.draw(batches(dataset)), dict[tuple[str, UUID], dict[int, int]]()
    for batch in received:
        written = warehouse.append(dataset, batch.source, batch.table(dataset), moment=batch.moment)
        days = touched.setdefault((key, batch.source), {})
        days |= {day.toordinal(): microseconds(batch.moment) for day in written.days}
    generations: dict[tuple[str, str], dict[int, Generation]] = {}
    at = {row["occurred_at"] for batch in received for row in batch.rows if "occurred_at" in row}
    for number, month in enumerate(sorted({one.year * 100 + one.month for one in at}), start=1):
        for table, write in ((rollup, settle), *([(net, settle_net)] if changes(dataset) else [])):
            write(warehouse, dataset, "UTC", month, number, NOW)
            generations.setdefault((table, "UTC"), {})[month] = Generation(number, microseconds(NOW))
    said = data.draw(st.lists(ties, max_size=6))
    elsewhere = (Tie(CONTACTS[0], CONTACTS[3], Strength.MERGED, 0),)
    there = dict.fromkeys(HERE, OFFICE)
    known = Ties(1, {OFFICE: tuple(data.draw(st.permutations(said))), ELSEWHERE: elsewhere}, there)
    for _time in range(4):
        question: Question = replace(
            data.draw(questions(key)),
            metrics=tuple(f"{key}_{one}" for one in data.draw(st.sets(st.sampled_from(COUNTED), min_size=1))),
            by=tuple(data.draw(st.sets(st.sampled_from(["kind", "country", "source"]), max_size=1))),
            filters=(),
            order=(),
            limit=None,
            offset=0,
        )
        if data.draw(st.booleans()):
            whole = replace(question, where=None, span=None, compare=None, interval=WHOLE)
            question = within_rollup(replace(whole, metrics=tuple(f"{key}_{one}" for one in IN_ADVANCE)))
        as_of = NOW + timedelta(minutes=data.draw(st.sampled_from([0, 0, -45, -100])))
        client = QuerySession(
            warehouse, REGISTRY, HERE, Snapshot(as_of, ManifestState(1, touched, generations, known))
        )
        who = persons(said, microseconds(as_of))
        sql = client.statement(question).sql
        note(sql)
        event(f"rollup {rollup in sql}, merged {'transform(' in sql}")
        rows: list[Row] = [
            {**row, "contact": who[row["contact"]]}
            for row in visible(dataset, received, HERE, as_of)
            if question.where is None or _matches(question.where, row, who)
        ]
        counted, answer = count(REGISTRY, replace(question, where=None), rows), client(question)
        assert same(answer.totals, counted.totals) or not question.totals, (answer.totals, counted.totals)
        assert len(answer.rows) == len(counted.rows)
        for row, (_index, keys, values, previous) in zip(answer.rows, counted.rows, strict=True):
            assert row.keys == keys
            assert same(row.values, values), (row, values)
            assert same(row.previous, previous), (row, previous)


def _matches(where: Condition, row: Row, who: dict[str, str]) -> bool:
    return matches(widened(where, who), row)


@pytest.mark.parametrize("in_advance", [False, True], ids=["facts", "counted in advance"])
def test_ten_thousand_addresses_in_a_circle_are_one_person(warehouse: Warehouse, in_advance: bool) -> None:
    addresses = [f"a{number:05}@example.org" for number in range(10_000)]
    circle = zip(addresses, [*addresses[1:], addresses[0]], strict=True)
    said = tuple(Tie(min(pair), max(pair), Strength.TOLD, 0) for pair in circle)
    rows = [
        {"occurred_at": NOW, "event_id": str(number), "kind": "sent", "contact": contact, "rooms": 1}
        for number, contact in enumerate((*addresses[::2_500], "ben@example.org"))
    ]
    warehouse.append(LETTERS, PARIS, rows, moment=NOW)
    touched = {(LETTERS.key, PARIS): {NOW.toordinal(): microseconds(NOW)}}
    rollup, generations = rollup_table(LETTERS, ROLLUP), dict[tuple[str, str], dict[int, Generation]]()
    if in_advance:
        settle(warehouse, LETTERS, "UTC", 202606, 1, NOW)
        generations = {(rollup, "UTC"): {202606: Generation(1, microseconds(NOW))}}
    state = ManifestState(1, touched, generations, Ties(1, {OFFICE: said}, {PARIS: OFFICE}))
    client = QuerySession(warehouse, REGISTRY, frozenset({PARIS}), Snapshot(NOW, state))

    metrics = ("post.letters_people", "post.letters_known_people", "post.letters_all")
    question = Question(LETTERS.key, metrics)
    assert (rollup in client.statement(question).sql) == in_advance
    assert client(question).totals == dict(zip(metrics, (2, 2, 5), strict=True))
    of_one = client(Question(LETTERS.key, metrics, where=Is("contact", addresses[7])))
    assert of_one.totals == dict(zip(metrics, (1, 1, 4), strict=True))
    assert client.addresses(addresses[-1]) == tuple(addresses)
