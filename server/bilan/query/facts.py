"""Statements over the facts themselves, rather than figures."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from bilan.query.binder import Binder, Statement, scope
from bilan.query.conditions import Conditions
from bilan.query.coverage import net_rows, range_of
from bilan.query.last_facts import LastFacts, compiled
from bilan.query.names import Names
from bilan.query.sorting import Sorting, Values
from bilan.query.time import ALL_TIME
from bilan.sdk.conditions import Condition
from bilan.sdk.datasets import UNDATED, ColumnType, Dataset
from bilan.sdk.filters import FilterValue
from bilan.sdk.periods import Span
from bilan.warehouse.facts import in_one_table, one_copy_each
from bilan.warehouse.net import NetRows
from bilan.warehouse.tables import moment_of
from bilan.warehouse.types import quote

if TYPE_CHECKING:
    from bilan.manifest import Snapshot
    from bilan.registry.declared import Registry


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts that were chosen, and the values bound so far.

    ``visible`` are those that there are at all, ``within`` the time they lie
    in; ``where`` is every other condition.
    """

    conditions: Conditions
    visible: str
    within: tuple[str, ...]
    where: tuple[str, ...]
    net: NetRows | None = None
    as_of: str = ""
    """The moment, as SQL, at which they are looked at."""
    parts: tuple[Dataset, ...] = ()
    """The parts of the dataset that have any facts; all of them where that is not known."""

    @property
    def names(self) -> Names:
        """What can be named of them."""
        return self.conditions.names

    @property
    def binder(self) -> Binder:
        """Where their values are bound."""
        return self.conditions.binder

    @property
    def source(self) -> str:
        """What to read from."""
        return self._source()

    @property
    def relation(self) -> str:
        """What to read from, with the name ``_f`` for it; the table itself where that is enough."""
        if in_one_table(self.names.dataset, self.parts, self.net):
            return self._source("_f")
        return f"(SELECT *\nFROM {self._source()}) AS _f"

    def _source(self, alias: str = "") -> str:
        within = " AND ".join(self.within)
        copies = one_copy_each(
            self.names.dataset, self.visible, within,
            net=self.net, as_of=self.as_of, parts=self.parts, alias=alias,
        )  # fmt: skip
        return " AND ".join([copies, *self.where])

    def beyond(self, sorting: Sorting, values: Values) -> Facts:
        """Those of them that come after the fact with these values."""
        within = (*self.within, *filter(None, (sorting.within(values),)))
        return replace(self, within=within, where=(*self.where, sorting.beyond(values)))


def choose(
    registry: Registry,
    dataset: str,
    sources: Collection[UUID],
    snapshot: Snapshot,
    *,
    where: Condition | None = None,
    filters: tuple[FilterValue, ...] = (),
    span: Span | None = None,
    parts: tuple[Dataset, ...] = (),
    last: LastFacts | None = None,
) -> Facts:
    """The facts of a dataset that are visible and satisfy the conditions. Raises ``Invalid``.

    ``parts`` are the parts of the dataset that hold any; all may without it.
    ``last`` says of which metrics the last facts are told from the others.
    """
    names, binder = Names.of(registry, dataset), Binder()
    conditions = Conditions(names, binder, people=snapshot.people(sources))
    if last is not None:
        conditions = replace(conditions, flags=compiled(last, conditions, sources, snapshot))
    within: tuple[str, ...] = ()
    if span is not None:
        span = names.cut(span)
        start, end = (binder.instant(edge) for edge in span.instants)
        time = moment_of(names.dataset)
        within = (f"{time} >= {start}", f"{time} < {end}")
    condition = conditions.sql(names.conditions(filters, where))
    asked = [ALL_TIME if span is None else range_of(span)]
    net = net_rows(names.dataset, sources, snapshot, asked, binder)
    visible = scope(binder, sources, snapshot.as_of)
    seen_at = binder.instant(snapshot.as_of)
    return Facts(conditions, visible, within if net is None else (), (condition,), net, seen_at, parts)


def rows(facts: Facts, columns: tuple[str, ...], sorting: Sorting, limit: int | None) -> Statement:
    """Some columns of the facts, in order."""
    flags = facts.conditions.flags
    shown = [
        f"{flags[name]} AS {quote(name)}"
        if name in flags
        else _shown(facts.names.column(name, "columns").name)
        for name in columns
    ]
    cut = f"\nLIMIT {facts.binder.bind(limit, 'UInt64')}" if limit is not None else ""
    sql = f"SELECT {', '.join(shown)}\nFROM {facts.relation}\nORDER BY {sorting.sql('_f.')}{cut}"
    return Statement(sql, facts.binder.parameters)


def leading(facts: Facts, sorting: Sorting, key: Values) -> Statement:
    """The values that a fact is sorted by, of those that its key does not hold."""
    wanted = ", ".join(_shown(name) for name in sorting.leading)
    chosen = f"(SELECT *\nFROM {facts.source} AND {sorting.same(key)}) AS _f"
    return Statement(f"SELECT {wanted}\nFROM {chosen}\nLIMIT 1", facts.binder.parameters)


def values(facts: Facts, column: str, limit: int) -> Statement:
    """The different values of one column, as texts."""
    found = facts.names.dimension(column)
    name = quote(found.name)
    value = f"arrayJoin({name})" if found.type is ColumnType.TEXTS else name
    if found.type not in (ColumnType.TEXT, ColumnType.TEXTS) or found.name == "source":
        value = f"toString({value})"
    inner = f"SELECT DISTINCT {value} AS _value\nFROM {facts.source}"
    cut = facts.binder.bind(limit, "UInt64")
    sql = f"SELECT _value\nFROM ({inner})\nWHERE _value != ''\nORDER BY _value\nLIMIT {cut}"
    return Statement(sql, facts.binder.parameters)


def extent(facts: Facts) -> Statement:
    """The first and the last moment of facts that have one of their own."""
    time = moment_of(facts.names.dataset)
    dated = f"{time}, {time} > {facts.binder.instant(UNDATED)}"
    return Statement(
        f"SELECT minOrNullIf({dated}), maxOrNullIf({dated})\nFROM {facts.source}", facts.binder.parameters
    )


def seen(facts: Facts) -> Statement:
    """How many facts each source has, and when its last one happened."""
    time = moment_of(facts.names.dataset)
    sql = (
        f"SELECT source, count(), max({time})\nFROM {facts.source}\nGROUP BY source ORDER BY toString(source)"
    )
    return Statement(sql, facts.binder.parameters)


def _shown(name: str) -> str:
    return "toString(_f.source)" if name == "source" else f"_f.{quote(name)}"
