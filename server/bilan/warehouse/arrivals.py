"""Which facts of a batch are there already, so that each is written once, whatever times its copies give.

Batches are written one at a time, so what stood before one cannot change while it is looked up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zlib import crc32

import pyarrow as pa
from pyarrow.compute import SetLookupOptions, call_function

from bilan.sdk.datasets import ColumnType, Dataset
from bilan.warehouse.arrow import INSTANT, ArrowTable, tuples
from bilan.warehouse.tables import GONE, INDEX, WITHDRAWN, table_of
from bilan.warehouse.types import instant, physical, quote

BATCH = "_batch"
"""The column of the number of the batch whose facts' names stand in a row."""
LATE = "_late"
"""The column of the moment of a withdrawn batch under which a fact was written nevertheless."""
ROW = "_row"
"""The column of a fact's position among those that were given."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The facts of a batch that are new, and the positions of those that stand at another time, with it."""

    new: ArrowTable
    elsewhere: Mapping[int, datetime] = field(default_factory=dict[int, datetime])


def arriving_table(dataset: Dataset) -> str:
    """The name of the table that holds the identities of a batch while they are looked up."""
    return f"{table_of(dataset)}__arriving_{crc32(', '.join(_columns(dataset)).encode()):08x}"


def _columns(dataset: Dataset) -> list[str]:
    identity = (dataset.by_name[name] for name in dataset.identity)
    return [f"{quote(column.name)} {physical(column)}" for column in identity]


def create_arriving(dataset: Dataset) -> str:
    """The statement that makes the table; what a process that ended left in it goes after an hour."""
    columns = [f"`{BATCH}` UInt64", "`_at` DateTime DEFAULT now()", *_columns(dataset)]
    return (
        f"CREATE TABLE IF NOT EXISTS {quote(arriving_table(dataset))} ({', '.join(columns)})"
        f" ENGINE = MergeTree PARTITION BY `{BATCH}` ORDER BY tuple() TTL `_at` + toIntervalHour(1)"
    )


def index(dataset: Dataset) -> str:
    """The index by which the facts of a few posts are looked up without reading all names; none for many."""
    (name, *others) = dataset.identity
    if others or dataset.by_name[name].type is not ColumnType.TEXT:
        return ""
    return f"INDEX `_by_identity` {quote(name)} TYPE {INDEX} GRANULARITY 1"


def any_before(dataset: Dataset) -> str:
    """The statement that says whether the source has any fact."""
    return f"SELECT 1 FROM {quote(table_of(dataset))} WHERE source = {{source:UUID}} LIMIT 1"  # noqa: S608 - declared names


def known(dataset: Dataset) -> str:
    """The statement that finds the facts of a batch that stood before its moment, with their times.

    What a process that stood still wrote of a batch that was withdrawn comes first, with the batch's moment.
    """
    identity = ", ".join(map(quote, dataset.identity))
    names = f"SELECT {identity} FROM {quote(arriving_table(dataset))} WHERE `{BATCH}` = {{batch:UInt64}}"  # noqa: S608 - declared names
    read = ", ".join(map(quote, dict.fromkeys((*dataset.identity, dataset.time))))
    before = "ingested_at < fromUnixTimestamp64Micro({moment:Int64}, 'UTC')"
    late = f"if(ingested_at IN (SELECT moment FROM {WITHDRAWN}), ingested_at, NULL) AS `{LATE}`"  # noqa: S608 - declared names
    return (
        f"SELECT {read}, {late} FROM {quote(table_of(dataset))}"  # noqa: S608 - declared names
        f" WHERE source = {{source:UUID}} AND {before} AND ({identity}) IN ({names})"
        f" ORDER BY `{LATE}` IS NULL, ingested_at LIMIT 1 BY {identity} SETTINGS transform_null_in = 1"
    )


def dropped(dataset: Dataset, batch: int) -> str:
    """The statement that forgets a batch's names."""
    return f"ALTER TABLE {quote(arriving_table(dataset))} DROP PARTITION {batch}"


def numbered(facts: ArrowTable) -> ArrowTable:
    """The facts, each with its position."""
    return facts.append_column(ROW, pa.array(range(facts.num_rows), pa.int64()))


def sift(dataset: Dataset, given: ArrowTable, once_each: ArrowTable, standing: ArrowTable) -> Arrivals:
    """The new ones among facts of a batch. ``once_each`` holds each of them once, with its position."""
    before = dict(
        zip(tuples(dataset, standing, list(dataset.identity)), _times(dataset, standing), strict=True)
    )
    elsewhere, new = dict[int, datetime](), once_each
    if before:
        known = [(row, at, before[name]) for row, name, at in _named(dataset, once_each) if name in before]
        elsewhere |= {row: instant(stands) for row, at, stands in known if at != stands}
        rows = pa.array([row for row, _at, _stands in known], pa.int64())
        is_known = call_function("is_in", [once_each[ROW]], SetLookupOptions(rows))
        new = once_each.filter(call_function("invert", [is_known]))
    if once_each.num_rows < given.num_rows:
        elsewhere |= _repeated(dataset, given, once_each, before)
    return Arrivals(new, elsewhere)


def changed(dataset: Dataset, given: ArrowTable, before: ArrowTable) -> list[int]:
    """Which of the facts of a batch, or retractions, leave a changing dataset otherwise than they found it.

    ``before`` is what stood of them. Facts that nothing is known of need no look at their values.
    """
    identity, columns = list(dataset.identity), list(dataset.by_name)
    names = tuples(dataset, given, identity)
    standing = dict(zip(tuples(dataset, before, identity), tuples(dataset, before, columns), strict=True))
    times = Counter(names)
    look = [row for row, name in enumerate(names) if name in standing or times[name] > 1]
    gone = given[GONE].to_pylist() if GONE in given.column_names else [False] * given.num_rows
    same = set[int]()
    looked_at = tuples(dataset, given.take(pa.array(look, pa.int64())), columns)
    for row, values in zip(look, looked_at, strict=True):
        if gone[row]:
            standing.pop(names[row], None)
        elif standing.get(names[row]) == values:
            same.add(row)
        else:
            standing[names[row]] = values
    return [row for row in range(given.num_rows) if row not in same]


def _repeated(
    dataset: Dataset, given: ArrowTable, once_each: ArrowTable, before: dict[tuple[Any, ...], int]
) -> Mapping[int, datetime]:
    """The facts that another of the same batch, or one before it, is a copy of with another time."""
    first = {name: at for _row, name, at in _named(dataset, once_each)} | before
    kept = set(once_each[ROW].to_pylist())
    return {
        row: instant(first[name])
        for row, name, at in _named(dataset, given)
        if row not in kept and at != first[name]
    }


def _named(dataset: Dataset, facts: ArrowTable) -> Iterator[tuple[int, tuple[Any, ...], int]]:
    """The position, identity and time of each."""
    return zip(
        facts[ROW].to_pylist(),
        tuples(dataset, facts, list(dataset.identity)),
        _times(dataset, facts),
        strict=True,
    )


def _times(dataset: Dataset, facts: ArrowTable) -> list[int]:
    return facts[dataset.time].cast(INSTANT).cast(pa.int64()).to_pylist()
