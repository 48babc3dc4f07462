"""Random facts and questions, thick around the moments where clocks change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from bilan.sdk.conditions import (
    AllOf,
    AnyOf,
    Between,
    Condition,
    Contains,
    HasAll,
    HasAny,
    In,
    Is,
    Not,
    OnClock,
    Present,
    columns_of,
)
from bilan.sdk.datasets import Dataset, Keep, Row
from bilan.sdk.filters import FilterValue
from bilan.sdk.periods import Interval, IntervalUnit, Span
from bilan.sdk.query import HOUR, WEEKDAY, Order, Question
from bilan.warehouse.tables import GONE

from .counting import Batch
from .post import FORMULAS, LYON, NOW, PARIS, ROLLUP

DAYS = [
    ("Europe/Paris", date(2026, 3, 29)),
    ("Europe/Paris", date(2026, 10, 25)),
    ("America/New_York", date(2025, 11, 2)),
    ("America/Sao_Paulo", date(2018, 11, 4)),  # midnight does not exist
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # half an hour
    ("Pacific/Apia", date(2011, 12, 30)),  # the day does not exist
    ("Asia/Kathmandu", date(2024, 2, 29)),
    ("UTC", date(2026, 1, 1)),
]
UNDATED = datetime(1990, 1, 1, tzinfo=UTC)
"""The time of facts whose sender gave none."""
ZONES = sorted({zone for zone, _day in DAYS})
KINDS = ["sent", "opened", "clicked", ""]
WORDS = ["red", "dark red", "ÉTÉ", "été", "", "'; DROP TABLE x --", "{v0:String}", "a\\b\n\t"]
CONTACTS = ["ada@example.org", "Bob@example.org", "İpek", "straße", ""]
COUNTRIES = [None, "", "fr", "de"]
WEIGHTS = st.none() | st.integers(-5, 5) | st.just(2**40)
PRICES = st.none() | st.sampled_from([0.0, -1.5, 0.1, 2.0, 1e9])
DUE = [None, date(1999, 12, 31), date(2026, 3, 29), date(2026, 3, 30)]


def _span(place: tuple[str, date], before: int, days: int) -> Span:
    zone, day = place
    start = day - timedelta(days=before)
    return Span(start, start + timedelta(days=days), zone)


spans = st.builds(_span, st.sampled_from(DAYS), st.integers(0, 9), st.integers(1, 45))
years = st.builds(_span, st.sampled_from(DAYS), st.integers(300, 700), st.integers(400, 900))
intervals = st.one_of(
    st.builds(Interval, st.sampled_from([IntervalUnit.DAY, IntervalUnit.WEEK]), st.integers(1, 9)),
    st.builds(Interval, st.sampled_from([IntervalUnit.MONTH, IntervalUnit.QUARTER, IntervalUnit.NONE])),
    st.just(Interval(IntervalUnit.HOUR)),
)


@st.composite
def moments(draw: st.DrawFn, days: list[tuple[str, date]] = DAYS) -> datetime:
    """A moment near a change of clocks, often exactly at midnight or a microsecond before."""
    zone, day = draw(st.sampled_from(days))
    local = datetime.combine(day + timedelta(days=draw(st.integers(-20, 20))), time(), ZoneInfo(zone))
    shift = draw(
        st.sampled_from([timedelta(0), -timedelta(microseconds=1)])
        | st.timedeltas(timedelta(0), timedelta(days=1))
    )
    return local.astimezone(UTC) + shift


rows = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "contact": st.sampled_from(CONTACTS),
        "country": st.sampled_from(COUNTRIES),
        "tags": st.lists(st.sampled_from(WORDS), max_size=3),
        "topics": st.lists(st.sampled_from(WORDS[:4]), max_size=2),
        "weight": WEIGHTS,
        "rooms": st.integers(-2, 12),
        "price": PRICES,
        "express": st.booleans(),
        "due": st.sampled_from(DUE),
        "opened_at": st.none() | moments(),
    }
)


@st.composite
def batches(draw: st.DrawFn, dataset: Dataset) -> list[Batch]:
    """Some batches of two sources, with copies of facts: other values, but the time they happened at.

    Of a dataset that changes, times change as well, and facts are retracted.
    """
    # Few places: every month of facts is a partition, which takes its time to write.
    near = moments(draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=2))) | st.just(UNDATED)
    facts = [_fixed(str(number), at) for number, at in enumerate(draw(st.lists(near, max_size=25)))]
    found: list[Batch] = []
    # The order of the batches is the order in which they were received.
    hours = sorted(draw(st.lists(st.sampled_from([-1, 0, 1]), min_size=1, max_size=4)))
    for number, hour in enumerate(hours):
        chosen: list[Row] = [draw(rows) | fact for fact in facts if draw(st.booleans())]
        if dataset.keep is Keep.LAST:
            chosen = [draw(_changed(row, near)) for row in chosen]
        source = draw(st.sampled_from([PARIS, LYON]))
        found.append(
            Batch(source, NOW + timedelta(hours=hour, microseconds=number - len(hours)), tuple(chosen))
        )
    return found


def _changed(row: Row, times: st.SearchStrategy[datetime]) -> st.SearchStrategy[Row]:
    """The row as it is, at another time, or retracted."""
    return st.one_of(
        st.just(row),
        times.map(lambda at: row | {"occurred_at": at}),
        st.just({"event_id": row["event_id"], GONE: True}),
    )


def _fixed(event_id: str, occurred_at: datetime) -> Row:
    return {"occurred_at": occurred_at, "event_id": event_id}


def _plain() -> st.SearchStrategy[Condition]:
    numbers = st.integers(-6, 6) | st.sampled_from([0.1, 1.5, 2.0, -1.5]) | st.booleans()
    words = st.sampled_from([*WORDS, *KINDS, *CONTACTS])
    lists = st.lists(st.sampled_from(WORDS), max_size=3).map(tuple)
    instants = st.sampled_from(["occurred_at", "opened_at"])
    return st.one_of(
        st.builds(
            Is, st.sampled_from(["kind", "contact", "country"]), words | st.none().map(lambda _none: 5)
        ),
        st.builds(Is, st.sampled_from(["weight", "rooms", "price", "express"]), numbers),
        st.builds(Is, st.just("due"), st.sampled_from(DUE[1:])),
        st.builds(Is, st.just("source"), st.sampled_from([str(PARIS), str(LYON), "nowhere"])),
        st.builds(Is, instants, moments()),
        st.builds(In, st.sampled_from(["kind", "country"]), st.lists(words, max_size=3).map(tuple)),
        st.builds(In, st.sampled_from(["weight", "price"]), st.lists(numbers, max_size=3).map(tuple)),
        st.builds(
            Contains,
            st.sampled_from(["contact", "country"]),
            st.sampled_from(["", "E", "B@EX", "ß", "i̇", "R"]),
        ),
        st.builds(HasAny, st.sampled_from(["tags", "topics"]), lists),
        st.builds(
            OnClock,
            st.just("occurred_at"),
            st.sampled_from(ZONES),
            st.none() | st.integers(1, 7),
            st.none() | st.integers(0, 23),
        ),
        st.builds(HasAll, st.sampled_from(["tags", "topics"]), lists),
        st.builds(
            Between, st.sampled_from(["weight", "rooms", "price"]), st.none() | numbers, st.none() | numbers
        ),
        st.builds(Between, instants, st.none() | moments(), st.none() | moments()),
        st.builds(Between, st.just("country"), st.none() | words, st.none() | words),
        st.builds(Between, st.just("due"), st.sampled_from(DUE), st.sampled_from(DUE)),
        st.builds(Present, st.sampled_from(["kind", "country", "tags", "weight", "due", "rooms", "source"])),
    )


def _several(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    parts = st.lists(inner, max_size=3).map(tuple)
    return st.builds(Not, inner) | st.builds(AllOf, parts) | st.builds(AnyOf, parts)


conditions = st.recursive(_plain(), _several, max_leaves=5)
filters = st.lists(
    st.one_of(
        st.builds(
            FilterValue, st.just("post.tags"), any=st.lists(st.sampled_from(WORDS), max_size=2).map(tuple)
        ),
        st.builds(
            FilterValue, st.just("post.kind"), none=st.lists(st.sampled_from(KINDS), max_size=2).map(tuple)
        ),
        st.builds(FilterValue, st.just("post.contact"), text=st.sampled_from(["", "example", "É"])),
        st.builds(FilterValue, st.just("post.express"), flag=st.none() | st.booleans()),
        st.builds(
            FilterValue,
            st.just("post.weight"),
            low=st.none() | st.floats(-3, 3),
            high=st.none() | st.just(2.0),
        ),
    ),
    max_size=2,
).map(tuple)


@st.composite
def questions(draw: st.DrawFn, dataset: str) -> Question:
    """Any question about the dataset."""
    space = f"{dataset}_"
    keys = draw(st.lists(st.sampled_from(sorted(FORMULAS)), min_size=1, max_size=6, unique=True))
    metrics = tuple(f"{space}{key}" for key in keys)
    dimensions = [
        "kind",
        "country",
        "tags",
        "topics",
        "express",
        "rooms",
        "due",
        "source",
        "weight",
        "contact",
    ]
    interval = draw(intervals)
    calendar = interval.unit in (IntervalUnit.MONTH, IntervalUnit.QUARTER)
    span = draw(st.none() | spans | (years if calendar else spans))
    if span is not None:
        dimensions += [WEEKDAY, HOUR]
    by = tuple(draw(st.lists(st.sampled_from(dimensions), max_size=3, unique=True)))
    compare = None
    if span is not None:
        compare = draw(st.sampled_from([None, span.before(), span.a_year_before()]) | spans)
    sortable = [*by, *(key for key in metrics if not key.endswith(("price", "first", "last")))]
    order = (
        draw(st.lists(st.builds(Order, st.sampled_from(sortable), st.booleans()), max_size=2))
        if sortable
        else []
    )
    return Question(
        dataset,
        metrics,
        span,
        interval,
        by,
        draw(filters),
        draw(st.none() | conditions),
        compare,
        tuple(order),
        draw(st.none() | st.integers(0, 8)),
        draw(st.sampled_from([0, 0, 0, 1, 4])),
        draw(st.booleans()),
    )


COUNTED = ("all", "sent", "opened", "red", "people", "openers", "known_openers", "countries", "weight",
           "sent_weight", "mean_weight", "first", "open_rate", "each", "opened_of_sent",
           "opened_once", "once", "again", "guarded")  # fmt: skip
"""Metrics that the rollup can tell."""


def within_rollup(question: Question) -> Question:
    """The part of a question that the rollup can answer."""
    known = {*ROLLUP.dimensions, "source"}
    kept = [key for key in question.metrics if key.removeprefix(f"{question.dataset}_") in COUNTED]
    metrics = tuple(kept or [f"{question.dataset}_people"])
    by = tuple(name for name in question.by if name in known)
    where = question.where
    return replace(
        question,
        metrics=metrics,
        by=by,
        where=where if where is None or columns_of(where) <= known else Is("kind", "opened"),
        filters=tuple(one for one in question.filters if one.key.removeprefix("post.") in known),
        interval=Interval() if question.interval.unit is IntervalUnit.HOUR else question.interval,
        order=tuple(one for one in question.order if one.key in (*metrics, *by)),
    )
