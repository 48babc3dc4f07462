"""Q1 and Q2 in a zone in which no report is, so that no rollup is cut at its days."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from benchmarks.asking import ask
from benchmarks.bench import Bench
from benchmarks.measuring import Finding
from benchmarks.questions import OTHER_ZONE, by_day, by_month

KEYS = ("Q1 zone", "Q2 zone")


def measure(bench: Bench) -> Iterator[Finding]:
    """In turn with DuckDB, which adds the zone's minutes to each time."""
    yield ask(bench, "Q1 zone", partial(by_day, zone=OTHER_ZONE))
    yield ask(bench, "Q2 zone", partial(by_month, zone=OTHER_ZONE))
