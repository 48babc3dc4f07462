"""The commands that keep running: the server, the worker, the demo."""

from __future__ import annotations

from typing import Annotated

import typer

from bilan.cli.loading import loading

Port = Annotated[
    int | None,
    typer.Option("--port", help="The port to listen on; BILAN_PORT without it.", min=0, max=65535),
]


def serve(port: Port = None) -> None:
    """Serve pages, GraphQL and webhooks, and work on jobs, until stopped."""
    _run("serve", port)


def worker() -> None:
    """Work on jobs without serving pages; needs RabbitMQ or Redis and a warehouse server."""
    _run("worker", None)


def demo(port: Port = None) -> None:
    """Serve with sample data, and print how to sign in."""
    _run("demo", port)


def _run(process: str, port: int | None) -> None:
    with loading():
        from bilan.cli.processes import run  # noqa: PLC0415 - brings the whole server with it

    run(process, port)
