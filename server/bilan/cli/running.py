"""The commands that keep running: the server, the worker, the demo."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated

import anyio
import typer

from bilan import logs
from bilan.app import Bilan
from bilan.app.sample import load_sample
from bilan.app.serving import serve as serve_until_stopped
from bilan.app.serving import work
from bilan.sdk.errors import BilanError
from bilan.settings import Settings

Port = Annotated[int | None, typer.Option("--port", help="The port to listen on; BILAN_PORT without it.")]


def serve(port: Port = None) -> None:
    """Serve pages, GraphQL and webhooks, and work on jobs, until stopped."""

    async def ready(bilan: Bilan, address: str) -> None:  # noqa: ARG001 - the shape of a listener
        typer.echo(f"Bilan answers at {address}")

    _run(partial(serve_until_stopped, ready=ready), port)


def worker() -> None:
    """Work on jobs without serving pages; needs RabbitMQ or Redis and a warehouse server."""
    _run(work, None)


def demo(port: Port = None) -> None:
    """Serve with sample data, and print how to sign in."""

    async def ready(bilan: Bilan, address: str) -> None:
        visitor = await load_sample(bilan)
        typer.echo(f"Address: {address}")
        typer.echo(f"E-mail: {visitor.email}")
        typer.echo(f"Password: {visitor.password}")
        typer.echo(f"Token: {visitor.token}")

    _run(partial(serve_until_stopped, ready=ready), port)


def _run(what: Callable[[Settings], Awaitable[None]], port: int | None) -> None:
    settings = Settings() if port is None else Settings(port=port)
    logs.configure(settings.log_format)
    try:
        anyio.run(what, settings, backend_options={"use_uvloop": True})
    except BilanError as error:
        typer.echo(f"Error: {error.message}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
