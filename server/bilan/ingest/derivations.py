"""Up to which moment derived rows follow from their log, and what brings them up to it.

A batch derives what follows from it in its own turn, under its own moment. What
was left behind (long imports, another definition, a plugin that failed) is derived
in a turn of its own. See docs/decisions/083.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import anyio.to_thread
import structlog
from tortoise.functions import Max, Min
from tortoise.queryset import QuerySet

from bilan.catalog import Catalog
from bilan.catalog.statements import rows
from bilan.clock import Clock
from bilan.ingest.batch import Batch
from bilan.ingest.deriving import (
    Declared,
    Derived,
    Deriver,
    Tables,
    Target,
    changed_keys,
    derived_datasets,
    target_of,
)
from bilan.ingest.models import DerivationRow
from bilan.ingest.unquoted import unquoted
from bilan.manifest import Moments, Turn
from bilan.manifest.models import TouchedDayRow
from bilan.manifest.moments import Touched
from bilan.sdk.datasets import Dataset
from bilan.sdk.errors import BilanError
from bilan.sdk.messages import Message
from bilan.warehouse import instant, microseconds
from bilan.warehouse.derived import Key, Keys

log = structlog.get_logger(__name__)

QUIET = timedelta(seconds=20)
"""How long a log that was left behind is in peace before it is derived from; an import goes on sooner."""
LATEST = timedelta(minutes=5)
"""How long derived rows are left behind at most."""
WHOLE = 2
"""How many times its own rows a chunk of an import reads of the log at most; else it is left behind."""
FEW = 5_000
"""For how many keys it is asked how much there is to be read."""
WRITTEN = "SELECT source, MAX(moment) AS moment FROM touched_day WHERE dataset = ? GROUP BY source"

Report = Callable[[float], None]
"""Is told how much is done, from 0 to 1; what it raises ends the work."""


class Secrets(Protocol):
    """The part of the sources' service that opens what is sealed."""

    async def open_settings(self, source: UUID, /) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class DerivationState:
    """How far a derived dataset of a source is: ``through`` in UTC, ``None`` before its rows were first made.

    ``progress`` from 0 to 1 is there while what was left behind is being
    derived. ``failure`` is why the rows of some keys are as they were.
    """

    dataset: Dataset
    through: datetime | None
    complete: bool
    progress: float | None = None
    failure: Message | None = None


@dataclass(slots=True)
class Following:
    """What follows from a batch, until the batch is closed: the days, and what is to be noted with it."""

    touched: dict[tuple[str, UUID], set[date]]
    notes: list[tuple[Target, dict[str, Any]]] = field(default_factory=list[tuple[Target, dict[str, Any]]])


class Derivations:
    """Keeps derived datasets right. What it does for a batch is done in the batch's turn."""

    def __init__(
        self,
        catalog: Catalog,
        warehouse: Tables,
        datasets: Mapping[str, Dataset],
        secrets: Secrets,
        moments: Moments,
        clock: Clock,
    ) -> None:
        self._catalog, self._secrets, self._moments, self._clock = catalog, secrets, moments, clock
        self._deriver = Deriver(warehouse, datasets)
        self._declared = derived_datasets(datasets.values())

    async def follow(self, batch: Batch, touched: Touched, turn: Turn, rows: int | None = None) -> Following:
        """Derive what follows from a batch that was appended. ``rows`` is given for chunks of an import.

        Left behind is what another definition made, and what chunks would read much of the log for.
        """
        following = Following({key: set(days) for key, days in touched.items()})
        for key, source in batch.changed:
            for declared in self._declared:
                if declared.log.key == key and (target := await self._target(declared, source)) is not None:
                    keys = changed_keys(declared, batch, source)
                    await self._follow(following, target, keys, turn, rows)
        return following

    async def settle(self, following: Following, turn: Turn) -> None:
        """Close the batch, and note how far the rows that follow from it are, in the caller's transaction."""
        await turn.close(following.touched)
        for target, values in following.notes:
            await _note(target, **values)

    async def catch_up(self, source: UUID, report: Report = lambda _done: None) -> None:
        """Derive what was left behind of a source."""
        with self._catalog.activate():
            for declared in self._declared:
                if (written := await _written(declared.log, source)) is not None:
                    await self._catch_up(declared, source, written, report)

    async def sweep(self, quiet: timedelta = QUIET) -> int:
        """Derive what was left behind of every source, once its log is in peace; how many there were."""
        done = 0
        for declared in self._declared:
            for found in await rows(WRITTEN, declared.log.key):
                source, written = UUID(str(found["source"])), int(found["moment"])
                if await self._due(declared, source, written, quiet):
                    done += await self._catch_up(declared, source, written)
        return done

    async def states(self, source: UUID, *, personal: bool) -> tuple[DerivationState, ...]:
        """How far the derived datasets are that a source has a log for.

        Failures quote rows only where ``personal`` says that these may be seen.
        """
        found = list[DerivationState]()
        with self._catalog.activate():
            for declared in self._declared:
                if (written := await _written(declared.log, source)) is not None:
                    row, target = await _row(declared, source), await self._target(declared, source)
                    found.append(_state(declared, row, target, written))
        if personal:
            return tuple(found)
        return tuple(replace(one, failure=one.failure and unquoted(one.failure)) for one in found)

    async def _follow(
        self, following: Following, target: Target, keys: set[Key], turn: Turn, rows: int | None
    ) -> None:
        row, written = (
            await _row(target.declared, target.source),
            await _written(target.declared.log, target.source),
        )
        if written is not None and (row is None or row.definition != target.definition):
            return
        is_behind = written is not None and row is not None and row.through < written
        # What an earlier chunk left behind is derived at the import's end, and this one with it.
        if rows is not None and (is_behind or await self._is_much(target, keys, rows)):
            if written is None:
                following.notes.append((target, {"definition": target.definition, "through": 0}))
            return
        now = self._clock.now()
        found = await anyio.to_thread.run_sync(
            self._deriver.derive_keys, target, keys, turn.moment, now, turn.check
        )
        for key, days in found.touched.items():
            following.touched.setdefault(key, set()).update(days)
        if found.failure is not None:
            following.notes.append((target, {"failure": found.failure}))
        if written is None or (row is not None and row.through >= written):
            values = {"definition": target.definition, "through": microseconds(turn.moment)}
            following.notes.append((target, values))

    async def _is_much(self, target: Target, keys: set[Key], rows: int) -> bool:
        if not keys or len(keys) > FEW:
            return bool(keys)
        named = Keys.named(target.declared.derivation, sorted(keys))
        return await anyio.to_thread.run_sync(self._deriver.size, target, named) > WHOLE * rows

    async def _due(self, declared: Declared, source: UUID, written: int, quiet: timedelta) -> bool:
        row, target = await _row(declared, source), await self._target(declared, source)
        if row is None or target is None or row.definition != target.definition:
            return target is not None
        if row.through >= written:
            return False
        behind = _touched(declared.log, source).filter(moment__gt=row.through)
        ((since,),) = await behind.annotate(first=Min("moment")).values_list("first")
        now = self._clock.now()
        return written <= microseconds(now - quiet) or since <= microseconds(now - LATEST)

    async def _catch_up(
        self, declared: Declared, source: UUID, written: int, report: Report = lambda _done: None
    ) -> bool:
        """Derive what was left behind, if any was, in one turn: all that it changes is seen at once."""
        target, row = await self._target(declared, source), await _row(declared, source)
        if target is None or (row is not None and _is_complete(row, target, written)):
            return False
        async with self._moments.turn(f"derive {source}") as turn:
            row = await _row(declared, source)
            since = instant(row.through) if row is not None and row.definition == target.definition else None
            found = await self._derive_all(target, since, turn, report)
            async with self._catalog.transaction():
                await turn.close(found.touched)
                values: dict[str, Any] = {"through": microseconds(turn.moment), "progress": None}
                if since is None or found.failure is not None:
                    values["failure"] = found.failure
                await _note(target, definition=target.definition, **values)
        log.info("derived", dataset=declared.dataset.key, source=str(source), all=since is None)
        return True

    async def _derive_all(
        self, target: Target, since: datetime | None, turn: Turn, report: Report
    ) -> Derived:
        found = Derived()
        parts = await anyio.to_thread.run_sync(self._deriver.parts, target, since)
        for number, keys in enumerate(parts):
            done = number / len(parts)
            report(done)
            await _note(target, progress=done)
            found.take(
                await anyio.to_thread.run_sync(
                    self._deriver.derive, target, keys, turn.moment, self._clock.now(), turn.check
                )
            )
        return found

    async def _target(self, declared: Declared, source: UUID) -> Target | None:
        """The derived dataset of a source; nothing while the source's settings cannot be opened."""
        try:
            return target_of(declared, source, await self._secrets.open_settings(source))
        except BilanError:
            return None


def _state(
    declared: Declared, row: DerivationRow | None, target: Target | None, written: int
) -> DerivationState:
    if row is None:
        return DerivationState(declared.dataset, None, complete=False)
    through = instant(row.through) if row.through else None
    complete = target is not None and _is_complete(row, target, written)
    return DerivationState(declared.dataset, through, complete, row.progress, row.failure)


def _is_complete(row: DerivationRow, target: Target, written: int) -> bool:
    return row.definition == target.definition and row.through >= written


async def _row(declared: Declared, source: UUID) -> DerivationRow | None:
    return await DerivationRow.get_or_none(dataset=declared.dataset.key, source=source)


async def _note(target: Target, **values: Any) -> None:
    of: dict[str, Any] = {"dataset": target.declared.dataset.key, "source": target.source}
    if not await DerivationRow.filter(**of).update(**values):
        await DerivationRow.create(**of, **values)


async def _written(log_: Dataset, source: UUID) -> int | None:
    """The moment at which the log of a source was last written to."""
    ((last,),) = await _touched(log_, source).annotate(last=Max("moment")).values_list("last")
    return last


def _touched(log_: Dataset, source: UUID) -> QuerySet[TouchedDayRow]:
    return TouchedDayRow.filter(dataset=log_.key, source=source)
