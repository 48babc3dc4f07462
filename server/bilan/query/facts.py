"""Statements over the facts themselves, rather than figures."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bilan.query.binder import Binder
from bilan.query.conditions import Conditions
from bilan.query.names import Names
from bilan.query.statement import Statement, scope
from bilan.registry import Registry
from bilan.sdk.conditions import Condition
from bilan.sdk.datasets import ColumnType
from bilan.sdk.filters import FilterValue
from bilan.sdk.periods import Span
from bilan.sdk.query import Order
from bilan.warehouse import one_copy_each, quote


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts that were chosen: what to read from, and the values bound so far."""

    names: Names
    binder: Binder
    source: str


def choose(
    registry: Registry,
    dataset: str,
    sources: Collection[UUID],
    as_of: datetime,
    *,
    where: Condition | None = None,
    filters: tuple[FilterValue, ...] = (),
    span: Span | None = None,
) -> Facts:
    """The facts of a dataset that are visible and satisfy the conditions. Raises ``Invalid``."""
    names, binder = Names.of(registry, dataset), Binder()
    within = ""
    if span is not None:
        start, end = (binder.instant(edge) for edge in span.instants)
        time = quote(names.dataset.time)
        within = f"{time} >= {start} AND {time} < {end}"
    condition = Conditions(names, binder).sql(names.conditions(filters, where))
    source = one_copy_each(names.dataset, scope(binder, sources, as_of), within)
    return Facts(names, binder, f"{source} AND {condition}")


def rows(
    facts: Facts, columns: tuple[str, ...], order: tuple[Order, ...], limit: int | None, offset: int = 0
) -> Statement:
    """Some columns of the facts, in an order that is always the same."""
    names = facts.names
    shown = [_shown(names.column(name, "columns").name) for name in columns]
    sorting = [
        f"_f.{quote(names.column(one.key, 'order').name)} {'DESC' if one.descending else 'ASC'}"
        for one in order
    ]
    settled = dict.fromkeys((names.dataset.time, *names.dataset.identity, "source"))
    sorting += [f"_f.{quote(name)}" for name in settled]
    cut = f"\nLIMIT {facts.binder.bind(limit, 'UInt64')}" if limit is not None else ""
    cut += f" OFFSET {facts.binder.bind(offset, 'UInt64')}" if offset else ""
    chosen = f"(SELECT *\nFROM {facts.source}) AS _f"
    sql = f"SELECT {', '.join(shown)}\nFROM {chosen}\nORDER BY {', '.join(sorting)}{cut}"
    return Statement(sql, facts.binder.parameters)


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
    """The first and the last moment."""
    time = quote(facts.names.dataset.time)
    return Statement(
        f"SELECT minOrNull({time}), maxOrNull({time})\nFROM {facts.source}", facts.binder.parameters
    )


def seen(facts: Facts) -> Statement:
    """How many facts each source has, and when its last one happened."""
    time = quote(facts.names.dataset.time)
    sql = (
        f"SELECT source, count(), max({time})\nFROM {facts.source}\nGROUP BY source ORDER BY toString(source)"
    )
    return Statement(sql, facts.binder.parameters)


def _shown(name: str) -> str:
    return "toString(_f.source)" if name == "source" else f"_f.{quote(name)}"
