"""Waits for a run at the command line, telling its progress; leaving cancels it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from uuid import UUID

import anyio

from bilan.accounts import Actor
from bilan.operations.events import Progress, Said, Step
from bilan.runs.values import Run, State
from bilan.sdk.errors import BilanError, Cancelled, Conflict
from bilan.sdk.textdomain import _
from bilan.services import Services

LOOK = 0.1
"""Seconds between two looks at the run's row."""


async def follow(
    services: Services, actor: Actor, start: Callable[[], Awaitable[UUID]], said: Said | None = None
) -> AsyncGenerator[Step | Run]:
    """Start a run; ``said``, then progress until it is over, then the run. Raises its error where it failed.

    Whoever leaves at any moment after the start cancels the run.
    """
    run = await _in_full(start)
    shown = -1.0
    over = False
    try:
        if said is not None:
            yield said
        while True:
            found = await services.runs.get(actor, run)
            if found.progress > shown:
                shown = found.progress
                yield Progress(shown)
            if found.state.over:
                break
            await anyio.sleep(LOOK)
        over = True
    finally:
        if not over:
            with anyio.CancelScope(shield=True):
                await _cancel(services, actor, run)
    if found.state is State.CANCELLED:
        raise Cancelled(_("The run was cancelled."))
    if found.state is State.FAILED:
        raise Conflict(found.error or _("The run failed; the server's log says why."))
    yield found


async def _in_full(start: Callable[[], Awaitable[UUID]]) -> UUID:
    """The run, also where the client goes away meanwhile: what is begun has to be cancelled by its id."""
    with anyio.CancelScope(shield=True):
        return await start()
    raise AssertionError("a shielded scope lets nothing slip")  # pragma: no cover - for the type checker


async def _cancel(services: Services, actor: Actor, run: UUID) -> None:
    try:
        await services.runs.cancel(actor, run)
    except BilanError:
        return  # it was over just then
