"""The declarations the tables were made from, and what becomes of a changed one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from bilan.sdk.activity import ACTIVITY
from bilan.sdk.datasets import Column, ColumnType, Dataset, Keep
from bilan.sdk.errors import Misdeclared
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _
from bilan.warehouse import once, tables
from bilan.warehouse.arrivals import arriving_table, create_arriving, index
from bilan.warehouse.net import create_net, net_table
from bilan.warehouse.rollups import create_rollup, rollup_table
from bilan.warehouse.types import physical, quote, widens

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

TABLE = """
CREATE TABLE IF NOT EXISTS `_bilan_datasets` (`key` String, `declaration` String, `version` UInt64)
ENGINE = ReplacingMergeTree(version) ORDER BY key
"""
COMPRESSION = 1
READ = "SELECT key, declaration, version FROM `_bilan_datasets` FINAL"


class StoredColumn(msgspec.Struct, frozen=True):
    """What of a column decides how it is stored."""

    name: str
    type: ColumnType
    nullable: bool
    dimension: bool

    @property
    def column(self) -> Column:
        """As a column of a dataset."""
        return Column(
            self.name, self.type, Message(self.name), dimension=self.dimension, nullable=self.nullable
        )


class Declaration(msgspec.Struct, frozen=True):
    """What of a dataset decides how it is stored.

    A column declared no longer stays: its data does.
    """

    columns: tuple[StoredColumn, ...]
    identity: tuple[str, ...]
    sort: tuple[str, ...]
    time: str
    keep: Keep
    retention_days: int | None
    rollup: str = ""
    """The table of its rollup, if it has one."""
    order: tuple[str, ...] = ()
    """The table's order; empty in what a release wrote that had no places."""
    net: str = ""
    """The table of its net rows, if it changes."""
    compression: int = 0
    """By which codecs its columns are compressed: goes up when others are chosen."""
    once: str = ""
    """The column of what can happen only once, and the one that holds its number, if there is any."""
    arriving: str = ""
    """The table of the identities that are looked up, if it does not change."""

    @property
    def by_name(self) -> Mapping[str, StoredColumn]:
        """The columns by their names."""
        return {column.name: column for column in self.columns}


def declaration_of(dataset: Dataset, before: Declaration | None = None) -> Declaration:
    """What is to be remembered of a dataset, with the columns it once had."""
    columns = tuple(StoredColumn(c.name, c.type, c.nullable, c.dimension) for c in dataset.columns)
    gone = (c for c in (before.columns if before else ()) if c.name not in dataset.by_name)
    return Declaration(
        (*columns, *gone),
        dataset.identity,
        dataset.sort,
        dataset.time,
        dataset.keep,
        dataset.retention_days,
        rollup_table(dataset, dataset.rollup) if dataset.rollup else "",
        tables.order_of(dataset),
        net_table(dataset) if tables.changes(dataset) else "",
        COMPRESSION,
        f"{dataset.once.column} {once.column_of(dataset)}" if dataset.once else "",
        "" if tables.changes(dataset) or dataset.key == ACTIVITY.key else arriving_table(dataset),
    )


def migrate(dataset: Dataset, before: Declaration | None) -> Iterator[str]:
    """The statements that bring the tables from one declaration to the next, or make them.

    A column may be added, left out, or widened: made nullable, or from whole
    numbers to numbers. Raises ``Misdeclared`` where stored facts would lose
    their meaning. The core's own dataset may ask for another order, in which
    it is then written anew.
    """
    if before is None:
        yield from _create(dataset)
        return
    own = dataset.key == ACTIVITY.key
    if not own:
        _refuse_other_shape(dataset, before)
    table = quote(tables.table_of(dataset))
    for column in dataset.columns:
        stored = before.by_name.get(column.name)
        if stored is None:
            if column.name in tables.order_of(dataset) and not own:
                raise _changed(dataset, _("{column} has become part of its identity", column=column.name))
            yield f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {tables.column_definition(column)}"
        elif _differs(dataset, column, stored):
            yield f"ALTER TABLE {table} MODIFY COLUMN {tables.column_definition(column)}"
    if dataset.retention_days != before.retention_days:
        change = "REMOVE TTL" if dataset.retention_days is None else f"MODIFY TTL {tables.expiry(dataset)}"
        yield f"ALTER TABLE {table} {change}"
    if before.compression != COMPRESSION:
        yield tables.compress(dataset)
    yield from _migrate_rollup(dataset, before)
    yield from _migrate_net(dataset, before)
    yield from _migrate_once(dataset, before)
    yield from _migrate_arriving(dataset, before)


def _migrate_arriving(dataset: Dataset, before: Declaration) -> Iterator[str]:
    now = declaration_of(dataset)
    if now.arriving and now.arriving != before.arriving:
        yield create_arriving(dataset)
        if named := index(dataset).removeprefix("INDEX "):
            yield f"ALTER TABLE {quote(tables.table_of(dataset))} ADD INDEX IF NOT EXISTS {named}"
    if before.arriving and now.arriving != before.arriving:
        yield f"DROP TABLE IF EXISTS {quote(before.arriving)}"


def _migrate_once(dataset: Dataset, before: Declaration) -> Iterator[str]:
    now = declaration_of(dataset).once
    if now == before.once or not now:
        return
    table = quote(tables.table_of(dataset))
    for column in once.columns(dataset):
        yield f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {column}"
    yield f"ALTER TABLE {table} ADD INDEX IF NOT EXISTS {once.index(dataset).removeprefix('INDEX ')}"
    if before.once:
        yield once.unmark(dataset)
    yield from once.mark_all(dataset)


def _migrate_net(dataset: Dataset, before: Declaration) -> Iterator[str]:
    now = net_table(dataset) if tables.changes(dataset) else ""
    if now == before.net:
        return
    yield create_net(dataset)
    if before.net:
        yield f"DROP TABLE IF EXISTS {quote(before.net)}"


def _create(dataset: Dataset) -> Iterator[str]:
    yield tables.create(dataset, extra=core_definitions(dataset))
    if dataset.rollup:
        yield create_rollup(dataset, dataset.rollup)
    if tables.changes(dataset):
        yield create_net(dataset)
    elif dataset.key != ACTIVITY.key:
        yield create_arriving(dataset)


def core_definitions(dataset: Dataset) -> list[str]:
    """What a table has besides the columns of its dataset, as definitions."""
    named = "" if tables.changes(dataset) or dataset.key == ACTIVITY.key else index(dataset)
    return [*once.columns(dataset), *([once.index(dataset)] if dataset.once else []), *filter(None, (named,))]


def _migrate_rollup(dataset: Dataset, before: Declaration) -> Iterator[str]:
    now = rollup_table(dataset, dataset.rollup) if dataset.rollup else ""
    if now == before.rollup:
        return
    if dataset.rollup:
        for key in tables.key_columns(dataset):
            yield f"ALTER TABLE {quote(tables.table_of(dataset))} ADD COLUMN IF NOT EXISTS {key}"
        yield create_rollup(dataset, dataset.rollup)
    if before.rollup:
        yield f"DROP TABLE IF EXISTS {quote(before.rollup)}"


def decode(rows: Iterable[Any]) -> dict[str, tuple[Declaration, int]]:
    """Declarations with their version numbers, by the dataset's key."""
    return {key: (msgspec.json.decode(text, type=Declaration), version) for key, text, version in rows}


def encode(declaration: Declaration) -> str:
    """As it is stored."""
    return msgspec.json.encode(declaration).decode()


def keep(client: Client, dataset: Dataset, declaration: Declaration, version: int) -> None:
    """Remember from what a dataset's tables were made."""
    client.insert(
        "_bilan_datasets",
        [[dataset.key, encode(declaration), version]],
        column_names=["key", "declaration", "version"],
    )


def _refuse_other_shape(dataset: Dataset, before: Declaration) -> None:
    for what, was, now in (
        (_("identity"), before.identity, dataset.identity),
        (_("sort order"), before.sort, dataset.sort),
        (_("time column"), (before.time,), (dataset.time,)),
        (_("copy that is kept"), (before.keep.value,), (dataset.keep.value,)),
    ):
        if was != now:
            sentence = _(
                "its {what} was {before} and is now {after}",
                what=what, before=", ".join(was), after=", ".join(now),
            )  # fmt: skip
            raise _changed(dataset, sentence)


def _differs(dataset: Dataset, column: Column, stored: StoredColumn) -> bool:
    """Whether the column has to be stored in another way. Raises where it cannot be."""
    if not widens(stored.type, column.type):
        sentence = _(
            "its column {column} held {before} and is now to hold {after}",
            column=column.name, before=stored.type.value, after=column.type.value,
        )  # fmt: skip
        raise _changed(dataset, sentence)
    if stored.nullable and not column.nullable:
        raise _changed(dataset, _("its column {column} could be empty and now may not", column=column.name))
    if physical(stored.column) == physical(column):
        return False
    if column.name not in tables.order_of(dataset):
        return True
    # How a column of the order is stored cannot change; as a mere dimension it need not.
    if (stored.type, stored.nullable) == (column.type, column.nullable):
        return False
    raise _changed(
        dataset, _("its column {column} is part of the table's order and cannot change", column=column.name)
    )


def _changed(dataset: Dataset, what: Message) -> Misdeclared:
    return Misdeclared(
        _("The plugin of {plugin} changed the dataset {dataset}, which already holds facts: {what}."
          " Give the changed dataset a new key.",
          plugin=dataset.key.partition(".")[0], dataset=dataset.key, what=what),
        (dataset.key,),
    )  # fmt: skip
