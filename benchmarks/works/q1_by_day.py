"""Q1: ninety days by day of the campaigns with either of two tags, eight counts of which two are distinct."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.asking import ask
from benchmarks.bench import Bench
from benchmarks.measuring import Finding
from benchmarks.questions import by_day

KEYS = ("Q1",)


def measure(bench: Bench) -> Iterator[Finding]:
    """In turn with DuckDB."""
    yield ask(bench, "Q1", by_day)
