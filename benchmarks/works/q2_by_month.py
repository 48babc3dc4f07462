"""Q2: two years by month, everything, the same counts."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.asking import ask
from benchmarks.bench import Bench
from benchmarks.measuring import Finding
from benchmarks.questions import by_month

KEYS = ("Q2",)


def measure(bench: Bench) -> Iterator[Finding]:
    """In turn with DuckDB."""
    yield ask(bench, "Q2", by_month)
