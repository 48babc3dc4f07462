"""Runs, as people see them: started, listed, cancelled, started again; their documents and files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from bilan.accounts.policy import Action, allowed, readable_sources, require
from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.files.references import Owner, release_references
from bilan.pictures.showing import RUN
from bilan.registry.declared import Registry
from bilan.reports.common import WEEKDAYS, Locality, kept_of
from bilan.reports.request import request_for
from bilan.reports.service import Feeding
from bilan.runs.artifacts import ArtifactRenderer, key_of, no_document
from bilan.runs.creating import BUILD, NewReportRun, create_run
from bilan.runs.listing import Wanted, latest_runs, list_runs
from bilan.runs.ondemand import OF_A_RUN, render_step, rendered, request_render
from bilan.runs.reading import read_run
from bilan.runs.values import Artifact, LastRuns, Page, Purpose, RenderSpec, Run, SentCopy
from bilan.sdk.document import Document
from bilan.sdk.errors import Conflict, Invalid, NotFound
from bilan.sdk.messages import Message
from bilan.sdk.reports import ReportKind
from bilan.sdk.textdomain import _
from bilan.work import UNDER_WAY, IdempotencyKey, Jobs, NewJob, NewStep, idempotency_key
from bilan.work.jobs import lock_job
from bilan.work.models import JobRow

EVERYTHING = Wanted()


class Runs:
    """The runs of every workspace. Who may not read all of a run's sources does not know of it."""

    def __init__(
        self,
        catalog: Catalog,
        jobs: Jobs,
        clock: Clock,
        registry: Registry,
        sources: Feeding,
        renderer: ArtifactRenderer,
    ) -> None:
        self._catalog, self._jobs, self._clock = catalog, jobs, clock
        self._registry, self._sources, self._renderer = registry, sources, renderer

    async def start(
        self,
        actor: Principal,
        kind: str,
        values: Mapping[str, Any],
        formats: Sequence[RenderSpec] = (),
        *,
        title: str | None = None,
        report: UUID | None = None,
        sources: frozenset[UUID] | None = None,
        then: Sequence[NewStep] = (),
        key: str | None = None,
        request: IdempotencyKey | None = None,
        part_of: UUID | None = None,
        copies: tuple[SentCopy, ...] | None = None,
        provisional: tuple[Message, ...] = (),
    ) -> Run:
        """Have a report built, and files rendered from it as soon as it is there.

        ``values`` are raw; ``sources`` are by default all that feed the kind
        and that the actor may read. ``then`` are steps to be done once it is
        built; their ``after`` counts among themselves. The same asked by the same with
        the same ``key`` is the same run; ``request`` is for whoever has made the
        idempotency key of something that this run is a part of. All runs that are
        ``part_of`` one thing look at the facts as of the same moment.

        With ``copies``, the last ones that recipients got, it tells what changed
        since; ``provisional`` says which sources have not reported all of its
        days. Raises ``Invalid`` with the path of a
        mistake, ``Forbidden`` where a source or the permission is missing, ``Conflict``
        where the kind runs one at a time and one is in progress; that of a schedule waits for it.
        """
        declared = self._registry.report_kind(kind)
        chosen = await self._chosen(actor, declared, sources)
        require(actor, Action.RUN_REPORT, sources=chosen, personal=declared.personal)
        now = self._clock.now()
        locality = Locality(actor.zone, actor.first_weekday)
        asked = request_for(declared, values, as_of=now, locality=locality, client=None)
        settled = {"zone": asked.zone, "first_weekday": WEEKDAYS[asked.first_weekday].value}
        checked = (self._renderer.checked(one, kind) for one in formats)
        specs = tuple({key_of(one): one for one in checked}.values())
        if len(specs) > OF_A_RUN:
            raise Invalid(
                _("A run renders at most {most} files at a time; ask for the others later.", most=OF_A_RUN),
                ("formats",),
            )
        if key is not None:
            request = _request(actor, key, kind, values, specs, report, sorted(chosen))
        job = NewJob(
            workspace=actor.workspace,
            kind=Purpose.REPORT,
            subject=kind,
            arguments={**values, **settled},
            zone=asked.zone,
            actor=actor.person,
            actor_name=actor.name,
            sources=chosen,
            personal=declared.personal,
            title=title or asked.title,
            idempotency_key=request,
            background=actor.via == "schedule",
        )
        steps = [
            NewStep(BUILD),
            *(render_step(one, key_of(one), after=(0,), optional=True) for one in specs),
            *_following(then, 1 + len(specs)),
        ]
        refusal = partial(self._in_progress, actor) if declared.one_at_a_time else None
        new = NewReportRun(job, report, specs, kept_of(values), refusal, part_of, copies, provisional)
        return await read_run(await create_run(self._catalog, self._jobs, new, steps))

    async def restart(self, actor: Principal, run: UUID, *, key: str | None = None) -> Run:
        """Run the same again: a new run of the same report, with the same values; the old one stays.

        The same ``key`` again is no third run.
        """
        old = await self.get(actor, run)
        if old.purpose is Purpose.DELIVERY:
            raise Conflict(_("To send this once more, open the report's run and send it."), ("run",))
        if old.purpose is Purpose.PULL:
            raise Conflict(_("A source is fetched again on its page."), ("run",))
        if old.purpose is Purpose.ERASURE:
            raise Conflict(_("To erase a contact once more, give their address again."), ("run",))
        if old.purpose is not Purpose.REPORT:
            raise Conflict(_("An import is not run again; bring in the file once more."), ("run",))
        return await self.start(
            actor,
            old.kind,
            old.values,
            old.formats,
            title=old.title,
            report=old.report,
            sources=old.sources,
            key=key,
        )

    async def get(self, actor: Principal, run: UUID) -> Run:
        """The run. Raises ``NotFound`` also where the actor may not know of it."""
        return self.visible(actor, await self.read(run))

    async def read(self, run: UUID) -> Run:
        """The run, whoever asks; who is shown it is for ``visible`` to say. Raises ``NotFound``."""
        return await read_run(run)

    def visible(self, actor: Principal, found: Run) -> Run:
        """The run, if the actor may see it. Raises ``NotFound``."""
        visible = found.workspace == actor.workspace and allowed(
            actor, Action.READ_REPORT, sources=found.sources, personal=found.personal, run=found.id
        )
        if not visible:
            raise NotFound(_("There is no run {run}.", run=str(found.id)), ("run",))
        return found

    async def list(
        self, actor: Principal, wanted: Wanted = EVERYTHING, *, offset: int = 0, limit: int = 20
    ) -> Page:
        """The runs that the actor may see, newest first."""
        return await list_runs(actor, wanted, offset=offset, limit=limit)

    async def latest(self, actor: Principal, reports: Collection[UUID]) -> dict[UUID, LastRuns]:
        """The last run of each report and the last with figures, as far as the actor may see them."""
        return await latest_runs(actor, reports)

    async def cancel(self, actor: Principal, run: UUID) -> Run:
        """Stop the run, or the files being rendered of one that is over; workers notice within a second.

        Whoever asked for a run may stop it; others need what it takes to
        change the report. Whoever may run a report may stop files being
        rendered. Raises ``Conflict`` where it is over already.
        """
        found = await self.get(actor, run)
        if found.state.over:
            require(actor, Action.RUN_REPORT, sources=found.sources)
        else:
            self._may_end(actor, found)
        if not await self._jobs.cancel(run):
            raise Conflict(_("This run is over already."), ("run",))
        return await read_run(run)

    async def delete(self, actor: Principal, run: UUID) -> None:
        """Remove a run that is over, with its document. Needs what cancelling needs."""
        found = await self.get(actor, run)
        self._may_end(actor, found)
        async with self._catalog.transaction():
            await lock_job(run)
            await release_references(Owner("run", run))
            await release_references(Owner(RUN, run))
            if not await JobRow.filter(id=run).exclude(state__in=UNDER_WAY).delete():
                raise Conflict(_("This run is still going on; cancel it first."), ("run",))

    def checked(self, spec: RenderSpec, kind: str) -> RenderSpec:
        """The spec, if it can be rendered for a kind of report.

        Raises ``Invalid`` or ``NotFound`` with what would be right.
        """
        return self._renderer.checked(spec, kind)

    async def document(self, actor: Principal, run: UUID) -> Document:
        """What the run built. Raises ``Conflict`` where there is nothing (yet)."""
        await self.get(actor, run)
        return await self._renderer.document(run)

    async def artifact(self, actor: Principal, run: UUID, spec: RenderSpec) -> Artifact:
        """The document as a file: the one that is kept, else rendered by a worker; waits for it.

        Raises like :meth:`render`.
        """
        found = await self.render(actor, run, spec, seconds=None)
        assert found is not None  # noqa: S101 - it is waited for
        return found

    async def render(
        self, actor: Principal, run: UUID, spec: RenderSpec, *, seconds: float | None
    ) -> Artifact | None:
        """The file that is kept, else one rendered by a worker; ``None`` where that takes longer.

        Nothing is built again, and the same file is rendered once however many
        ask. The run stays as it ended. Raises ``Invalid`` and ``NotFound`` for
        what cannot be rendered, ``Conflict`` with the reason of a rendering that
        failed (asking again tries again), ``TooMany`` where many others
        wait, ``Cancelled``.
        """
        found = await self.get(actor, run)
        spec = self._renderer.checked(spec, found.kind)
        if found.readable and (kept := await self._renderer.cached(found, spec)):
            return kept
        if found.document_sha256 is None:
            raise no_document()
        if found.erasure is not None:
            raise Conflict(found.erasure, ("run",))
        step = render_step(spec, key_of(spec), optional=True)
        if not await rendered(await request_render(self._catalog, self._jobs, run, step), seconds):
            return None
        if kept := await self._renderer.cached(found, spec):
            return kept
        # With the brand of that moment, which has changed since.
        made = await self.read(run)
        return next(one for one in reversed(made.artifacts) if one.render_spec == spec)

    async def _chosen(
        self, actor: Principal, kind: ReportKind, sources: frozenset[UUID] | None
    ) -> frozenset[UUID]:
        feeding = await self._sources.feeding(actor.workspace, kind.datasets)
        if sources is None:
            return readable_sources(actor, feeding)
        if not sources & feeding:
            raise Invalid(_("None of the chosen sources feeds a report of this kind."), ("sources",))
        return sources & feeding

    async def _in_progress(self, actor: Principal, run: UUID) -> Conflict:
        """Why another run of the kind cannot start; named to those who may know of the one in progress."""
        try:
            found = await self.get(actor, run)
        except NotFound:
            return Conflict(
                _("Another report of this kind is in progress. Start yours once it is finished."), ("kind",)
            )
        label = self._registry.report_kind(found.kind).label
        return Conflict(
            _(
                "“{name}” is still in progress, and reports of this kind are built one at a time. "
                "Start another once it is finished.",
                name=found.title or label,
            ),
            ("kind",),
        )

    def _may_end(self, actor: Principal, run: Run) -> None:
        own = run.asked_by is not None and run.asked_by == actor.person
        filling = run.purpose in (Purpose.IMPORT, Purpose.PULL)
        theirs = Action.IMPORT if filling else Action.WRITE_REPORT
        require(actor, Action.RUN_REPORT if own else theirs, sources=run.sources)


def _following(steps: Sequence[NewStep], first: int) -> list[NewStep]:
    """Steps after the building, at the position where they come to stand."""
    return [replace(one, after=tuple(first + position for position in one.after) or (0,)) for one in steps]


def _request(actor: Principal, key: str, *asked: Any) -> IdempotencyKey:
    """The idempotency key of a run. What is asked is a part of it.

    A page that is shown again from the browser's memory and filled in
    differently asks for something else, and gets it.
    """
    return idempotency_key(actor.person or actor.via, key, *asked).including_request()
