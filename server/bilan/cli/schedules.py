"""The commands about schedules: what goes out, and what became of what was to go out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from bilan.cli.perform import perform

SCHEDULES = """
    query ($after: String) {
      schedules(first: 100, after: $after) {
        nodes { nextDueAt state reportName ownerName reason }
        pageInfo { hasNextPage endCursor }
      }
    }
"""
EXPECTED = """
    query ($since: DateTime!, $until: DateTime!) {
      expectedOccurrences(since: $since, until: $until) {
        dueAt state reached recipients reportName reason
      }
    }
"""

schedules = typer.Typer(help="Reports that are sent again and again.", no_args_is_help=True)


@schedules.command("list")
def list_schedules() -> None:
    """List the schedules: when each is due next (UTC), state, report, owner, and what is wrong."""

    async def collect(client: Any) -> list[dict[str, Any]]:
        found, page = list[dict[str, Any]](), {"hasNextPage": True, "endCursor": None}
        while page["hasNextPage"]:
            answer = (await client.ask(SCHEDULES, after=page["endCursor"]))["schedules"]
            found, page = [*found, *answer["nodes"]], answer["pageInfo"]
        return found

    for one in perform(collect):
        due = one["nextDueAt"] or "-"
        _say(due, one["state"], one["reportName"], one["ownerName"], one["reason"])


@schedules.command("sent")
def sent(
    days: Annotated[int, typer.Option("--days", help="How many days back.", min=1, max=366)] = 7,
) -> None:
    """List what was to be sent lately: when (UTC), what became of it, who got it, its report, and why not."""
    until = datetime.now(UTC)
    since = until - timedelta(days=days)
    asked = {"since": since.isoformat(), "until": until.isoformat()}
    for one in perform(lambda client: client.ask(EXPECTED, **asked))["expectedOccurrences"]:
        reached = f"{one['reached']}/{one['recipients']}"
        _say(one["dueAt"], one["state"], reached, one["reportName"], one["reason"])


def _say(*cells: str | None) -> None:
    typer.echo("\t".join(cell or "" for cell in cells))
