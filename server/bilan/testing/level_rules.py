"""Last known values: of each thing that has one, a plugin's facts tell one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bilan.ingest.normalise import Normaliser, identity_of
from bilan.registry.declared import Declared
from bilan.sdk.conditions import matches
from bilan.sdk.datasets import Dataset, Fact, Row
from bilan.sdk.errors import Invalid
from bilan.sdk.metrics import Latest
from bilan.testing.samples import SampleInput
from bilan.testing.source_rules import NOW


def check_levels(one: Declared, pieces: Sequence[SampleInput]) -> Iterator[str]:
    """No two facts tell a value of one thing at the same time: only one of them would count."""
    for metric in one.metrics:
        dataset = next((each for each in one.datasets if each.key == metric.dataset), None)
        if not isinstance(metric.formula, Latest) or dataset is None:
            continue
        if breach := _told_twice(dataset, metric.formula, pieces):
            yield f"{metric.key} adds up the last values per {', '.join(metric.formula.per)}, {breach}"


def _told_twice(dataset: Dataset, latest: Latest, pieces: Sequence[SampleInput]) -> str | None:
    known = dict[tuple[Any, ...], tuple[Any, ...]]()
    for source, row in _rows(dataset, pieces):
        if row[latest.column] is None or (latest.where is not None and not matches(latest.where, row)):
            continue
        thing = {name: row[name] for name in (*latest.per, dataset.time)}
        identity = identity_of(dataset, row)
        if known.setdefault((source, *thing.values()), identity) != identity:
            return f"but its samples tell two of {_written(thing)}: name in “per” what tells them apart"
    return None


def _rows(dataset: Dataset, pieces: Sequence[SampleInput]) -> Iterator[tuple[str, Row]]:
    normalise = Normaliser(dataset)
    for piece in pieces:
        for item in piece.read(NOW):
            if isinstance(item, Fact) and item.dataset == dataset.key:
                try:
                    yield piece.sample, normalise(item.row, NOW)
                except Invalid:
                    continue  # another rule tells of it


def _written(thing: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in thing.items())
