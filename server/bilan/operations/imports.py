"""A file into a source, from the command line."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any
from uuid import UUID

import anyio

from bilan.accounts import Actor
from bilan.ingest.imports import NewUpload
from bilan.operations.events import Result, Said, Step
from bilan.operations.following import follow
from bilan.operations.operator import operator
from bilan.runs.values import Run
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _
from bilan.services import Services

Upload = AsyncIterator[bytes] | None


async def import_file(services: Services, given: Mapping[str, Any], upload: Upload) -> AsyncGenerator[Step]:
    """Store the file, read it with the mapping that its header proposes, and say what came of it."""
    if upload is None:
        raise Invalid(_("There is no file to import."), ("file",))
    actor = await operator(services)
    with tempfile.TemporaryDirectory(prefix="bilan-") as folder:
        path = Path(folder) / "upload"
        async with await anyio.open_file(path, "wb") as file:
            async for piece in upload:
                await file.write(piece)
        new = NewUpload(name=given["name"], content=path, reader=given.get("reader"))
        stored = await services.imports.upload(actor, given["source"], new)
    said = Said(f"Reading {stored.name} as {stored.reader}.")
    async with aclosing(follow(services, actor, begin(services, actor, stored.id), said)) as steps:
        async for step in steps:
            if isinstance(step, Run):
                break
            yield step
    done = await services.imports.get(actor, stored.id)
    yield Said(f"{done.accepted:,} rows accepted, {done.rejected:,} rejected.")
    if done.rejected:
        page = await services.rejects.list(actor, done.source, upload=done.id)
        for reject in page.rows[:5]:
            yield Said(f"  row {reject.number}: {reject.reason}")
    yield Result({"accepted": done.accepted, "rejected": done.rejected, "run": str(done.run)})


def begin(services: Services, actor: Actor, upload: UUID) -> Callable[[], Awaitable[UUID]]:
    """What has the upload read, for :func:`follow`."""

    async def start() -> UUID:
        started = await services.imports.start(actor, upload)
        if started.run is None:
            raise Invalid(_("The import could not be started."))
        return started.run

    return start
