"""A catalog of an older release with rows in every table is upgraded, and its rows are carried over."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

import asyncpg
import pytest

from bilan.catalog import Catalog
from bilan.catalog.schema import read_applied, read_columns

Tables = Mapping[str, Mapping[Any, Mapping[str, Any]]]
"""By table and primary key, the rows."""

TABLES = frozenset({
    "api_token", "artifact", "attempt", "delivery", "inbox_post", "ingest_tally", "kept_mail", "lease",
    "loose_file", "membership", "person", "rejected_row", "report", "run", "run_document", "run_part",
    "run_source", "sending", "session", "source", "source_grant", "step", "upload", "workspace",
})  # fmt: skip
"""Those of commit d24b915."""
KEYS = {"ingest_tally": "source", "lease": "name", "loose_file": "sha256", "run_document": "run_id"}
"""Primary keys that are not called ``id``."""
RENAMED: Mapping[str, Mapping[str, str]] = {
    "ingest_tally": {"dropped": "evicted"},
    "upload": {"place": "sequence"},
}
"""Columns that have another name since."""


async def read(url: str) -> Tables:
    """The rows as the database itself gives them."""
    if url.startswith("sqlite"):
        return _read_sqlite(url.removeprefix("sqlite://"))
    connection = await asyncpg.connect(url)
    try:
        names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {
            name: _by_key(name, [dict(row) for row in await connection.fetch(f'SELECT * FROM "{name}"')])
            for (name,) in names
        }
    finally:
        await connection.close()


def _read_sqlite(path: str) -> Tables:
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    try:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: _by_key(name, [dict(row) for row in connection.execute(f'SELECT * FROM "{name}"')])
            for (name,) in names
            if not name.startswith("sqlite_")
        }
    finally:
        connection.close()


def _by_key(table: str, rows: list[dict[str, Any]]) -> Mapping[Any, Mapping[str, Any]]:
    return {row[KEYS.get(table, "id")]: row for row in rows}


async def test_an_upgrade_carries_every_row_of_every_table(frozen_catalog_url: str) -> None:
    before = await read(frozen_catalog_url)
    assert {table for table, rows in before.items() if rows} == {*TABLES, "tortoise_migrations"}
    catalog = Catalog(frozen_catalog_url)
    await catalog.open()
    await catalog.check()
    await catalog.close()
    after = await read(frozen_catalog_url)
    for table in sorted(TABLES):
        names = RENAMED.get(table, {})
        expected = {
            key: {names.get(column, column): value for column, value in row.items()}
            for key, row in before[table].items()
        }
        assert after[table] == expected, table


async def test_an_upgrade_records_the_checksum_of_every_migration_and_happens_once(
    frozen_catalog_url: str,
) -> None:
    catalog = Catalog(frozen_catalog_url)
    for _time in range(2):
        await catalog.open()
        with catalog.activate():
            applied = await read_applied(catalog.connection, await read_columns(catalog.connection))
        await catalog.close()
        assert applied["0001_initial"] == "d9b10ac9b48e922ba3526cf0fd637976872baf69be9627dada49747757acac96"
        assert None not in applied.values()


@pytest.mark.parametrize("frozen_catalog_url", ["sqlite"], indirect=True)
async def test_an_upgraded_catalog_has_the_same_tables_as_a_new_one(
    frozen_catalog_url: str, sqlite_catalog: Catalog
) -> None:
    upgraded = Catalog(frozen_catalog_url)
    await upgraded.open()
    with upgraded.activate():
        columns = await read_columns(upgraded.connection)
    await upgraded.close()
    assert columns == await read_columns(sqlite_catalog.connection)
