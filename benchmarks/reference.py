"""DuckDB on the same events: the reference of most lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

FILE = "reference-2.duckdb"
"""Has another number when the tables are made otherwise."""
TABLES = ("campaigns", "campaign_tags", "contacts")
ONCE = ("delivered", "unsubscribe", "spam")
"""What can happen to a message only once: of several such events the earliest counts.

The events have no class of bounce, and only hard ones happen once. No event
names its message, which therefore is that of a campaign to a contact.
"""
FACTS = f"""
SELECT *, type IN {ONCE} AND row_number() OVER (
    PARTITION BY campaign_id, contact_id, type ORDER BY ts, event_id::VARCHAR
) > 1 AS repeat
FROM read_parquet(?) ORDER BY event_id
"""
"""As the product does it: marked when the events are stored, not anew with each question."""
THREADS = 2


def make(folder: Path) -> None:
    """Write :data:`FILE` from the Parquet files of a folder; the events lie in order of time."""
    unfinished = folder / "unfinished.duckdb"
    unfinished.unlink(missing_ok=True)
    with scratch(unfinished) as db:
        db.execute(f"CREATE TABLE facts AS {FACTS}", [f"{folder}/facts.parquet"])
        for table in TABLES:
            db.execute(f"CREATE TABLE {table} AS FROM read_parquet('{folder}/{table}.parquet')")
    unfinished.rename(folder / FILE)


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """The reference, read-only, on as many threads as the product has cores."""
    return _quiet(duckdb.connect(str(folder / FILE), read_only=True))


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
