"""A catalog that this release cannot use is refused with a sentence, and left as it was."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import sqlite3
from pathlib import Path

import pytest
from tortoise.migrations.writer import migrations_module_path

from bilan.catalog import Catalog
from bilan.catalog.makemigrations import next_name
from bilan.catalog.schema import migration_checksums
from bilan.sdk.errors import Unavailable

pytestmark = pytest.mark.integration

INCOMPATIBLE = (
    "The catalog's tables are not those of this release: {}. It was made before catalogs could be upgraded, "
    "or changed by other means. Restore a backup that fits, or begin with an empty data folder."
)
NEWER = (
    "The catalog was upgraded by a newer release of Bilan (9999_later is not known here). "
    "Start that release, or restore the backup made before the upgrade."
)
OLDER = (
    "The catalog is older than this server (0001_initial is missing), as after restoring a backup. "
    "Start the server anew, which upgrades the catalog."
)
LATER = "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('bilan', '9999_later', '2027-01-01')"


def change(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


async def refusal(path: Path) -> str:
    catalog = Catalog(f"sqlite://{path}")
    with pytest.raises(Unavailable) as refused:
        await catalog.open()
    return str(refused.value)


@pytest.fixture
def path(_migrated_sqlite: Path, tmp_path: Path) -> Path:
    """A catalog of this release that nobody has open."""
    shutil.copy(_migrated_sqlite, tmp_path / "catalog.sqlite3")
    return tmp_path / "catalog.sqlite3"


def test_a_frozen_migration_never_changes() -> None:
    folder = migrations_module_path("bilan.migrations")
    lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    frozen = {name: checksum for checksum, name in (line.split() for line in lines)}
    assert frozen["0001_initial.py"] == "d9b10ac9b48e922ba3526cf0fd637976872baf69be9627dada49747757acac96"
    assert {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in frozen} == frozen


def test_a_new_migration_comes_after_those_there_are() -> None:
    newest = max(int(name[:4]) for name in migration_checksums())
    assert next_name("Addresses of people") == f"{newest + 1:04d}_addresses_of_people"


@pytest.mark.parametrize(
    ("statement", "difference"),
    [
        ("ALTER TABLE report DROP COLUMN version", "report.version is missing"),
        ("ALTER TABLE person ADD COLUMN nick TEXT", "person.nick is unknown"),
        ("DROP TABLE attempt", "attempt.id is missing"),
    ],
)
async def test_a_catalog_from_before_upgrades_is_refused_and_left_as_it_was(
    statement: str, difference: str, frozen: Path, tmp_path: Path
) -> None:
    older = tmp_path / "older.sqlite3"
    shutil.copy(frozen / "folder" / "catalog.sqlite", older)
    change(older, statement)
    before = older.read_bytes()
    assert await refusal(older) == INCOMPATIBLE.format(difference)
    assert older.read_bytes() == before


async def test_a_column_that_may_be_empty_is_told_from_one_that_may_not(frozen: Path, tmp_path: Path) -> None:
    older = tmp_path / "older.sqlite3"
    shutil.copy(frozen / "folder" / "catalog.sqlite", older)
    change(
        older, "ALTER TABLE person DROP COLUMN zone", "ALTER TABLE person ADD zone TEXT NOT NULL DEFAULT ''"
    )
    assert await refusal(older) == INCOMPATIBLE.format("person.zone has another type")


async def test_a_catalog_that_a_newer_release_upgraded_is_refused(path: Path) -> None:
    change(path, LATER)
    assert await refusal(path) == NEWER


async def test_a_catalog_made_with_another_version_of_a_migration_is_refused(path: Path) -> None:
    change(path, "UPDATE tortoise_migrations SET sha256 = 'another' WHERE name = '0001_initial'")
    assert await refusal(path) == INCOMPATIBLE.format("0001_initial has changed since")


@pytest.mark.parametrize("records", [False, True], ids=["something else", "another app of the same library"])
async def test_a_database_of_something_else_is_refused(records: bool, tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite3"
    change(path, "CREATE TABLE auth_user (id INTEGER)")
    if records:
        change(path, "CREATE TABLE tortoise_migrations (id INTEGER, app TEXT, name TEXT, applied_at TEXT)")
    assert await refusal(path) == (
        "The catalog's database holds tables of something else, such as auth_user. "
        "Give Bilan a database of its own: see BILAN_DATABASE_URL."
    )


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite3").write_bytes(b"no database" * 1_000)
    assert await refusal(tmp_path / "catalog.sqlite3") == (
        "The catalog's database does not answer: file is not a database."
    )


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (LATER, NEWER),
        (
            "DELETE FROM tortoise_migrations WHERE name = '0001_initial'",
            OLDER,
        ),
        ("ALTER TABLE person DROP COLUMN zone", INCOMPATIBLE.format("person.zone is missing")),
    ],
    ids=["upgraded", "restored", "changed"],
)
async def test_an_open_catalog_that_changes_underneath_says_so(
    statement: str, sentence: str, sqlite_catalog: Catalog, tmp_path: Path
) -> None:
    await sqlite_catalog.check()
    await asyncio.to_thread(change, tmp_path / "catalog.sqlite3", statement)
    with pytest.raises(Unavailable) as refused:
        await sqlite_catalog.check()
    assert str(refused.value) == sentence
