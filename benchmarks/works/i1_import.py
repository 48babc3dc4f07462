"""I1: ``bilan import`` of many rows, beside the engine alone, which fills the same tables from the file."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import engine
from benchmarks.bench import Bench
from benchmarks.measuring import Finding, Spread
from benchmarks.reference import scratch
from benchmarks.served import Product

KEYS = ("I1 Parquet", "I1 CSV")
FORMATS = {"Parquet": "Parquet", "CSV": "CSVWithNames"}
TURNS = 2


def measure(bench: Bench) -> Iterator[Finding]:
    """Each format a few times, each time into an empty folder."""
    for name, engine_format in FORMATS.items():
        file = bulk(bench, name, bench.imported)
        ours: list[float] = []
        theirs: list[float] = []
        for turn in range(TURNS):
            folder = bench.folder / f"import-{name}-{turn}"
            ours.append(imported(Product(folder), file, bench.imported))
            scratch = bench.folder / "engine"
            theirs.append(engine.seconds(folder / "warehouse", file, engine_format, scratch))
            for used in (folder, scratch):
                shutil.rmtree(used)
        rates = [[bench.imported / seconds for seconds in way] for way in (ours, theirs)]
        said = [f"{Spread.of(way).median:,.0f} rows/s" for way in rates]
        ratios = [one / other for one, other in zip(*rates, strict=True)]
        yield Finding(f"I1 {name}", Spread.of(ratios), said[0], said[1], remark=f"{bench.imported:,} rows")


def bulk(bench: Bench, file_format: str, rows: int) -> Path:
    """A file with the first events."""
    file = bench.folder / f"bulk.{file_format.lower()}"
    with scratch() as db:
        db.execute(
            f"COPY (FROM read_parquet('{bench.loaded.parquet}/events.parquet') LIMIT {rows})"
            f" TO '{file}' (FORMAT {file_format})"
        )
    return file


def imported(
    product: Product, file: Path, rows: int, kind: str = "file", plugin: str = "email_campaigns"
) -> float:
    """Seconds of the command, with a server running. Raises where a row was not taken."""
    token = product.token()
    product.add_source(kind, "Shop", plugin=plugin)
    with product.serving(token):
        began = time.perf_counter()
        said = product.command("import", "--source", "Shop", str(file))
        taken = time.perf_counter() - began
    assert f"{rows:,} new, 0 already there, 0 rejected." in said, said
    return taken
