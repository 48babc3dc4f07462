"""Tortoise's asyncpg engine: transactions give their connection back also when they could not begin.

A connection that fails is told as the database's, and what it cannot hold as a mistake of whoever sent it.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    NestedTransactionContext,
    TransactionalDBClient,
    TransactionContextPooled,
)
from tortoise.connection import ConnectionToken, get_connections
from tortoise.exceptions import DBConnectionError

from bilan.catalog.text import check_storable, unstorable

UNSTORABLE = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)


@contextmanager
def _connected() -> Generator[None]:
    """Tell a failed connection as the database's: others fail with the same errors."""
    try:
        yield
    except OSError as error:
        raise DBConnectionError(str(error) or type(error).__name__) from error


class _Translating(AsyncpgDBClient):
    """Runs every statement, on a connection of its own or a transaction's."""

    async def _translate_exceptions(self, func: Any, *args: Any, **kwargs: Any) -> Any:
        check_storable(args)
        try:
            with _connected():
                return await super()._translate_exceptions(func, *args, **kwargs)
        except Exception as error:
            if isinstance(error.__cause__, UNSTORABLE):  # in JSON, where it is written as an escape
                raise unstorable() from error
            raise


class PooledTransaction(_Translating, TransactionWrapper):
    """A transaction on a connection of the pool, or a savepoint within one."""

    def _in_transaction(self) -> Any:
        return NestedTransactionContext(PooledTransaction(self))


class ReturningContext(TransactionContextPooled):
    """A transaction cancelled at its beginning would otherwise keep its connection for ever."""

    token: ConnectionToken | None = None

    async def __aenter__(self) -> TransactionalDBClient:
        try:
            with _connected():
                return await super().__aenter__()
        except BaseException:
            get_connections().reset(self.token)
            if self.client._connection is not None:
                await self.client._parent._pool.release(self.client._connection)
            raise

    async def __aexit__(self, exc_type: object, exc_val: object, exc_tb: object) -> None:
        with _connected():
            await super().__aexit__(exc_type, exc_val, exc_tb)


class PooledClient(_Translating):
    """A pool of connections; each transaction has one of them alone."""

    def _in_transaction(self) -> Any:
        return ReturningContext(PooledTransaction(self), self._pool_init_lock)


client_class = PooledClient
