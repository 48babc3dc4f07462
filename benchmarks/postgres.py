"""A database of PostgreSQL of one's own, for what runs beside others on one server."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg

POSTGRES = os.environ.get("BILAN_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres")


class NotHere(Exception):
    """This machine lacks a service or a library."""


@contextmanager
def database(name: str) -> Generator[str]:
    """The address of a new database, which is dropped behind the block. Raises ``NotHere``."""
    try:
        asyncio.run(_execute(f"CREATE DATABASE {name}"))
    except (OSError, asyncpg.PostgresError) as error:
        raise NotHere(f"PostgreSQL: {error}; BILAN_TEST_POSTGRES names another place") from error
    try:
        yield urlunsplit(urlsplit(POSTGRES)._replace(path=f"/{name}"))
    finally:
        asyncio.run(_execute(f"DROP DATABASE {name} WITH (FORCE)"))


async def _execute(statement: str) -> None:
    connection = await asyncpg.connect(POSTGRES, timeout=5)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
