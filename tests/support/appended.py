"""Waiting until what was posted is among the facts, also beside an appender that works by itself."""

from __future__ import annotations

import asyncio

from bilan.app import Bilan


async def appended(bilan: Bilan) -> None:
    """Append what waits, or wait until the other one has done so."""
    while await bilan.services.inbox.first(1, 1):
        await bilan.appender.drain()
        await asyncio.sleep(0.01)
