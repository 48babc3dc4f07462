"""What metrics count different ones of, as one number a row. See docs/decisions/063.

A key's number is the sum of a hash for each of its columns. So keys that
differ only in what a rollup groups by are told from one another by what stands
beside them, and one column holds them all.
"""

from __future__ import annotations

from bilan.sdk.datasets import Dataset, DistinctKey, Rollup
from bilan.warehouse.types import quote


def stored_keys(rollup: Rollup) -> tuple[DistinctKey, ...]:
    """The keys that have a column of their own."""
    return tuple(key for key in rollup.keys if _stored(rollup, key) is key)


def column_of(key: DistinctKey) -> str:
    """The name of a stored key's column."""
    return f"_hash_{'__'.join(key.columns)}"


def hashed(dataset: Dataset, key: DistinctKey) -> str:
    """A stored key's number, from the columns of a row."""
    return _sum(dataset, key.columns)


def number(dataset: Dataset, rollup: Rollup, key: DistinctKey) -> str:
    """A key's number in a row of the facts."""
    column, shift = _found(dataset, rollup, key)
    return f"({column} + {shift})" if shift else column


def numbers(dataset: Dataset, rollup: Rollup, key: DistinctKey) -> str:
    """A key's numbers in a row of the rollup."""
    column, shift = _found(dataset, rollup, key)
    return f"arrayMap(_n -> _n + {shift}, {column})" if shift else column


def _stored(rollup: Rollup, key: DistinctKey) -> DistinctKey:
    """The key in whose column this one is found: the first with the same rows and undeclared columns."""

    def undeclared(one: DistinctKey) -> set[str]:
        return set(one.columns) - {*rollup.dimensions, "source"}

    return next(
        one
        for one in rollup.keys
        if undeclared(one) == undeclared(key) and set(one.present) == set(key.present)
    )


def _found(dataset: Dataset, rollup: Rollup, key: DistinctKey) -> tuple[str, str]:
    """The column in which a key is found, and what is to be added to it."""
    stored = _stored(rollup, key)
    more = _sum(dataset, tuple(name for name in key.columns if name not in stored.columns))
    less = _sum(dataset, tuple(name for name in stored.columns if name not in key.columns))
    shift = f"toUInt64({more or 0} - ({less}))" if less else more
    return quote(column_of(stored)), shift


def _sum(dataset: Dataset, names: tuple[str, ...]) -> str:
    return " + ".join(_hash(dataset, name) for name in names)


def _hash(dataset: Dataset, name: str) -> str:
    column = quote(name)
    if name == "source":
        return f"xxh3({column})"  # SipHash takes thirty times as long for an identifier
    if dataset.by_name[name].nullable:
        return f"sipHash64('{name}', isNull({column}), ifNull({column}, ''))"
    # The engine hashes each word of a dimension once.
    return f"sipHash64('{name}', {column})"
