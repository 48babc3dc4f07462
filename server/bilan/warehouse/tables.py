"""The table of a dataset. See docs/decisions/012 and docs/decisions/060."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bilan.sdk.activity import ACTIVITY
from bilan.sdk.datasets import Column, Dataset, Keep
from bilan.warehouse import keys
from bilan.warehouse.types import INSTANT, codec, physical, quote

CORE_COLUMNS = {"source": "UUID", "ingested_at": INSTANT, "_version": "UInt64"}
"""What the core adds to every table."""
GONE = "_gone"
"""The core column, in tables of datasets that change, of a tombstone: here stands nothing any more."""
REPEATS_FROM = "_repeats_from"
"""The core column, in tables of what can happen only once, of the moment from which a fact is a repeat."""
INDEX = "bloom_filter(0.001)"
"""The index by which single values are found: two bytes a row tell whether a block of 8192 can hold one."""

CHANGING_ACTIVITY = replace(ACTIVITY, key=f"{ACTIVITY.key}_changing", keep=Keep.LAST)
"""The activities that follow from facts that change; a table of its own, so the others cost no look-up."""
FEW = 512
"""Rows that are read together where a table is sorted for finding a few of them; ClickHouse reads 8192."""
WITHDRAWN = "`_bilan_withdrawn`"
"""The table of the moments whose batches were withdrawn. See docs/decisions/060."""


def table_of(dataset: Dataset | str) -> str:
    """The name of the table: ``email.events`` is kept in ``email__events``."""
    key = dataset if isinstance(dataset, str) else dataset.key
    return key.replace(".", "__")


def moment_of(dataset: Dataset) -> str:
    """The moment of a row, as SQL: of a day that the source counts by, its first one in UTC."""
    time = quote(dataset.time)
    return f"toDateTime64({time}, 6, 'UTC')" if dataset.timed_by_day else time


def parts_of(dataset: Dataset) -> tuple[Dataset, ...]:
    """The datasets whose facts together are those of the dataset, each in a table of its own."""
    return (dataset, CHANGING_ACTIVITY) if dataset.key == ACTIVITY.key else (dataset,)


def order_of(dataset: Dataset) -> tuple[str, ...]:
    """The table's order, which is also what makes two rows copies of one fact.

    A dataset that keeps the last copy keeps every version of it, so that a
    question as of an earlier moment still finds what was true then.
    """
    return (*place_of(dataset), "_version") if changes(dataset) else place_of(dataset)


def changes(dataset: Dataset) -> bool:
    """Whether its facts change: then each version is kept, and tombstones where a fact stood before."""
    return dataset.keep is Keep.LAST


def place_of(dataset: Dataset) -> tuple[str, ...]:
    """The columns whose values are a fact's place in the table.

    What a derived row was made by stands in it: rows of other texts are never in its place.
    """
    by = dataset.derived.by if dataset.derived else ()
    time = (dataset.time,) if changes(dataset) else ()
    return tuple(dict.fromkeys(("source", *dataset.sort, *by, *dataset.identity, *time)))


def settled_by_key(dataset: Dataset) -> bool:
    """Whether the table's order alone settles which copy counts.

    Not so where all versions are kept, nor where the time is outside the
    order: copies may then lie in different months, which are merged apart.
    """
    return not changes(dataset) and dataset.time in order_of(dataset)


def create(dataset: Dataset, suffix: str = "", extra: Sequence[str] = ()) -> str:
    """The statement that makes the table, or one beside it, with ``extra`` columns and indexes."""
    columns = [column_definition(column) for column in dataset.columns]
    columns += [f"{quote(name)} {type_} {codec(type_)}" for name, type_ in CORE_COLUMNS.items()]
    columns += [f"{quote(GONE)} Bool {codec('Bool')}"] if changes(dataset) else []
    columns += [*key_columns(dataset), *extra]
    order = ", ".join(quote(name) for name in order_of(dataset))
    return "\n".join(
        [
            f"CREATE TABLE IF NOT EXISTS {quote(table_of(dataset) + suffix)} ({', '.join(columns)})",
            "ENGINE = ReplacingMergeTree(_version)",
            f"PARTITION BY toYYYYMM({quote(dataset.time)})",
            f"ORDER BY ({order})",
            *([f"TTL {expiry(dataset)}"] if dataset.retention_days is not None else []),
            # Nullable columns may stand in the order; a part is on disk before it is acknowledged.
            "SETTINGS allow_nullable_key = 1, fsync_after_insert = 1, fsync_part_directory = 1"
            + (f", index_granularity = {FEW}" if dataset.sort else ""),
        ]
    )


def key_columns(dataset: Dataset) -> list[str]:
    """The columns that hold what metrics count different ones of; the engine fills them when it writes."""
    return [
        f"{quote(keys.column_of(key))} UInt64 DEFAULT {keys.hashed(dataset, key)} {codec('UInt64')}"
        for key in (keys.stored_keys(dataset.rollup) if dataset.rollup else ())
    ]


def column_definition(column: Column) -> str:
    """A column as it stands in CREATE and ALTER."""
    type_ = physical(column)
    return f"{quote(column.name)} {type_} {codec(type_)}"


def compress(dataset: Dataset) -> str:
    """The statement after which what is written and merged is compressed as in a new table."""
    types = {column.name: physical(column) for column in dataset.columns} | CORE_COLUMNS
    each = (f"MODIFY COLUMN {quote(name)} {codec(type_)}" for name, type_ in types.items())
    return f"ALTER TABLE {quote(table_of(dataset))} {', '.join(each)}"


def expiry(dataset: Dataset) -> str:
    """The moment a row is dropped at."""
    return f"toDateTime({moment_of(dataset)}) + toIntervalDay({int(dataset.retention_days or 0)})"
