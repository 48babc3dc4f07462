"""The database of everything but facts and files. See docs/decisions/010."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator, Callable, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar

import anyio
from tortoise import context as tortoise_context
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import TortoiseContext
from tortoise.exceptions import DBConnectionError, OperationalError, TransactionManagementError
from tortoise.models import Model
from tortoise.transactions import in_transaction

from bilan.catalog.configuration import APP, configuration, sqlite_file
from bilan.catalog.migrate import migrate
from bilan.catalog.schema import Schema, check_schema
from bilan.sdk.errors import Unavailable
from bilan.sdk.textdomain import _

FAILURES = (OSError, DBConnectionError, OperationalError, TransactionManagementError, sqlite3.DatabaseError)
"""What a database raises that cannot be reached, or that is none."""
_after_commit: ContextVar[list[Callable[[], None]] | None] = ContextVar("bilan_after_commit", default=None)
"""What the open transaction of this task does once it is committed."""


class Catalog:
    """One catalog, by its address: ``sqlite:///absolute/path`` or ``postgres://…``.

    It lives on the event loop that opened it. Nothing is global: code sees
    the catalog's tables only inside :meth:`activate`.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._configuration = configuration(url)
        self._context = TortoiseContext()
        self._schema: Schema | None = None

    async def open(self) -> None:
        """Connect and bring the tables up to date.

        Raises ``Unavailable`` where the database cannot be reached, or holds
        something that this release cannot bring up to date.
        """
        if path := sqlite_file(self._url):
            await anyio.Path(path.parent).mkdir(parents=True, exist_ok=True)
        with self.activate():
            await self._context.init(self._configuration)
            try:
                self._schema = await migrate(self._configuration["apps"], self._models())
            except Unavailable:
                await self._context.close_connections()
                raise
            except FAILURES as error:
                await self._context.close_connections()
                raise Unavailable(
                    _("The catalog's database does not answer: {error}.", error=str(error))
                ) from error

    async def check(self) -> None:
        """Ask the database for the tables that it had when it was opened.

        Raises ``Unavailable`` where a newer release has upgraded it since, or
        another one was put in its place.
        """
        with self.activate():
            if self._schema is not None:
                await check_schema(self.connection, self._schema)

    async def close(self) -> None:
        """Close the connections. The catalog can be opened again."""
        with self.activate():
            await self._context.close_connections()

    def _models(self) -> Iterable[type[Model]]:
        apps = self._context.apps
        return apps[APP].values() if apps is not None else ()

    @property
    def connection(self) -> BaseDBAsyncClient:
        """For a statement that the models cannot express. Inside a transaction it is the transaction's."""
        return self._context.db()

    @contextmanager
    def activate(self) -> Generator[None]:
        """Make this catalog the current one for the code inside, in this task and those it starts.

        May be nested, also with another catalog's; may be entered by many tasks at once.
        """
        token = tortoise_context._current_context.set(self._context)
        try:
            yield
        finally:
            tortoise_context._current_context.reset(token)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[None]:
        """All of the block's changes, or none. Inside another transaction it is a savepoint.

        Do not start tasks inside: they would go on in a transaction that has ended.
        """
        outer, actions = _after_commit.get(), list[Callable[[], None]]()
        token = _after_commit.set(actions)
        try:
            with self.activate():
                async with in_transaction():
                    yield
        finally:
            _after_commit.reset(token)
        if outer is not None:
            outer.extend(actions)
            return
        for action in actions:
            action()

    def after_commit(self, action: Callable[[], None]) -> None:
        """Do this once the open transaction has been committed, never where it fails; at once without one."""
        actions = _after_commit.get()
        if actions is None:
            action()
        else:
            actions.append(action)

    async def advisory_lock(self, name: str) -> None:
        """An advisory lock by name, waited for, and held until this transaction ends.

        For rules over several rows, such as "at least one owner". SQLite's
        transactions are alone anyway.
        """
        if self.connection.capabilities.dialect == "postgres":
            await self.connection.execute_query("SELECT pg_advisory_xact_lock(hashtext($1))", [name])
