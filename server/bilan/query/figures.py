"""The figures of a question: a row for each group and one for the totals, for each period.

They come from the facts, from a rollup, or from both, whose parts are then merged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bilan.query import aggregates, rollups
from bilan.query.conditions import TRUE
from bilan.query.names import CLOCK
from bilan.query.time import Time, inside
from bilan.sdk.datasets import Column, ColumnType
from bilan.sdk.metrics import Aggregate
from bilan.warehouse.facts import one_copy_each
from bilan.warehouse.tables import moment_of
from bilan.warehouse.types import quote

if TYPE_CHECKING:
    from bilan.query.binder import Binder
    from bilan.query.conditions import Conditions
    from bilan.query.coverage import Coverage
    from bilan.query.plan import Plan
    from bilan.warehouse.net import NetRows

Formula = Callable[[Aggregate], str]


@dataclass(frozen=True, slots=True)
class Figures:
    """Writes the inner SELECT: ``_total``, ``_period``, ``_bucket``, ``_k0``… and ``_a0``…

    ``scope`` and ``visible`` are conditions: the sources, and with them what was written by ``as_of``.
    """

    plan: Plan
    binder: Binder
    conditions: Conditions
    scope: str
    visible: str
    as_of: str
    coverage: Coverage | None
    net: NetRows | None

    def sql(self) -> str:
        """The statement over what is visible."""
        if self.coverage is None:
            return self._select(self._facts(), lambda formula: aggregates.sql(formula, self.conditions))
        rollup = self.plan.names.dataset.rollup
        assert rollup is not None  # noqa: S101 - what covers is there
        if not self.coverage.facts:
            return self._select(
                self._rollup(), lambda formula: rollups.figure(rollup, formula, self.conditions)
            )
        of_rollup = self._parts(
            self._rollup(), lambda formula: rollups.partial(rollup, formula, self.conditions)
        )
        of_facts = self._parts(self._facts(), lambda formula: aggregates.partial(formula, self.conditions))
        return self._merged(f"{of_rollup}\nUNION ALL\n{of_facts}")

    def _facts(self) -> _Relation:
        dataset = self.plan.names.dataset
        time = Time(self.plan, self.binder, moment_of(dataset))
        if self.net is not None:
            within = ""  # net rows and versions each have their part of what is asked about
        elif self.coverage is None:
            within = time.within()
        else:
            within = inside(self.coverage.facts, time.column, self.binder)
        joins = _Relation(self, time, "").joins()
        return _Relation(
            self, time, one_copy_each(dataset, self.visible, within, joins, self.net, self.as_of)
        )

    def _rollup(self) -> _Relation:
        covered = self.coverage
        assert covered is not None  # noqa: S101
        time = Time(self.plan, self.binder, "_day")
        generations = self.binder.bind(list(covered.generations), "Array(UInt64)")
        within = inside(covered.rolled, "_day", self.binder, indexed=False)
        joins = _Relation(self, time, "").joins()
        where = f"_generation IN {generations} AND {self.scope} AND {within}"
        return _Relation(self, time, f"{quote(covered.table)}{joins}\nWHERE {where}")

    def _select(self, relation: _Relation, formula: Formula) -> str:
        columns, grouping = relation.listed() if self.plan.lists else relation.grouped()
        return f"SELECT {', '.join([*columns, *self._formulas(formula)])}\n{relation.sql}{grouping}"

    def _parts(self, relation: _Relation, formula: Formula) -> str:
        """A part for each group, without totals: they come of merging."""
        columns, keys = relation.listed_keys() if self.plan.lists else relation.grouped_keys()
        grouping = f"\nGROUP BY {', '.join(keys)}" if keys else ""
        return f"SELECT {', '.join([*columns, *self._formulas(formula)])}\n{relation.sql}{grouping}"

    def _formulas(self, formula: Formula) -> list[str]:
        return [f"{formula(one)} AS _a{n}" for n, one in enumerate(self.plan.aggregates.values())]

    def _merged(self, parts: str) -> str:
        keys = ["_bucket"] * self.plan.by_time + [f"_k{n}" for n in range(len(self.plan.dimensions))]
        period = ["_period"] * self.plan.compared
        merged = [
            f"{rollups.merged(one, f'_part._a{n}')} AS _a{n}"
            for n, one in enumerate(self.plan.aggregates.values())
        ]
        if self.plan.lists:
            columns, grouping = ["_total", *period, *keys], ", ".join(["_total", *keys, *period])
        elif keys and self.plan.totals:
            columns = [*period, *keys, f"grouping({keys[0]}) AS _total"]
            grouping = f"GROUPING SETS (({', '.join([*keys, *period])}), ({', '.join(period)}))"
        elif keys:
            columns, grouping = [*period, *keys, "0 AS _total"], ", ".join([*keys, *period])
        else:
            columns, grouping = [*period, "1 AS _total"], ", ".join(period)
        by = f"\nGROUP BY {grouping}" if grouping else ""
        return f"SELECT {', '.join([*columns, *merged])}\nFROM ({parts}) AS _part{by}"


@dataclass(frozen=True, slots=True)
class _Relation:
    """What is read, with the columns that its rows are grouped by."""

    figures: Figures
    time: Time
    source: str

    @property
    def sql(self) -> str:
        """From where, and under which conditions."""
        return f"FROM {self.source}{''.join(f' AND {condition}' for condition in self._where())}"

    def grouped(self) -> tuple[list[str], str]:
        """The totals come from a second grouping set: exact for distinct counts, and nearly free."""
        keys = self._keys()
        columns = [*self._period(), *(f"{sql} AS {name}" for name, sql in keys.items())]
        period = ["_period"] * self._plan.compared
        if not keys:
            return [*columns, "1 AS _total"], "\nGROUP BY _period" if period else ""
        if not self._plan.totals:
            return [*columns, "0 AS _total"], f"\nGROUP BY {', '.join([*keys, *period])}"
        sets = f"({', '.join([*keys, *period])}), ({', '.join(period)})"
        return [*columns, f"grouping({next(iter(keys))}) AS _total"], f"\nGROUP BY GROUPING SETS ({sets})"

    def grouped_keys(self) -> tuple[list[str], list[str]]:
        """The columns of the groups, and their names."""
        keys = self._keys()
        columns = [*self._period(), *(f"{sql} AS {name}" for name, sql in keys.items())]
        return columns, [*keys, *["_period"] * self._plan.compared]

    def listed(self) -> tuple[list[str], str]:
        """Lists multiply the rows, so each row also stands once, marked, for the totals."""
        columns, keys = self.listed_keys()
        return columns, f"\nGROUP BY {', '.join(keys)}"

    def listed_keys(self) -> tuple[list[str], list[str]]:
        """The columns of those groups, and their names."""
        keys = self._keys()
        columns = ["_j0.1 AS _total", *self._period()]
        columns += [f"if(_total, defaultValueOfArgumentType({sql}), {sql}) AS {n}" for n, sql in keys.items()]
        return columns, ["_total", *keys, *["_period"] * self._plan.compared]

    def joins(self) -> str:
        """What multiplies the rows: the items of lists, and the periods where they overlap."""
        totals, lists = self._plan.totals, enumerate(self._plan.lists)
        joins = [f"{items(quote(column.name), totals=totals)} AS _j{n}" for n, column in lists]
        joins += ["[0, 1] AS _period"] if self.time.overlapping else []
        return "".join(f" ARRAY JOIN {join}" for join in joins)

    @property
    def _plan(self) -> Plan:
        return self.figures.plan

    def _period(self) -> list[str]:
        if not self._plan.compared:
            return []
        return ["_period"] if self.time.overlapping else [f"{self.time.period()} AS _period"]

    def _keys(self) -> dict[str, str]:
        """What the rows are grouped by: name → expression."""
        found = {"_bucket": self.time.bucket()} if self._plan.by_time else {}
        for n, column in enumerate(self._plan.dimensions):
            if column is CLOCK.get(column.name):
                found[f"_k{n}"] = self.time.shown(column.name)
            elif column.type is ColumnType.TEXTS:
                found[f"_k{n}"] = f"_j{self._plan.lists.index(column)}.2"
            else:
                found[f"_k{n}"] = key_sql(column)
        return found

    def _where(self) -> list[str]:
        found = [f"_j0.1 = _j{n}.1" for n in range(1, len(self._plan.lists))]
        found += [self.time.in_period()] if self.time.overlapping else []
        condition = self.figures.conditions.sql(self._plan.condition)
        return found if condition == TRUE else [*found, condition]


def key_sql(column: Column) -> str:
    """What rows are grouped by where they are broken down by a column."""
    name = quote(column.name)
    if column.name == "source":
        return f"toString({name})"
    return f"ifNull({name}, '')" if column.type is ColumnType.TEXT and column.nullable else name


def items(values: str, *, totals: bool) -> str:
    """The values of a list, each once, or an empty text, behind a mark that stands for the row as a whole."""
    each = f"arrayMap(_x -> (false, toString(_x)), arrayDistinct({values}))"
    each = f"if(empty({values}), [(false, '')], {each})"
    return f"arrayConcat([(true, '')], {each})" if totals else each
