"""The schema: the tables that the migrations make, held against those that a database has.

See docs/decisions/051.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.migrations.writer import migrations_module_path
from tortoise.models import Model

from bilan.catalog.configuration import APP, MIGRATIONS
from bilan.sdk.errors import Unavailable
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _

RECORDS = "tortoise_migrations"
"""The table of migrations that were applied, each with the SHA-256 of its file."""

Columns = Mapping[str, Mapping[str, bool]]
"""By table and column, whether it may be empty."""

COLUMNS = {
    "sqlite": (
        'SELECT item.name AS "table", info.name AS "column", NOT info."notnull" AS empty '
        "FROM sqlite_master AS item JOIN pragma_table_info(item.name) AS info "
        "WHERE item.type = 'table' AND item.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    ),
    "postgres": (
        'SELECT table_name AS "table", column_name AS "column", is_nullable = \'YES\' AS empty '
        "FROM information_schema.columns WHERE table_schema = current_schema()"
    ),
}


@dataclass(frozen=True, slots=True)
class Schema:
    """Migrations by name with the checksums of their files, and the columns that they make together."""

    migrations: Mapping[str, str]
    columns: Columns


def release_schema(models: Iterable[type[Model]]) -> Schema:
    """The schema of this release, whose models these are."""
    return Schema(migration_checksums(), columns_of(models))


def migration_checksums() -> dict[str, str]:
    """This release's migrations in order, with the SHA-256 of each file."""
    return {path.stem: sha256(path) for path in sorted(migrations_module_path(MIGRATIONS).glob("0*.py"))}


def sha256(path: Path) -> str:
    """A file's SHA-256 in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def columns_of(models: Iterable[type[Model]]) -> Columns:
    """What models have."""
    return {
        model._meta.db_table: {
            column: model._meta.fields_map[attribute].null
            for attribute, column in model._meta.fields_db_projection.items()
        }
        for model in models
    }


async def read_columns(connection: BaseDBAsyncClient) -> Columns:
    """What the database has."""
    columns: dict[str, dict[str, bool]] = {}
    for row in await connection.execute_query_dict(COLUMNS[connection.capabilities.dialect]):
        columns.setdefault(row["table"], {})[row["column"]] = bool(row["empty"])
    return columns


async def read_applied(connection: BaseDBAsyncClient, columns: Columns) -> dict[str, str | None]:
    """The migrations that were applied, with the checksums that were recorded; none for the very first."""
    if RECORDS not in columns:
        return {}
    statement = "SELECT app, name, sha256 FROM tortoise_migrations ORDER BY id"
    if "sha256" not in columns[RECORDS]:
        statement = "SELECT app, name, NULL AS sha256 FROM tortoise_migrations ORDER BY id"
    records = await connection.execute_query_dict(statement)
    return {record["name"]: record["sha256"] for record in records if record["app"] == APP}


async def check_schema(connection: BaseDBAsyncClient, schema: Schema) -> None:
    """Raise ``Unavailable`` where the database no longer has the tables of the schema."""
    columns = await read_columns(connection)
    applied = await read_applied(connection, columns)
    check_applied(applied, schema.migrations, columns)
    if missing := sorted(schema.migrations.keys() - applied):
        raise Unavailable(
            _("The catalog is older than this server ({migration} is missing), as after restoring a backup. "
              "Start the server anew, which upgrades the catalog.", migration=missing[0])
        )  # fmt: skip
    check_columns(columns, schema.columns)


def check_applied(applied: Mapping[str, str | None], migrations: Mapping[str, str], columns: Columns) -> None:
    """Raise ``Unavailable`` for a database that holds no catalog, a newer one, or one of other migrations."""
    if not applied and (others := columns.keys() - {RECORDS}):
        raise Unavailable(
            _("The catalog's database holds tables of something else, such as {table}. "
              "Give Bilan a database of its own: see BILAN_DATABASE_URL.", table=min(others))
        )  # fmt: skip
    if unknown := [name for name in applied if name not in migrations]:
        raise Unavailable(
            _("The catalog was upgraded by a newer release of Bilan ({migration} is not known here). "
              "Start that release, or restore the backup made before the upgrade.", migration=unknown[-1])
        )  # fmt: skip
    for name, checksum in applied.items():
        if checksum not in (None, migrations[name]):
            raise _incompatible(_("{migration} has changed since", migration=name))


def check_columns(actual: Columns, expected: Columns) -> None:
    """Raise ``Unavailable`` where a table differs from what its migrations make."""
    for table, columns in sorted(expected.items()):
        there = actual.get(table, {})
        for column in sorted(columns.keys() ^ there.keys()):
            name = f"{table}.{column}"
            if column in columns:
                raise _incompatible(_("{column} is missing", column=name))
            raise _incompatible(_("{column} is unknown", column=name))
        for column in sorted(columns):
            if columns[column] != there[column]:
                raise _incompatible(_("{column} has another type", column=f"{table}.{column}"))


def _incompatible(difference: Message) -> Unavailable:
    return Unavailable(
        _("The catalog's tables are not those of this release: {difference}. It was made before catalogs "
          "could be upgraded, or changed by other means. Restore a backup that fits, or begin with an empty "
          "data folder.", difference=difference)
    )  # fmt: skip
