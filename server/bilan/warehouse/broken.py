"""Parts of the warehouse that cannot be read: found broken when it started, or taken out by somebody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

READ = (
    "SELECT table, partition_id, name, reason FROM system.detached_parts "
    "WHERE database = currentDatabase() "
    # What the engine keeps aside because it holds the same elsewhere is missing to nobody.
    "AND reason NOT IN ('ignored', 'clone', 'attaching', 'deleting', 'covered-by-broken')"
)


@dataclass(frozen=True, slots=True, order=True)
class BrokenPart:
    """Rows of a table and a month (such as 202603) that no figure counts; ``reason`` is the engine's word."""

    table: str
    month: int
    name: str
    reason: str


def broken_parts(rows: Iterable[Sequence[Any]]) -> tuple[BrokenPart, ...]:
    """What the statement :data:`READ` gives."""
    return tuple(
        sorted(
            BrokenPart(table, _month(str(partition)), name, reason or "detached")
            for table, partition, name, reason in rows
        )
    )


def _month(partition: str) -> int:
    """The month of a partition; that of what was counted in advance has the generation's number behind it."""
    month = partition.partition("-")[0]
    return int(month) if month.isdigit() else 0
