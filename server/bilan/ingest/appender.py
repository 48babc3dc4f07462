"""From the inbox to the warehouse, in order, in batches, and once as far as any number can tell."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex
from uuid import UUID

import anyio.to_thread
from anyio import CancelScope

from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.contacts import ErasedContacts, ErasedList
from bilan.contacts.erased import NOBODY
from bilan.ingest import recorded
from bilan.ingest.batch import Batch, Facts, TakeReports, no_reports
from bilan.ingest.derivations import Derivations, Secrets
from bilan.ingest.inbox import Inbox, Received
from bilan.ingest.leases import Leases
from bilan.ingest.models import PostRow
from bilan.ingest.namespaces import own_facts
from bilan.ingest.normalise import Normalisers
from bilan.ingest.post_threads import PostThreads
from bilan.ingest.records import received, record
from bilan.manifest import Moments
from bilan.meters import Meters
from bilan.registry.declared import Registry
from bilan.sdk.errors import BilanError
from bilan.sdk.messages import Message
from bilan.sdk.sources import Settings, SourceKind
from bilan.sdk.textdomain import _
from bilan.sources.models import SourceRow

log = logging.getLogger(__name__)

LEASE = "inbox"
LEASE_TIME = timedelta(seconds=10)
BATCH_POSTS = 2_000
BATCH_BYTES = 8 * 1024 * 1024
GATHER_SECONDS = 0.4
"""How long a batch may fill up after its first post."""
IDLE_SECONDS = 5.0
"""How often to look for posts of which nobody told this process, as the one that received them has died."""
TURN_SECONDS = 0.5
"""How often to try again while posts wait and another process is at work."""
BACKOFF_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Sender:
    """A source as the appender needs it: how its posts are read."""

    plugin: str
    kind: str
    declared: SourceKind | None
    settings: Settings = field(default_factory=dict[str, str])
    failure: Message | None = None
    """Why its settings cannot be opened."""


@dataclass(frozen=True, slots=True)
class Delay:
    """Why posts wait: the error in English, and since when, in UTC."""

    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """Posts, and what was read in them."""

    posts: Sequence[Received]
    senders: Mapping[UUID, Sender]
    batch: Batch


class _PostsGone(Exception):
    """Some of the batch's posts are no longer there: nothing of it may be counted."""


class Appender:
    """Reads the inbox and feeds the warehouse.

    Any number may run, in any number of processes: a lease lets one work at a
    time, and where two do after all, the warehouse drops what is there already.
    Whoever receives posts appends them, or waits until another has: a lease is
    kept no longer than posts wait, so nobody has to look for those of others.
    A post leaves the inbox only when its rows are in the warehouse.
    """

    def __init__(
        self,
        catalog: Catalog,
        facts: Facts,
        registry: Registry,
        secrets: Secrets,
        inbox: Inbox,
        derivations: Derivations,
        moments: Moments,
        clock: Clock,
        meters: Meters,
        holder: str = "",
        erased: ErasedList | None = None,
        *,
        take_reports: TakeReports = no_reports,
    ) -> None:
        self._erased = erased
        self._catalog = catalog
        self._facts = facts
        self._moments = moments
        self._registry = registry
        self._secrets = secrets
        self._inbox = inbox
        self._clock = clock
        self._meters = meters
        self._leases = Leases(clock)
        self._holder = holder or token_hex(8)
        self._take_reports = take_reports
        self._normalisers = Normalisers(registry.datasets)
        self._derivations = derivations
        # One, as posts are read in order; it takes as long as it takes, since nothing may be left out.
        self._threads = PostThreads(threads=1, seconds=None)
        self._stopping = asyncio.Event()
        self._ahead: Reading | None = None
        self._has_lease = self._idle = False
        self.delay: Delay | None = None
        """Set while the warehouse does not take rows."""

    async def run(self) -> None:
        """Work until ``stop`` is called. A failure delays and is tried again; nothing is lost by it."""
        failures = 0
        while not self._stopping.is_set():
            worked = 0
            try:
                # A batch is finished even when the task is cancelled, so no transaction is cut in half.
                with CancelScope(shield=True):
                    worked = await self.step()
            except Exception as error:
                self._delayed(error)
                await self._pause(BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS) - 1)])
                failures += 1
                continue
            failures = 0
            if not worked:
                await self._wait()
        await self._release()

    def stop(self) -> None:
        """Let ``run`` end after the batch it is at."""
        self._stopping.set()
        self._inbox.arrived.set()

    async def drain(self) -> int:
        """Append all that waits now; how many posts that were."""
        total = 0
        while posts := await self.step():
            total += posts
        await self._release()
        return total

    async def step(self) -> int:
        """Append one batch; how many posts it held. 0 where none waits, or another process is at work."""
        with self._catalog.activate():
            self._idle = self._ahead is None and not await self._inbox.waits()
            if self._idle:
                await self._release()
                self.delay = None
                return 0
            self._has_lease = await self._leases.take(LEASE, self._holder, LEASE_TIME)
            if not self._has_lease:
                self._ahead = None
                return 0
            reading, self._ahead = self._ahead or await self._next(), None
            if reading is None or not await self._write(reading):
                return 0
        self.delay = None
        self._count(reading)
        return len(reading.posts)

    async def _write(self, reading: Reading) -> bool:
        """Append what was read, and meanwhile read what comes next; whether this process was the first to."""
        ahead = asyncio.create_task(self._next(reading.posts[-1].sequence))
        try:
            written = await self._append(reading.posts, reading.batch)
        finally:
            await asyncio.wait({ahead})
        if written:
            self._ahead = ahead.result()
        return written

    async def _next(self, after: int = 0) -> Reading | None:
        """Read the posts that wait longest; ``None`` where none wait."""
        posts = await self._inbox.first(BATCH_POSTS, BATCH_BYTES, after)
        if not posts:
            return None
        senders = await self._senders({post.source for post in posts})
        erased = NOBODY if self._erased is None else await self._erased.load()
        batch = await self._threads.run(lambda: self._parse(posts, senders, erased))
        return Reading(posts, senders, batch)

    async def _release(self) -> None:
        if self._has_lease:
            with self._catalog.activate():
                await self._leases.release(LEASE, self._holder)
            self._has_lease = False

    def _parse(
        self, posts: Sequence[Received], senders: Mapping[UUID, Sender], erased: ErasedContacts
    ) -> Batch:
        batch = Batch(self._normalisers, self._clock.now(), erased)
        for post in posts:
            self._read(batch, post, senders.get(post.source))
        batch.check()
        return batch

    def _read(self, batch: Batch, post: Received, sender: Sender | None) -> None:
        if sender is None:
            return  # the source was removed while its post waited
        if post.recorded:
            batch.read(
                post.source,
                lambda: recorded.facts_in(post.request.body, self._registry.datasets),
                post.request.body,
            )
            return
        webhook = sender.declared.webhook if sender.declared else None
        if webhook is None or sender.failure is not None:
            unread = _("No installed plugin reads posts of the kind {kind}.", kind=sender.kind)
            batch.refuse(post.source, sender.failure or unread, post.request.body)
            return
        batch.read(
            post.source,
            lambda: own_facts(webhook.parse(post.request, sender.settings), sender.plugin),
            post.request.body,
        )

    async def _append(self, posts: Sequence[Received], batch: Batch) -> bool:
        """Write the batch, take the posts out and count them; whether this process was the first to."""
        latest: dict[UUID, datetime] = {}
        for post in posts:
            at = post.request.received_at
            latest[post.source] = max(at, latest.get(post.source, at))
        try:
            async with self._moments.turn(LEASE) as turn:
                touched = await anyio.to_thread.run_sync(batch.append, self._facts, turn.moment, turn.check)
                following = await self._derivations.follow(batch, touched, turn)
                async with self._catalog.transaction():
                    await self._derivations.settle(following, turn)
                    if await PostRow.filter(id__in=[post.sequence for post in posts]).delete() < len(posts):
                        raise _PostsGone
                    await record(batch, self._clock.now(), None, self._erased)
                    await received(latest)
                    await self._take_reports(batch.reports)
        except _PostsGone:
            log.info("Another process was quicker with some of %s posts", len(posts))
            return False
        return True

    async def _senders(self, sources: set[UUID]) -> dict[UUID, Sender]:
        rows = await SourceRow.filter(id__in=sources, removed_at__isnull=True)
        return {row.id: await self._sender(row) for row in rows}

    async def _sender(self, row: SourceRow) -> Sender:
        declared = self._registry.source_kinds.get((row.plugin, row.kind))
        if declared is None:
            return Sender(row.plugin, row.kind, None)
        try:
            return Sender(row.plugin, row.kind, declared, await self._secrets.open_settings(row.id))
        except BilanError as error:
            return Sender(row.plugin, row.kind, declared, failure=error.message)

    async def _wait(self) -> None:
        """Until posts arrive, and then a little longer, for a batch to fill up."""
        seconds = IDLE_SECONDS if self._idle else TURN_SECONDS
        try:
            await asyncio.wait_for(self._inbox.arrived.wait(), seconds)
        except TimeoutError:
            return
        self._inbox.arrived.clear()
        await self._pause(GATHER_SECONDS)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    def _delayed(self, error: Exception) -> None:
        if self.delay is None:
            log.warning("Posts wait: the warehouse does not take rows", exc_info=error)
            self.delay = Delay(str(error), self._clock.now())

    def _count(self, reading: Reading) -> None:
        for source, count in reading.batch.counts.items():
            sender = reading.senders[source]
            self._meters.events.labels(sender.plugin, sender.kind, "accepted").inc(count.accepted)
            self._meters.events.labels(sender.plugin, sender.kind, "rejected").inc(count.rejected)
