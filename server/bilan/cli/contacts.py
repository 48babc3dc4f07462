"""The commands about contacts."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bilan.cli.perform import perform

ERASE = """
    mutation ($address: String!) {
      eraseContact(address: $address) { id pseudonym also }
    }
"""
ERASURES = "{ contactErasures { pseudonym createdAt completedAt askedBy counts { kind count } } }"

contacts = typer.Typer(help="People whom facts are about.", no_args_is_help=True)


@contacts.command("erase")
def erase(
    address: Annotated[str, typer.Argument(help="The contact's e-mail address or phone number.")],
) -> None:
    """Erase a contact for good: a worker does it within a quarter of an hour. Every figure stays."""
    erased = perform(lambda client: client.ask(ERASE, address=address))["eraseContact"]
    typer.echo(f"The contact is being erased. In their place stands {erased['pseudonym']}.")
    if erased["also"]:
        typer.echo(f"Other addresses of the same person are erased with it: {len(erased['also'])}.")
    typer.echo("Backups made before hold them still. See when it is done with: bilan contacts erased")


@contacts.command("erased")
def erased() -> None:
    """List erasures: asked at, done at (UTC), pseudonym, who asked, and what was changed or removed."""
    for one in perform(lambda client: client.ask(ERASURES))["contactErasures"]:
        typer.echo("\t".join(_cells(one)))


def _cells(one: dict[str, Any]) -> tuple[str, ...]:
    counts = ", ".join(f"{each['kind']} {each['count']}" for each in one["counts"])
    return one["createdAt"], one["completedAt"] or "-", one["pseudonym"], one["askedBy"], counts
