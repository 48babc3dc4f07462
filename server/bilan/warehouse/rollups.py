"""The table of a rollup: a dataset counted by day and dimensions. See docs/decisions/058.

A generation is written once, by one statement, and never changed; the
manifest says which ones count. A day is told by its first moment, in UTC.
"""

from __future__ import annotations

from functools import lru_cache
from zlib import crc32

from bilan.sdk.datasets import Dataset, Rollup
from bilan.warehouse import keys, once
from bilan.warehouse.tables import moment_of, table_of
from bilan.warehouse.types import INSTANT, codec, physical, quote

DAY = "_day"
ROWS = "_rows"


@lru_cache(maxsize=256)
def rollup_table(dataset: Dataset, rollup: Rollup) -> str:
    """The name of the table; a rollup that is declared otherwise has a table of its own.

    So has one that tells repeats apart, where something else is a repeat now.
    """
    columns = _columns(dataset, rollup)
    if dataset.once is not None and dataset.once.column in rollup.dimensions:
        columns.append(once.column_of(dataset))
    return f"{table_of(dataset)}__daily_{crc32('|'.join(columns).encode()):08x}"


def _columns(dataset: Dataset, rollup: Rollup) -> list[str]:
    columns = ["`_generation` UInt64", "`_month` UInt32", f"`{DAY}` {INSTANT}", "`source` UUID"]
    columns += [f"{quote(name)} {physical(dataset.by_name[name])}" for name in rollup.dimensions]
    columns += [f"`{ROWS}` UInt64", f"`_first` {INSTANT}", f"`_last` {INSTANT}"]
    for name in rollup.sums:
        columns += [f"{quote(f'_sum_{name}')} Int64", f"{quote(f'_count_{name}')} UInt64"]
    columns += [f"{quote(keys.column_of(key))} Array(UInt64)" for key in keys.stored_keys(rollup)]
    return columns


def create_rollup(dataset: Dataset, rollup: Rollup) -> str:
    """The statement that makes the table."""
    return "\n".join(
        [
            f"CREATE TABLE IF NOT EXISTS {quote(rollup_table(dataset, rollup))}",
            f"({', '.join(f'{column} {codec(column)}' for column in _columns(dataset, rollup))})",
            "ENGINE = MergeTree PARTITION BY (`_month`, `_generation`)",
            f"ORDER BY (`source`, `{DAY}`)",
            "SETTINGS fsync_after_insert = 1, fsync_part_directory = 1",
        ]
    )


def selected(dataset: Dataset, rollup: Rollup) -> list[str]:
    """What a generation holds of the facts of one day, source and combination of dimensions."""
    time = moment_of(dataset)
    columns = [*map(quote, rollup.dimensions), "count()", f"min({time})", f"max({time})"]
    for name in rollup.sums:
        columns += [f"sum(ifNull({quote(name)}, 0))", f"count({quote(name)})"]
    different = (
        # In one order, so that a generation that is made twice is twice the same.
        f"arraySort(groupUniqArrayIf({quote(keys.column_of(key))}, {keys.present(key)}))"
        for key in keys.stored_keys(rollup)
    )
    return [*columns, *different]
