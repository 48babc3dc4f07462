"""What the steps of a report's run do: build the document, draw a file from it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import partial
from uuid import UUID

import anyio.to_thread
import msgspec

from bilan.accounts.actors import actor_for
from bilan.accounts.policy import Action, readable_sources, require
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.files import Files
from bilan.files.references import FileReferences, Owner, confirm_references
from bilan.query.query import Query
from bilan.query.session import QuerySession
from bilan.registry.declared import Registry
from bilan.reports.build import BuildContext, build
from bilan.reports.common import Locality
from bilan.reports.parts import parts_of
from bilan.reports.provenance import provenance_from
from bilan.reports.request import request_for
from bilan.runs.briefs import brief_of
from bilan.runs.context import StepContext
from bilan.runs.drawing import Drawing
from bilan.runs.models import DocumentRow, RunRow, RunSourceRow
from bilan.runs.reading import definitions_of, render_spec_of
from bilan.runs.values import Run, State
from bilan.sdk.document import Definition, Document, encode
from bilan.sdk.errors import Forbidden, Invalid, Unavailable
from bilan.sdk.reports import ReportKind
from bilan.sdk.textdomain import _
from bilan.sources.models import SourceRow


class BuildStep:
    """Builds a run's document from the sources that whoever asked for it may read at that moment."""

    def __init__(
        self, catalog: Catalog, registry: Registry, query: Query, files: Files, clock: Clock
    ) -> None:
        self._catalog = catalog
        self._registry, self._query, self._clock = registry, query, clock
        self._references = FileReferences(catalog, files, clock)

    async def __call__(self, context: StepContext) -> None:
        run = context.run
        kind = self._kind(run.kind)
        sources = await _readable(run, kind)
        as_of = await self._moment(run.id)
        names = {str(row.id): row.name for row in await SourceRow.filter(id__in=sources)}
        previous = await _previous(run)
        client = self._query.session(
            sources, as_of=as_of, cancelled=context.cancelled, progress=context.progress
        )
        document = await anyio.to_thread.run_sync(self._build, run, kind, as_of, client, names, previous)
        context.on_success(lambda: self._store(run.id, document, sources))

    def _build(
        self,
        run: Run,
        kind: ReportKind,
        as_of: datetime,
        client: QuerySession,
        names: dict[str, str],
        previous: tuple[Definition, ...],
    ) -> Document:
        # Zone and first weekday were written into the values when the run began.
        request = request_for(kind, run.values, as_of=as_of, locality=Locality(run.zone, 0), client=client)
        context = BuildContext(
            client=client,
            metrics=self._registry.metrics,
            sources=names,
            provenance=provenance_from(client, names),
            put=partial(self._references.put_blocking, Owner("run", run.id)),
            previous=previous,
        )
        return build(kind, request, context)

    def _kind(self, key: str) -> ReportKind:
        try:
            return self._registry.report_kind(key)
        except Invalid as error:
            # Another process may have the plugin; where none has it, three attempts say so.
            raise Unavailable(error.message) from error

    async def _moment(self, run: UUID) -> datetime:
        """The moment the first attempt began, so that a second one sees the same facts."""
        await RunRow.filter(id=run, as_of__isnull=True).update(as_of=self._clock.now())
        row = await RunRow.get(id=run)
        assert row.as_of is not None  # noqa: S101 - set above, and never emptied
        return row.as_of

    async def _store(self, run: UUID, document: Document, sources: frozenset[UUID]) -> None:
        json, parts = encode(document), parts_of(document)
        await confirm_references(Owner("run", run), parts)
        await DocumentRow.create(run_id=run, json=json.decode())
        await RunRow.filter(id=run).update(
            document_sha256=hashlib.sha256(json).hexdigest(),
            definitions=msgspec.to_builtins(document.definitions),
            brief=msgspec.to_builtins(brief_of(document)),
        )
        await RunSourceRow.filter(run_id=run).exclude(source__in=sources).delete()


class RenderStep:
    """Draws one file from the document that the run's first step stored."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing

    async def __call__(self, context: StepContext) -> None:
        await self._drawing.draw(context.run.id, render_spec_of(context.arguments), context.cancelled)


async def _readable(run: Run, kind: ReportKind) -> frozenset[UUID]:
    """The run's sources that the asker may still read. The operator may read all."""
    if run.asked_by is None:
        return run.sources
    actor = await actor_for(run.asked_by)
    if actor is None or actor.workspace != run.workspace:
        raise Forbidden(_("{name}, who asked for this, no longer has access.", name=run.asked_by_name))
    readable = readable_sources(actor, run.sources)
    require(actor, Action.RUN_REPORT, sources=readable, personal=kind.personal)
    return readable


async def _previous(run: Run) -> tuple[Definition, ...]:
    """The definitions printed with the last run of the same report."""
    if run.report is None:
        return ()
    before = RunRow.filter(report=run.report, state=State.SUCCEEDED, created_at__lt=run.created_at)
    row = await before.order_by("-created_at").first()
    return definitions_of(row) if row else ()
