"""Followers, and other things that have a level: two datasets, and their answers in plain Python.

What is last known is looked up for each interval anew, one fact after the other.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bilan.registry.declared import Declared, Registry
from bilan.sdk.conditions import Is
from bilan.sdk.datasets import Column, ColumnType, Dataset, Keep, Row
from bilan.sdk.messages import Message
from bilan.sdk.metrics import Change, Count, Difference, Latest, Metric, Ratio, Sum, Total
from bilan.sdk.periods import Interval, IntervalUnit, Span
from bilan.sdk.plugins import Plugin
from bilan.sdk.query import Question
from bilan.sdk.units import Unit

NAME = Message("Name")
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
PER = ("network", "profile")
OTHER = (
    Column("network", ColumnType.TEXT, NAME, dimension=True),
    Column("profile", ColumnType.TEXT, NAME, dimension=True, nullable=True),
    Column("followers", ColumnType.INTEGER, NAME, nullable=True),
    Column("score", ColumnType.NUMBER, NAME),
    Column("engagement", ColumnType.INTEGER, NAME, nullable=True),
    Column("lost", ColumnType.INTEGER, NAME, nullable=True),
    Column("country", ColumnType.TEXT, NAME, dimension=True, nullable=True),
    Column("stars", ColumnType.INTEGER, NAME, dimension=True, nullable=True),
    Column("labels", ColumnType.TEXTS, NAME, dimension=True),
    Column("verified", ColumnType.BOOLEAN, NAME, dimension=True),
)
DAYS = Dataset(
    "levels.days", Message("Days of profiles"), NAME,
    (Column("day", ColumnType.DATE, NAME), *OTHER),
    identity=(*PER, "day"), time="day", sort=("day",), keep=Keep.LAST,
)  # fmt: skip
SAMPLES = Dataset(
    "levels.samples", NAME, NAME,
    (Column("taken_at", ColumnType.INSTANT, NAME), Column("sample", ColumnType.TEXT, NAME), *OTHER),
    identity=("sample",), time="taken_at", sort=(), keep=Keep.LAST,
)  # fmt: skip
FORMULAS = {
    "followers": (Message("Followers"), Latest("followers", PER)),
    "followers_change": (Message("Change of followers"), Change("followers")),
    "seen_followers": (Message("Followers seen"), Latest("followers", PER, carry=False)),
    "verified_followers": (Message("Verified"), Latest("followers", PER, where=Is("verified", value=True))),
    "verified_change": (NAME, Change("verified_followers")),
    "score": (NAME, Latest("score", ("network",))),
    "facts": (NAME, Count()),
    "engagement": (Message("Engagement"), Sum("engagement")),
    "lost": (Message("Lost"), Sum("lost", empty=True)),
    "net": (NAME, Difference("engagement", "lost")),
    "moved": (NAME, Difference("followers_change", "lost")),
    "all": (Message("Everything"), Total(("engagement", "lost", "followers_change"))),
    "rate": (NAME, Ratio("engagement", "followers")),
    "share": (NAME, Ratio("verified_followers", "followers", proportion=True)),
    "rate_of_all": (NAME, Ratio("all", "seen_followers")),
}


def _metrics(dataset: str) -> tuple[Metric, ...]:
    def key(short: str) -> str:
        return f"{dataset}_{short}"

    def renamed(formula: Any) -> Any:
        match formula:
            case Change(metric):
                return Change(key(metric))
            case Difference(plus, minus):
                return Difference(key(plus), key(minus))
            case Total(metrics):
                return Total(tuple(map(key, metrics)))
            case Ratio(above, below):
                return replace(formula, numerator=key(above), denominator=key(below))
            case _:
                return formula

    return tuple(
        Metric(
            key(short), dataset, label, NAME, renamed(formula), NAME,
            Unit.NUMBER if isinstance(formula, Ratio) else Unit.COUNT,
        )
        for short, (label, formula) in FORMULAS.items()
    )  # fmt: skip


REGISTRY = Registry(
    (
        Declared(
            Plugin("levels", "levels", NAME, "bilan"),
            datasets=(DAYS, SAMPLES),
            metrics=(*_metrics(DAYS.key), *_metrics(SAMPLES.key)),
        ),
    )
)

Edges = tuple[Any, Any]
"""Where a period or an interval begins and ends: days of a dataset of days, moments of another."""


@dataclass
class Counted:
    """An answer's figures: by interval and keys, and over everything."""

    rows: dict[tuple[int | None, tuple[str, ...]], dict[str, Any]]
    totals: dict[str, Any]
    carried: dict[str, tuple[int, date]]
    """How many values were carried on, and the day of the oldest, by the formulas' keys."""
    new: dict[str, list[str]]


class Plain:
    """Answers questions over visible facts, as of a moment."""

    def __init__(self, dataset: Dataset, rows: Sequence[Row], today: datetime) -> None:
        self.dataset, self.today = dataset, today
        self.rows = sorted(rows, key=self._order)

    def _order(self, row: Row) -> tuple[Any, ...]:
        return (row[self.dataset.time], *((row[n] is not None, row[n]) for n in self.dataset.identity))

    def answer(self, question: Question, span: Span | None) -> Counted:
        """The figures of a question over one of its periods."""
        chosen = [row for row in self.rows if question.where is None or _matches(question.where, row)]
        intervals = [None] if span is None else self._intervals(question.interval, span)
        whole = (intervals[0][0], intervals[-1][1]) if intervals[0] and intervals[-1] else None
        cut = span is not None and question.interval.unit is not IntervalUnit.NONE
        found: dict[tuple[int | None, tuple[str, ...]], dict[str, Any]] = {}
        carried: dict[str, dict[Any, Any]] = {}
        for index, edges in enumerate(intervals):
            parts = _Part(self, chosen, edges, begun=edges is None or self._begun(edges[0], span))
            for key in question.metrics:
                for name, rows in parts.carried(key).items():
                    known = carried.setdefault(name, {})
                    for thing, row in rows.items():
                        at = row[self.dataset.time]
                        known[thing] = min(at, known.get(thing, at))
            place = index if span is not None else None
            if not question.by and cut:
                found[place, ()] = parts.values(question.metrics)
            for keys in parts.groups(question) if question.by else ():
                found[place, tuple(map(_text, keys))] = parts.values(question.metrics, question.by, keys)
        begun = whole is None or self._begun(whole[0], span)
        over = _Part(self, chosen, whole, begun=begun)
        totals = over.values(question.metrics)
        if not question.by and not cut:
            found = {(None if span is None else 0, ()): totals}
        return Counted(
            found, totals,
            {key: (len(rows), min(map(_day(span), rows.values()))) for key, rows in carried.items() if rows},
            {key: over.new(key) for key in question.metrics if FORMULAS[_short(key)][1].__class__ is Change},
        )  # fmt: skip

    def _intervals(self, interval: Interval, span: Span) -> list[Edges]:
        return [
            (bucket.start, bucket.end) if self.dataset is DAYS else (bucket.starts_at, bucket.ends_at)
            for bucket in interval.buckets(span)
        ]

    def _begun(self, start: Any, span: Span | None) -> bool:
        if isinstance(start, datetime):
            return start <= self.today
        assert span is not None
        return datetime.combine(start, time(), ZoneInfo(span.zone)) <= self.today


@dataclass
class _Part:
    """The figures of one interval, or of a whole period."""

    plain: Plain
    chosen: list[Row]
    edges: Edges | None
    begun: bool

    def inside(self) -> list[Row]:
        time = self.plain.dataset.time
        return [row for row in self.chosen
                if self.edges is None or self.edges[0] <= row[time] < self.edges[1]]  # fmt: skip

    def last(self, latest: Latest, *, before: bool = False) -> dict[Any, Row]:
        """The last known fact of each thing at the end, or before the start."""
        time, found = self.plain.dataset.time, {}
        for row in self.chosen:
            known = row[latest.column] is not None and (latest.where is None or _matches(latest.where, row))
            if self.edges is not None:
                known = known and row[time] < self.edges[0 if before else 1]
                known = known and (latest.carry or row[time] >= self.edges[0])
            elif before:
                known = False
            if known:
                found[(row["source"], *(row[name] for name in latest.per))] = row
        if before or self.begun or self.edges is None:
            return found
        return {thing: row for thing, row in found.items() if row[time] >= self.edges[0]}

    def levels(self, key: str) -> Iterable[tuple[str, Latest]]:
        """The metrics of last known values that a metric rests on."""
        formula = FORMULAS[_short(key)][1]
        match formula:
            case Latest():
                yield _short(key), formula
            case Change(metric):
                yield from self.levels(metric)
            case Difference(plus, minus):
                yield from itertools.chain(self.levels(plus), self.levels(minus))
            case Total(metrics):
                yield from itertools.chain.from_iterable(map(self.levels, metrics))
            case Ratio(above, below):
                yield from itertools.chain(self.levels(above), self.levels(below))
            case _:
                pass

    def carried(self, key: str) -> dict[str, dict[Any, Row]]:
        time = self.plain.dataset.time
        return {
            name: {thing: row for thing, row in self.last(latest).items()
                   if self.edges is not None and row[time] < self.edges[0]}
            for name, latest in self.levels(key)
        }  # fmt: skip

    def new(self, key: str) -> list[str]:
        ((_name, latest),) = self.levels(key)
        things = self.last(latest).keys() - self.last(latest, before=True).keys()
        return sorted({" · ".join(str(one or "") for one in thing[1:]) for thing in things})

    def groups(self, question: Question) -> set[tuple[Any, ...]]:
        """The keys of facts inside, and of what was last known at the end."""
        last = [row for key in question.metrics for _name, latest in self.levels(key)
                for row in self.last(latest).values()]  # fmt: skip
        return {
            keys
            for row in (*self.inside(), *last)
            for keys in itertools.product(*(_values(row[name]) for name in question.by))
        }

    def values(
        self, metrics: Iterable[str], by: tuple[str, ...] = (), keys: tuple[Any, ...] = ()
    ) -> dict[str, Any]:
        def belongs(row: Row) -> bool:
            return all(key in _values(row[name]) for name, key in zip(by, keys, strict=True))

        return {key: self.value(_short(key), belongs) for key in metrics}

    def value(self, short: str, belongs: Callable[[Row], bool]) -> Any:
        formula = FORMULAS[short][1]
        match formula:
            case Count():
                return sum(map(belongs, self.inside()))
            case Sum(column, empty=empty):
                known = [row[column] for row in self.inside() if belongs(row) and row[column] is not None]
                return None if empty and not known else sum(known)
            case Latest(column):
                last = [row[column] for row in self.last(formula).values() if belongs(row)]
                return sum(last) if last else None
            case Change(metric):
                latest: Any = FORMULAS[metric][1]
                first = self.last(latest, before=True)
                moved = [
                    row[latest.column] - first[thing][latest.column]
                    for thing, row in self.last(latest).items()
                    if thing in first and belongs(row)
                ]
                return sum(moved) if moved else None
            case Difference(plus, minus):
                both = [self.value(plus, belongs), self.value(minus, belongs)]
                return None if None in both else both[0] - both[1]
            case Total(metrics):
                known = [one for key in metrics if (one := self.value(key, belongs)) is not None]
                return sum(known) if known else None
            case Ratio(above, below, proportion):
                up, down = self.value(above, belongs), self.value(below, belongs)
                if up is None or not down or (proportion and up > down):
                    return None
                return up / down


def _short(key: str) -> str:
    for dataset in (DAYS, SAMPLES):
        key = key.removeprefix(f"{dataset.key}_")
    return key


def _matches(condition: Any, row: Row) -> bool:
    assert isinstance(condition, Is)
    return row[condition.column] == condition.value


def _values(value: Any) -> list[Any]:
    if isinstance(value, list):
        return list(dict.fromkeys(value)) or [""]
    return ["" if value is None else value]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _day(span: Span | None) -> Callable[[Any], date]:
    def day(at: Any) -> date:
        assert span is not None
        return at.astimezone(ZoneInfo(span.zone)).date() if isinstance(at, datetime) else at

    return day
