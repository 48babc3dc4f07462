"""Net rows: the facts of a changing dataset as they stood at one moment, without their versions.

Written once for a month, as a generation like those of rollups, and read for the
days that nothing was written to since. See docs/decisions/060.
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

from bilan.sdk.datasets import Dataset
from bilan.warehouse import keys, tables
from bilan.warehouse.types import INSTANT, codec, quote


@dataclass(frozen=True, slots=True)
class NetRows:
    """Where net rows are read in place of versions, as SQL.

    ``inside`` is the time that the generations answer for, ``outside`` the
    rest of what is asked about; it is empty where nothing was written there.
    """

    generations: str
    inside: str
    outside: str


def net_table(dataset: Dataset) -> str:
    """The name of the table; with other columns it is another one."""
    return f"{tables.table_of(dataset)}__net_{crc32('|'.join(_columns(dataset)).encode()):08x}"


def _columns(dataset: Dataset) -> list[str]:
    core = {"_generation": "UInt64", "_month": "UInt32", "source": "UUID", "ingested_at": INSTANT}
    columns = [f"{quote(name)} {type_} {codec(type_)}" for name, type_ in core.items()]
    return [*columns, *map(tables.column_definition, dataset.columns), *tables.key_columns(dataset)]


def create_net(dataset: Dataset) -> str:
    """The statement that makes the table."""
    order = ", ".join(map(quote, dict.fromkeys(("source", dataset.time, *dataset.identity))))
    return "\n".join(
        [
            f"CREATE TABLE IF NOT EXISTS {quote(net_table(dataset))} ({', '.join(_columns(dataset))})",
            f"ENGINE = MergeTree PARTITION BY (`_month`, `_generation`) ORDER BY ({order})",
            "SETTINGS allow_nullable_key = 1, fsync_after_insert = 1, fsync_part_directory = 1",
        ]
    )


def write_net(dataset: Dataset, month: int, number: int, facts: str) -> str:
    """The statement that makes a generation of facts, which are given as what to read from."""
    names = ", ".join(map(quote, ("source", "ingested_at", *dataset.by_name)))
    return (
        f"INSERT INTO {quote(net_table(dataset))} (`_generation`, `_month`, {names})\n"
        f"SELECT {number}, {month}, {names}\nFROM {facts}"
    )


def shown(dataset: Dataset) -> str:
    """What a question may name of facts that come from several tables."""
    stored = keys.stored_keys(dataset.rollup) if dataset.rollup else ()
    names = (*dataset.by_name, "source", "ingested_at", *map(keys.column_of, stored))
    return ", ".join(map(quote, names))
