"""The last known values of things, at the end of each interval and of the period. See docs/decisions/097.

Of each thing the last fact of each interval is looked up, and the one before
the period. Such a fact holds until the next one: the intervals that it holds
for are written out, and what holds at the end of an interval is added up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bilan.query.coverage import asked, net_rows
from bilan.query.figures import items, key_sql
from bilan.query.levels import NOTED, formulas, noted
from bilan.query.time import ALL_TIME, Time, position
from bilan.sdk.conditions import Condition
from bilan.sdk.datasets import ColumnType
from bilan.sdk.metrics import Change, Latest
from bilan.warehouse.facts import one_copy_each
from bilan.warehouse.tables import moment_of
from bilan.warehouse.types import quote

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from bilan.manifest import Snapshot
    from bilan.query.binder import Binder
    from bilan.query.conditions import Conditions
    from bilan.query.plan import Plan
    from bilan.sdk.periods import Bucket, Span

MOST_NAMED = 10
"""So many things are named that were first seen within the period; the others are counted."""
BETWEEN = " · "
"""What stands between the parts of a name."""


@dataclass(frozen=True, slots=True)
class LastValues:
    """Writes what was last known: ``_total``, ``_period``, ``_bucket``, ``_k0``…, figures and notes."""

    plan: Plan
    binder: Binder
    conditions: Conditions
    sources: Collection[UUID]
    snapshot: Snapshot
    visible: str
    as_of: str

    def sql(self) -> list[str]:
        """A SELECT for each formula."""
        each = enumerate(formulas(self.plan).items())
        return [self._sql(n, latest, wanted) for n, (latest, wanted) in each]

    def _sql(self, place: int, latest: Latest, wanted: Mapping[str, Latest | Change]) -> str:
        keys = [f"_k{n}" for n in range(len(self.plan.dimensions))]
        columns = ["toUInt8(_whole) AS _total", "_period", "toUInt16(if(_whole, 0, _at - 1)) AS _bucket"]
        columns += [
            f"if(_whole, defaultValueOfArgumentType({value}), {value}) AS {key}"
            for key, value in zip(keys, self._shown(), strict=True)
        ]
        counted = "(NOT _whole OR _ends)"
        for n, key in enumerate(self.plan.computed):
            match wanted.get(key):
                case Latest():
                    figure = f"sumOrNullIf(_value, {counted})"
                case Change():
                    figure = f"sumOrNullIf(_value - _start, {counted} AND isNotNull(_start))"
                case None:
                    figure = "NULL"
            columns.append(f"{figure} AS _a{n}")
        one = f"tuple({', '.join(self._one(latest))})"
        new = "_whole AND isNull(_first)"
        names = f"arraySort(groupUniqArrayIf(_name, {new}))"
        found = (
            f"uniqExactIf({one}, _whole AND _at > _slot)",
            "minOrNullIf(_moment, _whole AND _at > _slot)",
            f"uniqExactIf({one}, {new})",
            f"arrayStringConcat(arraySlice({names}, 1, {MOST_NAMED}), '\\n')",
        )
        values = dict(zip((f"{name}{place}" for name in NOTED), found, strict=True))
        columns += [f"{values.get(name, 'NULL')} AS {name}" for name in noted(self.plan)]
        marks = ["_whole", *(f"_j{n}" for n in range(len(self.plan.lists)))]
        start = "if(_whole, _first, if(_at = _slot, _was, _value)) AS _start"
        return (
            f"SELECT {', '.join(columns)}\nFROM (SELECT *, {', '.join([*marks, start])}\n"
            f"FROM ({self._held(latest)})\n"
            f"{self._marked()})\nGROUP BY {', '.join(['_total', '_period', '_bucket', *keys])}"
        )

    def _one(self, latest: Latest) -> list[str]:
        return ["_source", *(f"_per{n}" for n in range(len(latest.per)))]

    def _shown(self) -> list[str]:
        """What the rows are grouped by besides time: as the last fact of each thing says it."""
        lists = self.plan.lists
        return [
            f"_j{lists.index(column)}.2" if column in lists else f"_said.{n}"
            for n, column in enumerate(self.plan.dimensions, start=1)
        ]

    def _marked(self) -> str:
        """Each row twice: for its interval and, marked, for the whole; lists by their items besides."""
        lists = self.plan.lists
        if not lists:
            return "ARRAY JOIN [true, false] AS _whole"
        places = [self.plan.position(column.name) + 1 for column in lists]
        joins = [f"{items(f'_said.{place}', totals=True)} AS _j{n}" for n, place in enumerate(places)]
        joins.append("[_j0.1] AS _whole")
        same = " AND ".join(f"_j0.1 = _j{n}.1" for n in range(1, len(lists)))
        return f"ARRAY JOIN {' ARRAY JOIN '.join(joins)}" + (f"\nWHERE {same}" if same else "")

    def _held(self, latest: Latest) -> str:
        """A row for each interval at whose end a fact is the last one."""
        until = "greatest(least(_next, _begun + 1), _slot + 1)" if latest.carry else "_slot + 1"
        at = f"arrayJoin(range(greatest(_slot, 1), {until}))"
        ends = "_next = _after AND _at = " + ("greatest(_begun, _slot)" if latest.carry else "_slot")
        columns = ["*", f"{at} AS _at", f"({ends}) AS _ends"]
        return f"SELECT {', '.join(columns)}\nFROM ({self._following(latest)})"

    def _following(self, latest: Latest) -> str:
        """The last fact of each interval, with the interval of the next one and the values before."""
        name = f", '{BETWEEN}', ".join(f"ifNull(toString(_per{n}), '')" for n in range(len(latest.per)))
        columns = [
            *self._one(latest), "_period", "_slot", "_last.1 AS _value", "_last.2 AS _moment",
            "_last.3 AS _said", f"concat({name}, '') AS _name",
            f"toUInt32({self._of_period(self._begun())}) AS _begun",
            f"toUInt32({self._of_period([max(len(one), 1) + 1 for one in self._buckets()])}) AS _after",
            "ifNull(leadInFrame(toNullable(_slot)) OVER w, _after) AS _next",
            "lagInFrame(toNullable(_value)) OVER w AS _was",
            "min(if(_slot = 0, toNullable(_value), NULL)) OVER w AS _first",
        ]  # fmt: skip
        window = (
            f"PARTITION BY {', '.join([*self._one(latest), '_period'])} ORDER BY _slot "
            "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
        )
        return f"SELECT {', '.join(columns)}\nFROM ({self._last(latest)})\nWINDOW w AS ({window})"

    def _last(self, latest: Latest) -> str:
        """The last fact of each thing in each interval, and of the time before the period as interval 0."""
        dataset = self.plan.names.dataset
        time = Time(self.plan, self.binder, moment_of(dataset))
        value = quote(latest.column)
        if dataset.by_name[latest.column].nullable:
            value = f"assumeNotNull({value})"
        said = ", ".join(self._said()) or "0"
        order = ", ".join([time.column, *map(quote, dataset.identity)])
        columns = [
            "source AS _source", *(f"{quote(name)} AS _per{n}" for n, name in enumerate(latest.per)),
            "_period" if self.plan.compared else "toUInt8(0) AS _period",
            f"toUInt32({self._slot(time, latest)}) AS _slot",
            f"argMax(tuple({value}, {time.column}, tuple({said})), tuple({order})) AS _last",
        ]  # fmt: skip
        grouping = [*self._one(latest), "_period", "_slot"]
        return (
            f"SELECT {', '.join(columns)}\nFROM {self._facts(time, latest)}\nGROUP BY {', '.join(grouping)}"
        )

    def _said(self) -> list[str]:
        return [
            quote(column.name) if column.type is ColumnType.TEXTS else key_sql(column)
            for column in self.plan.dimensions
        ]

    def _facts(self, time: Time, latest: Latest) -> str:
        dataset = self.plan.names.dataset
        spans = asked(self.plan)
        ranges = [(ALL_TIME[0], spans[-1][1])] if latest.carry else spans
        net = net_rows(dataset, self.sources, self.snapshot, ranges, self.binder)
        joins = " ARRAY JOIN [0, 1] AS _period" if self.plan.compared else ""
        facts = one_copy_each(dataset, self.visible, "", joins, net, self.as_of)
        conditions = [f"isNotNull({quote(latest.column)})", self._within(time, latest)]
        conditions += [self.conditions.sql(one) for one in self._narrowed(latest)]
        return " AND ".join([facts, *conditions])

    def _narrowed(self, latest: Latest) -> list[Condition]:
        return [self.plan.condition, *([latest.where] if latest.where is not None else [])]

    def _within(self, time: Time, latest: Latest) -> str:
        """The facts that can be the last ones of some interval, of the period that is being looked at."""
        return self._of_period([self._before_end(time, span, latest) for span in self._spans()])

    def _before_end(self, time: Time, span: Span | None, latest: Latest) -> str:
        if span is None:
            return "1"
        start, end = (self.binder.instant(edge) for edge in span.instants)
        until = f"{time.column} < {end}"
        return until if latest.carry else f"({time.column} >= {start} AND {until})"

    def _slot(self, time: Time, latest: Latest) -> str:
        """The number of the interval from 1 on; 0 for the time before."""
        return self._of_period([
            self._slot_in(time, span, buckets, latest)
            for span, buckets in zip(self._spans(), self._buckets(), strict=True)
        ])  # fmt: skip

    def _slot_in(self, time: Time, span: Span | None, buckets: Sequence[Bucket], latest: Latest) -> str:
        found = f"{position(buckets, time.column, self.binder)} + 1" if self.plan.by_time else "1"
        if span is None or not latest.carry:
            return found
        return f"if({time.column} < {self.binder.instant(span.instants[0])}, 0, {found})"

    def _spans(self) -> list[Span | None]:
        question = self.plan.question
        return [question.span, question.compare] if self.plan.compared else [question.span]

    def _buckets(self) -> list[Sequence[Bucket]]:
        return [self.plan.buckets, self.plan.previous] if self.plan.compared else [self.plan.buckets]

    def _begun(self) -> list[int]:
        """How many intervals of each period had begun: no value is carried into one that had not."""
        plan = self.plan
        both = [plan.shown, plan.shown_previous] if plan.compared else [plan.shown]
        return [_begun(buckets, self.snapshot.today) for buckets in both]

    def _of_period(self, values: Sequence[object]) -> str:
        """What holds for the period that is being looked at."""
        return f"if(_period = 0, {values[0]}, {values[1]})" if len(values) > 1 else str(values[0])


def _begun(buckets: Sequence[Bucket], today: datetime) -> int:
    return sum(bucket.starts_at <= today for bucket in buckets) if buckets else 1
