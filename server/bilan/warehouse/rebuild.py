"""Tables of an older release, or of another order, are written anew, slice by slice.

A start that is broken off goes on at the slice it was at: what a slice writes
twice is there once. See docs/decisions/060.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bilan.sdk.activity import ACTIVITY
from bilan.warehouse import tables
from bilan.warehouse.once import NEWEST
from bilan.warehouse.types import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clickhouse_connect.driver.client import Client

    from bilan.sdk.datasets import Dataset
    from bilan.warehouse.declarations import Declaration

log = structlog.get_logger(__name__)

SLICES = 16
"""In how many parts a table is written anew; facts of one identity are in the same one."""
BESIDE, BEFORE = "__rebuilt", "__before"
"""What the table is called while it is written, and the one that it takes the place of."""
DONE = "`_bilan_rebuilt`"
"""The table of the slices that were written."""
UNBOUNDED = {"max_execution_time": "0", "max_partitions_per_insert_block": "0"}


def rebuild(
    client: Client, dataset: Dataset, declared: Declaration, changing: Sequence[str], extra: Sequence[str]
) -> None:
    """Write the table of a dataset anew where it has not the shape that the dataset asks for.

    ``changing`` are the keys of the datasets that change, whose activities have a table of their own;
    ``extra`` is what a table has besides the columns of its dataset.
    """
    table = tables.table_of(dataset)
    if not _fits(client, dataset):
        _write(client, dataset, declared, changing, extra)
        # Of two processes that come here the second finds nothing to rename.
        beside, before = quote(table + BESIDE), quote(table + BEFORE)
        client.command(f"RENAME TABLE {quote(table)} TO {before}, {beside} TO {quote(table)}")
    client.command(f"DROP TABLE IF EXISTS {quote(table + BEFORE)}")


def _write(
    client: Client, dataset: Dataset, declared: Declaration, changing: Sequence[str], extra: Sequence[str]
) -> None:
    table = tables.table_of(dataset)
    client.command(
        f"CREATE TABLE IF NOT EXISTS {DONE} (`table` String, `slice` UInt8)"
        " ENGINE = MergeTree ORDER BY (`table`, `slice`)"
    )
    client.command(tables.create(dataset, BESIDE, extra))
    for column in declared.columns:
        definition = tables.column_definition(column.column)
        client.command(f"ALTER TABLE {quote(table + BESIDE)} ADD COLUMN IF NOT EXISTS {definition}")
    read = f"SELECT slice FROM {DONE} WHERE `table` = {{table:String}}"  # noqa: S608 - declared names
    done = client.query(read, {"table": table})
    columns = [column.name for column in declared.columns]
    for number in sorted({*range(SLICES)} - {row[0] for row in done.result_rows}):
        log.info("a table is written anew", table=table, slice=number + 1, slices=SLICES)
        for statement in _slice(dataset, columns, number, changing):
            client.command(statement, settings=UNBOUNDED)
        client.insert(DONE, [[table, number]], column_names=["table", "slice"])
    client.command(f"TRUNCATE TABLE {DONE}")


def _fits(client: Client, dataset: Dataset) -> bool:
    table = tables.table_of(dataset)
    (key,) = client.query(
        "SELECT sorting_key FROM system.tables WHERE database = currentDatabase() AND name = {table:String}",
        {"table": table},
    ).result_rows
    columns = {row[0] for row in client.query(f"DESCRIBE TABLE {quote(table)}").result_rows}
    order = ", ".join(tables.order_of(dataset))
    return key[0].replace("`", "") == order and (tables.GONE in columns) is tables.changes(dataset)


def _slice(dataset: Dataset, columns: list[str], number: int, changing: Sequence[str]) -> Iterator[str]:
    """The statements that write a part of the facts, and of changing ones where they stood before."""
    table = tables.table_of(dataset)
    target, source = quote(table + BESIDE), quote(table)
    identity = ", ".join(map(quote, ("source", *dataset.identity)))
    where = f"sipHash64(toString(tuple({identity}))) % {SLICES} = {number}"
    repeats = [tables.REPEATS_FROM] if dataset.once else []
    names = ", ".join(map(quote, (*columns, *tables.CORE_COLUMNS, *repeats)))
    if not tables.changes(dataset):
        copies = f"SELECT {names} FROM {source} FINAL WHERE {where}"  # noqa: S608 - declared names
        if dataset.key == ACTIVITY.key and changing:
            of_changing = f"dataset IN ({', '.join(map(repr, changing))})"
            beside = quote(tables.table_of(tables.CHANGING_ACTIVITY))
            version = f"{NEWEST} - _version AS _version"
            yield f"INSERT INTO {beside} ({names}) {copies.replace('`_version`', version)} AND {of_changing}"
            copies += f" AND NOT {of_changing}"
        yield f"INSERT INTO {target} ({names}) {copies}"
        return
    yield f"INSERT INTO {target} ({names}) SELECT {names} FROM {source} WHERE {where}"  # noqa: S608 - declared names
    place = ", ".join(map(quote, tables.place_of(dataset)))
    following = "ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING"
    window = f"PARTITION BY {identity} ORDER BY _version {{rows}}"
    all_rows = window.format(rows="ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING")
    # Moments did not rise with the versions then: a place is left as soon as any later version is there.
    yield "\n".join(
        [
            f"INSERT INTO {target} ({place}, ingested_at, _version, {quote(tables.GONE)})",
            f"SELECT {place}, _at, _next, true FROM (SELECT {place}, toString(tuple({place})) AS _place,",  # noqa: S608 - declared names
            f"leadInFrame(_version) OVER ({all_rows}) AS _next,",
            f"leadInFrame(toString(tuple({place}))) OVER ({all_rows}) AS _next_place,",
            f"min(ingested_at) OVER ({window.format(rows=following)}) AS _at",
            f"FROM {source} WHERE {where}) WHERE _next > 0 AND _next_place != _place",
        ]
    )
