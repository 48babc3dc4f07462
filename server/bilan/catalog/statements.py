"""Plain SQL for what is asked with every request; the models take ten times as long."""

from __future__ import annotations

from itertools import count
from typing import Any

from tortoise.context import require_context


async def rows(sql: str, *values: Any) -> list[dict[str, Any]]:
    """The statement's rows from the current catalog. Write ``?`` for each value, on either database."""
    connection = require_context().db()
    if connection.capabilities.dialect == "postgres":
        numbers = count(1)
        sql = "".join(f"${next(numbers)}" if char == "?" else char for char in sql)
    return await connection.execute_query_dict(sql, list(values))
