"""Facts in columns are the same facts, rejects and counts as row by row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.ingest.batch import Batch
from bilan.ingest.normalise import Normalisers
from bilan.sdk.columns import ArrowValues, DictionaryColumn, FactColumns, encode
from bilan.sdk.datasets import Activity, Column, ColumnType, Dataset, Fact, Reject, Row
from bilan.sdk.messages import messages
from bilan.sdk.projections import From, Projection
from fixtures.ingest import BASKETS, NOW, ORDERS, MemoryFacts

_ = messages("shop")[0]
SOURCE = UUID(int=7)
MORNING = datetime(2026, 3, 10, 8, tzinfo=UTC)
FIRST, TICK = datetime(1990, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


def _visit(row: Row) -> Activity | None:
    if row["seconds"] < 0:
        return None
    return Activity(row["page"], "shop", "visited", detail=row["note"] or "x" * min(row["seconds"], 100_001))


VISITS = Dataset(
    key="shop.visits",
    label=_("Visits"),
    description=_("What people looked at."),
    columns=(
        Column("at", ColumnType.INSTANT, _("At")),
        Column("page", ColumnType.TEXT, _("Page"), dimension=True, nullable=True),
        Column("seconds", ColumnType.INTEGER, _("Seconds")),
        Column("note", ColumnType.TEXT, _("Note"), nullable=True),
    ),
    identity=("page", "seconds", "at"),
    time="at",
    activity=_visit,
)
"""Its identity has several columns; a visit of more than 100,000 seconds has an activity that is too long."""
OPENINGS = Dataset(
    key="shop.openings",
    label=_("Openings"),
    description=_("The days on which a shop was open."),
    columns=(
        Column("day", ColumnType.DATE, _("Day")),
        Column("page", ColumnType.TEXT, _("Page"), dimension=True),
        Column("note", ColumnType.TEXT, _("Note"), nullable=True),
    ),
    identity=("page",),
    time="day",
    sort=("day",),
    activity=lambda row: Activity(row["page"], "shop", "opened"),
)
"""Its facts have days of the shop's own."""
DATASETS = (ORDERS, BASKETS, VISITS, OPENINGS)
NORMALISERS = Normalisers({dataset.key: dataset for dataset in DATASETS})


def taken(
    *items: Fact | Reject | FactColumns, alone: bool = False
) -> tuple[MemoryFacts, list[tuple[Any, ...]], tuple[Any, ...]]:
    """What the warehouse got, the rejects, and the source's count; each fact is checked alone, or not."""
    facts, batch = MemoryFacts(), Batch(NORMALISERS, NOW)
    for number, item in enumerate(items, start=1):
        if alone and isinstance(item, Fact):
            batch._add_row(SOURCE, number, item)
        else:
            batch.add(SOURCE, number, item)
    batch.append(facts, NOW)
    count = batch.count(SOURCE)
    rejects = [(reject.number, str(reject.reason), reject.raw) for _source, reject in batch.rejects]
    return facts, rejects, (count.accepted, count.rejected, count.last_event_at)


TEXT = st.text(max_size=4) | st.sampled_from(["", "A", "B", "\x00", "\ud800", "x" * 100_001, 17, True, 2**64])
INSTANTS = (
    st.datetimes(datetime(1990, 1, 1), datetime(2026, 3, 11, 12), timezones=st.just(UTC))  # noqa: DTZ001
    | st.datetimes(timezones=st.sampled_from([UTC, None]))
    | st.sampled_from(
        [NOW + timedelta(days=1), NOW + timedelta(days=1, microseconds=1), "soon", date(2026, 1, 1)]
    )
)
ARROW = st.datetimes(datetime(1850, 1, 1), datetime(2350, 1, 1)) | st.just(NOW.replace(tzinfo=None))  # noqa: DTZ001
ODD = st.sampled_from([None, "", b"bytes", 1.5, 3.0, float("nan"), -(2**63), [], ["a", 1], {}, object])
GOOD: dict[str, st.SearchStrategy[Any]] = {
    "occurred_at": st.sampled_from([MORNING, MORNING + timedelta(days=-40)]),
    "order": st.sampled_from("ABC"),
    "buyer": st.sampled_from(["", "ann@example.org", "bob@example.org"]),
    "tags": st.lists(st.sampled_from("ab"), max_size=2),
    "pieces": st.integers(0, 9),
    "price": st.none() | st.floats(0, 9),
    "gift": st.booleans(),
    "due": st.none() | st.just(date(2026, 4, 1)),
    "day": st.sampled_from([date(1989, 12, 31), date(1990, 1, 1), date(2026, 3, 11), date(2026, 3, 12)]),
    "paid_at": st.none() | st.just(MORNING),
    "at": st.sampled_from([MORNING, MORNING + timedelta(days=-40)]),
    "page": st.sampled_from(["a", "b", None]),
    "seconds": st.integers(-1, 9) | st.just(100_001),
    "note": st.none() | st.just("n"),
    "basket": st.sampled_from("AB"),
    "state": st.sampled_from(["open", "paid"]),
}
HOSTILE: dict[ColumnType, st.SearchStrategy[Any]] = {
    ColumnType.TEXT: TEXT | ODD,
    ColumnType.TEXTS: st.lists(TEXT, max_size=2) | ODD,
    ColumnType.INTEGER: st.integers(-(2**64), 2**64) | ODD,
    ColumnType.NUMBER: st.floats() | st.decimals() | ODD,
    ColumnType.BOOLEAN: st.booleans() | ODD,
    ColumnType.INSTANT: INSTANTS | ODD,
    ColumnType.DATE: st.dates() | INSTANTS | ODD,
}


@st.composite
def arrow_moments(draw: st.DrawFn, rows: int) -> DictionaryColumn:
    """Moments as a Parquet file holds them."""
    given_moments = draw(st.lists(ARROW | st.none(), min_size=rows, max_size=rows))
    array = pa.array(given_moments, pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
    return DictionaryColumn(ArrowValues(array), range(rows))


@st.composite
def tables(draw: st.DrawFn) -> FactColumns:
    """Rows of one dataset, mostly good; some columns left out, at times one that nobody declared."""
    dataset = draw(st.sampled_from(DATASETS))
    rows = draw(st.integers(1, 8))
    columns = dict[str, Any]()
    for column in draw(st.permutations(dataset.columns)):
        if column.name not in (*dataset.identity, dataset.time) and draw(st.booleans()):
            continue
        hostile = draw(st.sampled_from([False, False, True]))
        if column.type is ColumnType.INSTANT and draw(st.booleans()):
            columns[column.name] = draw(arrow_moments(rows))
            continue
        values = GOOD[column.name] | (HOSTILE[column.type] if hostile else st.nothing())
        columns[column.name] = encode(draw(st.lists(values, min_size=rows, max_size=rows)))
    if draw(st.integers(0, 19)) == 0:
        columns["colour"] = encode(["red"] * rows)
    numbers = draw(st.lists(st.integers(1, 99), min_size=rows, max_size=rows, unique=True).map(sorted))
    refused = draw(st.lists(st.integers(1, 99), max_size=3, unique=True))
    rejects = [Reject(number, _("Row {number}.", number=number), "raw") for number in refused]
    return FactColumns(dataset.key, columns, numbers, rejects)


@given(tables())
def test_facts_in_columns_are_what_they_are_row_by_row(given_columns: FactColumns):
    in_columns, row_by_row = taken(given_columns), taken(*given_columns.items(), alone=True)
    gathered = taken(*given_columns.items())

    assert in_columns[0].held == row_by_row[0].held == gathered[0].held
    assert in_columns[1:] == row_by_row[1:] == gathered[1:]


@given(st.lists(tables(), max_size=4))
def test_facts_of_many_posts_in_columns_are_what_they_are_row_by_row(posts: list[FactColumns]):
    in_columns, row_by_row = taken(*posts), taken(*chain(*(post.items() for post in posts)), alone=True)

    assert in_columns[0].held == row_by_row[0].held
    assert in_columns[1:] == row_by_row[1:]


@pytest.mark.requirement("DC-26")
@given(tables())
def test_rows_are_new_facts_copies_of_others_or_rejects(given_columns: FactColumns):
    facts, rejects, (accepted, rejected, _last) = taken(given_columns)

    known = {
        identity
        for (key, _source), table in facts.held.items()
        if key == given_columns.dataset
        for identity in table
    }
    assert len(given_columns) == accepted + rejected
    assert (len(rejects), len(known) <= accepted, bool(known)) == (rejected, True, accepted > 0)


def _arrow(*moments: datetime) -> DictionaryColumn:
    return DictionaryColumn(ArrowValues(pa.array(moments, pa.timestamp("us", "UTC"))), range(len(moments)))


TOMORROW = NOW + timedelta(days=1)
LAST = datetime(2299, 12, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "values", "accepted"),
    [
        ("buyer", encode(["a\x00b", "c"]), 2),
        ("buyer", encode(["x" * 100_000, "x" * 100_001]), 1),
        ("occurred_at", _arrow(FIRST, FIRST), 2),
        ("occurred_at", _arrow(FIRST - TICK, FIRST), 1),
        ("occurred_at", _arrow(TOMORROW, TOMORROW), 2),
        ("occurred_at", _arrow(TOMORROW, TOMORROW + TICK), 1),
        ("occurred_at", encode([TOMORROW, TOMORROW + TICK]), 1),
        ("paid_at", _arrow(datetime(1900, 1, 2, tzinfo=UTC), LAST - TICK), 2),
        ("paid_at", _arrow(datetime(1900, 1, 1, 23, 59, 59, 999_999, tzinfo=UTC), LAST - TICK), 1),
        ("paid_at", _arrow(LAST - TICK, LAST), 1),
    ],
)
def test_columns_end_where_rows_do(name: str, values: DictionaryColumn, accepted: int):
    columns = {"occurred_at": encode([MORNING, MORNING]), "order": encode(["A", "B"]), name: values}
    given_columns = FactColumns("shop.orders", columns, [1, 2])

    in_columns, row_by_row = taken(given_columns), taken(*given_columns.items(), alone=True)

    assert in_columns[0].held == row_by_row[0].held
    assert in_columns[1:] == row_by_row[1:]
    assert in_columns[2][0] == accepted


def test_facts_of_different_columns_are_gathered_and_what_is_wrong_is_said_in_their_order():
    morning = {"occurred_at": MORNING}
    facts, rejects, count = taken(
        Fact("shop.orders", {**morning, "order": "A", "pieces": "many"}),
        Reject(2, _("No order."), "x"),
        Fact("shop.orders", {**morning, "order": "B", "colour": "red"}),
        Fact("shop.orders", {**morning, "order": "C"}),
        Fact("shop.visits", {"at": MORNING, "page": "p", "seconds": 100_001}),
        Fact("shop.orders", {**morning, "order": "D", "buyer": "ann@example.org"}),
    )

    assert [row["order"] for row in facts.rows("shop.orders")] == ["C", "D"]
    assert [number for number, _reason, _raw in rejects] == [1, 2, 3, 5]
    assert count[:2] == (2, 4)


def test_a_fact_of_which_no_action_follows_tells_of_none_row_by_row_and_in_columns():
    did = Projection("who", From(str, ("what",)), From(str.strip, ("what",)))
    rows = [("ann", "wrote"), ("bob", " "), ("", "wrote"), ("cid", "rated")]
    columns = {name: encode([row[place] for row in rows]) for place, name in enumerate(("who", "what"))}

    places, found = did.columns(columns)

    assert list(places) == [0, 3]
    assert [one.values() for one in (found["contact"], found["action"])] == [
        ["ann", "cid"],
        ["wrote", "rated"],
    ]
    alone = [did({"who": who, "what": what}) for who, what in rows]
    assert [one and one.action for one in alone] == ["wrote", None, None, "rated"]


def test_a_projection_that_fails_rejects_its_own_fact_alone():
    def failing(row: Row) -> Activity | None:
        return Activity(row["page"], "shop", str(1 // row["seconds"]))

    broken = replace(VISITS, activity=failing)
    facts, batch = MemoryFacts(), Batch(Normalisers({broken.key: broken}), NOW)
    for seconds in (1, 0, 2):
        batch.add(SOURCE, 5, Fact(broken.key, {"at": MORNING, "page": "p", "seconds": seconds}))
    batch.append(facts, NOW)

    assert [row["seconds"] for row in facts.rows(broken.key)] == [1, 2]
    [(_source, reject)] = batch.rejects
    assert (reject.number, str(reject.reason)) == (
        5, "The plugin failed to read this: ZeroDivisionError('integer division or modulo by zero')"
    )  # fmt: skip


def test_a_dataset_that_nobody_declares_takes_no_column():
    unknown = FactColumns("shop.returns", {"order": encode(["A", "B"])}, [4, 5])

    facts, rejects, count = taken(unknown)

    assert (facts.held, count) == ({}, (0, 2, None))
    assert rejects == [
        (4, "No plugin declares the dataset shop.returns.", '{"order": "A"}'),
        (5, "No plugin declares the dataset shop.returns.", '{"order": "B"}'),
    ]


def test_of_copies_the_first_row_stays_or_the_last_among_rows_and_columns():
    def basket(state: str) -> dict[str, Any]:
        return {"occurred_at": MORNING, "basket": "A", "state": state}

    def columns(dataset: str, row: Row) -> FactColumns:
        return FactColumns(dataset, {name: encode([value]) for name, value in row.items()}, [2])

    states = [basket("opened"), basket("filled"), basket("paid")]
    orders = [
        {"occurred_at": MORNING, "order": "A", "buyer": buyer} for buyer in ("first", "second", "third")
    ]
    for key, rows, name in (("shop.baskets", states, "state"), ("shop.orders", orders, "buyer")):
        facts, _rejects, count = taken(Fact(key, rows[0]), columns(key, rows[1]), Fact(key, rows[2]))
        [row] = facts.rows(key)
        assert (row[name], count[0]) == ({"state": "paid", "buyer": "first"}[name], 3)
