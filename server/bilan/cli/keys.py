"""The command that changes the server's secret key."""

from __future__ import annotations

import typer

from bilan.cli.client import answers
from bilan.cli.perform import finish
from bilan.sdk.errors import Conflict
from bilan.sdk.textdomain import _

keys = typer.Typer(help="The server's secret key.", no_args_is_help=True)


@keys.command("rotate")
def rotate() -> None:
    """Seal what is stored with a new secret key. Sessions go on; links in e-mails and for passwords end."""
    sealed, lost = finish(_rotate)
    typer.echo(f"Sealed {sealed} secrets of sources and targets with the new key.")
    if lost:
        typer.echo(f"{lost} were sealed with a key that is not there: fill them in again.", err=True)


async def _rotate() -> tuple[int, int]:
    # They bring the whole server with them.
    from bilan.app.rotation import rotate as reseal  # noqa: PLC0415
    from bilan.cli.settings import settings_from_environment  # noqa: PLC0415

    settings = settings_from_environment()
    # A key that is set is known to each process already, and so is the one before.
    if not settings.secret_key.get_secret_value() and await answers(settings.socket_path):
        raise Conflict(_("A server runs on this data folder and holds the key; stop it first."))
    return await reseal(settings)
