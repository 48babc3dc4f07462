"""Kept answers: given again while nothing that they were made of has changed. See docs/decisions/065."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from bilan.accounts.keys import hash_key
from bilan.accounts.tokens import USED_EVERY
from bilan.catalog.statements import instant_of, rows
from bilan.query.names import Names
from bilan.sdk.periods import Span
from bilan.warehouse import microseconds

if TYPE_CHECKING:
    from bilan.accounts import Tokens
    from bilan.clock import Clock
    from bilan.manifest import Manifest
    from bilan.manifest.snapshot import ManifestState
    from bilan.query.session import QuerySession

LAST = datetime.max.replace(tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FOR_ONE = 16
"""No answer takes more than this part of the room."""
OVERHEAD = 2_000
"""Bytes that an answer takes beside its own."""

STANDING = """
SELECT moment.revision, token.expires_at, token.revoked_at, token.scopes,
       person.id, person.name, person.email, person.language, person.zone,
       membership.role, membership.permissions, membership.workspace_id,
       workspace.name AS workspace_name, workspace.language AS workspace_language,
       workspace.zone AS workspace_zone, workspace.first_weekday,
       source_grant.source, source_grant.role AS source_role, source.name AS source_name
FROM api_token AS token
JOIN person ON person.id = token.person_id
JOIN membership ON membership.person_id = person.id
JOIN workspace ON workspace.id = membership.workspace_id
LEFT JOIN source_grant ON source_grant.person_id = person.id
LEFT JOIN source ON source.id = source_grant.source
LEFT JOIN moment ON moment.id = 1
WHERE token.token_hash = ? AND person.active
ORDER BY source_grant.source
"""
"""Whatever of the catalog an answer about facts depends on, in one statement."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a token may and how its person reads, as it stands in the catalog, and the manifest's revision."""

    rights: tuple[tuple[Any, ...], ...]
    revision: int
    expires_at: datetime | None


async def standing(token: str) -> Standing | None:
    """The standing of a token at this moment; ``None`` for one of nobody."""
    found = await rows(STANDING, hash_key(token))
    if not found or found[0]["revision"] is None:
        return None
    expires = instant_of(found[0]["expires_at"])
    return Standing(tuple(tuple(row.values())[1:] for row in found), found[0]["revision"], expires)


@dataclass(frozen=True, slots=True)
class _Part:
    """Facts that an answer was made of: days in UTC, by their ordinals, of some sources of a dataset."""

    dataset: str
    sources: frozenset[UUID]
    days: tuple[tuple[int, int], ...] | None
    touched: int
    """The last moment at which one of the days was written to."""
    ties: int
    """How many times it had changed which contacts are one person."""

    def holds(self, state: ManifestState) -> bool:
        return self.ties == state.ties.number and self.touched == _touched(
            state, self.dataset, self.sources, self.days
        )


@dataclass(slots=True)
class Ingredients:
    """What an answer is made of, noted while it is made."""

    parts: list[_Part] = field(default_factory=list[_Part])
    until: datetime = LAST
    revision: int = 2**63
    keepable: bool = True

    def add(
        self,
        client: QuerySession,
        dataset: str,
        spans: Iterable[Span] | None,
        until: datetime = LAST,
        *,
        carried: bool = False,
    ) -> None:
        """Facts of a dataset that lie in the spans, of all time without; ``until`` is how long that is so.

        ``carried``: and those from before them.
        """
        state = client.snapshot.state
        names = Names.of(client.registry, dataset)
        days = None if spans is None else tuple(_days(names.cut(span)) for span in spans)
        if days is not None and carried:
            days = tuple((0, last) for _first, last in days)
        touched = _touched(state, dataset, client.sources, days)
        self.parts.append(_Part(dataset, client.sources, days, touched, state.ties.number))
        self.revision, self.until = min(self.revision, state.revision), min(self.until, until)
        if max(touched, state.ties.latest) > microseconds(client.as_of):
            self.keepable = False  # what was read of the manifest is newer than what the answer sees


@dataclass(frozen=True, slots=True)
class Response:
    """An answer as it goes out."""

    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    route: Any
    """What the server's meters call it."""


@dataclass(slots=True)
class _Kept:
    response: Response
    rights: tuple[tuple[Any, ...], ...]
    parts: tuple[_Part, ...]
    until: datetime
    revision: int
    """The manifest's, when the parts were last seen to hold."""
    seen: datetime
    """When the token was last noted as used."""
    size: int


class KeptAnswers:
    """Keeps answers in so many bytes of this process's memory; those asked for last stay longest."""

    def __init__(self, manifest: Manifest, tokens: Tokens, clock: Clock, most: int) -> None:
        self._manifest, self._tokens, self._clock, self._most = manifest, tokens, clock, most
        self._answers = OrderedDict[bytes, _Kept]()
        self.size = 0
        """Bytes that are taken."""
        self.given = 0
        """How many answers were given again."""
        self.made = 0
        """How many were made anew and kept."""

    @property
    def most_of_one(self) -> int:
        """Bytes of the largest answer that is kept; 0 where none is."""
        return self._most // FOR_ONE

    async def find(self, key: bytes, token: str, standing: Standing) -> Response | None:
        """The answer kept under a key, where a token of this standing would get the same one now."""
        kept = self._answers.get(key)
        if kept is None:
            return None
        now = self._clock.now()
        if kept.rights != standing.rights or now >= kept.until or not await self._holds(kept, standing):
            self._drop(key)
            return None
        if now - kept.seen >= USED_EVERY:
            kept.seen = now
            await self._tokens.principal_of(token)
        if key in self._answers:
            self._answers.move_to_end(key)
        self.given += 1
        return kept.response

    def keep(self, key: bytes, standing: Standing, made_of: Ingredients, response: Response) -> None:
        """Keep an answer that was made for a token of this standing, where it can be."""
        size = len(response.body) + OVERHEAD
        if not made_of.keepable or not made_of.parts or size > self.most_of_one:
            return
        self._drop(key)
        self.made += 1
        until = min(made_of.until, standing.expires_at or LAST)
        parts, now = tuple(made_of.parts), self._clock.now()
        kept = _Kept(response, standing.rights, parts, until, made_of.revision, now, size)
        self._answers[key] = kept
        self.size += size
        while self.size > self._most:
            self._drop(next(iter(self._answers)))

    async def _holds(self, kept: _Kept, standing: Standing) -> bool:
        if kept.revision == standing.revision:
            return True
        state = (await self._manifest.snapshot()).state
        if not all(part.holds(state) for part in kept.parts):
            return False
        kept.revision = state.revision
        return True

    def _drop(self, key: bytes) -> None:
        if (kept := self._answers.pop(key, None)) is not None:
            self.size -= kept.size


def _days(span: Span) -> tuple[int, int]:
    start, end = span.instants
    return start.toordinal(), (end - MICROSECOND).toordinal()


def _touched(
    state: ManifestState,
    dataset: str,
    sources: frozenset[UUID],
    days: tuple[tuple[int, int], ...] | None,
) -> int:
    touched = state.last_touched(dataset, sources)
    if days is None:
        return max(touched.values(), default=0)
    inside = (at for day, at in touched.items() if any(first <= day <= last for first, last in days))
    return max(inside, default=0)
