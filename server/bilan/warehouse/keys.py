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
    guards = (f"{column}_unless_{other}" for column, other in key.unless)
    return f"_hash_{'__'.join([*key.columns, *guards])}"


def hashed(dataset: Dataset, key: DistinctKey) -> str:
    """A stored key's number, from the columns of a row."""
    return _sum(dataset, _items(key))


def present(key: DistinctKey) -> str:
    """Whether a row has the key."""
    return " AND ".join(f"notEmpty({quote(name)})" for name in key.present) or "1"


def number(dataset: Dataset, rollup: Rollup, key: DistinctKey) -> str:
    """A key's number in a row of the facts."""
    column, shift = _found(dataset, rollup, key)
    return f"({column} + {shift})" if shift else column


def numbers(dataset: Dataset, rollup: Rollup, key: DistinctKey) -> str:
    """A key's numbers in a row of the rollup."""
    column, shift = _found(dataset, rollup, key)
    return f"arrayMap(_n -> _n + {shift}, {column})" if shift else column


def of_person(dataset: Dataset, key: DistinctKey, number: str, others: str, firsts: str) -> str:
    """A key's number with the person in the place of the contact, of whom ``others`` are other addresses."""
    rest = _sum(dataset, tuple(item for item in _items(key) if item[0] != dataset.contact))
    hashes = (
        f"arrayMap(_c -> {_hash_of(dataset, dataset.contact, '_c')}, {one})" for one in (others, firsts)
    )
    # Where the contact does not count, as another column guards it, nobody has the hash 0.
    alone = f"toUInt64({number} - ({rest}))" if rest else number
    found = f"transform({alone}, {', '.join(hashes)})"
    return f"({found} + {rest})" if rest else found


def tells_person(dataset: Dataset, rollup: Rollup, key: DistinctKey) -> bool:
    """Whether the contact can be told in a key's number, in a row of the rollup."""
    known = {*rollup.dimensions, "source"}
    return all({name, *guards} <= known for name, guards in _items(key) if name != dataset.contact)


Item = tuple[str, tuple[str, ...]]
"""A column of a key, with those that must be empty for it to count."""


def _items(key: DistinctKey) -> tuple[Item, ...]:
    return tuple((name, key.guards(name)) for name in key.columns)


def _stored(rollup: Rollup, key: DistinctKey) -> DistinctKey:
    """The key in whose column this one is found: the first with the same rows and undeclared columns."""

    def undeclared(one: DistinctKey) -> set[Item]:
        return {item for item in _items(one) if not {item[0], *item[1]} <= {*rollup.dimensions, "source"}}

    return next(
        one
        for one in rollup.keys
        if undeclared(one) == undeclared(key) and set(one.present) == set(key.present)
    )


def _found(dataset: Dataset, rollup: Rollup, key: DistinctKey) -> tuple[str, str]:
    """The column in which a key is found, and what is to be added to it."""
    stored = _stored(rollup, key)
    more = _sum(dataset, tuple(item for item in _items(key) if item not in _items(stored)))
    less = _sum(dataset, tuple(item for item in _items(stored) if item not in _items(key)))
    shift = f"toUInt64({more or 0} - ({less}))" if less else more
    return quote(column_of(stored)), shift


def _sum(dataset: Dataset, items: tuple[Item, ...]) -> str:
    return " + ".join(_guarded(dataset, name, guards) for name, guards in items)


def _guarded(dataset: Dataset, name: str, guards: tuple[str, ...]) -> str:
    if not guards:
        return _hash(dataset, name)
    empty = " AND ".join(f"empty({quote(guard)})" for guard in guards)
    return f"if({empty}, {_hash(dataset, name)}, 0)"


def _hash(dataset: Dataset, name: str) -> str:
    if name == "source":
        return f"xxh3({quote(name)})"  # SipHash takes thirty times as long for an identifier
    # The engine hashes each word of a dimension once.
    return _hash_of(dataset, name, quote(name))


def _hash_of(dataset: Dataset, name: str, value: str) -> str:
    """The hash of what a column holds."""
    if dataset.by_name[name].nullable:
        return f"sipHash64('{name}', isNull({value}), ifNull({value}, ''))"
    return f"sipHash64('{name}', {value})"
