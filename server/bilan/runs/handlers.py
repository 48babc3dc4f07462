"""The handlers of a report run's steps: build the document, render a file from it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import anyio.to_thread

from bilan.accounts.policy import Action, readable_sources, require
from bilan.accounts.principals import principal_for
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.files import Files
from bilan.files.references import FileReferences, Owner, confirm_references
from bilan.i18n import Translator
from bilan.pictures.showing import RUN, freeze_pictures
from bilan.registry.declared import Registry
from bilan.reports.build import BuildContext, build
from bilan.reports.common import Locality
from bilan.reports.naming import own_name
from bilan.reports.parts import parts_of, rows_of
from bilan.reports.pictures import pictures_of
from bilan.reports.provenance import provenance_from
from bilan.reports.request import request_for
from bilan.reports.since_last_copy import tell
from bilan.runs.artifacts import ArtifactRenderer
from bilan.runs.creating import is_behind
from bilan.runs.earlier_copies import KeptCopy, Recount, kept_copies, marked_provisional, recounted
from bilan.runs.models import DocumentRow, ReportRunRow
from bilan.runs.reading import render_spec_of
from bilan.runs.summary import summary_of
from bilan.sdk.document import Definition, Document, decode, encode
from bilan.sdk.errors import Forbidden, Invalid, Unavailable
from bilan.sdk.messages import Message
from bilan.sdk.reports import ReportKind
from bilan.sdk.textdomain import _
from bilan.sources.models import SourceRow
from bilan.work import Job, PutOff, State, StepContext
from bilan.work.models import JobSourceRow

if TYPE_CHECKING:
    from bilan.query.query import Query
    from bilan.query.session import QuerySession


ANOTHER = timedelta(seconds=5)
"""How long a run waits before it looks whether the one before it is over, where one is built at a time."""


class BuildStep:
    """Builds a run's document from the sources that whoever asked for it may read at that moment."""

    def __init__(
        self, catalog: Catalog, registry: Registry, query: Query, files: Files, clock: Clock,
        translator: Translator,
    ) -> None:  # fmt: skip
        self._catalog, self._translator = catalog, translator
        self._registry, self._query, self._clock = registry, query, clock
        self._files, self._references = files, FileReferences(catalog, files, clock)

    async def __call__(self, context: StepContext) -> None:
        job = context.job
        if await is_behind(context.claim.arguments):
            raise PutOff(ANOTHER)
        kind = self._kind(job.subject)
        sources = await _readable(job, kind)
        rows = await SourceRow.filter(id__in=sources).order_by("name")
        names = {str(row.id): row.name for row in rows}
        remarks = tuple(
            _("{source}: {note}", source=row.name, note=note) for row in rows for note in row.notes or ()
        )
        previous = await _previous(job)
        row = await ReportRunRow.get(job_id=job.id)
        client = await self._session(row, sources, context)
        kept = await kept_copies(row.copies)
        building = partial(self._build, job, kind, client, names, previous, remarks)
        document = await anyio.to_thread.run_sync(self._finished, building, job, row, kept, sources)
        named = await anyio.to_thread.run_sync(pictures_of, document, rows_of(self._files))
        pictures = await freeze_pictures(self._references, job.id, named, sources)
        context.on_success(lambda: self._store(job.id, document, sources, pictures))

    def _build(
        self,
        job: Job,
        kind: ReportKind,
        client: QuerySession,
        names: dict[str, str],
        previous: tuple[Definition, ...],
        remarks: tuple[Message, ...],
    ) -> tuple[Document, Recount]:
        """The report, and how a copy of it is counted anew."""
        # Zone and first weekday were written into the values when the run began.
        locality = Locality(job.zone, 0)
        request = request_for(
            kind, job.arguments, as_of=client.as_of, locality=locality, client=client, today=client.today
        )
        context = BuildContext(
            client=client,
            metrics=self._registry.metrics,
            sources=names,
            provenance=provenance_from(client, names),
            put=partial(self._references.put_blocking, Owner("run", job.id)),
            previous=previous,
            name=own_name(job.title, kind, self._translator),
            remarks=remarks,
        )
        return build(kind, request, context), partial(recounted, kind, context, client)

    def _finished(
        self,
        building: Callable[[], tuple[Document, Recount]],
        job: Job,
        row: ReportRunRow,
        kept: Sequence[KeptCopy] | None,
        sources: frozenset[UUID],
    ) -> Document:
        """The report with what is to be said of it beside what its kind says."""
        document, recount = building()
        if row.provisional:
            document = marked_provisional(document, row.provisional)
        if kept is not None:
            copies = [one.to_compare(job, sources, recount) for one in kept]
            document = tell(document, copies, self._registry.metrics)
        return decode(encode(document))

    def _kind(self, key: str) -> ReportKind:
        try:
            return self._registry.report_kind(key)
        except Invalid as error:
            # Another process may have the plugin; where none has it, three attempts say so.
            raise Unavailable(error.message) from error

    async def _session(
        self, row: ReportRunRow, sources: frozenset[UUID], context: StepContext
    ) -> QuerySession:
        """A session as of the moment the first attempt began, so that a second one sees the same facts."""
        client = await self._query.session(
            sources, as_of=row.as_of, cancelled=context.cancelled, progress=context.progress
        )
        if row.as_of is not None:
            return client
        as_of = await self._settle_moment(row, client.as_of)
        if as_of == client.as_of:
            return client
        return await self._query.session(
            sources, as_of=as_of, cancelled=context.cancelled, progress=context.progress
        )

    async def _settle_moment(self, row: ReportRunRow, as_of: datetime) -> datetime:
        """The moment of a run, and of all others that are parts of the same: that of whoever was first."""
        if row.part_of is None:
            await ReportRunRow.filter(id=row.id, as_of__isnull=True).update(as_of=as_of)
            return as_of
        async with self._catalog.transaction():
            parts = ReportRunRow.filter(part_of=row.part_of)
            held = await parts.order_by("id").select_for_update()
            as_of = next((one.as_of for one in held if one.as_of is not None), as_of)
            await parts.filter(as_of__isnull=True).update(as_of=as_of)
        return as_of

    async def _store(
        self, run: UUID, document: Document, sources: frozenset[UUID], pictures: frozenset[str]
    ) -> None:
        json, parts = encode(document), parts_of(document)
        await confirm_references(Owner("run", run), parts)
        await confirm_references(Owner(RUN, run), pictures)
        await DocumentRow.create(run_id=run, json=json.decode())
        await ReportRunRow.filter(job_id=run).update(
            document_sha256=hashlib.sha256(json).hexdigest(),
            definitions=document.definitions,
            summary=summary_of(document),
        )
        await JobSourceRow.filter(job_id=run).exclude(source__in=sources).delete()


class RenderStep:
    """Renders one file from the document that the run's first step stored."""

    def __init__(self, renderer: ArtifactRenderer) -> None:
        self._renderer = renderer

    async def __call__(self, context: StepContext) -> None:
        await self._renderer.render(context.job.id, render_spec_of(context.arguments), context.cancelled)


async def _readable(job: Job, kind: ReportKind) -> frozenset[UUID]:
    """The job's sources that whoever asked may still read. The operator may read all."""
    if job.actor is None:
        return job.sources
    actor = await principal_for(job.actor)
    if actor is None or actor.workspace != job.workspace:
        raise Forbidden(_("{name}, who asked for this, no longer has access.", name=job.actor_name))
    readable = readable_sources(actor, job.sources)
    require(actor, Action.RUN_REPORT, sources=readable, personal=kind.personal)
    return readable


async def _previous(job: Job) -> tuple[Definition, ...]:
    """The definitions printed with the last run of the same report."""
    run = await ReportRunRow.get(job_id=job.id)
    if run.report is None:
        return ()
    before = ReportRunRow.filter(
        report=run.report, job__state=State.SUCCEEDED, job__created_at__lt=job.created_at
    )
    row = await before.order_by("-job__created_at").first()
    return (row.definitions or ()) if row else ()
