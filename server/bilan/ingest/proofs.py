"""Proofs that do not cover a post's body: each is good for one content. See docs/decisions/071."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bilan.clock import Clock
from bilan.ingest.models import PostRow, ProofRow
from bilan.sdk.signatures import guarded
from bilan.sdk.sources import Proof, Settings

AT_LEAST = timedelta(days=7)
"""How long a proof is remembered, however young those are that its source accepts."""
SWEPT = 10_000


@dataclass(frozen=True, slots=True)
class Waiting:
    """A post that somebody waits for to be written down, with what it was proved with."""

    post: PostRow
    proof: ProofRow | None
    written: asyncio.Future[None]

    def done(self) -> None:
        """Say that it is written down."""
        if not self.written.done():
            self.written.set_result(None)

    def fail(self, error: Exception) -> None:
        """Say that it is not."""
        if not self.written.done():
            self.written.set_exception(error)


def proof_row(source: UUID, proof: Proof, settings: Settings, now: datetime) -> ProofRow:
    """A proof as it is remembered: until nobody could use it any more."""
    key = hashlib.sha256(source.bytes + proof.key.encode("utf-8", "replace")).hexdigest()[:32]
    until = now + max(AT_LEAST, guarded(settings))
    return ProofRow(key=key, content=proof.content[:64], until=until)


async def sort(waiting: Iterable[Waiting]) -> tuple[list[Waiting], list[Waiting]]:
    """The posts that are new, and those whose proof came before with another content. Repeats are neither."""
    waiting = list(waiting)
    proved = [one.proof.key for one in waiting if one.proof is not None]
    rows: list[Any] = await ProofRow.filter(key__in=proved).values_list("key", "content") if proved else []
    known = dict[str, str](rows)
    new, misused = list[Waiting](), list[Waiting]()
    for one in waiting:
        if one.proof is None:
            new.append(one)
        elif one.proof.key not in known:
            known[one.proof.key] = one.proof.content
            new.append(one)
        elif known[one.proof.key] != one.proof.content:
            misused.append(one)
    return new, misused


class Proofs:
    """The proofs that are remembered."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def sweep(self) -> int:
        """Forget those that nobody could use any more; how many."""
        old = await ProofRow.filter(until__lt=self._clock.now()).limit(SWEPT).values_list("key", flat=True)
        return await ProofRow.filter(key__in=old).delete() if old else 0
