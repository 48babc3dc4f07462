"""Waits for a run at the command line, telling its progress; leaving cancels it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from uuid import UUID

import anyio

from bilan.accounts import Actor
from bilan.operations.events import Progress, Step
from bilan.runs.values import Run, State
from bilan.sdk.errors import BilanError, Cancelled, Conflict
from bilan.sdk.messages import messages
from bilan.services import Services

_, _n = messages("bilan")

LOOK = 0.1
"""Seconds between two looks at the run's row."""


async def follow(services: Services, actor: Actor, run: UUID) -> AsyncGenerator[Step | Run]:
    """Progress until the run is over, then the run. Raises its error where it failed."""
    shown = -1.0
    over = False
    try:
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


async def _cancel(services: Services, actor: Actor, run: UUID) -> None:
    try:
        await services.runs.cancel(actor, run)
    except BilanError:
        return  # it was over just then
