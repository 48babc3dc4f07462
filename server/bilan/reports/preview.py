"""A look at a report before it is saved: built by the engine that builds all, under tight limits.

See docs/decisions/038.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from bilan.accounts.policy import Action, require
from bilan.accounts.values import Principal
from bilan.files import Stored
from bilan.query.limiter import QuestionLimiter
from bilan.reports import parts
from bilan.reports.build import BuildContext, build
from bilan.reports.common import Locality
from bilan.reports.provenance import provenance_from
from bilan.reports.request import request_for
from bilan.sdk.document import Document, Table
from bilan.sdk.errors import Cancelled, Unavailable
from bilan.sdk.rendering import Rows
from bilan.sdk.reports import ReportKind
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.query.query import Query
    from bilan.query.session import QuerySession
    from bilan.registry.declared import Registry

SECONDS = 10.0
"""So long a preview may take. Who wants to see more runs the report."""
AT_ONCE = 2
"""Previews built at the same time by one process; a few wait, so that runs and pages have room."""
ENOUGH = 16_384
"""Bytes kept of a long table, compressed: some hundred rows, of which a preview shows the first."""


class Source(Protocol):
    """What is known of a source."""

    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...


class Reading(Protocol):
    """Knows which sources somebody may read, and which of them feed a dataset."""

    async def readable(self, actor: Principal) -> Iterable[Source]: ...
    async def feeding(self, workspace: UUID, datasets: Iterable[str]) -> frozenset[UUID]: ...


@dataclass(frozen=True)
class Preview:
    """What a report would show now, and the first rows of its tables."""

    document: Document
    rows: Rows


@dataclass
class _Scrap:
    """Keeps the beginnings of long tables for as long as the preview is looked at, and nothing after."""

    files: dict[str, bytes] = field(default_factory=dict[str, bytes])

    def put(self, content: Iterable[bytes]) -> Stored:
        kept = b""
        for chunk in content:
            kept += chunk
            if len(kept) >= ENOUGH:
                break
        sha256 = hashlib.sha256(kept).hexdigest()
        self.files[sha256] = kept
        return Stored(sha256, len(kept))

    def rows(self, table: Table) -> Iterator[list[Any]]:
        if table.part is None:
            return iter(table.rows)
        return parts.read([self.files[table.part.sha256]])


class Previews:
    """Builds previews. Nothing of them is stored."""

    def __init__(self, registry: Registry, query: Query, sources: Reading) -> None:
        self._registry, self._query, self._sources = registry, query, sources
        self._room = QuestionLimiter(AT_ONCE, AT_ONCE)

    async def build(
        self,
        actor: Principal,
        kind: str,
        values: Mapping[str, Any],
        *,
        sources: frozenset[UUID] | None = None,
    ) -> Preview:
        """What a run would show now of the sources that the actor may read.

        Raises ``Invalid`` with the path of a mistake, ``Forbidden`` without the right to run it,
        ``Unavailable`` where it takes too long, and ``Cancelled`` where the asker hangs up.
        """
        declared = self._registry.report_kind(kind)
        feeding = await self._sources.feeding(actor.workspace, declared.datasets)
        names = {one.id: one.name for one in await self._sources.readable(actor) if one.id in feeding}
        chosen = frozenset(names) if sources is None else sources & frozenset(names)
        require(actor, Action.RUN_REPORT, sources=chosen, personal=declared.personal)
        async with self._room.place(actor.person):
            late = time.monotonic() + SECONDS
            client = await self._query.session(chosen, cancelled=lambda: time.monotonic() > late)
            work = partial(self._build, actor, declared, values, {str(one): names[one] for one in chosen})
            try:
                return await self._query.ask(actor.person, client, work)
            except Cancelled as stopped:
                if time.monotonic() <= late:
                    raise
                raise Unavailable(
                    _("A preview of this takes too long; run the report to see it.")
                ) from stopped

    def _build(
        self,
        actor: Principal,
        kind: ReportKind,
        values: Mapping[str, Any],
        names: Mapping[str, str],
        client: QuerySession,
    ) -> Preview:
        locality = Locality(actor.zone, actor.first_weekday)
        request = request_for(
            kind, values, as_of=client.as_of, locality=locality, client=client, today=client.today
        )
        scrap = _Scrap()
        context = BuildContext(
            client=client,
            metrics=self._registry.metrics,
            sources=names,
            provenance=provenance_from(client, names),
            put=scrap.put,
        )
        return Preview(build(kind, request, context), scrap.rows)
