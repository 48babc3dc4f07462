"""Shows an operation's steps at the terminal: sentences, progress, errors, and the file it makes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any, NoReturn

import anyio
import typer

from bilan.cli.client import steps
from bilan.cli.out import Out
from bilan.operations.events import Failed, Progress, Result, Said, Step
from bilan.sdk.errors import BilanError
from bilan.sdk.messages import Message


def perform(
    name: str, arguments: Mapping[str, Any], *, upload: Path | None = None, out: Path | None = None
) -> dict[str, Any]:
    """Run an operation to its end and give its result; exits with status 1 and a sentence when it fails.

    The file at ``out`` appears whole or not at all.
    """
    try:
        return anyio.run(_perform, name, arguments, upload, out)
    except BilanError as error:
        fail(error.message, error.path)
    except KeyboardInterrupt:
        typer.echo("Cancelled.", err=True)
        raise typer.Exit(130) from None
    except OSError as error:
        typer.echo(f"Error: {error.filename or name}: {error.strerror or error}", err=True)
        raise typer.Exit(1) from None


async def _perform(
    name: str, arguments: Mapping[str, Any], upload: Path | None, out: Path | None
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    with Out(out) as file:
        async with aclosing(steps(name, arguments, upload)) as found:
            async for step in found:
                if isinstance(step, bytes):
                    file.write(step)
                elif isinstance(step, Result):
                    result = step.values
                else:
                    _show(step, err=file.direct)
        file.keep()
    return result


def _show(step: Step, *, err: bool) -> None:
    match step:
        case Said(text):
            typer.echo(text, err=err)
        case Progress(share):
            if sys.stderr.isatty():
                typer.echo(f"\r{share:4.0%}", nl=share >= 1, err=True)
        case Failed(_code, message, path):
            fail(message, path)
        case _:
            raise AssertionError(step)


def fail(message: Message, path: tuple[str, ...]) -> NoReturn:
    """Say what is wrong, and exit with status 1."""
    where = f"{'.'.join(path)}: " if path else ""
    typer.echo(f"Error: {where}{message}", err=True)
    raise typer.Exit(1)
