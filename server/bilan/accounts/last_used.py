"""When sessions and tokens were last used, written down beside the requests that use them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import structlog

log = structlog.get_logger("bilan.accounts")


class LastUsed:
    """Notes when something was last used. ``write`` changes its row.

    A request that only reads must not wait for those who write, so nobody
    waits for these writes either. What is lost with the process was a remark.
    """

    def __init__(self, write: Callable[[UUID, datetime], Awaitable[object]]) -> None:
        self._write = write
        self._noted: dict[UUID, datetime] = {}
        self._writer: asyncio.Task[None] | None = None

    def note(self, ident: UUID, at: datetime) -> None:
        """Have it written down soon. Of several before that, the last counts."""
        self._noted[ident] = at
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_all())

    async def written(self) -> None:
        """Wait until everything noted so far is written down."""
        if self._writer is not None:
            await asyncio.wait([self._writer])

    async def _write_all(self) -> None:
        try:
            while self._noted:
                await self._write(*self._noted.popitem())
        except Exception:
            log.warning("when something was last used could not be written down", exc_info=True)
        finally:
            self._writer = None
