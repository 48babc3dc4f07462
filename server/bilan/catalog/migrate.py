"""Bring the catalog's tables up to date. Safe when several processes start at once."""

from __future__ import annotations

from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.recorder import MigrationRecorder
from tortoise.transactions import in_transaction

LOCK = 0x62696C616E
"""The number of PostgreSQL's advisory lock around migrations."""


class Recorder(MigrationRecorder):
    """Makes its table inside the transaction; Tortoise's own would commit it on SQLite."""

    async def ensure_schema(self, schema_editor: Any) -> None:
        statement = schema_editor._get_model_sql_data(self.model).table_sql
        await self.connection.execute_query(
            statement.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1).rstrip(";")
        )


async def migrate(apps: dict[str, Any]) -> None:
    """Apply what is missing, all of it or nothing. Runs inside the catalog's context."""
    async with in_transaction() as connection:
        await _wait_turn(connection)
        executor = MigrationExecutor(connection, apps)
        executor.recorder = executor.loader.recorder = Recorder(connection)
        await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))
        await executor.migrate(direction="forward")


async def _wait_turn(connection: BaseDBAsyncClient) -> None:
    """One process at a time. SQLite's transaction is alone from its beginning."""
    if connection.capabilities.dialect == "postgres":
        await connection.execute_query(f"SELECT pg_advisory_xact_lock({LOCK})")
