"""Tortoise's asyncpg engine, whose transactions give their connection back also when they could not begin."""

from __future__ import annotations

from typing import Any

from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionalDBClient, TransactionContextPooled
from tortoise.connection import ConnectionToken, get_connections


class ReturningContext(TransactionContextPooled):
    """A transaction cancelled at its beginning would otherwise keep its connection for ever."""

    token: ConnectionToken | None = None

    async def __aenter__(self) -> TransactionalDBClient:
        try:
            return await super().__aenter__()
        except BaseException:
            get_connections().reset(self.token)
            if self.client._connection is not None:
                await self.client._parent._pool.release(self.client._connection)
            raise


class PooledClient(AsyncpgDBClient):
    """A pool of connections; each transaction has one of them alone."""

    def _in_transaction(self) -> Any:
        return ReturningContext(TransactionWrapper(self), self._pool_init_lock)


client_class = PooledClient
