"""Moments: the order of everything that is written to the warehouse, and what a question may see of it.

See docs/decisions/057, which replaces docs/decisions/016.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

import anyio
import structlog

from bilan.catalog import Catalog
from bilan.catalog.catalog import FAILURES
from bilan.catalog.statements import change, rows
from bilan.clock import Clock
from bilan.manifest.models import TouchedDayRow
from bilan.sdk.datasets import Dataset
from bilan.sdk.errors import Unavailable
from bilan.sdk.textdomain import _
from bilan.warehouse import instant, microseconds

log = structlog.get_logger(__name__)

TURN = timedelta(seconds=20)
"""How long a process that is not heard of keeps its turn. Longer than clocks may differ."""
RENEWAL = timedelta(seconds=5)
"""How often a process that writes lets itself be heard of."""
MARGIN = timedelta(seconds=5)
"""The time of the turn that is left when no further insert is begun."""
PAUSE = 0.05
"""Seconds between two attempts to get a turn that another process has."""
STEP = timedelta(seconds=1)
"""How far the last issued moment may lie behind the clock before a question issues one of its own."""

Touched = Mapping[tuple[str, UUID], Collection[date]]
"""The days in UTC that a batch wrote to, by dataset and source."""

BEGIN = """
UPDATE moment SET open = CASE WHEN issued >= ? THEN issued + 1 ELSE CAST(? AS BIGINT) END,
    issued = CASE WHEN issued >= ? THEN issued + 1 ELSE CAST(? AS BIGINT) END, owner = ?, until = ?
WHERE id = 1 AND open IS NULL
"""
TAKE_OVER = "UPDATE moment SET owner = ?, until = ? WHERE id = 1 AND open = ? AND owner = ? AND until = ?"
WITHDRAWN = "UPDATE moment SET open = NULL, owner = '' WHERE id = 1 AND open = ? AND owner = ?"
CLOSE = """
UPDATE moment SET open = NULL, owner = '', revision = revision + 1 WHERE id = 1 AND open = ? AND owner = ?
"""
PROLONG = "UPDATE moment SET until = ? WHERE id = 1 AND open = ? AND owner = ?"
ISSUE = "UPDATE moment SET issued = ? WHERE id = 1 AND open IS NULL AND issued < ?"
FIRST = """
INSERT INTO moment (id, issued, owner, until, revision) VALUES (1, 0, '', 0, 0) ON CONFLICT (id) DO NOTHING
"""
READ = "SELECT issued, open, owner, until, revision FROM moment WHERE id = 1"


@dataclass(slots=True)
class Turn:
    """The right to write one batch, under a moment that nothing else was or will be written under."""

    catalog: Catalog
    moment: datetime
    owner: str
    _deadline: float = 0.0
    closed: bool = False

    def renew(self) -> None:
        """Count the time of the turn from now."""
        self._deadline = time.monotonic() + (TURN - MARGIN).total_seconds()

    def check(self) -> None:
        """Raise ``Unavailable`` where so much time has passed that another one may have taken over."""
        if time.monotonic() > self._deadline:
            raise Unavailable(_("The batch took too long to write and is begun again."))

    async def close(self, touched: Touched) -> None:
        """Make the batch visible, in the caller's transaction, together with whatever marks it as done.

        Raises ``Unavailable`` where another one has taken over meanwhile: then nothing of it may be counted.
        """
        if not await change(CLOSE, micros := microseconds(self.moment), self.owner):
            raise Unavailable(_("The batch took too long to write and is begun again."))
        marks = ((*key, day, micros) for key, days in sorted(touched.items()) for day in sorted(days))
        await _mark(marks)
        self.catalog.after_commit(self._committed)

    def _committed(self) -> None:
        self.closed = True


class WrittenFacts(Protocol):
    """The part of the warehouse that knows what was written when. Blocking; safe to repeat."""

    def withdraw(self, moment: datetime) -> None: ...

    def touched(self, dataset: Dataset) -> Iterable[tuple[UUID, date, datetime]]: ...


class Moments:
    """Issues moments, each later than every one before, whatever the clocks say.

    One batch is written at a time, in all processes together. What was
    written of a batch that was not finished is withdrawn from the warehouse:
    so a batch is there as a whole or not at all.
    """

    def __init__(self, catalog: Catalog, clock: Clock, warehouse: WrittenFacts) -> None:
        self._catalog = catalog
        self._clock = clock
        self._warehouse = warehouse
        self._turns = anyio.Lock()

    def now(self) -> datetime:
        """What the clock shows, which moments may be ahead of."""
        return self._clock.now()

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncGenerator[Turn]:
        """Wait for the turn to write, and have it while the block runs.

        A batch that the block has not closed is withdrawn. Raises
        ``Unavailable`` where the warehouse does not answer.
        """
        async with self._turns:
            with self._catalog.activate():
                turn = await self._begin(f"{name} {uuid4().hex}")
                keeper = asyncio.create_task(self._keep(turn))
                try:
                    yield turn
                finally:
                    keeper.cancel()
                    if not turn.closed:
                        with anyio.CancelScope(shield=True):
                            await self._give_up(microseconds(turn.moment), turn.owner)

    async def prepare(self, datasets: Collection[Dataset]) -> None:
        """Where no moment was issued yet, take over what an older release has written to the warehouse."""
        async with self._turns, self._catalog.transaction():
            row = await _row()
            if row["issued"]:
                return
            last = microseconds(self._clock.now())
            for dataset in datasets:
                written = await anyio.to_thread.run_sync(self._warehouse.touched, dataset)
                marks = [(dataset.key, source, day, microseconds(at)) for source, day, at in written]
                await _mark(marks)
                last = max([last, *(moment for *_day, moment in marks)])
            await change(ISSUE, last, last)

    async def recover(self) -> None:
        """Withdraw a batch that was left open, where nobody else can be writing it."""
        async with self._turns:
            row = await _row()
            if row["open"] is not None:
                await self._give_up(row["open"], row["owner"])

    async def visible(self) -> tuple[datetime, int]:
        """The moment as of which a question asked now is answered, and the manifest's revision.

        Nothing more will be written under that moment or an earlier one.
        """
        while True:
            row = await _row()
            if row["open"] is not None:
                return instant(row["open"] - 1), row["revision"]
            now = microseconds(self._clock.now())
            if now - row["issued"] < STEP // timedelta(microseconds=1):
                return instant(row["issued"]), row["revision"]
            if await change(ISSUE, now, now):
                return instant(now), row["revision"]

    async def _begin(self, owner: str) -> Turn:
        while True:
            now = microseconds(self._clock.now())
            if await change(BEGIN, now, now, now, now, owner, self._until()):
                row = await _row()
                turn = Turn(self._catalog, instant(row["open"]), owner)
                turn.renew()
                return turn
            await self._clear(owner)
            await anyio.sleep(PAUSE)

    async def _keep(self, turn: Turn) -> None:
        """Prolong the turn for as long as it is had."""
        while True:
            await asyncio.sleep(RENEWAL.total_seconds())
            with suppress(*FAILURES):
                if await change(PROLONG, self._until(), microseconds(turn.moment), turn.owner):
                    turn.renew()

    async def _clear(self, owner: str) -> None:
        """Withdraw the open batch where its owner's time is up."""
        row = await _row()
        if row["open"] is None or row["until"] > time.time_ns() // 1000:
            return
        before = (row["open"], row["owner"], row["until"])
        if await change(TAKE_OVER, owner, self._until(), *before):
            await self._give_up(row["open"], owner)

    async def _give_up(self, moment: int, owner: str) -> None:
        at = instant(moment).isoformat()
        log.warning("a batch was not finished and is withdrawn", moment=at, owner=owner)
        try:
            await anyio.to_thread.run_sync(self._warehouse.withdraw, instant(moment))
        except Exception:
            # It stays open, unseen, until whoever has the next turn withdraws it.
            await change(PROLONG, 0, moment, owner)
            raise
        await change(WITHDRAWN, moment, owner)

    def _until(self) -> int:
        # The machine's own clock: a test's stands still, and would keep a turn for ever.
        return (time.time_ns() // 1000) + TURN // timedelta(microseconds=1)


async def _row() -> dict[str, Any]:
    """The one row of moments, which the first who asks makes."""
    if not (found := await rows(READ)):
        await change(FIRST)
        found = await rows(READ)
    return found[0]


async def _mark(days: Iterable[tuple[str, UUID, date, int]]) -> None:
    """Note the moments at which days of a dataset and source were written to."""
    marks = [TouchedDayRow(dataset=d, source=s, day=day, moment=moment) for d, s, day, moment in days]
    if marks:
        await TouchedDayRow.bulk_create(
            marks, batch_size=200, on_conflict=("dataset", "source", "day"), update_fields=("moment",)
        )
