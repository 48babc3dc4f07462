"""Shows an operation's steps at the terminal: sentences, progress, errors, and the file it makes."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any, BinaryIO, cast

import anyio
import typer

from bilan.cli.client import steps
from bilan.operations.events import Failed, Progress, Result, Said, Step
from bilan.sdk.errors import BilanError
from bilan.sdk.messages import Message
from bilan.settings import Settings


def perform(
    name: str, arguments: Mapping[str, Any], *, upload: Path | None = None, out: Path | None = None
) -> dict[str, Any]:
    """Run an operation to its end and give its result; exits with status 1 and a sentence when it fails.

    The file at ``out`` appears whole or not at all.
    """
    try:
        return anyio.run(_perform, name, arguments, upload, out)
    except BilanError as error:
        _fail(error.message, error.path)
    except KeyboardInterrupt:
        typer.echo("Cancelled.", err=True)
        raise typer.Exit(130) from None
    except OSError as error:
        typer.echo(f"{error.filename or ''}: {error.strerror or error}", err=True)
    raise typer.Exit(1)


async def _perform(
    name: str, arguments: Mapping[str, Any], upload: Path | None, out: Path | None
) -> dict[str, Any]:
    show = _Show(out)
    try:
        async with aclosing(steps(Settings(), name, arguments, upload)) as found:
            async for step in found:
                show(step)
        show.keep()
    finally:
        show.close()
    return show.result


class _Show:
    """Where steps go."""

    def __init__(self, out: Path | None) -> None:
        self.result: dict[str, Any] = {}
        self._out = out
        self._part = out.with_name(f".{out.name}.part-{os.getpid()}") if out else None
        self._file: BinaryIO | None = None

    def __call__(self, step: Step) -> None:
        match step:
            case bytes():
                self._sink().write(step)
            case Said(text):
                typer.echo(text)
            case Progress(share):
                if sys.stderr.isatty():
                    typer.echo(f"\r{share:4.0%}", nl=share >= 1, err=True)
            case Result(values):
                self.result = values
            case Failed(_code, message, path):
                _fail(message, path)

    def _sink(self) -> BinaryIO:
        if self._file is None:
            self._file = cast("BinaryIO", self._part.open("wb") if self._part else sys.stdout.buffer)
        return self._file

    def keep(self) -> None:
        """Put the finished file in its place."""
        if self._out and self._part:
            self._sink().close()
            self._part.replace(self._out)

    def close(self) -> None:
        """Leave nothing half done behind."""
        if self._part:
            if self._file:
                self._file.close()
            self._part.unlink(missing_ok=True)


def _fail(message: Message, path: tuple[str, ...]) -> None:
    where = f"{'.'.join(path)}: " if path else ""
    typer.echo(f"Error: {where}{message}", err=True)
    raise typer.Exit(1)
