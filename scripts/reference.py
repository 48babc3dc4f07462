"""Writes the pages of docs/ that list settings, commands and decisions, from what they list.

``python scripts/reference.py`` writes them; a test says when that was forgotten.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from bilan.cli import application
from bilan.settings import Settings

DOCS = Path(__file__).parents[1] / "docs"


def settings_page() -> str:
    """Every setting with its default and its help."""
    lines = [
        "# Settings",
        "",
        "Settings are environment variables. Without any of them everything is embedded below `data/`: the",
        "catalogue in SQLite, the facts in chDB, the workers in the server's process, the files in a folder.",
        "Setting one address at a time moves one part out; no other change is needed.",
        "",
        "| variable | default | meaning |",
        "| --- | --- | --- |",
    ]
    for name, field in Settings.model_fields.items():
        written = "" if field.default is None else str(field.default)
        default = f"`{written}`" if written else ""
        lines.append(f"| `BILAN_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """Every command with its arguments and options."""
    group = typer.main.get_command(application)
    lines = [
        "# Commands",
        "",
        str(group.help),
        "",
        "Commands work beside a running server: they reach it through a Unix socket in its data folder.",
        "Whoever reaches that is the operator. Without a server they open the folder themselves.",
    ]
    for name, command in _commands("bilan", group):
        lines += ["", f"## {name}", "", str(command.help)]
        listed = [_parameter(one) for one in command.params if one.name != "help"]
        if listed:
            lines += ["", "| | |", "| --- | --- |", *listed]
    return "\n".join(lines) + "\n"


def _commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield name, command
        return
    for key in sorted(inner):
        yield from _commands(f"{name} {key}", inner[key])


def _parameter(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"| `{parameter.name.upper()}` | {parameter.help} |"
    shown = ", ".join(f"`{option}`" for option in (*parameter.opts, *parameter.secondary_opts))
    return f"| {shown} | {parameter.help or ''}{' Required.' if parameter.required else ''} |"


def decisions_page() -> str:
    """Every decision note by its title."""
    lines = [
        "# Decisions",
        "",
        "What was worth arguing about, half a page each: context, decision, why not otherwise, consequences.",
        "",
    ]
    for path in sorted((DOCS / "decisions").glob("[0-9]*.md")):
        title = path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        lines.append(f"- [{title}]({path.name})")
    return "\n".join(lines) + "\n"


PAGES = {
    "settings.md": settings_page,
    "commands.md": commands_page,
    "decisions/index.md": decisions_page,
}


def main() -> None:
    """Write every page anew."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
        sys.stdout.write(f"docs/{name}\n")


if __name__ == "__main__":
    main()
