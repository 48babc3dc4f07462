"""Levels, changes, differences and totals over days are what plain Python makes of the documentation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from bilan.manifest import Generation, Snapshot
from bilan.manifest.snapshot import ManifestState
from bilan.query.session import QuerySession
from bilan.query.settling import settle_net
from bilan.registry.declared import Declared, Registry
from bilan.sdk.conditions import AllOf, Between, Condition, HasAny, In, Is, Not, Present
from bilan.sdk.datasets import Column, ColumnType, Dataset, Keep
from bilan.sdk.messages import Message
from bilan.sdk.metrics import Change, Count, Difference, Formula, Latest, Metric, Ratio, Sum, Total
from bilan.sdk.periods import Interval, IntervalUnit, Span
from bilan.sdk.plugins import Plugin
from bilan.sdk.query import Answer, Order, Question
from bilan.warehouse import Warehouse, microseconds
from bilan.warehouse.arrow import table_of as arrow_table
from bilan.warehouse.net import net_table
from bilan.warehouse.tables import GONE, table_of
from support.long import times

from .profile_days import (
    METRICS,
    Batch,
    DayAnswer,
    DayQuestion,
    ProfileDay,
    Remark,
    answered,
    cut,
    local_day,
    visible,
)

T = ColumnType
NAME = Message("Name")
DAYS = Dataset(
    "page.days", NAME, NAME,
    (
        Column("day", T.DATE, NAME), Column("network", T.TEXT, NAME, dimension=True),
        Column("profile", T.TEXT, NAME, dimension=True), Column("part", T.TEXT, NAME),
        Column("followers", T.INTEGER, NAME, nullable=True), Column("gained", T.INTEGER, NAME, nullable=True),
        Column("lost", T.INTEGER, NAME, nullable=True), Column("paid", T.BOOLEAN, NAME, dimension=True),
        Column("country", T.TEXT, NAME, dimension=True, nullable=True),
        Column("labels", T.TEXTS, NAME, dimension=True),
    ),
    identity=("network", "profile", "day", "part"), time="day", sort=("day",), keep=Keep.LAST,
)  # fmt: skip
PER = ("network", "profile")
FORMULAS: dict[str, Formula] = {
    "followers": Latest("followers", PER),
    "paid_followers": Latest("followers", PER, where=Is("paid", value=True)),
    "sampled": Latest("followers", PER, carry=False),
    "growth": Change("page.followers"),
    "paid_growth": Change("page.paid_followers"),
    "gained": Sum("gained", empty=True),
    "lost": Sum("lost", empty=True),
    "told_gained": Sum("gained"),
    "net_rows": Count(),
    "net": Difference("page.gained", "page.lost"),
    "unexplained": Difference("page.growth", "page.gained"),
    "unpaid": Difference("page.followers", "page.paid_followers"),
    "moves": Total(("page.gained", "page.lost")),
    "both": Total(("page.followers", "page.sampled")),
    "odd": Total(("page.paid_growth", "page.gained", "page.sampled")),
    "gain_rate": Ratio("page.gained", "page.followers"),
    "growth_rate": Ratio("page.net_rows", "page.sampled"),
}
LABELS = {key: Message(f"The {key}") for key in FORMULAS}
REGISTRY = Registry(
    (
        Declared(
            Plugin("page", "page", NAME, "bilan-page"),
            datasets=(DAYS,),
            metrics=tuple(
                Metric(f"page.{key}", DAYS.key, LABELS[key], NAME, formula, NAME)
                for key, formula in FORMULAS.items()
            ),
        ),
    )
)
SOURCES = [UUID("11111111-1111-4111-8111-111111111111"), UUID("f2222222-2222-4222-8222-222222222222")]
FIRST = datetime(2026, 6, 1, tzinfo=UTC)
"""The moment of the first batch; the others follow, an hour after each other."""
ZONES = [
    ("Europe/Paris", date(2026, 3, 29)), ("Europe/Paris", date(2025, 10, 26)),
    ("America/New_York", date(2025, 11, 2)), ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Pacific/Kiritimati", date(2026, 1, 1)), ("Pacific/Pago_Pago", date(2024, 3, 1)),
    ("America/Sao_Paulo", date(2018, 11, 4)), ("Pacific/Apia", date(2011, 12, 30)),
    ("UTC", date(2024, 2, 29)),
]  # fmt: skip
"""Days on which clocks change or a zone is far ahead or behind, or a day does not exist at all."""
DIMENSIONS = ("network", "profile", "source", "paid", "country", "labels")


def whatever(_day: ProfileDay) -> bool:
    return True


Narrowing = tuple[Condition | None, Callable[[ProfileDay], bool]]
CONDITIONS: list[Narrowing] = [
    (None, whatever),
    (None, whatever),
    (Is("network", "x"), lambda one: one.network == "x"),
    (In("profile", ("ada", "bob")), lambda one: one.profile in ("ada", "bob")),
    (Not(Is("country", "fr")), lambda one: one.country != "fr"),
    (HasAny("labels", ("red",)), lambda one: "red" in one.labels),
    (Present("gained"), lambda one: one.gained is not None),
    (
        AllOf((Is("paid", value=True), Between("followers", 5, None))),
        lambda one: one.paid and one.followers is not None and one.followers >= 5,
    ),
]


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Warehouse:
    warehouse.ensure([DAYS])
    return warehouse


NUMBERS = st.none() | st.sampled_from([0, 0, 1, 5, 7, 100, 2**40])


@st.composite
def worlds(draw: st.DrawFn, around: date) -> list[Batch]:
    """Batches of profiles' days, which restate, take back and bring back what earlier ones told."""
    offsets = [*range(-45, 46), *range(-400, -320)]
    near = [
        around + timedelta(days=n) for n in draw(st.lists(st.sampled_from(offsets), min_size=1, max_size=8))
    ]
    names = st.tuples(
        st.sampled_from([str(source) for source in SOURCES]),
        st.sampled_from(["x", "y"]),
        st.sampled_from(["ada", "bob", "été"]),
        st.sampled_from(near),
        st.sampled_from(["", "", "a", "b"]),
    )
    facts = draw(st.lists(names, max_size=25, unique=True))
    found: list[Batch] = []
    for number in range(draw(st.integers(1, 4))):
        days: list[ProfileDay] = []
        for source, network, profile, day, part in facts:
            told = draw(
                st.sampled_from(
                    ["told", "told", "not told", "taken back"] if number else ["told", "not told"]
                )
            )
            if told == "not told":
                continue
            days.append(
                ProfileDay(
                    source, network, profile, day, part,
                    draw(NUMBERS), draw(NUMBERS), draw(NUMBERS), draw(st.booleans()),
                    draw(st.sampled_from([None, "fr", "de"])),
                    tuple(draw(st.lists(st.sampled_from(["red", "blue"]), max_size=2))),
                    gone=told == "taken back",
                )
            )  # fmt: skip
        found.append((FIRST + timedelta(hours=number), days))
    return found


def a_year_earlier(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


@st.composite
def periods(draw: st.DrawFn, around: date) -> tuple[date, date]:
    if draw(st.booleans()):
        first = around.replace(day=1)
        after = (first + timedelta(days=32 * draw(st.sampled_from([1, 1, 2, 12])))).replace(day=1)
        return (first, after)
    start = around + timedelta(days=draw(st.integers(-40, 10)))
    return (start, start + timedelta(days=draw(st.sampled_from([1, 2, 7, 9, 30, 45]))))


def compared(period: tuple[date, date], how: str) -> tuple[date, date] | None:
    """The days before, as many whole months or as many days; or the same days of the year before."""
    start, end = period
    whole = start.day == end.day == 1
    if how == "year":
        return (
            (a_year_earlier(start), a_year_earlier(end - timedelta(days=1)) + timedelta(days=1))
            if not whole
            else (a_year_earlier(start), a_year_earlier(end))
        )
    if how == "previous":
        earlier = start - (end - start)
        if whole:
            months = (end.year - start.year) * 12 + end.month - start.month
            earlier = start
            for _month in range(months):
                earlier = (earlier - timedelta(days=1)).replace(day=1)
        return (earlier, start)
    if how == "odd":
        return (start - timedelta(days=3), end - timedelta(days=1))
    return None


@dataclass(frozen=True)
class Asked:
    """A question as the server takes it, and as plain Python does."""

    question: Question
    plain: DayQuestion
    narrowed: Callable[[ProfileDay], bool]
    now: datetime


@st.composite
def questions(draw: st.DrawFn, zone: str, around: date, as_of: datetime) -> Asked:
    """Any question, and when it is asked: often about when an interval begins, here or elsewhere."""
    metrics = tuple(draw(st.lists(st.sampled_from(METRICS), min_size=1, max_size=5, unique=True)))
    by = tuple(draw(st.lists(st.sampled_from(DIMENSIONS), max_size=2, unique=True)))
    condition, narrowed = draw(st.sampled_from(CONDITIONS))
    unit, count = draw(
        st.sampled_from([("none", 1), ("day", 1), ("day", 3), ("week", 1), ("month", 1), ("quarter", 1)])
    )
    period = draw(st.none() | periods(around) | periods(around) | periods(around))
    before = period and compared(
        period, draw(st.sampled_from(["none", "previous", "previous", "year", "odd"]))
    )
    sorts = [*metrics, *by]
    order = tuple(draw(st.lists(st.tuples(st.sampled_from(sorts), st.booleans()), max_size=1)))
    offset, limit = draw(st.sampled_from([(0, None), (0, None), (0, 3), (2, 2)]))
    intervals = () if period is None else cut(period, unit, count)
    before_intervals = () if before is None else cut(before, unit, count)
    begins = [start for start, _end in (*intervals, *before_intervals)] or [around]
    near = datetime.combine(draw(st.sampled_from(begins)), time(), UTC)
    now = min(as_of, near + timedelta(hours=draw(st.integers(-16, 16) | st.just(24 * 1000))))
    plain = DayQuestion(
        metrics,
        period,
        intervals,
        before,
        before_intervals,
        period is not None and unit != "none",
        by,
        local_day(now, zone),
        order,
        offset,
        limit,
    )
    question = Question(
        DAYS.key,
        tuple(f"page.{metric}" for metric in metrics),
        period and Span(*period, zone),
        Interval(IntervalUnit(unit), count),
        by,
        where=condition,
        compare=before and Span(*before, zone),
        order=tuple(Order(one if one in by else f"page.{one}", descending) for one, descending in order),
        limit=limit,
        offset=offset,
    )
    return Asked(question, plain, narrowed, now)


def told(answer: Answer, plain: DayAnswer) -> None:
    """Every row, every total, and what is noted of what was carried and first seen."""
    assert [(row.bucket and (row.bucket.start, row.bucket.end), row.keys) for row in answer.rows] == [
        (interval, keys) for interval, keys, _values, _before in plain.rows
    ]
    for row, (interval, keys, values, before) in zip(answer.rows, plain.rows, strict=True):
        assert named(row.values) == values, (interval, keys)
        assert named(row.previous) == before, (interval, keys)
    assert named(answer.totals) == plain.totals
    assert named(answer.previous_totals) == plain.compared_totals
    assert answer.total_rows == plain.total_rows
    noted = [str(note) for note in answer.notes]
    assert [one for one in noted if "carried on" in one or "first seen" in one] == [
        *map(said, plain.remarks),
        *(f"In the comparison: {said(one)}" for one in plain.compared_remarks),
    ]


def said(remark: Remark) -> str:
    """What a note says of values that were carried, or of what was first seen."""
    metric, things, since = remark
    if since is not None and len(things) == 1:
        return f"The {metric}: 1 value was carried on, as there was no newer one; it is from {since}."
    if since is not None:
        carried = f"The {metric}: {len(things)} values were carried on, as there were no newer ones"
        return f"{carried}; the oldest is from {since}."
    names = sorted({" · ".join(thing[1:]) for thing in things})[:10]
    listed = ", ".join([*names, *(["…"] if len(things) > len(names) else [])])
    what = "what was" if len(things) == 1 else f"{len(things)} that were"
    return f"The {metric} leaves out {what} first seen within the period: {listed}."


def named(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if values is None else {key.removeprefix("page."): value for key, value in values.items()}


def write(warehouse: Warehouse, batches: Sequence[Batch]) -> dict[tuple[str, UUID], dict[int, int]]:
    """Into the warehouse; on which days something was written last when."""
    touched: dict[tuple[str, UUID], dict[int, int]] = {}
    names = [column.name for column in DAYS.columns]
    for moment, days in batches:
        for source in SOURCES:
            mine = [one for one in days if one.source == str(source)]
            if not mine:
                continue
            table = arrow_table(DAYS, [{name: getattr(one, name) for name in names} for one in mine])
            table = table.append_column(GONE, pa.array([one.gone for one in mine], pa.bool_()))
            at = moment + timedelta(seconds=SOURCES.index(source))
            written = warehouse.append(DAYS, source, table, moment=at)
            days_of = touched.setdefault((DAYS.key, source), {})
            days_of |= {day.toordinal(): microseconds(at) for day in written.days}
    return touched


def settled(warehouse: Warehouse, batches: Sequence[Batch], as_of: datetime) -> dict[int, Generation]:
    """Net rows of every month that has facts."""
    months = sorted({one.day.year * 100 + one.day.month for _moment, days in batches for one in days})
    for number, month in enumerate(months, start=1):
        settle_net(warehouse, DAYS, "UTC", month, number, as_of)
    return {month: Generation(number, microseconds(as_of)) for number, month in enumerate(months, start=1)}


@pytest.mark.requirement("DC-15", "DC-16", "AD-01")
@given(data=st.data(), place=st.sampled_from(ZONES))
@settings(
    max_examples=times(3, 25), deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large
    ],
)  # fmt: skip
def test_levels_over_days_are_what_the_documentation_says(
    warehouse: Warehouse, data: st.DataObject, place: tuple[str, date]
):
    zone, around = place
    batches = data.draw(worlds(around))
    for table in (table_of(DAYS), net_table(DAYS)):
        warehouse.write(f"TRUNCATE TABLE {table}")
    touched = write(warehouse, batches)
    end = FIRST + timedelta(hours=len(batches))
    generations: dict[tuple[str, str], dict[int, Generation]] = {}
    if data.draw(st.booleans()):
        made = data.draw(st.sampled_from([end, FIRST + timedelta(minutes=30)]))
        generations = {(net_table(DAYS), "UTC"): settled(warehouse, batches, made)}
    for _time in range(5):
        as_of = data.draw(st.sampled_from([end, end, FIRST + timedelta(minutes=30)]))
        asked = data.draw(questions(zone, around, as_of))
        sources = data.draw(st.sampled_from([SOURCES, SOURCES[:1]]))
        facts = visible(batches, [str(source) for source in sources], as_of)
        expected = answered(asked.plain, [one for one in facts if asked.narrowed(one)])
        snapshot = Snapshot(as_of, ManifestState(0, touched, generations), asked.now)
        client = QuerySession(warehouse, REGISTRY, frozenset(sources), snapshot)
        note(client.statement(asked.question).sql)
        event(f"compared {asked.question.compare is not None}, by {len(asked.question.by)}")
        told(client(asked.question), expected)
