"""What goes wrong outside of the process, as a sentence: databases that restart, disks that are full."""

from __future__ import annotations

import errno
import sqlite3

import asyncpg
from tortoise.exceptions import DBConnectionError, OperationalError, TransactionManagementError

from bilan.disk import FULL, NoSpace, no_space
from bilan.sdk.errors import Unavailable
from bilan.sdk.textdomain import _


class ReadOnly(Unavailable):
    """A folder that the server may not write to."""


AWAY = (
    DBConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)
"""What the catalog's driver raises while its database restarts."""
STATEMENTS = (OperationalError, TransactionManagementError, sqlite3.OperationalError)
"""Errors whose text alone tells what is wrong."""


def trouble_of(error: BaseException) -> Unavailable | None:
    """The error, or what it came from, as something that passes; ``None`` for a mistake of the program."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        if (found := _trouble(cause)) is not None:
            return found
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return None


def read_only() -> ReadOnly:
    """The sentence of a folder that is closed for writing."""
    return ReadOnly(_("The server may not write to its folder; its log says which."))


def _trouble(error: BaseException) -> Unavailable | None:
    if isinstance(error, NoSpace):
        return error
    told = str(error).lower()
    if isinstance(error, asyncpg.DiskFullError) or (isinstance(error, OSError) and error.errno in FULL):
        return no_space()
    if isinstance(error, OSError) and error.errno == errno.EROFS:
        return read_only()
    if isinstance(error, STATEMENTS):
        if "disk is full" in told:
            return no_space()
        if "readonly database" in told:
            return read_only()
        if "unable to open database" in told or "disk i/o error" in told or "is locked" in told:
            return _away()
    if isinstance(error, AWAY) or _lost(error, told):
        return _away()
    if isinstance(error, ConnectionError):
        return Unavailable(
            _("A service that the server needs does not answer, its log says which; "
              "try again in some seconds.")
        )  # fmt: skip
    return None


def _lost(error: BaseException, told: str) -> bool:
    """Whether Tortoise has made text of what the driver said about a connection that is gone."""
    return isinstance(error, STATEMENTS) and any(
        sign in told for sign in ("connection", "shutting down", "starting up", "shutdown")
    )


def _away() -> Unavailable:
    return Unavailable(_("The catalog's database does not answer; try again in some seconds."))
