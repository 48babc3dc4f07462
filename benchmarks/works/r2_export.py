"""R2: the facts of a while as CSV by ``bilan export``, beside DuckDB's COPY of the same columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from benchmarks.bench import Bench
from benchmarks.measuring import Finding, compared, in_turn
from benchmarks.reference import scratch

KEYS = ("R2",)
FIRST_DAY = "SELECT max(ts)::DATE + 1 FROM (FROM facts ORDER BY ts LIMIT ?)"


def measure(bench: Bench) -> Iterator[Finding]:
    """The command, with a server running, in turn with DuckDB."""
    with bench.duckdb() as db:
        (until,) = db.execute(FIRST_DAY, [bench.written]).fetchall()[0]
    ours, theirs, parquet = (bench.folder / name for name in ("ours.csv", "theirs.csv", "facts.parquet"))
    window = ("export", "email.events", "--until", str(until))
    with bench.serving() as served, scratch(bench.folder / "copy.duckdb") as db:
        product = bench.loaded.product
        product.command(*window, "--format", "parquet", "--out", str(parquet))
        db.execute(f"CREATE TABLE rows AS FROM read_parquet('{parquet}')")

        def command(_number: int) -> None:
            product.command(*window, "--format", "csv", "--out", str(ours))

        def copy(_number: int) -> None:
            db.execute(f"COPY rows TO '{theirs}' (FORMAT csv)")

        taken = in_turn({"product": command, "reference": copy}, min(bench.rounds, 5), warm=1)
        rows, columns = counted(db, theirs)
        remark = f"{rows:,} rows of {columns} columns; memory after it {served.memory():.0f} MB"
        yield compared("R2", taken, equal=counted(db, ours) == (rows, columns), remark=remark)


def counted(db: duckdb.DuckDBPyConnection, file: Path) -> tuple[int, int]:
    """How many rows and columns a CSV file has."""
    found = db.sql(f"FROM read_csv('{file}', all_varchar = true)")
    return found.count("*").fetchall()[0][0], len(found.columns)
