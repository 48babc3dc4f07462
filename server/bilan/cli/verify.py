"""The command that checks files and the ledger, without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bilan.cli.perform import finish

WRONG, UNCHECKED = 1, 2
"""What the command exits with where something is wrong, and where nothing could be checked."""


def verify(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Files that somebody holds. Without one the ledger is checked.", metavar="FILES"),
    ] = None,
    head: Annotated[
        str, typer.Option("--head", help="A hash that an earlier check printed: an entry must still have it.")
    ] = "",
) -> None:
    """Check that files were made here and not changed since, or that the ledger of deliveries is whole.

    Reads the catalog alone, without a server or beside one. Exits with 0 where all is right, with 1 where
    something is wrong, and with 2 where it cannot be checked.
    """
    # They bring the models of all areas with them.
    from bilan.app.verification import verify_files, verify_ledger  # noqa: PLC0415
    from bilan.cli.settings import settings_from_environment  # noqa: PLC0415

    if files and head:
        raise typer.BadParameter("--head is about the ledger; leave the files out.")

    async def check() -> tuple[bool, list[str]]:
        settings = settings_from_environment()
        return await (
            verify_files(settings, files) if files else verify_ledger(settings, head.strip().lower())
        )

    right, lines = finish(check, status=UNCHECKED)
    typer.echo("\n".join(lines))
    if not right:
        raise typer.Exit(WRONG)
