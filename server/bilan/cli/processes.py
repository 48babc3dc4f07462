"""The processes behind the commands that keep running."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import anyio
import typer

from bilan import logs
from bilan.app import Bilan
from bilan.app.sample import load_sample
from bilan.app.serving import serve, work
from bilan.cli.perform import fail
from bilan.cli.settings import settings_from_environment
from bilan.first_owner import is_awaited, one_time_code
from bilan.sdk.errors import BilanError
from bilan.settings import Settings


async def _said(bilan: Bilan, address: str) -> None:
    if await is_awaited(bilan.services):
        code = one_time_code(bilan.services.settings.key())
        typer.echo(f"Nobody can sign in yet. Make the owner at {address}/first-owner?code={code}")
    typer.echo(f"Bilan answers at {address}")


async def _demonstrated(bilan: Bilan, address: str) -> None:
    visitor = await load_sample(bilan)
    typer.echo(f"Address: {address}")
    typer.echo(f"E-mail: {visitor.email}")
    typer.echo(f"Password: {visitor.password}")
    typer.echo(f"Token: {visitor.token}")


PROCESSES: Mapping[str, Callable[[Settings], Awaitable[None]]] = {
    "serve": partial(serve, ready=_said),
    "demo": partial(serve, ready=_demonstrated),
    "worker": work,
}


def run(process: str, port: int | None) -> None:
    """Run the process until it is told to stop; exits with status 1 and a sentence where it cannot run."""
    try:
        settings = settings_from_environment()
        if port is not None:
            settings = settings.model_copy(update={"port": port})
        if process == "demo":
            # There is nothing in it that anybody should not see.
            settings = settings.model_copy(update={"introspection": True})
        logs.configure(settings.log_format)
        anyio.run(PROCESSES[process], settings, backend_options={"use_uvloop": True})
    except BilanError as error:
        fail(error.message, error.path)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
