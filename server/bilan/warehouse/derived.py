"""What derived rows are made of, and what stands of them. See docs/decisions/083.

Derived rows are written under the moment of the batch that caused them, so what
stood before it is found by the moment alone, however often the batch is written.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from bilan.sdk.datasets import Dataset, Derivation, Row
from bilan.warehouse.arrow import INSTANT, ArrowTable, tuples
from bilan.warehouse.facts import one_copy_each
from bilan.warehouse.tables import WITHDRAWN, place_of, table_of
from bilan.warehouse.types import empty_of, microseconds, quote

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Key = tuple[str, ...]
"""The texts that a row has in the columns ``by``."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Which keys are looked at, as a condition on the columns ``by``, and the values bound in it."""

    derivation: Derivation
    condition: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @classmethod
    def named(cls, derivation: Derivation, keys: Sequence[Key]) -> Keys:
        """These ones."""
        names = [f"key{number}" for number in range(len(derivation.by))]
        bound = ", ".join(f"{{{name}:Array(String)}}" for name in names)
        chosen = f"(SELECT arrayJoin(arrayZip({bound})))" if len(names) > 1 else bound
        values = {name: list(texts) for name, texts in zip(names, zip(*keys, strict=True), strict=True)}
        return cls(derivation, f"{_by(derivation)} IN {chosen}", values)

    @classmethod
    def since(cls, derivation: Derivation, moment: datetime) -> Keys:
        """Those of which the log was written to later than a moment.

        What a process that stood still left of a withdrawn batch counts as written later, whenever that was.
        """
        written = f"SELECT {', '.join(map(quote, derivation.by))} FROM {quote(table_of(derivation.of))}"  # noqa: S608 - declared names
        withdrawn = f"ingested_at IN (SELECT moment FROM {WITHDRAWN})"  # noqa: S608 - declared names
        later = f"source = {{source:UUID}} AND (ingested_at > {_moment('since')} OR {withdrawn})"
        condition = f"{_by(derivation)} IN ({written} WHERE {later})"
        return cls(derivation, condition, {"since": microseconds(moment)})

    def part(self, number: int, parts: int) -> Keys:
        """One of so many parts of them, of about the same size."""
        cut = f"sipHash64({', '.join(map(quote, self.derivation.by))}) % {parts} = {number}"
        return replace(self, condition=f"{self.condition} AND {cut}" if self.condition else cut)

    @property
    def sql(self) -> str:
        """The condition on rows; without one for those of which a text is empty."""
        present = " AND ".join(f"notEmpty({quote(name)})" for name in self.derivation.by)
        return f"{present} AND {self.condition}" if self.condition else present


def keys_in(log: Dataset, table: ArrowTable, by: tuple[str, ...]) -> set[Key]:
    """The keys of rows of the log: those whose texts are all there."""
    return {key for key in tuples(log, table, list(by)) if all(key)}


def count_log(log: Dataset, keys: Keys) -> str:
    """The statement that says how many rows of the log a source has of some keys, copies among them."""
    return f"SELECT count() AS n FROM {quote(table_of(log))} WHERE source = {{source:UUID}} AND {keys.sql}"  # noqa: S608 - declared names


def read_log(log: Dataset, keys: Keys) -> str:
    """The statement that reads a source's log as of a moment, by key, then in order of time and identity."""
    visible = f"source = {{source:UUID}} AND ingested_at <= {_moment('moment')}"
    order = dict.fromkeys((*keys.derivation.by, log.time, *log.identity))
    chosen = ", ".join(quote(column.name) for column in keys.derivation.given(log))
    facts = one_copy_each(log, visible, keys.sql)
    return f"SELECT {chosen}\nFROM {facts}\nORDER BY {', '.join(map(quote, order))}"


def read_standing(dataset: Dataset, keys: Keys) -> str:
    """The statement that reads what stood of the derived rows before a moment."""
    visible = f"source = {{source:UUID}} AND ingested_at < {_moment('moment')}"
    return (
        f"SELECT {', '.join(map(quote, dataset.by_name))}\nFROM {one_copy_each(dataset, visible, keys.sql)}"
    )


def differing(
    dataset: Dataset, before: ArrowTable, after: ArrowTable, left_alone: Collection[Key]
) -> tuple[ArrowTable, ArrowTable]:
    """Of the rows that stood and those that were made, the ones that are not the same.

    Nothing is said of keys that are to be left alone.
    """
    assert dataset.derived is not None  # noqa: S101 - narrows for the type checker
    if not before.num_rows:
        return before, after
    if left_alone:
        keys = tuples(dataset, before, list(dataset.derived.by))
        before = before.filter(pa.array([key not in left_alone for key in keys], pa.bool_()))
    places = [name for name in place_of(dataset) if name != "source"]
    columns = list(dataset.by_name)
    stood, made = tuples(dataset, before, places), tuples(dataset, after, places)
    values = dict(zip(stood, tuples(dataset, before, columns), strict=True))
    same = {
        place
        for place, now in zip(made, tuples(dataset, after, columns), strict=True)
        if values.get(place) == now
    }
    return (
        before.filter(pa.array([place not in same for place in stood], pa.bool_())),
        after.filter(pa.array([place not in same for place in made], pa.bool_())),
    )


def as_rows(log: Dataset, derivation: Derivation, table: ArrowTable) -> list[Row]:
    """The log's rows as ``make`` is given them, in the types that plugins write."""
    given = derivation.given(log)
    columns = [_values(table[column.name], empty_of(column)) for column in given]
    names = [column.name for column in given]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _values(column: Any, empty: Any) -> list[Any]:
    if pa.types.is_timestamp(column.type):
        # Many times quicker than Arrow's own way.
        since = column.cast(INSTANT).to_numpy().view("timedelta64[us]").tolist()
        return [None if one is None else EPOCH + one for one in since]
    values = column.to_pylist()
    return [empty if one is None else one for one in values] if column.null_count else values


def _by(derivation: Derivation) -> str:
    names = ", ".join(map(quote, derivation.by))
    return f"({names})" if len(derivation.by) > 1 else names


def _moment(name: str) -> str:
    return f"fromUnixTimestamp64Micro({{{name}:Int64}}, 'UTC')"
