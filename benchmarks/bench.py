"""What the works share: the loaded product and its server, the references, how often to measure."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks import bare, reference
from benchmarks.loaded import Loaded
from benchmarks.measuring import Finding
from benchmarks.served import Served

NOTHING_KEPT = {"BILAN_KEPT_ANSWERS_BYTES": "0"}
"""Settings of a server that remembers no answer."""


@dataclass
class Bench:
    """The measures' surroundings. ``folder`` is removed after the run; ``seed`` decides what is random."""

    loaded: Loaded
    folder: Path
    rounds: int
    seconds: float
    """How long clients ask for one figure."""
    seed: int

    @property
    def written(self) -> int:
        """How many rows a file that is written has: a million, or all events there are."""
        return min(1_000_000, self.loaded.events)

    @property
    def imported(self) -> int:
        """How many rows an import has: a million, or a fifth of fewer than five million events."""
        return min(1_000_000, self.loaded.events // 5)

    def random(self, work: str) -> random.Random:
        """The source of what is random in a work."""
        return random.Random(f"{self.seed} {work}")

    @contextmanager
    def duckdb(self) -> Generator[duckdb.DuckDBPyConnection]:
        """The reference in this process."""
        with reference.connect(self.loaded.parquet) as db:
            yield db

    @contextmanager
    def bare(self) -> Generator[int]:
        """The port of the bare Starlette."""
        with bare.serving(self.loaded.parquet) as port:
            yield port

    @contextmanager
    def serving(self, *, kept: bool = False) -> Generator[Served]:
        """The product's server on all events, which remembers answers or does not."""
        settings = {} if kept else NOTHING_KEPT
        with self.loaded.product.serving(self.loaded.token, **settings) as served:
            yield served


Work = Callable[[Bench], Iterator[Finding]]
"""What ``measure`` of each module of ``benchmarks.works`` is."""
