"""An import is a run with one step."""

from __future__ import annotations

from uuid import UUID

from bilan.accounts import Actor
from bilan.ingest.uploads import Upload
from bilan.runs.reading import read_run
from bilan.runs.service import Runs
from bilan.runs.values import NewRun, NewStep, Purpose
from bilan.sdk.errors import NotFound
from bilan.sources import Source


class ImportRuns:
    """Adds the runs that read files."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    async def begin(self, actor: Actor, source: Source, upload: Upload) -> UUID:
        """Add the run; whoever calls has made sure that it may be added."""
        run = await self._runs.begin(
            NewRun(
                workspace=actor.workspace,
                purpose=Purpose.IMPORT,
                kind=upload.reader,
                values={"upload": str(upload.id)},
                zone=source.zone,
                asked_by=actor.person,
                asked_by_name=actor.name,
                sources=frozenset({source.id}),
                title=upload.name,
            ),
            [NewStep("import", {"upload": str(upload.id)})],
        )
        return run.id

    async def over(self, run: UUID) -> bool:
        """Whether nothing works on the run any more."""
        try:
            return (await read_run(run)).state.over
        except NotFound:
            return True
