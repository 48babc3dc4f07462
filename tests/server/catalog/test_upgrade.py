"""A catalog of an older release with rows in every table is upgraded, and its rows are carried over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bilan.catalog import Catalog
from bilan.catalog.schema import read_applied, read_columns
from support.frozen import read_tables

TABLES = frozenset({
    "api_token", "artifact", "attempt", "delivery", "inbox_post", "ingest_tally", "kept_mail", "lease",
    "loose_file", "membership", "person", "rejected_row", "report", "run", "run_document", "run_part",
    "run_source", "sending", "session", "source", "source_grant", "step", "upload", "workspace",
})  # fmt: skip
"""Those of commit d24b915."""
RENAMED: Mapping[str, Mapping[str, str]] = {
    "ingest_tally": {"dropped": "evicted"},
    "sending": {"fingerprint": "request_hash"},
    "upload": {"place": "sequence"},
}
"""Columns that have another name since."""
REPLACED = frozenset({"loose_file", "run_part"})
"""Tables whose rows say the same in others since."""
REWORDED = frozenset({"run.definitions", "run.brief"})
"""JSON with words that are others since: the unit ``share`` is a ``proportion``, in sentences too."""


async def test_an_upgrade_carries_every_row_of_every_table(frozen_catalog_url: str) -> None:
    before = await read_tables(frozen_catalog_url)
    assert {table for table, rows in before.items() if rows} == {*TABLES, "tortoise_migrations"}
    catalog = Catalog(frozen_catalog_url)
    await catalog.open()
    await catalog.check()
    await catalog.close()
    after = await read_tables(frozen_catalog_url)
    for table in sorted(TABLES - REPLACED):
        expected = {key: dict(_upgraded(table, row)) for key, row in before[table].items()}
        assert after[table] == expected, table
    assert sum('"share"' in (row["definitions"] or "") for row in before["run"].values()) > 0


def _upgraded(table: str, row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """A row's columns in today's names and words."""
    for column, value in row.items():
        reworded = isinstance(value, str) and f"{table}.{column}" in REWORDED
        words = (
            value.replace('"share"', '"proportion"').replace(":share}", ":proportion}") if reworded else value
        )
        words = "compose:email" if (table, column, words) == ("step", "name", "enclose") else words
        yield RENAMED.get(table, {}).get(column, column), words


async def test_an_upgrade_writes_a_reference_for_every_file_that_a_row_named(frozen_catalog_url: str) -> None:
    before = await read_tables(frozen_catalog_url)
    erased = {key for key, row in before["run"].items() if row["erased_at"]}
    companions = {
        (sha256, "upload", key)
        for key, row in before["upload"].items()
        for sha256 in _json(row["companions"]).values()
    }
    named = {
        *(
            (row["sha256"], "run", row["run_id"])
            for row in before["artifact"].values()
            if row["run_id"] not in erased
        ),
        *((row["sha256"], "run", row["run_id"]) for row in before["run_part"].values()),
        *((row["content"], "upload", key) for key, row in before["upload"].items()),
        *((row["logo"], "workspace", key) for key, row in before["workspace"].items() if row["logo"]),
        *((row["sha256"], "outbox", key) for key, row in before["kept_mail"].items()),
        *companions,
    }
    catalog = Catalog(frozen_catalog_url)
    await catalog.open()
    await catalog.close()
    after = await read_tables(frozen_catalog_url)
    references = after["file_reference"].values()
    assert {(row["sha256"], row["owner_kind"], row["owner_id"]) for row in references} == named
    assert {row["reserved_until"] for row in references} == {None}
    assert set(after["stored_file"]) == {sha256 for sha256, _kind, _id in named} | set(before["loose_file"])


def _json(value: Any) -> Mapping[str, str]:
    return json.loads(value) if isinstance(value, str) else value


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
