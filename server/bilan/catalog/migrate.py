"""Bring the catalog's tables up to date. Safe when several processes start at once."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import cached_property
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import require_context
from tortoise.exceptions import IntegrityError
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.recorder import MigrationRecorder
from tortoise.migrations.schema_generator.state import ModelState, State
from tortoise.migrations.schema_generator.state_apps import StateApps
from tortoise.models import Model
from tortoise.transactions import in_transaction

from bilan.catalog.configuration import APP
from bilan.catalog.schema import (
    RECORDS,
    Schema,
    check_applied,
    check_columns,
    columns_of,
    read_applied,
    read_columns,
    release_schema,
)
from bilan.catalog.statements import rows

LOCK = 0x62696C616E
"""The number of PostgreSQL's advisory lock around migrations."""


class Recorder(MigrationRecorder):
    """Makes its table inside the transaction; Tortoise's own would commit it on SQLite."""

    async def ensure_schema(self, schema_editor: Any) -> None:
        """A table with a column for checksums, which catalogs from before there were any do not have."""
        statement = schema_editor._get_model_sql_data(self.model).table_sql
        await self.connection.execute_query(
            statement.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1).rstrip(";")
        )
        if "sha256" not in (await read_columns(self.connection))[RECORDS]:
            await self.connection.execute_query(f"ALTER TABLE {RECORDS} ADD COLUMN sha256 VARCHAR(64)")


class Executor(MigrationExecutor):
    """Keeps the tables as they were before each operation without the models that hardly any looks at."""

    async def _project_state(self, *args: Any, **kwargs: Any) -> State:
        state = await super()._project_state(*args, **kwargs)
        apps = CurrentApps(dict(state.apps._default_connections), state.apps._connections)
        apps.apps = state.apps.apps
        return CurrentState(state.models, apps)


class CurrentApps(StateApps):
    """The models of the tables; each gets its queries once, not at every operation on any of them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ready = set[type[Model]]()

    def _build_initial_querysets(self) -> None:
        every = self.apps
        self.apps = {
            app: {name: model for name, model in models.items() if model not in self._ready}
            for app, models in every.items()
        }
        try:
            super()._build_initial_querysets()
        finally:
            self.apps = every
        # An operation makes the models anew that it changes, or that refer to those.
        self._ready = {model for models in every.values() for model in models.values() if model._meta._inited}


class CurrentState(State):
    """The tables as the migrations so far leave them."""

    def clone(self) -> State:
        """The same, for comparison with what an operation makes of them."""
        return EarlierState({key: model.clone() for key, model in self.models.items()}, self.apps)


class EarlierState(State):
    """The tables before an operation. Making their models takes long, and hardly any operation asks."""

    def __init__(self, models: dict[tuple[str, str], ModelState], current: StateApps) -> None:
        self.models, self._current = models, current

    @cached_property
    def apps(self) -> StateApps:  # pyright: ignore[reportIncompatibleVariableOverride] - is one, once asked
        return self._current.clone(model_states=self.models)


async def migrate(apps: dict[str, Any], models: Iterable[type[Model]]) -> Schema:
    """Apply what is missing, all of it or nothing; what the database has then. Runs inside the context.

    Raises ``Unavailable`` for a database that cannot be upgraded, and leaves it as it was.
    """
    async with _without_foreign_keys(), in_transaction() as connection:
        await _wait_turn(connection)
        actual, schema = await read_columns(connection), release_schema(models)
        applied = await read_applied(connection, actual)
        check_applied(applied, schema.migrations, actual)
        if applied.keys() == schema.migrations.keys():
            check_columns(actual, schema.columns)
            return schema
        executor = Executor(connection, apps)
        executor.recorder = executor.loader.recorder = Recorder(connection)
        await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))
        await executor.loader.build_graph()
        check_columns(actual, columns_of(await _models_at(executor, applied)))
        await executor.migrate(direction="forward")
        if connection.capabilities.dialect == "sqlite":
            broken = await connection.execute_query_dict("PRAGMA foreign_key_check")
            if broken:
                raise IntegrityError(f"rows refer to nothing after the migration: {broken[:3]}")
        await _record(schema.migrations)
        return schema


@asynccontextmanager
async def _without_foreign_keys() -> AsyncGenerator[None]:
    """SQLite changes a table by making it anew; dropping the old one would delete the rows that refer to it.

    The switch has no effect inside a transaction. What the transaction leaves is checked before it ends.
    """
    connection = require_context().db()
    if connection.capabilities.dialect != "sqlite":
        yield
        return
    await connection.execute_query("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        await connection.execute_query("PRAGMA foreign_keys = ON")


async def _wait_turn(connection: BaseDBAsyncClient) -> None:
    """One process at a time. SQLite's transaction is alone from its beginning."""
    if connection.capabilities.dialect == "postgres":
        await connection.execute_query(f"SELECT pg_advisory_xact_lock({LOCK})")


async def _models_at(executor: MigrationExecutor, names: Iterable[str]) -> list[type[Model]]:
    """The models as they were when these migrations were the last."""
    state = await executor._project_state({MigrationKey(APP, name) for name in names})
    return [state.apps.get_model(f"{app}.{name}") for app, name in state.models]


async def _record(migrations: Mapping[str, str]) -> None:
    """The checksums of the files that made the tables."""
    for name, checksum in migrations.items():
        await rows(
            "UPDATE tortoise_migrations SET sha256 = ? WHERE app = ? AND name = ? AND sha256 IS NULL",
            checksum, APP, name,
        )  # fmt: skip
