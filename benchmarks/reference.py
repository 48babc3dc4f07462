"""DuckDB on the same events: the reference of most lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

TABLES = ("facts", "campaigns", "campaign_tags", "contacts")
THREADS = 2


def make(folder: Path) -> None:
    """Write ``reference.duckdb`` from the Parquet files of a folder; the events lie in order of time."""
    unfinished = folder / "unfinished.duckdb"
    unfinished.unlink(missing_ok=True)
    with scratch(unfinished) as db:
        for table in TABLES:
            db.execute(f"CREATE TABLE {table} AS FROM read_parquet('{folder}/{table}.parquet')")
    unfinished.rename(folder / "reference.duckdb")


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """The reference, read-only, on as many threads as the product has cores."""
    return _quiet(duckdb.connect(str(folder / "reference.duckdb"), read_only=True))


def scratch(path: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A database to write into, in a file or in memory."""
    return _quiet(duckdb.connect(str(path or ":memory:")))


def _quiet(db: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    db.execute(f"SET threads = {THREADS}")
    db.execute("SET enable_progress_bar = false")
    return db


def rows(db: duckdb.DuckDBPyConnection, sql: str) -> Sequence[tuple[Any, ...]]:
    """What a statement answers."""
    return db.execute(sql).fetchall()
