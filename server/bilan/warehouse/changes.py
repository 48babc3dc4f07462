"""Facts that change: where they stood before a batch, and the tombstones that it leaves there.

See docs/decisions/060.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa
from pyarrow.compute import call_function

from bilan.sdk.datasets import Dataset
from bilan.warehouse.arrow import INSTANT, TYPES, ArrowTable, tuples
from bilan.warehouse.facts import one_copy_each
from bilan.warehouse.tables import GONE, moment_of, place_of, table_of
from bilan.warehouse.types import quote


def marked(dataset: Dataset, facts: ArrowTable, moment: datetime) -> ArrowTable:
    """The rows, each marked as a fact or as a tombstone.

    A retraction knows no time. It stands at the moment itself, where the fact
    is as gone as anywhere.
    """
    gone = facts[GONE].fill_null(False) if GONE in facts.column_names else pa.repeat(False, facts.num_rows)
    facts = _with(facts, GONE, gone)
    missing = dataset.time not in facts.column_names
    kind = TYPES[dataset.by_name[dataset.time].type]
    times = pa.nulls(facts.num_rows, kind) if missing else facts[dataset.time]
    return _with(facts, dataset.time, times.fill_null(pa.scalar(moment, INSTANT).cast(kind)))


def standing(dataset: Dataset, columns: tuple[str, ...]) -> str:
    """The statement that finds what stood before a batch of what the batch names.

    The batch is in the table already, so that a lookup costs the same however many facts it names.
    """
    identity = f"({', '.join(map(quote, dataset.identity))})"
    of_source = "source = {source:UUID}"
    moment, first, last = (
        f"fromUnixTimestamp64Micro({{{name}:Int64}}, 'UTC')" for name in ("moment", "first", "last")
    )
    time = moment_of(dataset)
    named = "\n".join(
        [
            f"SELECT {identity[1:-1]} FROM {quote(table_of(dataset))}",  # noqa: S608 - declared names
            f"WHERE {of_source} AND {time} >= {first} AND {time} <= {last} AND ingested_at = {moment}",
        ]
    )
    facts = one_copy_each(dataset, f"{of_source} AND ingested_at < {moment} AND {identity} IN ({named})")
    chosen = ", ".join(map(quote, columns))
    return f"SELECT {chosen}\nFROM {facts}\nSETTINGS transform_null_in = 1"


def tombstones(dataset: Dataset, before: ArrowTable, after: ArrowTable) -> ArrowTable:
    """A tombstone for each place that the facts have left."""
    names = [name for name in place_of(dataset) if name != "source"]
    taken = set(tuples(dataset, after, names))
    left = [number for number, place in enumerate(tuples(dataset, before, names)) if place not in taken]
    places = before.select(names).take(pa.array(left, pa.int64()))
    return places.append_column(GONE, pa.repeat(True, len(left)))


def _with(table: ArrowTable, name: str, values: Any) -> ArrowTable:
    if name not in table.column_names:
        return table.append_column(name, values)
    return table.set_column(table.column_names.index(name), name, values)


def facts_of(table: ArrowTable) -> ArrowTable:
    """The rows that are no tombstones."""
    return table.filter(call_function("invert", [table[GONE]]))
