"""Imports as runs: what :class:`bilan.ingest.imports.Imports` is given to have its uploads read."""

from __future__ import annotations

from uuid import UUID

from bilan.accounts.policy import Action, require
from bilan.accounts.values import Actor
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.ingest.uploads import Upload
from bilan.jobs import Jobs
from bilan.runs.beginning import begin
from bilan.runs.claims import UNDER_WAY
from bilan.runs.models import RunRow
from bilan.runs.values import NewRun, NewStep, Purpose
from bilan.sources import Source


class ImportRuns:
    """Adds the runs that read uploads into their sources."""

    def __init__(self, catalog: Catalog, jobs: Jobs, clock: Clock) -> None:
        self._catalog, self._jobs, self._clock = catalog, jobs, clock

    async def begin(self, actor: Actor, source: Source, upload: Upload) -> UUID:
        """Add a run with the step ``import``; its id. Raises ``Forbidden``."""
        require(actor, Action.IMPORT, sources=(source.id,))
        new = NewRun(
            workspace=source.workspace,
            purpose=Purpose.IMPORT,
            kind=f"{source.plugin}.{source.kind}",
            values={"upload": str(upload.id), "file": upload.name},
            zone=source.zone,
            asked_by=actor.person,
            asked_by_name=actor.name,
            sources=frozenset({source.id}),
            title=upload.name,
        )
        step = NewStep("import", {"upload": str(upload.id)})
        return await begin(self._catalog, self._jobs, self._clock, new, [step])

    async def over(self, run: UUID) -> bool:
        """Whether nothing works on the run any more, or it has been deleted."""
        return not await RunRow.filter(id=run, state__in=UNDER_WAY).exists()
