"""A report and one of its files, from the command line."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any
from uuid import UUID

from bilan.operations.arguments import pairs
from bilan.operations.events import Result, Said, Step
from bilan.operations.following import follow
from bilan.operations.operator import operator
from bilan.runs.values import RenderSpec, Run
from bilan.sdk.errors import Conflict
from bilan.services import Services

Upload = AsyncIterator[bytes] | None


async def report(services: Services, given: Mapping[str, Any], upload: Upload) -> AsyncGenerator[Step]:  # noqa: ARG001
    """Build, draw, hand over. The run stays in the history."""
    actor = await operator(services)
    values = pairs(given["parameters"], "--param")
    spec = RenderSpec(given["format"], given["language"])

    async def start() -> UUID:
        return (await services.runs.start(actor, given["kind"], values, [spec])).id

    run: Run | None = None
    async with aclosing(follow(services, actor, start)) as steps:
        async for step in steps:
            if isinstance(step, Run):
                run = step
            else:
                yield step
    assert run is not None  # noqa: S101 - follow ends with the run, or raises
    failed = next((step.error for step in run.undrawn), None)
    if failed is not None:
        raise Conflict(failed, ("format",))
    artifact = await services.runs.artifact(actor, run.id, spec)
    async for piece in services.files.stream(artifact.sha256):
        yield piece
    yield Said(f"{artifact.file_name}: {artifact.media_type}, {artifact.size:,} bytes, run {run.id}")
    yield Result({"run": str(run.id), "file_name": artifact.file_name, "media_type": artifact.media_type})
