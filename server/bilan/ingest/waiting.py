"""Facts that wait to be checked together: those that came one by one, and those that came in columns.

See docs/decisions/081.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bilan.ingest.columns import columns_of, joined
from bilan.sdk.columns import FactColumns
from bilan.sdk.datasets import Fact, Reject


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A fact, where it came among all of its batch, and its number in its file or post."""

    place: int
    number: int
    fact: Fact


class WaitingRows:
    """Facts of one dataset that came one by one."""

    def __init__(self, dataset: str) -> None:
        self._dataset = dataset
        self._facts: list[Unchecked] = []

    def __len__(self) -> int:
        return len(self._facts)

    def add(self, place: int, number: int, fact: Fact) -> None:
        """Take one, with its place in the batch and its number."""
        self._facts.append(Unchecked(place, fact.number or number, fact))

    def columns(self) -> FactColumns:
        """All of them."""
        columns = columns_of([one.fact.row for one in self._facts])
        return FactColumns(self._dataset, columns, [one.number for one in self._facts])

    def alone(self, rows: Sequence[int]) -> Iterator[Unchecked]:
        """Those at these positions, each by itself."""
        return map(self._facts.__getitem__, rows)


class WaitingColumns:
    """Facts of one dataset that came in columns, such as those of a post."""

    def __init__(self, _dataset: str) -> None:
        self._pieces: list[tuple[int, FactColumns]] = []
        self._usable: list[FactColumns] = []

    def __len__(self) -> int:
        return sum(len(usable.numbers) for usable in self._usable)

    def add(self, place: int, given: FactColumns) -> Iterator[tuple[int, Reject]]:
        """Take some, the first of which has this place in the batch; the answer are the rejects' places."""
        if any(len(column) != len(given.numbers) for column in given.columns.values()):
            raise ValueError("a column has not as many rows as there are numbers")
        self._pieces.append((place, given))
        self._usable.append(given.usable())
        places = given.places() if given.rejects else {}
        return ((place + places[reject.number], reject) for reject in given.rejects)

    def columns(self) -> FactColumns:
        """All of them that can be used so far."""
        return joined(self._usable)

    def alone(self, rows: Sequence[int]) -> Iterator[Unchecked]:
        """Those at these positions, which rise, each by itself."""
        first = start = 0
        for (place, given), usable in zip(self._pieces, self._usable, strict=True):
            last = first + len(usable.numbers)
            end = bisect_left(rows, last, start)
            if start < end:
                places, picked = given.places(), [row - first for row in rows[start:end]]
                for fact in usable.pick(picked).items():
                    if isinstance(fact, Fact) and fact.number is not None:
                        yield Unchecked(place + places[fact.number], fact.number, fact)
            first, start = last, end
