"""What is asked of the data of an older release: its rows in the database, its reports at a server."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import asyncpg
import httpx2

from fixtures.serving import Served

Json = Any
Tables = Mapping[str, Mapping[Any, Mapping[str, Any]]]
"""By table and primary key, the rows."""

KEYS = {
    "ingest_tally": "source", "lease": "name", "loose_file": "sha256",
    "report_document": "run_id", "run_document": "run_id",
    "stored_file": "sha256", "pulled_source": "source",
}  # fmt: skip
"""Primary keys that are not called ``id``."""
RENDER = 'mutation($run: ID!) { renderFile(run: $run, format: "csv", language: "fr") { name url } }'
DRILLDOWN = """
query($run: ID!, $figure: String!) {
  run(id: $run) {
    drilldown(figure: $figure, first: 2) {
      metric dataset value counted distinct totalRows columns { key } rows
    }
  }
}
"""


async def read_tables(url: str) -> Tables:
    """The rows of a catalog as its database itself gives them."""
    if url.startswith("sqlite"):
        return _read_sqlite(url.removeprefix("sqlite://"))
    connection = await asyncpg.connect(url)
    try:
        names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {name: _by_key(name, await connection.fetch(f'SELECT * FROM "{name}"')) for (name,) in names}
    finally:
        await connection.close()


def _read_sqlite(path: str) -> Tables:
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    try:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        ).fetchall()
        return {name: _by_key(name, connection.execute(f'SELECT * FROM "{name}"')) for (name,) in names}
    finally:
        connection.close()


def _by_key(table: str, rows: Iterable[Any]) -> Mapping[Any, Mapping[str, Any]]:
    return {row[KEYS.get(table, "id")]: dict(row) for row in rows}


class FrozenData:
    """A server on the data folder of commit d24b915, and what that commit's code said of it."""

    def __init__(self, frozen: Path, served: Served) -> None:
        self._frozen, self._served = frozen, served

    @cached_property
    def recorded(self) -> Json:
        """The token of the owner, and for figures of two runs the rows behind them."""
        return json.loads((self._frozen / "rows.json").read_text(encoding="utf-8"))

    def ask(self, query: str, **variables: str) -> Json:
        """What GraphQL answers the owner."""
        answer = httpx2.post(
            f"{self._served.url}/graphql",
            json={"query": query, "variables": variables},
            headers=self._credentials,
            timeout=60,
        ).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def render_last(self) -> bytes:
        """The last report as CSV in French, rendered now."""
        files: list[Json] = []

        def rendered() -> bool:
            files.append(self.ask(RENDER, run=self.recorded["run"])["renderFile"])
            return files[-1] is not None

        self._served.until(rendered)
        assert files[-1]["name"] == self.recorded["file"]
        return httpx2.get(f"{self._served.url}{files[-1]['url']}", headers=self._credentials).content

    def drill_down(self, run: str, figure: str) -> Json:
        """The rows behind a figure, in the shape and words of those recorded."""
        answer = self.ask(DRILLDOWN, run=run, figure=figure)["run"]["drilldown"]
        keys = [column["key"] for column in answer["columns"]]
        # Whether a fact repeats another has been known since DC-25.
        known = [place for place, key in enumerate(keys) if key != "repeat"]
        return {
            **answer,
            "columns": ["counts_as" if keys[place] == "matched_by" else keys[place] for place in known],
            "rows": [[row[place] for place in known] for row in answer["rows"]],
        }

    @property
    def _credentials(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.recorded['token']}"}
