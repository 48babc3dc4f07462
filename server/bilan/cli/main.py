"""All commands in one application. See docs/decisions/005."""

from __future__ import annotations

import gc

import typer

from bilan.cli import commands, plugins, running
from bilan.cli.contacts import contacts
from bilan.cli.keys import keys
from bilan.cli.schedules import schedules
from bilan.cli.verify import verify

YOUNGEST = 20_000
"""How many objects are made before Python looks for cycles among them."""

application = typer.Typer(
    name="bilan",
    help="Bilan, a self-hosted reporting server. Settings come from BILAN_… variables.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
application.command("serve")(running.serve)
application.command("worker")(running.worker)
application.command("demo")(running.demo)
application.command("import")(commands.import_file)
application.command("pull")(commands.pull)
application.command("report")(commands.report)
application.command("send")(commands.send)
application.command("export")(commands.export)
application.command("verify")(verify)
application.add_typer(commands.sources, name="sources")
application.add_typer(commands.tokens, name="tokens")
application.add_typer(commands.people, name="people")
application.add_typer(contacts, name="contacts")
application.add_typer(schedules, name="schedules")
application.add_typer(keys, name="keys")
application.add_typer(plugins.plugin, name="plugin")


def main() -> None:
    """The entry point of the ``bilan`` command."""
    # Rows of facts are many objects and no cycles: looking for cycles as often as Python does by itself
    # took a third of an import's processor time.
    gc.set_threshold(YOUNGEST, 10, 10)
    application()
