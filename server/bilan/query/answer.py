"""From the rows of the statement to the answer. See docs/decisions/048."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from bilan.query import aggregates, composed
from bilan.query.levels import COMPARED, NOTED, formulas
from bilan.query.notes import NOTHING_MISSING, LastKnown, Missing, notes
from bilan.sdk.metrics import Metric, Ratio, Total
from bilan.sdk.periods import Bucket
from bilan.sdk.query import Answer, AnswerRow
from bilan.warehouse.results import Result

if TYPE_CHECKING:
    from bilan.query.plan import Plan

Values = Mapping[str, Any]


def answer(
    plan: Plan, result: Result, as_of: datetime, sql: str, missing: Missing = NOTHING_MISSING
) -> Answer:
    """Read the result of the plan's statement, which does not count what is ``missing``."""
    reader = _Reader(plan, result)
    totals, previous_totals = reader.totals()
    if plan.dimensions:
        rows, count = reader.listed()
    else:
        rows = reader.filled(totals, previous_totals)
        count = len(rows)
        rows = _cut(plan, _sorted(plan, rows))
    caveats = notes(
        plan,
        as_of,
        numerator_exceeds_denominator=reader.numerator_exceeds_denominator,
        not_added=reader.not_added,
        left_out=reader.left_out,
        last_known=reader.last_known(),
        missing=missing,
    )
    return Answer(plan.asked, rows, totals, previous_totals, count, caveats, as_of, sql, plan.condition)


class _Reader:
    """Knows the result's columns."""

    def __init__(self, plan: Plan, result: Result) -> None:
        self._plan = plan
        # A result without a row may come without the names of its columns; then no place is looked at.
        at = defaultdict(int, {name: n for n, name in enumerate(result.columns)})
        self._total = at["_total"]
        self._bucket_at = at.get("_bucket")
        self._keys = [at[f"_k{n}"] for n in range(len(plan.dimensions))]
        count = range(len(plan.computed))
        self._here = [at[f"{'_c' if plan.compared else '_a'}{n}"] for n in count]
        self._before = [at[f"_p{n}"] for n in count] if plan.compared else []
        self._seen = (at["_here"], at["_before"]) if plan.compared else None
        self._place, self._places = at.get("_place"), at.get("_places")
        self._proportions = [
            (metric, metric.formula)
            for metric in plan.metrics
            if isinstance(metric.formula, Ratio) and metric.formula.proportion
        ]
        self._totals = [metric for metric in plan.metrics if isinstance(metric.formula, Total)]
        self._at = at
        self._computed = tuple(plan.computed)
        self._by_unit = [key for key, formula in plan.computed.items() if aggregates.has_unit(formula)]
        self._empty = [aggregates.empty(formula) for formula in plan.computed.values()]
        self._rows = result.rows
        self.numerator_exceeds_denominator = False
        """Whether a ratio that was read so far is empty because more is known of a part than of its whole."""
        self.not_added = dict[str, None]()
        """The sums that were empty so far, of those that are never added up over several units, by key."""
        self.left_out = dict[tuple[str, str], None]()
        """What was empty so far of what totals add up: the key of the total, then that of the part."""

    def last_known(self) -> tuple[LastKnown, ...]:
        """What is to be said of values that were carried and of things that were first seen."""
        whole = next((row for row in self._rows if row[self._total]), None)
        if whole is None:
            return ()
        suffixes = ["", COMPARED] if self._plan.compared else [""]
        return tuple(
            LastKnown(
                tuple(wanted),
                *(whole[self._at[f"{name}{n}{suffix}"]] for name in NOTED),
                compared=bool(suffix),
            )
            for suffix in suffixes
            for n, wanted in enumerate(formulas(self._plan).values())
        )

    def totals(self) -> tuple[Values, Values | None]:
        """Over everything, and over everything of the comparison."""
        if not self._plan.totals:
            return {}, {} if self._plan.compared else None
        for row in self._rows:
            if row[self._total]:
                return self._current(row), self._previous(row)
        return self._nothing(), self._nothing() if self._plan.compared else None

    def listed(self) -> tuple[tuple[AnswerRow, ...], int]:
        """The rows with dimensions, in the statement's order, and how many there are without the limit."""
        rows = [row for row in self._rows if not row[self._total]]
        count = rows[0][self._places] if rows and self._places is not None else len(rows)
        wanted = self._plan.question
        shown = (
            row
            for row in rows
            if self._place is None or _inside(row[self._place], wanted.offset, wanted.limit)
        )
        return tuple(self._row(row) for row in shown), count

    def filled(self, totals: Values, previous_totals: Values | None) -> list[AnswerRow]:
        """A row for each bucket, whether there are facts in it or not."""
        if not self._plan.by_time:
            bucket = self._plan.shown[0] if self._plan.shown else None
            return [AnswerRow(bucket, (), totals, previous_totals)]
        found = {self._number(row): row for row in self._rows if not row[self._total]}
        return [self._bucket(bucket, found.get(bucket.index)) for bucket in self._plan.shown]

    def _bucket(self, bucket: Bucket, row: Sequence[Any] | None) -> AnswerRow:
        values = self._nothing() if row is None else self._current(row)
        if bucket.index >= len(self._plan.previous):
            return AnswerRow(bucket, (), values)
        return AnswerRow(bucket, (), values, self._nothing() if row is None else self._previous(row))

    def _row(self, row: Sequence[Any]) -> AnswerRow:
        bucket = self._plan.shown[self._number(row)] if self._plan.shown else None
        keys = tuple(_text(row[at]) for at in self._keys)
        compared = bucket is not None and bucket.index < len(self._plan.previous)
        return AnswerRow(bucket, keys, self._current(row), self._previous(row) if compared else None)

    def _number(self, row: Sequence[Any]) -> int:
        return 0 if self._bucket_at is None else row[self._bucket_at]

    def _current(self, row: Sequence[Any]) -> Values:
        if self._seen and not row[self._seen[0]]:
            return self._nothing()
        return self._values([row[at] for at in self._here])

    def _previous(self, row: Sequence[Any]) -> Values | None:
        if self._seen is None:
            return None
        return self._values([row[at] for at in self._before]) if row[self._seen[1]] else self._nothing()

    def _nothing(self) -> Values:
        return self._figures(dict(zip(self._computed, self._empty, strict=True)))

    def _values(self, computed: Sequence[Any]) -> Values:
        plain = dict(zip(self._computed, computed, strict=True))
        self.not_added |= dict.fromkeys(key for key in self._by_unit if plain[key] is None)
        self.numerator_exceeds_denominator = self.numerator_exceeds_denominator or any(
            formula.numerator_exceeds_denominator(*self._parts(metric, plain))
            for metric, formula in self._proportions
        )
        for metric in self._totals:
            values = zip(composed.parts(self._plan.names, metric), self._parts(metric, plain), strict=True)
            empty = [part.key for part, value in values if value is None]
            if len(empty) < len(self._parts(metric, plain)):
                self.left_out |= dict.fromkeys((metric.key, key) for key in empty)
        return self._figures(plain)

    def _parts(self, metric: Metric, plain: Values) -> list[Any]:
        names = self._plan.names
        return [composed.value(names, part, plain) for part in composed.parts(names, metric)]

    def _figures(self, plain: Values) -> Values:
        names = self._plan.names
        return {metric.key: composed.value(names, metric, plain) for metric in self._plan.metrics}


def _inside(place: int, offset: int, limit: int | None) -> bool:
    return place > offset and (limit is None or place <= offset + limit)


def _text(value: Any) -> str:
    """A dimension's value as a key."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _sorted(plan: Plan, rows: Iterable[AnswerRow]) -> list[AnswerRow]:
    found = list(rows)
    for one in reversed(plan.question.order):
        # Two stable passes: by value, then empty ones to the end, whatever the direction.
        known = [row for row in found if row.values[one.key] is not None]
        known.sort(key=lambda row: row.values[one.key], reverse=one.descending)
        found = [*known, *(row for row in found if row.values[one.key] is None)]
    return found


def _cut(plan: Plan, rows: Sequence[AnswerRow]) -> tuple[AnswerRow, ...]:
    start, limit = plan.question.offset, plan.question.limit
    return tuple(rows[start : None if limit is None else start + limit])
