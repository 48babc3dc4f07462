"""The entry point to the warehouse's figures."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from bilan.query.session import QuerySession

if TYPE_CHECKING:
    from bilan.manifest import Manifest
    from bilan.registry.declared import Registry
    from bilan.warehouse.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class Query:
    """Turns questions into one SQL statement each. Blocking, and safe to use from any thread."""

    warehouse: Warehouse
    registry: Registry
    manifest: Manifest

    async def session(
        self,
        sources: Collection[UUID],
        *,
        as_of: datetime | None = None,
        cancelled: Callable[[], bool] | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> QuerySession:
        """What a report or a resolver asks with: bound to sources and to a moment (now, without one).

        The moment is one at which no batch was being written, so that every
        question of the session sees the same facts.

        ``cancelled`` is looked at before each question and between the blocks
        of a stream; ``progress`` is told how much is done, from 0 to 1. Whoever
        calls has made sure that the sources may be read.
        """
        snapshot = await self.manifest.snapshot(as_of)
        return QuerySession(self.warehouse, self.registry, frozenset(sources), snapshot, cancelled, progress)
