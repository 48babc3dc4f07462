"""Reading the manifest: what is visible now, from rows that every process sees."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from bilan.catalog import Catalog
from bilan.catalog.statements import rows
from bilan.contacts.ties import load
from bilan.manifest.moments import Moments
from bilan.manifest.snapshot import Generation, ManifestState, Snapshot

TOUCHED = "SELECT dataset, source, day, moment FROM touched_day WHERE moment > ?"
GENERATIONS = """
SELECT id, rollup, zone, month, moment FROM generation
WHERE moment IS NOT NULL AND superseded_at IS NULL
"""
MERGES = "SELECT merges FROM moment WHERE id = 1"


class Manifest:
    """Takes snapshots. Between two changes of the manifest it asks the catalog for one row only."""

    def __init__(self, catalog: Catalog, moments: Moments) -> None:
        self._catalog = catalog
        self._moments = moments
        self._state = ManifestState()
        self._read_to = -1

    async def snapshot(self, as_of: datetime | None = None) -> Snapshot:
        """What is to be seen now, or was at an earlier moment."""
        with self._catalog.activate():
            visible, revision = await self._moments.visible()
            if revision != self._state.revision:
                self._state = await self._read(revision)
        seen = visible if as_of is None else min(as_of, visible)
        return Snapshot(seen, self._state, self._moments.now())

    async def _read(self, revision: int) -> ManifestState:
        # In this order: a day that is touched meanwhile is read as touched, however new the generation.
        (row,) = await rows(MERGES)
        ties = await load(row["merges"], self._state.ties)
        generations: dict[tuple[str, str], dict[int, Generation]] = {}
        for row in await rows(GENERATIONS):
            months = generations.setdefault((row["rollup"], row["zone"]), {})
            months[row["month"]] = Generation(row["id"], row["moment"])
        changed = await rows(TOUCHED, self._read_to)
        touched: dict[tuple[str, UUID], Mapping[int, int]] = dict(self._state.touched)
        fresh: dict[tuple[str, UUID], dict[int, int]] = {}
        for row in changed:
            key = (row["dataset"], UUID(str(row["source"])))
            if key not in fresh:
                touched[key] = fresh[key] = dict(touched.get(key, {}))
            day = _ordinal(row["day"])
            # Another task may have read further meanwhile.
            fresh[key][day] = max(row["moment"], fresh[key].get(day, 0))
            self._read_to = max(self._read_to, row["moment"])
        return ManifestState(revision, touched, generations, ties)


def _ordinal(day: Any) -> int:
    return (day if isinstance(day, date) else date.fromisoformat(str(day)[:10])).toordinal()
