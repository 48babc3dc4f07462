"""Start and idle memory of ``bilan serve``, and what the events take on the disk."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.measuring import Finding, Spread, seconds
from benchmarks.reference import FILE

KEYS = ("start", "idle memory", "disk")
STARTS = 3
IDLE = 5.0
UPLOADS = "files"
"""Below the data folder: the file that was imported lies there as it came."""


def measure(bench: Bench) -> Iterator[Finding]:
    """Start a few times, look at the memory after a while, then at the folder."""
    starts: list[float] = []
    memory: list[float] = []
    for _start in range(STARTS):
        with bench.serving(kept=True) as served:
            starts.append(served.started)
            time.sleep(IDLE)
            memory.append(served.memory())
    yield Finding("start", Spread.of(starts), seconds(Spread.of(starts)))
    yield Finding("idle memory", Spread.of(memory))
    yield disk(bench)


def disk(bench: Bench) -> Finding:
    """Megabytes a million events, beside those of Parquet and DuckDB."""
    millions, parquet = bench.loaded.events / 1e6, bench.loaded.parquet
    folder = bench.loaded.product.folder
    taken = sum(size(part) for part in folder.iterdir() if part.name != UPLOADS)
    events = sum(
        size(parquet / f"{name}.parquet") for name in ("facts", "campaigns", "campaign_tags", "contacts")
    )
    said = f"Parquet {events / millions:.3g} MB, DuckDB {size(parquet / FILE) / millions:.3g} MB"
    return Finding.one("disk", taken / millions, reference=said)


def size(path: Path) -> float:
    """Megabytes that a file or a folder takes on the disk."""
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return sum(one.stat().st_blocks * 512 for one in files) / 1e6
