"""Runs, as people see them: started, listed, cancelled, started again; their documents and files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from bilan.accounts.policy import Action, allowed, readable_sources, require
from bilan.accounts.values import Actor
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.files.references import Owner, release_references
from bilan.jobs import Jobs
from bilan.registry.declared import Registry
from bilan.reports.common import WEEKDAYS, Locality, kept_of
from bilan.reports.once import once
from bilan.reports.request import request_for
from bilan.reports.service import Feeding
from bilan.runs.beginning import begin_once
from bilan.runs.claims import UNDER_WAY, lock
from bilan.runs.drawing import Drawing, key_of, no_document
from bilan.runs.listing import Wanted, latest_runs, list_runs
from bilan.runs.models import RunRow, StepRow
from bilan.runs.ondemand import OF_A_RUN, ask, drawing, drawn
from bilan.runs.reading import read_run
from bilan.runs.values import Artifact, Latest, NewRun, NewStep, Page, Purpose, RenderSpec, Run, State
from bilan.sdk.document import Document
from bilan.sdk.errors import Conflict, Invalid, NotFound
from bilan.sdk.reports import ReportKind
from bilan.sdk.textdomain import _

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
        drawing: Drawing,
    ) -> None:
        self._catalog, self._jobs, self._clock = catalog, jobs, clock
        self._registry, self._sources, self._drawing = registry, sources, drawing

    async def start(
        self,
        actor: Actor,
        kind: str,
        values: Mapping[str, Any],
        formats: Sequence[RenderSpec] = (),
        *,
        title: str | None = None,
        report: UUID | None = None,
        sources: frozenset[UUID] | None = None,
        then: Sequence[NewStep] = (),
        key: str | None = None,
    ) -> Run:
        """Have a report built, and files drawn from it as soon as it is there.

        ``values`` are raw; ``sources`` are by default all that feed the kind
        and that the actor may read. ``then`` are steps to be done once it is
        built; their ``after`` counts among themselves. The same asked by the same with
        the same ``key`` is the same run. Raises ``Invalid`` with the path of a
        mistake, ``Forbidden`` where a source or the permission is missing.
        """
        declared = self._registry.report_kind(kind)
        chosen = await self._chosen(actor, declared, sources)
        require(actor, Action.RUN_REPORT, sources=chosen, personal=declared.personal)
        now = self._clock.now()
        locality = Locality(actor.zone, actor.first_weekday)
        request = request_for(declared, values, as_of=now, locality=locality, client=None)
        settled = {"zone": request.zone, "first_weekday": WEEKDAYS[request.first_weekday].value}
        checked = map(self._drawing.checked, formats)
        specs = tuple({key_of(one): one for one in checked}.values())
        if len(specs) > OF_A_RUN:
            raise Invalid(
                _("A run draws at most {most} files at a time; ask for the others later.", most=OF_A_RUN),
                ("formats",),
            )
        return await self.begin(
            NewRun(
                workspace=actor.workspace,
                purpose=Purpose.REPORT,
                kind=kind,
                values={**values, **settled},
                zone=request.zone,
                asked_by=actor.person,
                asked_by_name=actor.name,
                sources=chosen,
                title=title or request.title,
                report=report,
                formats=specs,
                personal=declared.personal,
                kept=kept_of(values),
                once=once(actor, key, kind, values, specs, report, sorted(chosen))
                if key is not None
                else None,
            ),
            [
                NewStep("build"),
                *(drawing(one, key_of(one), after=0) for one in specs),
                *_following(then, 1 + len(specs)),
            ],
        )

    async def begin(self, new: NewRun, steps: Sequence[NewStep]) -> Run:
        """Add any kind of run. Whoever calls has made sure that it may be added."""
        return await read_run(await begin_once(self._catalog, self._jobs, self._clock, new, steps))

    async def restart(self, actor: Actor, run: UUID, *, key: str | None = None) -> Run:
        """Run the same again: a new run of the same report, with the same values; the old one stays.

        The same ``key`` again is no third run.
        """
        old = await self.get(actor, run)
        if old.purpose is Purpose.DELIVERY:
            raise Conflict(_("To send this once more, open the report's run and send it."), ("run",))
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

    async def get(self, actor: Actor, run: UUID) -> Run:
        """The run. Raises ``NotFound`` also where the actor may not know of it."""
        return self.visible(actor, await self.read(run))

    async def read(self, run: UUID) -> Run:
        """The run, whoever asks; who is shown it is for ``visible`` to say. Raises ``NotFound``."""
        return await read_run(run)

    def visible(self, actor: Actor, found: Run) -> Run:
        """The run, if the actor may see it. Raises ``NotFound``."""
        visible = found.workspace == actor.workspace and allowed(
            actor, Action.READ_REPORT, sources=found.sources, personal=found.personal
        )
        if not visible:
            raise NotFound(_("There is no run {run}.", run=str(found.id)), ("run",))
        return found

    async def list(
        self, actor: Actor, wanted: Wanted = EVERYTHING, *, offset: int = 0, limit: int = 20
    ) -> Page:
        """The runs that the actor may see, newest first."""
        return await list_runs(actor, wanted, offset=offset, limit=limit)

    async def latest(self, actor: Actor, reports: Collection[UUID]) -> dict[UUID, Latest]:
        """The last run of each report and the last with figures, as far as the actor may see them."""
        return await latest_runs(actor, reports)

    async def cancel(self, actor: Actor, run: UUID) -> Run:
        """Stop the run, or the files being drawn of one that is over; workers notice within a second.

        Whoever asked for a run may stop it; others need what it takes to
        change the report. Whoever may run a report may stop files being
        drawn. Raises ``Conflict`` where it is over already.
        """
        found = await self.get(actor, run)
        if found.state.over:
            require(actor, Action.RUN_REPORT, sources=found.sources)
        else:
            self._may_end(actor, found)
        now = self._clock.now()
        async with self._catalog.transaction():
            stopped = await RunRow.filter(id=run, state__in=UNDER_WAY).update(
                state=State.CANCELLED, finished_at=now
            )
            # A step at work loses its holder with its state: its next heartbeat finds nothing.
            steps = await StepRow.filter(run_id=run, state__in=UNDER_WAY).update(
                state=State.CANCELLED, finished_at=now, holder=None, lease_until=None
            )
            if not stopped and not steps:
                raise Conflict(_("This run is over already."), ("run",))
        return await read_run(run)

    async def delete(self, actor: Actor, run: UUID) -> None:
        """Remove a run that is over, with its document. Needs what cancelling needs."""
        found = await self.get(actor, run)
        self._may_end(actor, found)
        async with self._catalog.transaction():
            await lock(run)
            await release_references(Owner("run", run))
            if not await RunRow.filter(id=run).exclude(state__in=UNDER_WAY).delete():
                raise Conflict(_("This run is still going on; cancel it first."), ("run",))

    def checked(self, spec: RenderSpec) -> RenderSpec:
        """The spec, if it can be drawn. Raises ``Invalid`` or ``NotFound`` with what would be right."""
        return self._drawing.checked(spec)

    async def document(self, actor: Actor, run: UUID) -> Document:
        """What the run built. Raises ``Conflict`` where there is nothing (yet)."""
        await self.get(actor, run)
        return await self._drawing.document(run)

    async def artifact(self, actor: Actor, run: UUID, spec: RenderSpec) -> Artifact:
        """The document as a file: the one that is kept, else drawn by a worker; waits for it.

        Raises like :meth:`draw`.
        """
        found = await self.draw(actor, run, spec, seconds=None)
        assert found is not None  # noqa: S101 - it is waited for
        return found

    async def draw(
        self, actor: Actor, run: UUID, spec: RenderSpec, *, seconds: float | None
    ) -> Artifact | None:
        """The file that is kept, else one drawn by a worker; ``None`` where that takes longer.

        Nothing is built again, and the same file is drawn once however many
        ask. The run stays as it ended. Raises ``Invalid`` and ``NotFound`` for
        what cannot be drawn, ``Conflict`` with the reason of a drawing that
        failed (asking again tries again), ``TooMany`` where many others
        wait, ``Cancelled``.
        """
        found = await self.get(actor, run)
        spec = self._drawing.checked(spec)
        if found.readable and (kept := await self._drawing.kept(found, spec)):
            return kept
        if found.document_sha256 is None:
            raise no_document()
        if found.erasure is not None:
            raise Conflict(found.erasure, ("run",))
        step = drawing(spec, key_of(spec))
        asked = await ask(self._catalog, self._jobs, self._clock, run, step)
        if not await drawn(asked, seconds):
            return None
        if kept := await self._drawing.kept(found, spec):
            return kept
        # With the brand of that moment, which has changed since.
        made = await self.read(run)
        return next(one for one in reversed(made.artifacts) if one.render_spec == spec)

    async def _chosen(
        self, actor: Actor, kind: ReportKind, sources: frozenset[UUID] | None
    ) -> frozenset[UUID]:
        feeding = await self._sources.feeding(actor.workspace, kind.datasets)
        if sources is None:
            return readable_sources(actor, feeding)
        if not sources & feeding:
            raise Invalid(_("None of the chosen sources feeds a report of this kind."), ("sources",))
        return sources & feeding

    def _may_end(self, actor: Actor, run: Run) -> None:
        own = run.asked_by is not None and run.asked_by == actor.person
        theirs = Action.IMPORT if run.purpose is Purpose.IMPORT else Action.WRITE_REPORT
        require(actor, Action.RUN_REPORT if own else theirs, sources=run.sources)


def _following(steps: Sequence[NewStep], first: int) -> list[NewStep]:
    """Steps after the building, at the place where they come to stand."""
    return [replace(one, after=0 if one.after is None else first + one.after) for one in steps]
