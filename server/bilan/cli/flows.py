"""The commands of several steps: import a file, build a report, send one, export facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import typer

from bilan.cli.client import Client, Refused
from bilan.cli.following import follow, look, wait
from bilan.cli.out import OutFile
from bilan.sdk.errors import Conflict, Invalid
from bilan.sdk.textdomain import _, ngettext
from bilan.sdk.written_numbers import numbers_of

START_IMPORT = "mutation ($id: ID!) { startImport(id: $id) { job } }"
COLUMNS = "query ($id: ID!) { import(id: $id) { dataset encoding columns { column target sample } } }"
PREVIEW = """
    query ($id: ID!) { import(id: $id) { preview {
      rows { number values } refused { number reason } accepted rejected totals first last complete
    } } }
"""
IMPORT = "query ($id: ID!) { import(id: $id) { new alreadyThere rejected rejects { number reason } } }"
PULL = """
    mutation ($id: ID!, $first: Date, $last: Date) {
      pullSource(id: $id, first: $first, last: $last) { id job }
    }
"""
PULLED = """
    query ($id: ID!) { pull(id: $id) { new alreadyThere rejected notes rejects { number reason } } }
"""
BUILD = """
    mutation ($kind: String!, $parameters: JSON!, $formats: [String!]!, $language: String!) {
      buildKind(kind: $kind, parameters: $parameters, formats: $formats, language: $language) { id }
    }
"""
FILES = "query ($id: ID!) { run(id: $id) { steps { error format } files { name mediaType size url } } }"
SEND = "mutation ($run: ID!, $sending: SendingInput!) { sendRun(run: $run, sending: $sending) { job } }"
DELIVERIES = "query ($id: ID!) { run(id: $id) { deliveries { job address state attempt answer reason } } }"
REJECTS = 5
"""How many rows that were not taken an import shows."""
UNSETTLED = ("PLANNED", "CLAIMED", "HANDED_OVER")


async def import_into(
    client: Client, *, file: Path, asked: Mapping[str, str | Sequence[str] | None], dry_run: bool
) -> None:
    """Hand the file over, say how its columns are read, have it read, and say what came of it."""
    upload = await client.upload(file, name=file.name, **asked)
    columns = (await client.ask(COLUMNS, id=upload["id"]))["import"]
    if dry_run:
        _say_columns(columns)
        _say_preview((await client.ask(PREVIEW, id=upload["id"]))["import"]["preview"])
        return

    async def start() -> str:
        run = (await client.ask(START_IMPORT, id=upload["id"]))["startImport"]["job"]
        typer.echo(f"Reading {upload['name']} as {upload['reader']}.")
        _say_columns(columns)
        return run

    await follow(client, start)
    _say_counts((await client.ask(IMPORT, id=upload["id"]))["import"])


async def pull_from(client: Client, *, source: str, first: str | None, last: str | None) -> None:
    """Have a source fetched, and say what came of it."""
    begun: dict[str, str] = {}

    async def start() -> str:
        begun.update((await client.ask(PULL, id=source, first=first, last=last))["pullSource"])
        return begun["job"]

    await follow(client, start)
    done = (await client.ask(PULLED, id=begun["id"]))["pull"]
    _say_counts(done)
    for note in done["notes"]:
        typer.echo(f"  {note}")


def _say_counts(done: Mapping[str, Any]) -> None:
    new, known, rejected = done["new"], done["alreadyThere"], done["rejected"]
    counts = f"{new:,} new, {known:,} already there, {rejected:,} rejected"
    typer.echo(f"{_rows(new + known + rejected)}: {counts}.")
    for reject in done["rejects"][:REJECTS]:
        typer.echo(f"  row {reject['number']}: {reject['reason']}")


def _rows(count: int) -> str:
    return f"{count:,} {'row' if count == 1 else 'rows'}"


def _say_columns(upload: Mapping[str, Any]) -> None:
    """The dataset and the uses of columns; those left aside, the ones with figures first."""
    if not upload["dataset"]:
        return
    if upload["encoding"]:
        typer.echo(f"Its text is read as {upload['encoding']}.")
    typer.echo(f"Into {upload['dataset']}:")
    for one in upload["columns"]:
        if one["target"]:
            typer.echo(f"  {one['column']} is {one['target']}")
    aside = [one for one in upload["columns"] if not one["target"]]
    figures = [one["column"] for one in aside if _is_figure(one["sample"])]
    others = [one["column"] for one in aside if one["column"] not in figures]
    if figures:
        typer.echo(f"Left aside although they hold figures: {', '.join(figures)}")
    if others:
        typer.echo(f"Left aside: {', '.join(others)}")


def _is_figure(sample: str) -> bool:
    return bool(numbers_of(sample))


def _say_preview(preview: Mapping[str, Any]) -> None:
    for row in preview["rows"]:
        values = ", ".join(f"{name} {value}" for name, value in row["values"].items())
        typer.echo(f"  row {row['number']}: {values}")
    for row in preview["refused"]:
        typer.echo(f"  row {row['number']} is refused: {row['reason']}")
    if preview["totals"]:
        typer.echo("Totals: " + ", ".join(f"{name} {value:,}" for name, value in preview["totals"].items()))
    if preview["first"]:
        typer.echo(f"From {preview['first']} to {preview['last']}")
    some = "" if preview["complete"] else ", of those looked at"
    accepted, rejected = preview["accepted"], preview["rejected"]
    typer.echo(f"{_rows(accepted)} would be accepted, {rejected:,} rejected{some}. Nothing was imported.")


async def build_into(
    client: Client, *, out: Path, kind: str, typed: Iterable[str], file_format: str, language: str
) -> None:
    """Build, render, hand over. The run stays in the history."""

    async def start() -> str:
        answer = await client.ask(
            BUILD, kind=kind, parameters=pairs(typed, "--param"), formats=[file_format], language=language
        )
        return answer["buildKind"]["id"]

    with OutFile(out) as file:
        run = await follow(client, start)
        built = (await client.ask(FILES, id=run))["run"]
        for step in built["steps"]:
            if step["format"] and step["error"]:
                raise Refused(step["error"], ("format",))
        (rendered,) = built["files"]
        await client.download(rendered["url"], file)
        file.keep()
        said = f"{rendered['name']}: {rendered['mediaType']}, {rendered['size']:,} bytes, run {run}"
        typer.echo(said, err=file.direct)


async def send_run(client: Client, *, run: str, sending: Mapping[str, Any]) -> None:
    """Send, and tell what became of it for each recipient. Leaving stops what has not left by then."""
    _checked_run(run)

    async def start() -> str:
        return (await client.ask(SEND, run=run, sending=sending))["sendRun"][0]["job"]

    rows: list[dict[str, Any]] = []

    async def tried(job: str) -> bool:
        listed = (await client.ask(DELIVERIES, id=job))["run"]["deliveries"]
        rows[:] = (row for row in listed if row["job"] == job)
        if all(row["state"] not in UNSETTLED or _put_off(row) for row in rows):
            return True
        await look(client, job)
        return False

    await wait(client, start, tried)
    for row in rows:
        why = row["reason"] or row["answer"]
        state = "put off, and tried again later" if _put_off(row) else row["state"].lower()
        typer.echo(f"{row['address']}: {state}{f' ({why})' if why else ''}")
    if failed := [row for row in rows if row["state"] != "ACCEPTED" and not _put_off(row)]:
        raise Conflict(
            ngettext(
                "One of the e-mails was not taken over.",
                "{count} of the e-mails were not taken over.",
                count=len(failed),
            )
        )


async def export_into(client: Client, *, out: Path, dataset: str, **asked: str | None) -> None:
    """Stream the facts of a dataset."""
    with OutFile(out) as file:
        await client.download(f"/facts/{quote(dataset, safe='')}", file, **asked)
        file.keep()


def _put_off(row: Mapping[str, Any]) -> bool:
    return row["state"] == "PLANNED" and row["attempt"] > 0


def _checked_run(typed: str) -> None:
    try:
        UUID(typed)
    except ValueError as error:
        text = _("{given} is no run; its id stands in its page's address.", given=typed)
        raise Invalid(text, ("run",)) from error


def pairs(typed: Iterable[str], option: str) -> dict[str, str | list[str]]:
    """``k=v`` pairs by key; a key given several times becomes a list."""
    values: dict[str, str | list[str]] = {}
    for pair in typed:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            text = _("{option} takes NAME=VALUE, not “{given}”.", option=option, given=pair)
            raise Invalid(text, (option.strip("-"),))
        before = values.get(key)
        if before is None:
            values[key] = value
        else:
            values[key] = [*(before if isinstance(before, list) else [before]), value]
    return values
