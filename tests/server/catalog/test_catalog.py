"""The catalog on both databases: activation, transactions, migrations."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tortoise.context import get_current_context
from tortoise.migrations.writer import migrations_module_path

from bilan.accounts.models import Membership, Person, Workspace
from bilan.catalog import Catalog
from bilan.catalog.makemigrations import differences
from bilan.catalog.statements import rows
from bilan.sdk.errors import Invalid, Unavailable

MIGRATIONS = migrations_module_path("bilan.migrations")
AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


async def workspace(name: str) -> Workspace:
    return await Workspace.create(name=name, zone="UTC", first_weekday=0, language="en", created_at=AT)


class Failure(Exception):
    pass


@pytest.mark.requirement("GO-17")
async def test_what_was_written_is_read_back_the_same_on_both_databases(catalog: Catalog) -> None:
    row = await workspace("Été")
    found = await Workspace.get(id=row.id)
    assert (found.name, found.created_at, found.first_weekday) == ("Été", AT, 0)
    assert found.created_at.utcoffset() == AT.utcoffset()


async def test_a_failing_transaction_leaves_nothing(catalog: Catalog) -> None:
    async def fail() -> None:
        async with catalog.transaction():
            await workspace("lost")
            raise Failure

    with pytest.raises(Failure):
        await fail()
    assert await Workspace.all().count() == 0


async def test_an_inner_transaction_that_fails_is_undone_alone(catalog: Catalog) -> None:
    async def fail() -> None:
        async with catalog.transaction():
            await workspace("inner")
            raise Failure

    async with catalog.transaction():
        await workspace("outer")
        with pytest.raises(Failure):
            await fail()
    assert await Workspace.all().values_list("name", flat=True) == ["outer"]


async def test_a_cancelled_transaction_leaves_nothing_and_blocks_nobody(catalog: Catalog) -> None:
    inside = asyncio.Event()

    async def hang() -> None:
        async with catalog.transaction():
            await workspace("lost")
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hang())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with catalog.transaction():
        await workspace("kept")
    assert await Workspace.all().values_list("name", flat=True) == ["kept"]


async def test_transactions_cancelled_at_any_moment_lose_no_connection_and_nobody_elses_work(
    catalog: Catalog,
) -> None:
    async def work(name: str) -> None:
        async with catalog.transaction():
            await workspace(name)

    for turns in range(40):
        task = asyncio.create_task(work("cancelled"))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await workspace("alone")
        await asyncio.gather(task, return_exceptions=True)
    await asyncio.wait_for(work("kept"), timeout=10)
    assert await Workspace.filter(name="alone").count() == 40
    assert await Workspace.filter(name="kept").count() == 1


async def test_a_transaction_cancelled_while_it_waits_for_another_writer_leaves_nothing_open(
    sqlite_catalog: Catalog, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "catalog.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def wait() -> None:
        async with sqlite_catalog.transaction():
            await workspace("never")

    task = asyncio.create_task(wait())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(task), timeout=0.05)
    task.cancel()
    other.execute("COMMIT")
    with pytest.raises(asyncio.CancelledError):
        await task
    await workspace("kept")
    assert other.execute("SELECT name FROM workspace").fetchall() == [("kept",)]
    other.close()


async def test_many_tasks_share_the_catalog_without_seeing_each_others_transactions(catalog: Catalog) -> None:
    async def count_up(number: int) -> None:
        async with catalog.transaction():
            await workspace(str(number))

    await asyncio.gather(*(count_up(number) for number in range(20)))
    assert await Workspace.all().count() == 20


async def test_activation_is_undone_inside_out_and_belongs_to_its_task(
    catalog: Catalog, tmp_path: Path
) -> None:
    outer = get_current_context()
    other = Catalog(f"sqlite://{tmp_path / 'other.sqlite3'}")
    with other.activate():
        inner = get_current_context()
        with other.activate():
            assert get_current_context() is inner
        assert get_current_context() is inner
    assert inner is not outer
    assert get_current_context() is outer


async def test_foreign_keys_are_enforced(catalog: Catalog) -> None:
    person = await Person.create(email="a@example.org", name="A", password_hash="x", created_at=AT)
    row = await workspace("W")
    await Membership.create(workspace=row, person=person, role="owner")
    await row.delete()
    assert await Membership.all().count() == 0


async def test_sqlite_waits_for_the_disk_and_for_other_writers(sqlite_catalog: Catalog) -> None:
    found = {}
    for pragma in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout"):
        _count, rows = await sqlite_catalog.connection.execute_query(f"PRAGMA {pragma}")
        found[pragma] = next(iter(dict(rows[0]).values()))
    assert found == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 30_000}


READ_THEN_WRITE = """
import asyncio, sys
from bilan.accounts.models import Workspace
from bilan.catalog import Catalog

async def main(url):
    catalog = Catalog(url)
    await catalog.open()
    try:
        with catalog.activate():
            for _ in range(100):
                async with catalog.transaction():
                    row = await Workspace.first().select_for_update()
                    await Workspace.filter(id=row.id).update(first_weekday=row.first_weekday + 1)
    finally:
        await catalog.close()

asyncio.run(main(sys.argv[1]))
"""


@pytest.mark.requirement("GO-17")
async def test_two_processes_that_read_and_then_write_never_lose_an_update(
    catalog: Catalog, catalog_url: str
) -> None:
    row = await workspace("shared")
    command = [sys.executable, "-c", READ_THEN_WRITE, catalog_url]
    processes = [await asyncio.create_subprocess_exec(*command, stderr=subprocess.PIPE) for _ in range(2)]
    ends = await asyncio.gather(*(process.communicate() for process in processes))
    assert [error.decode() for _out, error in ends] == ["", ""]
    assert (await Workspace.get(id=row.id)).first_weekday == 200


OPEN = """
import asyncio, sys
from bilan.catalog import Catalog

async def main(url):
    catalog = Catalog(url)
    await catalog.open()
    await catalog.close()

asyncio.run(main(sys.argv[1]))
"""


@pytest.mark.requirement("GO-17")
async def test_processes_that_start_at_once_migrate_once(new_catalog_url: str) -> None:
    command = [sys.executable, "-c", OPEN, new_catalog_url]
    processes = [await asyncio.create_subprocess_exec(*command, stderr=subprocess.PIPE) for _ in range(3)]
    ends = await asyncio.gather(*(process.communicate() for process in processes))
    assert [error.decode() for _out, error in ends] == ["", "", ""]
    catalog = Catalog(new_catalog_url)
    await catalog.open()
    with catalog.activate():
        _count, rows = await catalog.connection.execute_query("SELECT name FROM tortoise_migrations")
        assert [row["name"] for row in rows] == sorted(path.stem for path in MIGRATIONS.glob("0*.py"))
        assert await Workspace.all().count() == 0
    await catalog.close()


async def test_the_migrations_make_exactly_the_tables_of_the_models() -> None:
    assert [writer.as_string() for writer in await differences()] == []


@pytest.mark.integration
async def test_a_database_that_does_not_answer_is_named_unavailable() -> None:
    catalog = Catalog("postgres://nobody@127.0.0.1:1/none")
    with pytest.raises(Unavailable, match="does not answer"):
        await catalog.open()


def test_an_address_of_another_database_is_refused_by_its_name() -> None:
    with pytest.raises(Invalid, match="not mysql"):
        Catalog("mysql://localhost/bilan")


async def test_a_plain_statement_reads_the_same_on_both_databases_also_inside_a_transaction(
    catalog: Catalog,
) -> None:
    row = await workspace("W")
    statement = "SELECT name, first_weekday FROM workspace WHERE id = ? AND language = ?"
    assert await rows(statement, str(row.id), "en") == [{"name": "W", "first_weekday": 0}]
    async with catalog.transaction():
        await Workspace.filter(id=row.id).update(name="V")
        assert await rows(statement, str(row.id), "en") == [{"name": "V", "first_weekday": 0}]
