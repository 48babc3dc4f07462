"""What a plugin derives from its facts: each rule yields sentences about what is wrong with it."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

from bilan.ingest.deriving import Declared as Derived
from bilan.ingest.deriving import derived_datasets
from bilan.ingest.normalise import Normaliser, identity_of
from bilan.registry.declared import Declared, Registry
from bilan.sdk.datasets import Fact, Keep, Row
from bilan.sdk.errors import BilanError
from bilan.sdk.sources import Settings
from bilan.testing.samples import SampleInput
from bilan.testing.source_rules import NOW

CUTS = 3
"""How many beginnings of a key's rows are derived besides all of them."""


def default_settings(registry: Registry, derived: Derived) -> Mapping[str, Any]:
    """The defaults of the settings that a derivation reads."""
    namespace = derived.dataset.key.partition(".")[0]
    kinds = (kind for one in registry.declared if one.plugin.namespace == namespace for kind in one.sources)
    defaults = {setting.key: setting.default for kind in kinds for setting in kind.settings}
    return {key: defaults[key] for key in derived.derivation.settings if key in defaults}


def check_derivations(registry: Registry, one: Declared, pieces: Sequence[SampleInput]) -> Iterator[str]:
    """The same rows of the log give the same derived rows, whatever was derived before, each named once."""
    for derived in derived_datasets(one.datasets):
        defaults = default_settings(registry, derived)
        breach = next(_breaches(derived, _logs(derived, pieces), defaults), None)
        if breach is not None:
            yield f"what {derived.dataset.key} is derived by {breach}"


def _logs(derived: Derived, pieces: Sequence[SampleInput]) -> list[list[Row]]:
    """The rows of the log by key, as the core hands them over, whatever came how often and in which order."""
    log, _dataset, derivation = derived
    given = [column.name for column in derivation.given(log)]
    normalise, rows = Normaliser(log), dict[tuple[Any, ...], Row]()
    for piece in pieces:
        for item in piece.read(NOW):
            if isinstance(item, Fact) and item.dataset == log.key:
                row = normalise(item.row, NOW)
                if log.keep is Keep.LAST or identity_of(log, row) not in rows:
                    rows[identity_of(log, row)] = row
    logs: dict[tuple[Any, ...], list[Row]] = {}
    for row in sorted(rows.values(), key=lambda row: (row[log.time], identity_of(log, row))):
        key = tuple(row[name] for name in derivation.by)
        if all(key):
            logs.setdefault(key, []).append({name: row[name] for name in given})
    return list(logs.values())


def _breaches(derived: Derived, logs: list[list[Row]], settings: Settings) -> Iterator[str]:
    """What is wrong with rows derived first in order, then shuffled among beginnings of the same logs."""
    dataset = derived.dataset
    names: dict[tuple[Any, ...], int] = {}
    first = list[list[Row]]()
    for number, log in enumerate(logs):
        before = copy.deepcopy(log)
        try:
            found = _derive(derived, log, settings)
        except (BilanError, KeyError) as error:
            yield _why(error)
            return
        if log != before:
            yield "changes the rows it is given"
        for row in found:
            if names.setdefault(identity_of(dataset, row), number) != number:
                yield "gives rows of two keys the same identity"
        if len({identity_of(dataset, row) for row in found}) < len(found):
            yield "gives two rows the same identity"
        first.append(found)
    chance = Random(0)  # noqa: S311 - the same shuffle each time
    work = [(number, None) for number in range(len(logs))]
    work += [(number, chance.randint(0, len(logs[number]))) for number, _all in work * CUTS]
    chance.shuffle(work)
    for number, length in work:
        found = _derive(derived, copy.deepcopy(logs[number][:length]), settings)
        if length is None and found != first[number]:
            yield "gives other rows the second time: it may only depend on the rows and settings it is given"
        elif len({identity_of(dataset, row) for row in found}) < len(found):
            yield "gives two rows the same identity"


def _why(error: BilanError | KeyError) -> str:
    if isinstance(error, KeyError):
        return f"reads {error}, which is no column that it is given"
    return f"gives a row that is refused: {error}"


def _derive(derived: Derived, log: list[Row], settings: Settings) -> list[Row]:
    _log, dataset, derivation = derived
    normalise = Normaliser(dataset)
    same = {name: log[0][name] for name in derivation.by} if log else {}
    return [normalise({**row, **same}, NOW) for row in derivation.make(log, settings)]
