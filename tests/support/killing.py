"""Processes that are killed between any two statements of the catalog."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionWrapper


class Killed(BaseException):
    """What ends a process ends every handler in it."""


class Kill:
    """Ends the process when it asks the catalog for the statement of this number, counted from 0."""

    def __init__(self, at: int) -> None:
        self.at, self.asked = at, 0

    def __call__(self) -> None:
        self.asked += 1
        if self.asked > self.at:
            raise Killed


@contextmanager
def killed_at(kill: Kill) -> Generator[None]:
    """While this is on, a process that was killed asks nothing any more."""
    with pytest.MonkeyPatch.context() as patch:
        for client in (SqliteClient, SqliteTransactionWrapper):
            for name in ("execute_query", "execute_insert", "execute_query_dict", "execute_many"):
                real = getattr(client, name)

                async def counted(self: Any, *args: Any, _real: Any = real, **options: Any) -> Any:
                    kill()
                    return await _real(self, *args, **options)

                patch.setattr(client, name, counted)
        yield
