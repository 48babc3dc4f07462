"""Rows of a table column by column, each different value once. See docs/decisions/059."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, overload

from bilan.sdk.datasets import Fact, Reject, Retract, RowFacts

LOOKED_UP: tuple[set[type], ...] = ({str, type(None), int}, {str, type(None), bool})
"""The types of which equal values read alike. To Python 1, 1.0 and True are equal, and 0.0 is -0.0."""
LISTS = {str, type(None), list}
"""Lists of texts alone are looked up, too."""


class ArrowValues(Sequence[Any]):
    """The values of a ``pyarrow.Array`` as Python has them, made when they are asked for."""

    __slots__ = ("array",)

    def __init__(self, array: Any) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        return self.array[index].to_pylist() if isinstance(index, slice) else self.array[index].as_py()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.array.to_pylist())

    def __contains__(self, value: object) -> bool:
        return bool(self.array.null_count) if value is None else super().__contains__(value)


@dataclass(frozen=True, slots=True)
class DictionaryColumn:
    """A column, dictionary-encoded: row ``n`` holds ``dictionary[indices[n]]``.

    A value that could not be read stands as the ``Unreadable`` that says why.
    """

    dictionary: Sequence[Any]
    indices: Sequence[int]

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def plain(self) -> bool:
        """Whether each row has an entry of its own, in the order of the rows."""
        return self.indices == range(len(self.dictionary))

    def values(self) -> list[Any]:
        """The value of each row."""
        values = list(self.dictionary)
        return values if self.plain else [values[index] for index in self.indices]

    def filled(self) -> Sequence[int]:
        """The positions of the rows in which it is neither missing nor empty nor false, rising."""
        empty = {index for index, value in enumerate(self.dictionary) if not value}
        if not empty:
            return range(len(self))
        return [row for row, index in enumerate(self.indices) if index not in empty]

    def pick(self, rows: Sequence[int]) -> DictionaryColumn:
        """The column in some rows, by their positions."""
        if rows == range(len(self)):
            return self
        return DictionaryColumn(self.dictionary, [self.indices[row] for row in rows])


@dataclass(frozen=True, slots=True)
class FactColumns:
    """Facts of one dataset from consecutive rows of a file, column by column.

    ``columns`` hold a value for each of ``numbers``, the rows' numbers in the
    file, rising. Each value has the type that it has in a ``Fact``; columns that are left
    out are empty. ``rejects`` are rows among them, or between, that cannot be used.
    """

    dataset: str
    columns: Mapping[str, DictionaryColumn]
    numbers: Sequence[int]
    rejects: Sequence[Reject] = ()

    def __len__(self) -> int:
        """How many rows of the file these are."""
        return len(self._order())

    def items(self) -> Iterator[Fact | Reject]:
        """The same row by row, in the order of the file."""
        names, columns = list(self.columns), [column.values() for column in self.columns.values()]
        rows = zip(self.numbers, zip(*columns, strict=True), strict=True)
        found: dict[int, Fact | Reject] = {
            number: Fact(self.dataset, dict(zip(names, values, strict=True)), number)
            for number, values in rows
        }
        found |= {reject.number: reject for reject in self.rejects}
        return (found[number] for number in sorted(found))

    def places(self) -> Mapping[int, int]:
        """The rows' positions among all of them, those that cannot be used too, by their numbers."""
        return {number: place for place, number in enumerate(self._order())}

    def usable(self) -> FactColumns:
        """The rows that can be used, without the rejects."""
        if not self.rejects:
            return self
        refused = {reject.number for reject in self.rejects}
        rows = [row for row, number in enumerate(self.numbers) if number not in refused]
        return replace(self.pick(rows), rejects=())

    def pick(self, rows: Sequence[int]) -> FactColumns:
        """All rejects, and of the facts only those at these positions."""
        columns = {name: column.pick(rows) for name, column in self.columns.items()}
        return FactColumns(self.dataset, columns, [self.numbers[row] for row in rows], self.rejects)

    def split(self, rows: int) -> tuple[FactColumns, FactColumns]:
        """So many rows of the file, and the others."""
        end = self._order()[rows]
        place = bisect_left(self.numbers, end)
        before = tuple(reject for reject in self.rejects if reject.number < end)
        after = tuple(reject for reject in self.rejects if reject.number >= end)
        return (
            replace(self.pick(range(place)), rejects=before),
            replace(self.pick(range(place, len(self.numbers))), rejects=after),
        )

    def _order(self) -> Sequence[int]:
        if not self.rejects:
            return self.numbers
        return sorted({*self.numbers, *(reject.number for reject in self.rejects)})


def encode(values: Sequence[Any]) -> DictionaryColumn:
    """A column of these values, one a row."""
    types = set(map(type, values))
    if list in types and types <= LISTS:
        return _encode_lists(values)
    if not any(types <= alike for alike in LOOKED_UP):
        return DictionaryColumn(values, range(len(values)))
    known = {value: index for index, value in enumerate(dict.fromkeys(values))}
    return DictionaryColumn(list(known), list(map(known.__getitem__, values)))


def _encode_lists(values: Sequence[Any]) -> DictionaryColumn:
    names = [tuple(value) if type(value) is list else value for value in values]
    parts = chain.from_iterable(name for name in names if type(name) is tuple)
    if not set(map(type, parts)) <= {str}:
        return DictionaryColumn(values, range(len(values)))
    known = {name: index for index, name in enumerate(dict.fromkeys(names))}
    entries = [list(name) if type(name) is tuple else name for name in known]
    return DictionaryColumn(entries, list(map(known.__getitem__, names)))


def constant(value: Any, rows: int) -> DictionaryColumn:
    """A column with the same value in so many rows."""
    return DictionaryColumn([value], [0] * rows)


def row_by_row(
    found: Iterable[Fact | Retract | RowFacts | Reject | FactColumns],
) -> Iterator[Fact | Retract | Reject]:
    """What a reader found, each row by itself."""
    for item in found:
        if isinstance(item, FactColumns):
            yield from item.items()
        elif isinstance(item, RowFacts):
            yield from item.facts
        else:
            yield item
