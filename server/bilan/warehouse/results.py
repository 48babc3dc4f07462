"""What a query gives back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the engine read to answer, as far as it says so."""

    rows_read: int = 0
    bytes_read: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """A small result, whole in memory. Instants are aware and in UTC."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    statistics: Statistics = Statistics()
