"""Which pictures the facts of a source name, in whatever dataset they do."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING
from uuid import UUID

import anyio.to_thread

from bilan.sdk.conditions import In

if TYPE_CHECKING:
    from bilan.query.query import Query
    from bilan.query.session import QuerySession


class NamedPictures:
    """Finds those of some keys that columns of pictures hold now."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._columns = [
            (dataset.key, column.name)
            for dataset in query.registry.datasets.values()
            for column in dataset.columns
            if column.picture
        ]

    async def __call__(self, source: UUID, keys: Collection[str]) -> frozenset[str]:
        """Those of the keys that a fact of the source holds which counts at this moment."""
        if not self._columns:
            return frozenset()
        client = await self._query.session((source,))
        return await anyio.to_thread.run_sync(self._find, client, tuple(keys))

    def _find(self, client: QuerySession, keys: tuple[str, ...]) -> frozenset[str]:
        return frozenset(
            row[column]
            for dataset, column in self._columns
            for row in client.rows(dataset, (column,), where=In(column, keys))
        )
