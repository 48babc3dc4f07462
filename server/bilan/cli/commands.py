"""The commands over the state: sources, tokens, people, imports, reports, e-mails, exports."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer

from bilan.cli.client import Client
from bilan.cli.flows import build_into, export_into, import_into, pairs, pull_from, send_run
from bilan.cli.perform import perform
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

ROLES = ("owner", "admin", "member")
SOURCES = "{ sources { name kind webhookAddress } }"
ADD_SOURCE = """
    mutation ($plugin: String!, $kind: String!, $name: String!, $settings: JSON) {
      addSource(plugin: $plugin, kind: $kind, name: $name, settings: $settings) {
        name webhookAddress pulling { __typename }
      }
    }
"""
ADD_PERSON = """
    mutation ($email: String!, $name: String!, $role: WorkspaceRole!) {
      addPerson(email: $email, name: $name, role: $role) { link }
    }
"""
NEW_LINK = """
    mutation ($email: String!) {
      issuePasswordLink(email: $email) { link }
    }
"""
NEW_ACCESS = """
    mutation ($email: String!, $name: String!, $scopes: [Scope!]!, $days: Int!) {
      createToken(email: $email, name: $name, scopes: $scopes, days: $days) { token }
    }
"""

SourceSettings = Annotated[
    list[str] | None, typer.Option("--setting", help="A setting of the source, as k=v. Repeatable.")
]
Parameters = Annotated[
    list[str] | None, typer.Option("--param", help="A parameter of the report, as k=v. Repeatable.")
]
Out = Annotated[Path, typer.Option("--out", help="The file to write.", dir_okay=False)]

sources = typer.Typer(help="Where facts come from.", no_args_is_help=True)
tokens = typer.Typer(help="Tokens for programs.", no_args_is_help=True)
people = typer.Typer(help="Who can sign in.", no_args_is_help=True)


@sources.command("add")
def add_source(
    plugin: Annotated[str, typer.Option("--plugin", help="The plugin, for example email_campaigns.")],
    kind: Annotated[str, typer.Option("--kind", help="The kind of source, for example sendgrid.")],
    name: Annotated[str, typer.Option("--name", help="What to call it.")],
    setting: SourceSettings = None,
) -> None:
    """Add a source; prints its webhook address where it has one."""

    async def add(client: Client) -> dict[str, Any]:
        settings = pairs(setting or (), "--setting")
        answer = await client.ask(ADD_SOURCE, plugin=plugin, kind=kind, name=name, settings=settings)
        return answer["addSource"]

    added = perform(add)
    if added["webhookAddress"]:
        typer.echo(added["webhookAddress"])
    elif added["pulling"]:
        typer.echo(f"Added {added['name']}. Fetch it with: bilan pull {added['name']!r}")
    else:
        typer.echo(f"Added {added['name']}. Import files with: bilan import --source {added['name']!r} FILE")


@sources.command("list")
def list_sources() -> None:
    """List the sources with their kinds and webhook addresses."""
    for source in perform(lambda client: client.ask(SOURCES))["sources"]:
        typer.echo("\t".join((source["name"], source["kind"], source["webhookAddress"] or "")))


@tokens.command("create")
def create_token(
    email: Annotated[str, typer.Option("--email", help="The person the token acts as.")],
    name: Annotated[str, typer.Option("--name", help="What the token is for.")] = "command line",
    days: Annotated[int, typer.Option("--days", help="How many days it lasts.", min=1, max=3650)] = 365,
    read_only: Annotated[bool, typer.Option("--read-only", help="It can read but change nothing.")] = False,
) -> None:
    """Make a token and print it; it is never shown again. The first one on a new server makes its owner."""
    scopes = ["READ"] if read_only else ["READ", "WRITE"]
    asked = {"email": email, "name": name, "days": days, "scopes": scopes}
    created = perform(lambda client: client.ask(NEW_ACCESS, **asked))
    typer.echo(created["createToken"]["token"])


@people.command("add")
def add_person(
    email: Annotated[str, typer.Option("--email", help="The person's address.")],
    name: Annotated[str, typer.Option("--name", help="What to call them; the address without one.")] = "",
    role: Annotated[str, typer.Option("--role", help="owner, admin or member.")] = "member",
) -> None:
    """Add a person and print the link by which they choose their password, once and within seven days."""

    async def add(client: Client) -> str:
        if role not in ROLES:
            text = _("There is no role {role}; use owner, admin or member.", role=role)
            raise Invalid(text, ("role",))
        answer = await client.ask(ADD_PERSON, email=email, name=name, role=role.upper())
        return answer["addPerson"]["link"]

    typer.echo(perform(add))


@people.command("link")
def password_link(
    email: Annotated[str, typer.Option("--email", help="The person's address.")],
) -> None:
    """Print a link by which a person chooses a new password, once and within seven days."""
    issued = perform(lambda client: client.ask(NEW_LINK, email=email))
    typer.echo(issued["issuePasswordLink"]["link"])


def import_file(
    file: Annotated[Path, typer.Argument(help="The file.", exists=True, dir_okay=False, readable=True)],
    source: Annotated[str, typer.Option("--source", help="The source it belongs to, by name or id.")],
    reader: Annotated[
        str | None, typer.Option("--as", help="How to read it; recognised from the file without this.")
    ] = None,
    uses: Annotated[
        list[str] | None,
        typer.Option(
            "--map", help="What a column of the file is: COLUMN=TARGET; COLUMN= leaves it aside. Repeatable."
        ),
    ] = None,
    dates: Annotated[
        str | None,
        typer.Option("--dates", help="day_first, month_first or year_first, where a column leaves it open."),
    ] = None,
    decimals: Annotated[
        str | None,
        typer.Option("--decimals", help="point or comma before decimals, where a column leaves it open."),
    ] = None,
    sheet: Annotated[
        str | None,
        typer.Option("--sheet", help="The sheet to read of a workbook, or the file of a ZIP archive."),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option("--encoding", help="The text's encoding where it cannot be told, such as windows-1251."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the first rows as they would be read, and import nothing.")
    ] = False,
) -> None:
    """Import a file of facts into a source. The same file twice changes no number."""
    asked = {
        "source": source, "reader": reader, "map": uses, "dates": dates, "decimals": decimals, "sheet": sheet,
        "encoding": encoding,
    }  # fmt: skip
    perform(partial(import_into, file=file, asked=asked, dry_run=dry_run))


def pull(
    source: Annotated[str, typer.Argument(help="The source, by name or id.")],
    first: Annotated[
        str | None, typer.Option("--from", help="Fetch past days, from this one on (2026-03-01).")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", help="The last of these days; today without it.")
    ] = None,
) -> None:
    """Fetch what is new of a source from its service now, or past days of it. Ctrl-C stops it."""
    if last is not None and first is None:
        raise typer.BadParameter("--to takes --from as well.")
    if first is not None and last is None:
        last = datetime.now(UTC).date().isoformat()
    perform(partial(pull_from, source=source, first=first, last=last))


def report(
    kind: Annotated[str, typer.Argument(help="The kind, for example email.engagement.")],
    out: Out,
    param: Parameters = None,
    file_format: Annotated[
        str, typer.Option("--format", help="csv, xlsx, pptx, html or another installed format.")
    ] = "csv",
    language: Annotated[str, typer.Option("--language", help="The language of labels.")] = "en",
) -> None:
    """Build a report and write one of its files. Without parameters it takes its defaults."""
    perform(
        partial(build_into, out=out, kind=kind, typed=param or (), file_format=file_format, language=language)
    )


def send(
    run: Annotated[str, typer.Argument(help="The run's id, as the report command prints it.")],
    to: Annotated[list[str], typer.Option("--to", help="A person of the workspace, by address. Repeatable.")],
    file_format: Annotated[
        list[str] | None, typer.Option("--format", help="A file to go along. Repeatable; csv without it.")
    ] = None,
    attach: Annotated[bool, typer.Option("--attach", help="Attach small files; links without it.")] = False,
    language: Annotated[
        str | None, typer.Option("--language", help="The language; that of each recipient without it.")
    ] = None,
    days: Annotated[int, typer.Option("--days", help="How many days links last.", min=1, max=90)] = 7,
    message: Annotated[str, typer.Option("--message", help="What you write along with it.")] = "",
    key: Annotated[
        str, typer.Option("--key", help="A word for this occasion: the same one again sends nothing again.")
    ] = "",
) -> None:
    """Send the report of a run by e-mail, and tell what became of it for each recipient."""
    sending = {
        "to": to, "key": key or uuid4().hex, "mode": "ATTACH" if attach else "LINK",
        "formats": file_format or ["csv"], "language": language, "days": days, "message": message,
    }  # fmt: skip
    perform(partial(send_run, run=run, sending=sending))


def export(
    dataset: Annotated[str, typer.Argument(help="The dataset, for example email.events.")],
    out: Out,
    source: Annotated[str | None, typer.Option("--source", help="Only this source, by name or id.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="From this day or moment (UTC).")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Before this day or moment (UTC).")] = None,
    file_format: Annotated[str, typer.Option("--format", help="jsonl, csv or parquet.")] = "jsonl",
    columns: Annotated[
        str | None, typer.Option("--columns", help="Only these, in this order, as a,b,c; all without it.")
    ] = None,
) -> None:
    """Stream the facts of a dataset into a file."""
    perform(
        partial(
            export_into,
            out=out, dataset=dataset, source=source, since=since, until=until, format=file_format,
            columns=columns,
        )
    )  # fmt: skip
