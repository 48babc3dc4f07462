"""Databases of the embedded engine that have the tables of the installed plugins.

Making the tables takes longer than most tests do, so a database is emptied after a test and lent to
another. One that a test left with other tables, other declarations or detached parts is not lent again.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing, contextmanager
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from clickhouse_connect.driver.exceptions import ClickHouseError

from bilan.registry.declared import Registry
from bilan.settings import Settings
from bilan.warehouse import Warehouse
from bilan.warehouse.address import parse
from bilan.warehouse.pool import connect
from bilan.warehouse.types import quote

DECLARATIONS = "_bilan_datasets"
TABLES = """
SELECT name, replaceAll(create_table_query, currentDatabase(), '') FROM system.tables
WHERE database = currentDatabase() ORDER BY name
"""
FILLED = """
SELECT name FROM system.tables WHERE database = currentDatabase() AND engine NOT LIKE '%MergeTree'
UNION DISTINCT SELECT table FROM system.parts WHERE database = currentDatabase() AND active
"""
"""Hardly any test fills more than a handful of the tables, and emptying one takes its time."""
DETACHED = "SELECT count() FROM system.detached_parts WHERE database = currentDatabase()"
DECLARED = f"SELECT key, declaration, version FROM {DECLARATIONS} ORDER BY ALL"


class Databases:
    """Databases of one engine, at ``chdb://…``."""

    def __init__(self, engine: str, registry: Registry) -> None:
        self._engine, self._registry = engine, registry
        self._free: list[str] = []
        self._as_made: object = None

    @contextmanager
    def lent(self) -> Generator[str]:
        """The address of a database that nobody else has meanwhile."""
        url = self._free.pop() if self._free else self._make()
        yield url
        try:
            if self._emptied(url):
                self._free.append(url)
        except ClickHouseError:
            pass  # A test took files away from below it.

    def _make(self) -> str:
        url = f"{self._engine}?database=test_{uuid4().hex}"
        with TemporaryDirectory() as folder:
            warehouse = Warehouse.open(Settings.model_validate({"data_dir": folder, "warehouse_url": url}))
        try:
            warehouse.ensure(self._registry.datasets.values())
        finally:
            warehouse.close()
        with closing(connect(parse(url), {})) as client:
            self._as_made = self._as_made or _state(client)
        return url

    def _emptied(self, url: str) -> bool:
        with closing(connect(parse(url), {})) as client:
            if _state(client) != self._as_made:
                return False
            for (name,) in client.query(FILLED).result_rows:
                if name != DECLARATIONS:
                    client.command(f"TRUNCATE TABLE {quote(name)}")
            return client.query(DETACHED).result_rows == [(0,)]


def _state(client: Any) -> object:
    return client.query(TABLES).result_rows, client.query(DECLARED).result_rows
