"""Performs a command at the terminal: its errors as sentences, its end by a signal."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from functools import partial
from typing import NoReturn, TypeVar

import anyio
import typer

from bilan.cli.client import Client, Refused, connected
from bilan.sdk.errors import BilanError
from bilan.sdk.messages import Message

T = TypeVar("T")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What ends a command in order: what it waits for is cancelled. A second one ends it at once."""


def perform(command: Callable[[Client], Awaitable[T]]) -> T:
    """What the command comes to; exits with status 1 and a sentence when it fails."""
    return finish(partial(_until_signal, command))


def finish(work: Callable[[], Awaitable[T]], *, status: int = 1) -> T:
    """What comes of work that asks no server; exits as :func:`perform` does, or with another status."""
    try:
        return anyio.run(work)
    except (BilanError, Refused) as error:
        fail(error.message, error.path, status)
    except KeyboardInterrupt:
        typer.echo("Cancelled.", err=True)
        raise typer.Exit(130) from None
    except OSError as error:
        typer.echo(f"Error: {error.filename or 'the command'}: {error.strerror or error}", err=True)
        raise typer.Exit(status) from None


async def _until_signal(command: Callable[[Client], Awaitable[T]]) -> T:
    loop = asyncio.get_running_loop()
    with anyio.CancelScope() as scope:

        def stop() -> None:
            scope.cancel()
            for each in SIGNALS:
                loop.remove_signal_handler(each)

        for each in SIGNALS:
            loop.add_signal_handler(each, stop)
        async with connected() as client:
            return await command(client)
    raise KeyboardInterrupt


def fail(message: Message | str, path: tuple[str, ...], status: int = 1) -> NoReturn:
    """Say what is wrong, and exit with the status."""
    where = f"{'.'.join(path)}: " if path else ""
    typer.echo(f"Error: {where}{message}", err=True)
    raise typer.Exit(status)
