"""Which bucket a moment falls into, as SQL.

The edges come from Python: the engine needs no calendar and no time zones of
its own, and cannot disagree about them. Between two changes of the clocks
days are equally long, so that a division finds the day; measured, that is four
times as fast as searching among the edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bilan.query.binder import Binder
from bilan.sdk.periods import Bucket
from bilan.warehouse import microseconds

MOST_RUNS = 12
"""With more runs than this (months of several years) the edges are searched after all."""


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive buckets of one length, in microseconds since 1970."""

    first: int
    start: int
    length: int
    end: int


def position(buckets: Sequence[Bucket], moment: str, binder: Binder) -> str:
    """The bucket's index; of buckets that start together, that of the one with a length."""
    found = runs(buckets)
    if not found:
        return "toUInt16(0)"
    micros = f"toUnixTimestamp64Micro({moment})"
    if len(found) > MOST_RUNS:
        return f"toUInt16({_searched(buckets, micros, binder)})"
    *others, last = (_divided(run, micros, binder) for run in found)
    if not others:
        return f"toUInt16({last})"
    ends = (binder.bind(run.end, "Int64") for run in found)
    branches = (f"{micros} < {end}, {index}" for end, index in zip(ends, others, strict=False))
    return f"toUInt16(multiIf({', '.join(branches)}, {last}))"


def runs(buckets: Sequence[Bucket]) -> list[Run]:
    """The buckets that have a length, those of one length together."""
    found: list[Run] = []
    for bucket in buckets:
        start, end = microseconds(bucket.starts_at), microseconds(bucket.ends_at)
        previous = found[-1] if found else None
        if start == end:
            continue
        if previous and previous.length == end - start and _adjoins(previous, bucket.index):
            found[-1] = Run(previous.first, previous.start, previous.length, end)
        else:
            found.append(Run(bucket.index, start, end - start, end))
    return found


def _adjoins(run: Run, index: int) -> bool:
    return run.first + (run.end - run.start) // run.length == index


def _divided(run: Run, micros: str, binder: Binder) -> str:
    start, length = binder.bind(run.start, "Int64"), binder.bind(run.length, "Int64")
    steps = f"intDiv({micros} - {start}, {length})"
    return f"{binder.bind(run.first, 'Int64')} + {steps}" if run.first else steps


def _searched(buckets: Sequence[Bucket], micros: str, binder: Binder) -> str:
    # Where buckets start together, the last one overwrites those without a length.
    edges = {microseconds(bucket.starts_at): bucket.index for bucket in buckets}
    bound = binder.bind(list(edges), "Array(Int64)")
    indexes = binder.bind(list(edges.values()), "Array(Int64)")
    return f"transform(roundDown({micros}, {bound}), {bound}, {indexes})"
