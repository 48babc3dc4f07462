"""The commands about schedules print a line for each, and ask what the schema has."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema, parse, validate
from typer.testing import CliRunner

from bilan.cli import schedules
from bilan.cli.main import application

SCHEMA = build_schema((Path(__file__).parents[3] / "schema.graphql").read_text())
LEFT_OUT = "It was missed, and what is missed is not made up for."


class Answering:
    """A client to whom a server says one thing after the other."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers, self.asked = list(answers), list[dict[str, Any]]()

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        assert validate(SCHEMA, parse(document)) == []
        self.asked.append(variables)
        return self.answers.pop(0)


def run(monkeypatch: pytest.MonkeyPatch, client: Answering, *arguments: str) -> list[str]:
    """The lines that a command prints."""

    def perform(command: Callable[[Any], Awaitable[Any]]) -> Any:
        return asyncio.run(command(client))  # type: ignore[arg-type]

    monkeypatch.setattr(schedules, "perform", perform)
    done = CliRunner().invoke(application, ["schedules", *arguments])
    assert done.exit_code == 0, done.output
    return done.output.splitlines()


def a_schedule(name: str, **fields: Any) -> dict[str, Any]:
    return {"nextDueAt": "2026-03-16T07:00:00+00:00", "state": "ACTIVE", "reportName": name,
            "ownerName": "Ada", "reason": None, **fields}  # fmt: skip


def test_schedules_are_listed_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = a_schedule("Old", nextDueAt=None, state="SUSPENDED", reason="Its owner no longer has access.")
    pages = [
        {"schedules": {"nodes": [one], "pageInfo": {"hasNextPage": more, "endCursor": "x"}}}
        for one, more in ((a_schedule("News"), True), (gone, False))
    ]
    client = Answering(*pages)
    assert run(monkeypatch, client, "list") == [
        "2026-03-16T07:00:00+00:00\tACTIVE\tNews\tAda\t",
        "-\tSUSPENDED\tOld\tAda\tIts owner no longer has access.",
    ]
    assert client.asked == [{"after": None}, {"after": "x"}]


@pytest.mark.requirement("GO-16")
def test_what_was_to_be_sent_is_listed_with_what_became_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [
        {"dueAt": "2026-03-10T08:00:00+00:00", "state": state, "reached": reached, "recipients": recipients,
         "reportName": "News", "reason": reason}
        for state, reached, recipients, reason in (("SENT", 3, 3, None), ("LEFT_OUT", 0, 0, LEFT_OUT))
    ]  # fmt: skip
    client = Answering({"expectedOccurrences": told})
    assert run(monkeypatch, client, "sent", "--days", "30") == [
        "2026-03-10T08:00:00+00:00\tSENT\t3/3\tNews\t",
        f"2026-03-10T08:00:00+00:00\tLEFT_OUT\t0/0\tNews\t{LEFT_OUT}",
    ]
