"""Plain SQL for what is asked with every request; the models take ten times as long."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import require_context


async def rows(sql: str, *values: Any) -> list[dict[str, Any]]:
    """The statement's rows from the current catalog. Write ``?`` for each value, on either database."""
    connection = require_context().db()
    return await connection.execute_query_dict(_numbered(sql, connection), list(values))


async def change(sql: str, *values: Any) -> int:
    """Run a statement that changes rows; how many. Write ``?`` for each value, on either database."""
    connection = require_context().db()
    changed, _rows = await connection.execute_query(_numbered(sql, connection), list(values))
    return changed


def instant_of(value: Any) -> datetime | None:
    """An instant in a row, which SQLite keeps as text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _numbered(sql: str, connection: BaseDBAsyncClient) -> str:
    if connection.capabilities.dialect != "postgres":
        return sql
    numbers = count(1)
    return "".join(f"${next(numbers)}" if char == "?" else char for char in sql)
