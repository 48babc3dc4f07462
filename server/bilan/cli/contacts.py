"""The commands about contacts."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bilan.cli.perform import perform

TOGETHER = "query ($address: String!) { addressesErasedWith(address: $address) }"
ERASE = """
    mutation ($address: String!, $together: [String!]) {
      eraseContact(address: $address, together: $together) { pseudonym also }
    }
"""
ERASURES = "{ contactErasures { pseudonym createdAt completedAt askedBy counts { kind count } } }"

contacts = typer.Typer(help="People whom facts are about.", no_args_is_help=True)


@contacts.command("erase")
def erase(
    address: Annotated[str, typer.Argument(help="The contact's e-mail address or phone number.")],
    yes: Annotated[
        bool, typer.Option("--yes", help="Erase all addresses of the person without asking.")
    ] = False,
) -> None:
    """Erase a contact for good: a worker does it within a quarter of an hour. Every figure stays.

    Where several addresses are one person, they are listed first, and erased together once you agree.
    """
    together = perform(lambda client: client.ask(TOGETHER, address=address))["addressesErasedWith"]
    if len(together) > 1:
        typer.echo("These addresses are one person and are erased together:")
        for one in together:
            typer.echo(f"  {one}")
        if not yes:
            typer.confirm("Erase all of them?", abort=True)
    asked = perform(lambda client: client.ask(ERASE, address=address, together=together))
    erased = asked["eraseContact"]
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
