"""The database of everything but facts and files. See docs/decisions/010."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import anyio
from tortoise import context as tortoise_context
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import TortoiseContext
from tortoise.exceptions import DBConnectionError, OperationalError, TransactionManagementError
from tortoise.models import Model
from tortoise.transactions import in_transaction

from bilan.catalog.configuration import APP, configuration, sqlite_file
from bilan.catalog.migrate import migrate
from bilan.catalog.schema import Schema, check_schema, release_schema
from bilan.sdk.errors import Unavailable
from bilan.sdk.textdomain import _

FAILURES = (OSError, DBConnectionError, OperationalError, TransactionManagementError, sqlite3.DatabaseError)
"""What a database raises that cannot be reached, or that is none."""


@dataclass(frozen=True, slots=True)
class _Ending:
    """What a transaction does right before it is committed, and once it is."""

    before: list[Callable[[], Awaitable[None]]] = field(default_factory=list[Callable[[], Awaitable[None]]])
    after: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])


_ending: ContextVar[_Ending | None] = ContextVar("bilan_ending", default=None)
"""That of the open transaction of this task."""


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

    async def open(self, *, upgrade: bool = True) -> None:
        """Connect and bring the tables up to date; without ``upgrade`` they must be so, and stay as they are.

        Raises ``Unavailable`` where the database cannot be reached, or holds
        something that this release cannot bring up to date.
        """
        if path := sqlite_file(self._url):
            await self._prepare(anyio.Path(path), upgrade=upgrade)
        with self.activate():
            await self._context.init(self._configuration)
            try:
                if upgrade:
                    self._schema = await migrate(self._configuration["apps"], self._models())
                else:
                    await check_schema(self.connection, release_schema(self._models()))
            except Unavailable:
                await self._context.close_connections()
                raise
            except FAILURES as error:
                await self._context.close_connections()
                raise Unavailable(
                    _("The catalog's database does not answer: {error}.", error=str(error))
                ) from error

    async def _prepare(self, path: anyio.Path, *, upgrade: bool) -> None:
        if upgrade:
            await path.parent.mkdir(parents=True, exist_ok=True)
        elif not await path.exists():
            raise Unavailable(_("There is no catalog at {path}.", path=str(path)))

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
        outer, ending = _ending.get(), _Ending()
        token = _ending.set(ending)
        try:
            with self.activate():
                async with in_transaction():
                    yield
                    if outer is None:
                        for action in ending.before:
                            await action()
        finally:
            _ending.reset(token)
        if outer is not None:
            outer.before.extend(ending.before)
            outer.after.extend(ending.after)
            return
        for action in ending.after:
            action()

    @property
    def in_transaction(self) -> bool:
        """Whether the code that asks runs inside of a transaction."""
        return _ending.get() is not None

    def before_commit(self, action: Callable[[], Awaitable[None]]) -> None:
        """Do this within the open transaction, behind all that it does otherwise.

        For locks that many wait for, which are so held for the shortest time, and taken last by everybody.
        """
        ending = _ending.get()
        assert ending is not None  # noqa: S101 - there is nothing to be the last thing of
        ending.before.append(action)

    def after_commit(self, action: Callable[[], None]) -> None:
        """Do this once the open transaction has been committed, never where it fails; at once without one."""
        ending = _ending.get()
        if ending is None:
            action()
        else:
            ending.after.append(action)

    async def compact(self, tables: Iterable[str]) -> None:
        """Leave nothing in the database's files of rows that were deleted or overwritten.

        SQLite writes the file anew; PostgreSQL the tables that are named, each closed meanwhile.
        """
        with self.activate():
            connection = self.connection
            if connection.capabilities.dialect == "postgres":
                for table in tables:
                    await connection.execute_script(f'VACUUM FULL "{table}"')
                return
            await connection.execute_script("VACUUM")
            await connection.execute_query("PRAGMA wal_checkpoint(TRUNCATE)")

    async def advisory_lock(self, name: str) -> None:
        """An advisory lock by name, waited for, and held until this transaction ends.

        For rules over several rows, such as "at least one owner". SQLite's
        transactions are alone anyway.
        """
        if self.connection.capabilities.dialect == "postgres":
            await self.connection.execute_query("SELECT pg_advisory_xact_lock(hashtext($1))", [name])
