"""Q4: the fifty campaigns with the highest open rate, all time."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.asking import Rows, ask, equal_rows
from benchmarks.bench import Bench
from benchmarks.measuring import Finding
from benchmarks.questions import by_campaign

KEYS = ("Q4",)
RATE = 2


def measure(bench: Bench) -> Iterator[Finding]:
    """In turn with DuckDB."""
    yield ask(bench, "Q4", by_campaign, same)


def same(product: Rows, reference: Rows) -> bool:
    """Whether both have the same campaigns; those of one rate may stand in another order."""
    return equal_rows(*(sorted(rows, key=lambda row: (-row[RATE], row[0])) for rows in (product, reference)))
