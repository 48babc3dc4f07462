"""Posts are written down before they are acknowledged, and read in the order of their sequence numbers.

See docs/decisions/015.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Collection, Sequence
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from uuid import UUID

from tortoise.exceptions import IntegrityError

from bilan.catalog import Catalog
from bilan.catalog.statements import rows
from bilan.catalog.text import sanitise
from bilan.ingest import proofs
from bilan.ingest.models import PostRow, ProofRow
from bilan.ingest.pace import Pace
from bilan.ingest.proofs import Waiting
from bilan.ingest.secrets import without_secrets
from bilan.sdk.errors import Unauthenticated, Unavailable
from bilan.sdk.sources import WebhookRequest
from bilan.sdk.textdomain import _

COMMIT_POSTS = 1_000
COMMIT_BYTES = 16 * 1024 * 1024
"""The most one transaction writes; whoever waits behind it goes with the next."""
RACES = 5
"""How often a commit may find that another process wrote one of its proofs in the same instant."""
RECOUNT_SECONDS = 0.25
ENDS = "SELECT (SELECT min(id) FROM inbox_post) AS first, (SELECT max(id) FROM inbox_post) AS last"

ANY = "SELECT EXISTS (SELECT 1 FROM inbox_post) AS waits"


class Behind(Unavailable):
    """So much waits that a post more would wait too long."""

    retry_after = 5


@dataclass(frozen=True, slots=True)
class Received:
    """A post that waits. ``sequence`` orders all posts, whichever process received them."""

    sequence: int
    source: UUID
    request: WebhookRequest
    recorded: bool = False
    """Whether the body holds facts that a route of the plugin recorded."""


@dataclass(frozen=True, slots=True)
class Depth:
    """How many posts wait (never too few), and since when the oldest does, in UTC."""

    posts: int
    oldest: datetime | None


class Inbox:
    """The posts that wait.

    Requests that arrive together share one transaction: a single writer takes
    all that wait, and every waiter is answered only after its commit.
    """

    def __init__(self, catalog: Catalog, limit: int, seconds: float = math.inf) -> None:
        self._catalog = catalog
        self._limit = limit
        self._seconds = seconds
        self._pace = Pace()
        self._waiting: deque[Waiting] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._counted = 0
        self._recount_at = -math.inf
        self.arrived = asyncio.Event()
        """Set when posts were written; whoever reads the inbox clears it."""

    async def accept(
        self,
        source: UUID,
        request: WebhookRequest,
        secrets: Collection[str] = (),
        proof: ProofRow | None = None,
    ) -> None:
        """Write the post down. When this returns, it survives a crash.

        ``secrets`` are the source's, of which nothing is written down. With a
        ``proof`` that came before, a post of the same content is one that is
        there already and changes nothing; for another content
        ``Unauthenticated`` is raised.

        Raises ``Unavailable`` where too many posts wait already, ``Behind``
        where those that wait would take longer to be read than posts may wait;
        the sender should try again later.
        """
        await self._wait(_row(source, without_secrets(request, secrets)), proof)

    async def record(self, source: UUID, facts: bytes, at: datetime) -> None:
        """Write down facts that a route records, encoded by :mod:`bilan.ingest.recorded`.

        When this returns, they survive a crash. Raises ``Unavailable`` and ``Behind`` like ``accept``.
        """
        row = _row(source, WebhookRequest(facts, {}, {}, "application/json", at))
        row.recorded = True
        await self._wait(row, None)

    async def _wait(self, row: PostRow, proof: ProofRow | None) -> None:
        depth = await self._depth_about()
        if depth >= self._limit:
            raise Unavailable(
                _("{limit} posts are waiting to be read already; try again later.", limit=self._limit)
            )
        if self._pace.seconds(depth) > self._seconds:
            raise Behind(_("More posts are waiting than can be read soon; try again in some seconds."))
        written = asyncio.get_running_loop().create_future()
        self._waiting.append(Waiting(row, proof, written))
        if self._writer is None:
            # In a context of its own: the task outlives the request that happened to start it.
            self._writer = asyncio.create_task(self._write(), context=Context())
        await written

    async def depth(self) -> Depth:
        """How much waits."""
        with self._catalog.activate():
            first = await PostRow.all().order_by("id").only("id", "received_at").first()
            last = await PostRow.all().order_by("-id").only("id").first()
        if first is None or last is None:
            return Depth(0, None)
        return Depth(last.id - first.id + 1, first.received_at)

    async def waits(self) -> bool:
        """Whether any post waits."""
        with self._catalog.activate():
            (found,) = await rows(ANY)
        return bool(found["waits"])

    async def first(self, posts: int, size: int, after: int = 0) -> list[Received]:
        """The posts that wait longest: one at least, at most so many, of at most ``size`` bytes together.

        Only those that come after a sequence number.
        """
        with self._catalog.activate():
            waiting = await PostRow.filter(id__gt=after).order_by("id").limit(posts).values_list("id", "size")
            sizes = accumulate(size for _number, size in waiting)
            numbers = [number for (number, _size), total in zip(waiting, sizes, strict=True) if total <= size]
            found = await PostRow.filter(id__in=numbers or [p for p, _size in waiting[:1]]).order_by("id")
        return [_post(row) for row in found]

    async def _depth_about(self) -> int:
        """The depth, counted anew four times a second and carried on by what arrived since."""
        now = asyncio.get_running_loop().time()
        if now >= self._recount_at:
            self._recount_at = now + RECOUNT_SECONDS
            with self._catalog.activate():
                (ends,) = await rows(ENDS)
            self._counted = ends["last"] - ends["first"] + 1 if ends["last"] else 0
            self._pace.look(now, ends["first"] or 0, self._counted)
        return self._counted + len(self._waiting)

    async def _write(self) -> None:
        try:
            while self._waiting:
                await self._commit(self._take())
        finally:
            self._writer = None

    def _take(self) -> list[Waiting]:
        taken = [self._waiting.popleft()]
        size = taken[0].post.size
        while self._waiting and len(taken) < COMMIT_POSTS and size < COMMIT_BYTES:
            taken.append(self._waiting.popleft())
            size += taken[-1].post.size
        return taken

    async def _commit(self, taken: Sequence[Waiting]) -> None:
        try:
            new, misused = await self._write_down(taken)
        except Exception as error:
            for one in taken:
                one.fail(error)
            return
        self._counted += len(new)
        self.arrived.set()
        for one in misused:
            one.fail(Unauthenticated(_("The signature belongs to another post.")))
        for one in taken:
            one.done()

    async def _write_down(self, taken: Sequence[Waiting]) -> tuple[list[Waiting], list[Waiting]]:
        """The posts that are new and were written down, and those whose proof belongs to another."""
        races = RACES
        while True:
            try:
                async with self._catalog.transaction():
                    new, misused = await proofs.sort(taken)
                    await PostRow.bulk_create([one.post for one in new])
                    # In one order, so that no two processes wait for each other in a circle.
                    proved = [one.proof for one in new if one.proof is not None]
                    await ProofRow.bulk_create(sorted(proved, key=lambda proof: proof.key))
                return new, misused
            except IntegrityError:
                # Another process committed one of these proofs: now it is seen, and the post a repeat.
                if not (races := races - 1):
                    raise


def _row(source: UUID, request: WebhookRequest) -> PostRow:
    return PostRow(
        source=source,
        received_at=request.received_at,
        content_type=sanitise(request.content_type),
        headers={key: sanitise(value) for key, value in request.headers.items()},
        query={sanitise(k): sanitise(v) for k, v in request.query.items()},
        size=len(request.body),
        body=request.body,
    )


def _post(row: PostRow) -> Received:
    request = WebhookRequest(row.body, row.headers, row.query, row.content_type, row.received_at)
    return Received(row.id, row.source, request, row.recorded)
