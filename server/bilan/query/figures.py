"""The pass over the facts: a row for each group and one for the totals, for each period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bilan.query import aggregates
from bilan.query.conditions import TRUE
from bilan.sdk.datasets import Column, ColumnType
from bilan.warehouse.facts import one_copy_each
from bilan.warehouse.types import quote

if TYPE_CHECKING:
    from bilan.query.conditions import Conditions
    from bilan.query.plan import Plan
    from bilan.query.time import Time


@dataclass(frozen=True, slots=True)
class Figures:
    """Writes the inner SELECT: ``_total``, ``_period``, ``_bucket``, ``_k0``… and ``_a0``…"""

    plan: Plan
    time: Time
    conditions: Conditions

    def sql(self, visible: str) -> str:
        """The statement over the facts that are visible at all."""
        columns, grouping = self._listed() if self.plan.lists else self._grouped()
        formulas = enumerate(self.plan.aggregates.values())
        columns += [f"{aggregates.sql(formula, self.conditions)} AS _a{n}" for n, formula in formulas]
        facts = one_copy_each(self.plan.names.dataset, visible, self.time.within(), joins=self._joins())
        where = "".join(f" AND {condition}" for condition in self._where())
        return f"SELECT {', '.join(columns)}\nFROM {facts}{where}{grouping}"

    def _grouped(self) -> tuple[list[str], str]:
        """The totals come from a second grouping set: exact for distinct counts, and nearly free."""
        keys = self._keys()
        columns = [*self._period(), *(f"{sql} AS {name}" for name, sql in keys.items())]
        period = ["_period"] * self.plan.compared
        if not keys:
            return [*columns, "1 AS _total"], "\nGROUP BY _period" if period else ""
        sets = f"({', '.join([*keys, *period])}), ({', '.join(period)})"
        return [*columns, f"grouping({next(iter(keys))}) AS _total"], f"\nGROUP BY GROUPING SETS ({sets})"

    def _listed(self) -> tuple[list[str], str]:
        """Lists multiply the rows, so each row also stands once, marked, for the totals."""
        keys = self._keys()
        columns = ["_j0.1 AS _total", *self._period()]
        columns += [f"if(_total, defaultValueOfArgumentType({sql}), {sql}) AS {n}" for n, sql in keys.items()]
        return columns, f"\nGROUP BY {', '.join(['_total', *keys, *['_period'] * self.plan.compared])}"

    def _period(self) -> list[str]:
        if not self.plan.compared:
            return []
        return ["_period"] if self.time.overlapping else [f"{self.time.period()} AS _period"]

    def _keys(self) -> dict[str, str]:
        """What the rows are grouped by: name → expression."""
        found = {"_bucket": self.time.bucket()} if self.plan.by_time else {}
        for n, column in enumerate(self.plan.dimensions):
            listed = column.type is ColumnType.TEXTS
            found[f"_k{n}"] = f"_j{self.plan.lists.index(column)}.2" if listed else _key(column)
        return found

    def _joins(self) -> str:
        joins = [f"{_items(column)} AS _j{n}" for n, column in enumerate(self.plan.lists)]
        joins += ["[0, 1] AS _period"] if self.time.overlapping else []
        return "".join(f" ARRAY JOIN {join}" for join in joins)

    def _where(self) -> list[str]:
        found = [f"_j0.1 = _j{n}.1" for n in range(1, len(self.plan.lists))]
        found += [self.time.in_period()] if self.time.overlapping else []
        condition = self.conditions.sql(self.plan.condition)
        return found if condition == TRUE else [*found, condition]


def _key(column: Column) -> str:
    name = quote(column.name)
    if column.name == "source":
        return f"toString({name})"
    return f"ifNull({name}, '')" if column.type is ColumnType.TEXT and column.nullable else name


def _items(column: Column) -> str:
    """The values of a list, each once, behind a mark that stands for the row as a whole."""
    each = f"arrayMap(_x -> (false, toString(_x)), arrayDistinct({quote(column.name)}))"
    return f"arrayConcat([(true, '')], {each})"
