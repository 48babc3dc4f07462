"""Importing files of orders: jobs worked on one attempt at a time, and what a file holds."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

from bilan.accounts.values import Permission, PersonPrincipal, Principal, SourceRole, WorkspaceRole
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.ingest import Imports, ImportStep
from bilan.ingest.uploads import UploadState
from bilan.work import Engine, Jobs, StepContext
from bilan.work.models import StepRow
from support.runs import QUICK


class Reading:
    """Starts an upload and works on its step once, as a worker does; raises what the step raised."""

    def __init__(
        self, catalog: Catalog, clock: Clock, imports: Imports, step: ImportStep, operator: Principal
    ) -> None:
        self.jobs, self.imports, self.step, self.operator = Jobs(catalog, clock), imports, step, operator
        self.engine = Engine(catalog, self.jobs, clock, {"import": self._handle}, timing=QUICK)
        self.shares: list[float] = []
        self._checks: int | None = None
        self._error: Exception | None = None
        self._cancelling: asyncio.Task[bool] | None = None

    async def __call__(self, upload: UUID, *, stop_after: int | None = None) -> None:
        """``stop_after`` so many checks somebody cancels the job."""
        self._checks, self._error = stop_after, None
        if (await self.imports.get(self.operator, upload)).state is not UploadState.RUNNING:
            await self.imports.start(self.operator, upload)
        job = (await self.imports.get(self.operator, upload)).job
        await self.engine.work((await StepRow.get(job_id=job)).id)
        if self._error is not None:
            raise self._error

    async def _handle(self, context: StepContext) -> None:
        checked, loop = context.check, asyncio.get_running_loop()

        def check() -> None:
            if self._checks is not None:
                self._checks -= 1
            if self._checks is not None and self._checks < 0:
                context.lost = True
                self._cancelling = loop.create_task(self.jobs.cancel(context.job.id))
            checked()

        context.check = check
        try:
            await self.step(context)
        except Exception as error:
            self._error = error
            if self._cancelling is not None:
                await self._cancelling
            raise
        finally:
            self.shares.append(context.fraction)


def lines(*orders: object) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in orders).encode()


def order(name: str, **more: Any) -> dict[str, Any]:
    return {"occurred_at": "2026-03-09T10:00:00+00:00", "order": name, **more}


def member(workspace: UUID, role: SourceRole | None, source: UUID, *permissions: Permission) -> Principal:
    roles = {} if role is None else {source: role}
    return PersonPrincipal(
        person=uuid4(), workspace=workspace, name="Ann", email="ann@example.org", role=WorkspaceRole.MEMBER,
        permissions=frozenset(permissions), source_roles=roles,
    )  # fmt: skip
