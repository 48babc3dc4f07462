"""Parts of the warehouse that cannot be read are told in the log: at the start, and when there are others."""

from __future__ import annotations

import anyio.to_thread
import structlog

from bilan.warehouse import Warehouse

log = structlog.get_logger("bilan.warehouse")


def look_for_broken(warehouse: Warehouse) -> None:
    """Look, and log each part that was not known. Blocking."""
    known = set(warehouse.broken)
    for part in warehouse.look_for_broken():
        if part not in known:
            log.error(
                "a part of the warehouse cannot be read",
                table=part.table, month=part.month, part=part.name, reason=part.reason,
            )  # fmt: skip


async def look_again(warehouse: Warehouse) -> None:
    """The same while the server runs."""
    await anyio.to_thread.run_sync(look_for_broken, warehouse)
