"""Plugins of one's own: a project to start from, whose tests pass."""

from __future__ import annotations

import re
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template
from typing import Annotated

import typer

from bilan import __version__
from bilan.sdk.errors import BilanError

NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
plugin = typer.Typer(help="Plugins of your own.", no_args_is_help=True)


@plugin.callback()
def of_your_own() -> None:
    """Plugins of your own."""


@plugin.command("new")
def new_plugin(
    name: Annotated[str, typer.Argument(help="What to call it, in lower case, for example parcels.")],
    into: Annotated[
        Path, typer.Option("--into", help="The folder to write the project's folder in.")
    ] = Path(),
) -> None:
    """Write a project to start from: a table, a report, a sample and tests that pass."""
    from bilan.registry.checks import RESERVED  # noqa: PLC0415 - brings pluggy with it

    if not NAME.fullmatch(name) or name in RESERVED | {"rendering", "delivery"}:
        typer.echo(f"A plugin cannot be called {name}; use lower-case words such as parcels.", err=True)
        raise typer.Exit(2)
    if other := _taken_by(name.replace("-", "_")):
        typer.echo(f"The installed plugin {other} is called {name} already; choose another name.", err=True)
        raise typer.Exit(2)
    words = {"name": name.replace("-", "_"), "dashed": name.replace("_", "-")}
    words["title"] = words["dashed"].replace("-", " ").capitalize()
    words["fits"] = _fitting(__version__)
    project = into / f"bilan-{words['dashed']}"
    if project.exists():
        typer.echo(f"{project} is there already; choose another name or folder.", err=True)
        raise typer.Exit(2)
    _write(resources.files("bilan.cli") / "project", project, words)
    typer.echo(f"Wrote {project}. Its README says how to run its tests.")


def _taken_by(name: str) -> str | None:
    """The installed plugin whose name or namespace it is."""
    from bilan.registry.gather import load  # noqa: PLC0415 - brings pluggy with it

    try:
        plugins = load().plugins.values()
    except BilanError:
        # Another plugin is broken, which keeps nobody from writing one.
        return None
    return next((one.name for one in plugins if name in (one.name, one.namespace)), None)


def _fitting(release: str) -> str:
    """The releases that a plugin written for this one fits: up to the next minor one."""
    major, minor = release.split(".")[:2]
    return f"bilan>={major}.{minor},<{major}.{int(minor) + 1}"


def _write(template: Traversable, target: Path, words: dict[str, str]) -> None:
    target.mkdir(parents=True)
    for entry in template.iterdir():
        name = f"bilan_{words['name']}" if entry.name == "package" else entry.name
        if entry.is_dir():
            _write(entry, target / name, words)
        else:
            text = Template(entry.read_text(encoding="utf-8")).substitute(words)
            (target / name.removesuffix(".tmpl")).write_text(text, encoding="utf-8")
