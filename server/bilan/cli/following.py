"""Following a run at the terminal, with its progress; leaving cancels it."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import anyio
import httpx2
import typer

from bilan.cli.client import Client, Refused, Unanswered
from bilan.sdk.textdomain import _

LOOK = 0.1
"""Seconds between two looks at the run."""
DISK_EVERY = 50
"""After so many looks at the run comes one at the server's disk."""
FULL_LOOKS = 6
"""So often in a row the disk is full before nobody waits for the run any longer."""
RUN = "query ($id: ID!) { run(id: $id) { state progress error } }"
CANCEL = "mutation ($id: ID!) { cancelRun(id: $id) { id } }"


async def follow(client: Client, start: Callable[[], Awaitable[str]]) -> str:
    """Start a run and show its progress until it is over; its id.

    Whoever leaves at any moment after the start cancels the run. Raises ``Refused`` where it failed.
    """
    shown = Progress()

    async def over(run: str) -> bool:
        status = await look(client, run)
        shown.show(status["progress"])
        return status["state"] == "SUCCEEDED"

    return await wait(client, start, over)


async def wait(
    client: Client, start: Callable[[], Awaitable[str]], over: Callable[[str], Awaitable[bool]]
) -> str:
    """Start a run and wait until what the caller waits for is over; the run's id.

    Leaving cancels it; where the server has no answer for long, it goes on without the command.
    """
    run = await _in_full(start)
    left = True
    try:
        looks = full = 0
        while not await over(run):
            await anyio.sleep(LOOK)
            looks += 1
            if looks % DISK_EVERY == 0:
                full = await _looked_at_disk(client, full)
        left = False
    except Unanswered as error:
        left = False
        raise Refused(
            f"{error.message} "
            + str(
                _("The run was not stopped and goes on when it can; /runs/{run} tells how it ends.", run=run)
            )
        ) from error
    finally:
        if left:
            with anyio.CancelScope(shield=True):
                await _cancel(client, run)
    return run


async def _looked_at_disk(client: Client, full: int) -> int:
    """How often in a row the disk was full. Raises ``Refused``: where it stays so, no run can be settled."""
    try:
        await client.check_disk()
    except Refused:
        if full + 1 >= FULL_LOOKS:
            raise
        return full + 1
    return 0


async def _in_full(start: Callable[[], Awaitable[str]]) -> str:
    """The run, also where somebody leaves meanwhile: what is begun has to be cancelled by its id."""
    with anyio.CancelScope(shield=True):
        return await start()
    raise AssertionError("a shielded scope lets nothing slip")  # pragma: no cover - for the type checker


async def look(client: Client, run: str) -> dict[str, Any]:
    """The run as it is. Raises ``Refused`` where it came to nothing."""
    status = (await client.ask(RUN, id=run))["run"]
    if status["state"] == "CANCELLED":
        raise Refused(status["error"] or str(_("The run was cancelled.")))
    if status["state"] == "FAILED":
        raise Refused(status["error"] or str(_("The run failed; the server's log says why.")))
    return status


async def _cancel(client: Client, run: str) -> None:
    with suppress(Refused, httpx2.HTTPError):  # it was over just then, or the server is gone
        await client.ask(CANCEL, id=run)


class Progress:
    """The proportion that is done, on a terminal."""

    def __init__(self) -> None:
        self._shown = -1.0

    def show(self, proportion: float) -> None:
        """Write what has changed."""
        if proportion > self._shown and sys.stderr.isatty():
            typer.echo(f"\r{proportion:4.0%}", nl=proportion >= 1, err=True)
        self._shown = max(proportion, self._shown)
