"""Runs that read an uploaded file into a source."""

from __future__ import annotations

from uuid import UUID

from bilan.accounts.values import Actor
from bilan.ingest import Upload
from bilan.runs.reading import read_run
from bilan.runs.service import Runs
from bilan.runs.values import NewRun, NewStep, Purpose
from bilan.sdk.errors import NotFound
from bilan.sources import Source

TITLE = 400


class ImportRuns:
    """What the imports need of runs: to begin one, and to know whether it is over."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    async def begin(self, actor: Actor, source: Source, upload: Upload) -> UUID:
        """Add a run that reads the upload; its id."""
        run = await self._runs.begin(
            NewRun(
                workspace=source.workspace,
                purpose=Purpose.IMPORT,
                kind=f"{source.plugin}.{upload.reader}",
                values={"upload": str(upload.id)},
                zone=source.zone,
                asked_by=actor.person,
                asked_by_name=actor.name,
                sources=frozenset({source.id}),
                title=upload.name[:TITLE],
            ),
            [NewStep("import", {"upload": str(upload.id)})],
        )
        return run.id

    async def over(self, run: UUID) -> bool:
        """Whether nothing works on the run any more; one that was deleted is over."""
        try:
            return (await read_run(run)).state.over
        except NotFound:
            return True
