"""Tortoise's SQLite engine, with transactions that take the write lock when they begin, and reads beside.

A plain ``BEGIN`` takes the lock at its first write; by then another process
may have written what was read, and SQLite answers "database is locked" at
once, without waiting. ``BEGIN IMMEDIATE`` waits its turn instead.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable
from typing import Any

from tortoise.backends.base.client import NestedTransactionContext, TransactionalDBClient
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError, TransactionManagementError

from bilan.catalog.text import check_storable

OPENING_SECONDS = 30.0


class _Checking(SqliteClient):
    """Takes no text that PostgreSQL would not take either."""

    async def execute_insert(self, query: str, values: list[Any]) -> Any:
        """Insert a row."""
        check_storable(values)
        return await super().execute_insert(query, values)

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        """Run a statement for each row of values."""
        check_storable(values)
        await super().execute_many(query, values)

    async def execute_query(self, query: str, values: list[Any] | None = None) -> Any:
        """Run a statement: how many rows it gave or changed, and the rows."""
        check_storable([query, values])
        return await super().execute_query(query, values)

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[Any, Any]]:
        """As ``execute_query``, for rows as dictionaries."""
        check_storable([query, values])
        return await super().execute_query_dict(query, values)


class ImmediateTransaction(_Checking, SqliteTransactionWrapper):
    """A transaction that holds the write lock from its first statement on."""

    def _in_transaction(self) -> Any:
        return NestedTransactionContext(ImmediateTransaction(self))

    async def begin(self) -> None:
        try:
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise TransactionManagementError(error) from error


class ImmediateContext(SqliteTransactionContext):
    """Leaves the connection clean and free, also when beginning or committing fails or is cancelled.

    Statements run one after the other in the connection's thread, in the order
    they were asked for. So a rollback asked for before the lock is given back
    runs before anybody else's statement, even when nobody waits for its end.
    """

    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self._or_undo(self.connection.begin())
        except BaseException:
            self._trxlock.release()
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        return self.connection

    async def __aexit__(self, exc_type: object, exc_val: object, exc_tb: object) -> None:
        try:
            await self._or_undo(self.connection.rollback() if exc_type else self.connection.commit())
        finally:
            get_connections().reset(self.token)
            self._trxlock.release()

    async def _or_undo(self, step: Awaitable[None]) -> None:
        try:
            await step
        except BaseException:
            await self.connection._connection.rollback()
            raise


class ReadingClient(_Checking):
    """A connection that reads alone. In WAL mode nobody who writes keeps it waiting."""


class ImmediateClient(_Checking):
    """One connection a process to write with, which a transaction has alone until it ends; another to read.

    What is written outside of a transaction is committed when the call
    returns, so whoever reads next sees it. Inside one the transaction's own
    connection reads.
    """

    _reader: ReadingClient | None = None

    async def close(self) -> None:
        """Close both connections."""
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.close()
        await super().close()

    async def execute_query(self, query: str, values: list[Any] | None = None) -> Any:
        """Run a statement; one that reads does not wait for those that write."""
        if self._reader is not None and _reads(query):
            return await self._reader.execute_query(query, values)
        return await super().execute_query(query, values)

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[Any, Any]]:
        """As ``execute_query``, for rows as dictionaries."""
        if self._reader is not None and _reads(query):
            return await self._reader.execute_query_dict(query, values)
        return await super().execute_query_dict(query, values)

    async def create_connection(self, with_db: bool) -> None:
        """Connect. Waits while another process switches a new file to WAL, which SQLite does not wait for."""
        deadline = asyncio.get_running_loop().time() + OPENING_SECONDS
        while True:
            try:
                await super().create_connection(with_db)
            except sqlite3.OperationalError as error:
                await self.close()
                if "locked" not in str(error) or asyncio.get_running_loop().time() > deadline:
                    raise OperationalError(error) from error
                await asyncio.sleep(0.02)
            else:
                break
        # Nobody else has one that is in memory.
        if self._reader is None and self.filename != ":memory:":
            reading = {"busy_timeout": 30_000, "query_only": "ON"}
            reader = ReadingClient(self.filename, connection_name=f"{self.connection_name}-reader", **reading)
            await reader.create_connection(with_db)
            self._reader = reader

    def _in_transaction(self) -> Any:
        return ImmediateContext(ImmediateTransaction(self), self._lock)


def _reads(query: str) -> bool:
    return query.lstrip()[:6].upper() == "SELECT"


client_class = ImmediateClient
