"""The work of a pull: reads piece by piece what the plugin gives, and writes each before the next.

A checkpoint is made durable in the transaction that closes the batch of what
came before it. So whatever ends the work, the next attempt goes on from there:
what had not been written is asked for again, and what had been is there once. See docs/decisions/094.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import anyio.to_thread
import structlog
from tortoise.expressions import F

from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.contacts import ErasedList
from bilan.contacts.erased import NOBODY
from bilan.disk import NoSpace
from bilan.ingest.batch import Batch, Facts, TakeReports, no_reports
from bilan.ingest.derivations import Derivations
from bilan.ingest.normalise import Normalisers
from bilan.ingest.records import received, record
from bilan.manifest import Moments
from bilan.meters import Meters
from bilan.pulls.asking import AskContext, Asking, secrets_in
from bilan.pulls.beginning import goes_first
from bilan.pulls.checking import Checks
from bilan.pulls.models import PulledSourceRow, PullRow
from bilan.pulls.reading import TOGETHER, Piece, Pieces
from bilan.registry.declared import Registry
from bilan.sdk.errors import BilanError, Invalid, Unavailable
from bilan.sdk.messages import Message
from bilan.sdk.pulls import Pulled, RateLimited
from bilan.sdk.sources import SourceKind
from bilan.sdk.textdomain import _
from bilan.sources import Sources
from bilan.sources.models import SourceRow
from bilan.sources.reading import unknown, value_of
from bilan.sources.settings import digest_of
from bilan.work import PutOff, StepContext, forget_attempts

log = structlog.get_logger(__name__)

SLICE = 120.0
"""Seconds after which a pull lets those of other sources go before it goes on."""
ASIDE = timedelta(seconds=15)
"""How long a back-fill waits before it looks whether the usual pull of its source is over."""
PUT_OFF = timedelta(minutes=1)
"""The wait after a service failed in the middle of a pull that had got further."""
WAITS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
"""The waits between the attempts of a pull that gets no further."""
STUCK = timedelta(days=2)
"""How long a service may put a pull off before it counts as failed."""


class _Overtaken(Unavailable):
    """Another worker has written what comes after this: the next attempt goes on after it."""


@dataclass(slots=True)
class _Work:
    """A pull that is being worked on."""

    row: PullRow
    kind: SourceKind
    plugin: str
    digest: str
    context: StepContext
    asked: AskContext
    requests: int = 0
    """How many requests have been counted."""
    pictures_missing: int = 0
    wrote: bool = False
    """Whether this attempt got further."""


class PullStep:
    """Pulls a source, or the days of a back-fill.

    May be begun any number of times. ``check_room`` raises ``NoSpace`` while
    there is still enough to write down that it stopped. Blocking.
    """

    def __init__(
        self,
        catalog: Catalog,
        facts: Facts,
        registry: Registry,
        sources: Sources,
        asking: Asking,
        checks: Checks,
        derivations: Derivations,
        moments: Moments,
        clock: Clock,
        meters: Meters,
        check_room: Callable[[], object] = lambda: None,
        *,
        erased: ErasedList | None = None,
        together: float = TOGETHER,
        slice_seconds: float = SLICE,
        take_reports: TakeReports = no_reports,
    ) -> None:
        self._erased = erased
        self._catalog, self._facts, self._sources, self._asking = catalog, facts, sources, asking
        self._checks, self._derivations, self._moments = checks, derivations, moments
        self._clock, self._meters, self._check_room = clock, meters, check_room
        self._normalisers = Normalisers(registry.datasets)
        self._together, self._slice = together, slice_seconds
        self._take_reports = take_reports

    async def __call__(self, context: StepContext) -> None:
        """The handler of the step ``pull``. Raises with a sentence why the source cannot be pulled."""
        row = await PullRow.get(id=UUID(str(context.arguments["pull"])))
        source = await SourceRow.get(id=row.source)
        kind, pull = self._asking.pull_of(value_of(source))
        settings = await self._sources.open_settings(row.source)
        await _let_go_first(row)
        if row.done is not None:
            context.progress(row.done, row.said)
        with ExitStack() as stack:
            asked = stack.enter_context(
                self._asking.open(pull, settings, context.check, now=row.created_at, source=row.source)
            )
            asked.range = row.days
            work = _Work(row, kind, source.plugin, digest_of(kind, settings), context, asked)
            asked.state = row.state if row.settings_digest == work.digest else None
            await self._pull(work, pull.pull(asked), secrets_in(kind, settings))
        await self._derivations.catch_up(row.source, lambda done: _deriving(context, done))
        if asked.range is None:
            await self._checks.look_again(value_of(source))
        self._settle(context, row.id, row.source)

    def _settle(self, context: StepContext, pull: UUID, source: UUID) -> None:
        async def complete() -> None:
            row = await PullRow.get(id=pull)
            await PullRow.filter(id=pull).update(completed_at=self._clock.now(), waits_until=None)
            if row.days is None:
                await SourceRow.filter(id=source).update(notes=row.notes or None)

        context.on_success(complete)

    async def _pull(self, work: _Work, items: Iterator[Pulled], secrets: frozenset[str]) -> None:
        row = work.row
        erased = NOBODY if self._erased is None else await self._erased.load()
        pieces = Pieces(
            iter(items),
            lambda: Batch(self._normalisers, self._clock.now(), erased),
            work.plugin,
            row.source,
            row.new + row.known + row.rejected + 1,
            secrets,
            together=self._together,
        )
        ended = False
        while not ended:
            work.context.check()
            await anyio.to_thread.run_sync(self._room)
            piece = await anyio.to_thread.run_sync(pieces.next)
            work.context.check()
            await self._write(work, piece)
            if piece.failure is not None:
                await self._failed(work, piece.failure)
            ended = piece.ended
            # The state after the last item is where another pull begins: this one does not go on from it.
            if not ended and (work.context.seconds > self._slice or await _goes_second(row)):
                ended = await anyio.to_thread.run_sync(pieces.at_end)
                if not ended:
                    await _let_go_first(row)
                    raise PutOff(timedelta(0))

    async def _failed(self, work: _Work, error: BilanError) -> None:
        """End the attempt: for good, until the service wants to be asked again, or until it works."""
        since = work.row.written_at or work.row.created_at
        if isinstance(error, RateLimited) and self._clock.now() - since < STUCK:
            wait = timedelta(seconds=max(error.seconds, 1.0))
            await PullRow.filter(id=work.row.id).update(waits_until=self._clock.now() + wait)
            raise PutOff(wait) from error
        if isinstance(error, RateLimited):
            raise Invalid(error.message) from error
        if isinstance(error, Unavailable) and work.wrote:
            raise PutOff(PUT_OFF) from error
        raise error

    async def _write(self, work: _Work, piece: Piece) -> None:
        """Write what was read, and make its checkpoint durable with it."""
        if piece.batch.items:
            count = piece.batch.count(work.row.source)
            async with self._moments.turn(f"pull {work.row.id}") as turn:
                touched = await anyio.to_thread.run_sync(
                    piece.batch.append, self._facts, turn.moment, turn.check
                )
                following = await self._derivations.follow(piece.batch, touched, turn, count.accepted)
                async with self._catalog.transaction():
                    await self._derivations.settle(following, turn)
                    await self._count(work, piece)
            self._meters.events.labels(work.plugin, work.kind.key, "accepted").inc(count.accepted)
            self._meters.events.labels(work.plugin, work.kind.key, "rejected").inc(count.rejected)
        else:
            async with self._catalog.transaction():
                await self._count(work, piece)
        row = work.row = await PullRow.get(id=work.row.id)
        work.wrote = work.wrote or piece.checkpoint is not None
        if row.done is not None or row.said is not None:
            work.context.progress(min(row.done or 0.0, 0.99), row.said)

    async def _count(self, work: _Work, piece: Piece) -> None:
        """Note what the piece brought and how far the pull is, in the transaction that closes its batch."""
        row, now, asked = work.row, self._clock.now(), work.asked
        count = piece.batch.count(row.source)
        requests, missing = asked.client.requests, asked.pictures_missing
        changes: dict[str, Any] = {
            "writes": row.writes + 1,
            "written_at": now if piece.checkpoint or piece.batch.items else row.written_at,
            "waits_until": None,
            "new": F("new") + (count.accepted - count.known),
            "known": F("known") + count.known,
            "rejected": F("rejected") + count.rejected,
            "requests": F("requests") + (requests - work.requests),
            "pictures_missing": F("pictures_missing") + (missing - work.pictures_missing),
            "notes": list(dict.fromkeys([*(row.notes or ()), *piece.notes])) or None,
        }
        if (checkpoint := piece.checkpoint) is not None:
            reached: Mapping[str, Any] = {"state": dict(checkpoint.state), "settings_digest": work.digest}
            if reached["state"] != row.state:
                await forget_attempts(work.context)
            changes |= {**reached, "done": checkpoint.done, "said": checkpoint.said}
            if row.days is None:
                await PulledSourceRow.filter(source=row.source).update(**reached)
        if not await PullRow.filter(id=row.id, writes=row.writes).update(**changes):
            raise _Overtaken(_("Another worker goes on with this pull."))
        if not await SourceRow.filter(id=row.source, removed_at__isnull=True).exists():
            raise unknown()
        work.requests, work.pictures_missing = requests, missing
        await record(piece.batch, now, row.id, self._erased)
        await self._take_reports(piece.batch.reports)
        if piece.failure is None or piece.batch.items:
            await received({row.source: now})

    def _room(self) -> None:
        try:
            self._check_room()
        except NoSpace as error:
            # Trying again takes as much room, and whoever waits hears of it while there is some to say so.
            raise Invalid(
                _("No space left on the server's disk. Make room; then it goes on where it stopped.")
            ) from error


async def _goes_second(row: PullRow) -> bool:
    """Whether it is a back-fill whose source has a usual pull to be made."""
    return row.days is not None and await goes_first(row.source)


async def _let_go_first(row: PullRow) -> None:
    if await _goes_second(row):
        raise PutOff(ASIDE)


def _deriving(context: StepContext, done: float) -> None:
    """Keep the step going on while what follows from its facts is derived."""
    context.check()
    context.progress(max(context.fraction, 0.9 + 0.09 * done), _said_deriving())


def _said_deriving() -> Message:
    return _("All is fetched; what follows from it is being calculated.")
