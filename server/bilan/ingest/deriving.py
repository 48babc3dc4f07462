"""Derived rows are made of the log and written beside it, as far as they differ from those that stand.

See docs/decisions/083.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256
from itertools import groupby
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from bilan.catalog.text import sanitise
from bilan.ingest.batch import Batch, Facts
from bilan.ingest.columns import check_columns, columns_of
from bilan.ingest.normalise import Normaliser, Normalisers, changed_activity, identity_of
from bilan.sdk.activity import ACTIVITY
from bilan.sdk.columns import FactColumns
from bilan.sdk.datasets import Dataset, Derivation, Row
from bilan.sdk.errors import BilanError, Invalid
from bilan.sdk.messages import Message
from bilan.sdk.sources import Settings
from bilan.sdk.textdomain import _
from bilan.warehouse import Result, derived, microseconds
from bilan.warehouse.arrow import ArrowTable, table_of, tuples
from bilan.warehouse.derived import Key, Keys
from bilan.warehouse.tables import CHANGING_ACTIVITY

log = logging.getLogger(__name__)

ROWS = 200_000
"""About how many rows of the log are held in memory at once."""
KEYS = 5_000
"""How many keys are looked up at once."""


class Tables(Facts, Protocol):
    """The part of the warehouse that also gives rows back. Blocking."""

    def table(self, sql: str, parameters: Mapping[str, Any], /) -> ArrowTable: ...

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None, /) -> Result: ...


@dataclass(slots=True)
class Derived:
    """The days in UTC on which derived rows changed, and why some keys were left as they were."""

    touched: dict[tuple[str, UUID], set[date]] = field(default_factory=dict[tuple[str, UUID], set[date]])
    failure: Message | None = None

    def take(self, other: Derived) -> None:
        """Add what was derived besides."""
        for key, days in other.touched.items():
            self.touched.setdefault(key, set()).update(days)
        self.failure = self.failure or other.failure


class Declared(NamedTuple):
    """A derived dataset, and the one it is derived from."""

    log: Dataset
    dataset: Dataset
    derivation: Derivation


@dataclass(frozen=True, slots=True)
class Target:
    """A derived dataset of one source. ``settings`` are those that the derivation names, of the source's."""

    declared: Declared
    source: UUID
    settings: Settings

    @property
    def definition(self) -> str:
        """A digest of what the rows follow from besides the log."""
        _log, dataset, derivation = self.declared
        columns = [(one.name, one.type.value, one.nullable) for one in dataset.columns]
        shape = (derivation.of, derivation.by, dataset.identity, dataset.time, columns)
        said = json.dumps([derivation.version, shape, sorted(self.settings.items())], default=str)
        return sha256(said.encode()).hexdigest()


@dataclass(slots=True)
class Made:
    """Rows that were made, and the keys of which none could be."""

    rows: ArrowTable
    failed: set[Key] = field(default_factory=set[Key])
    failure: Message | None = None


def derived_datasets(datasets: Iterable[Dataset]) -> list[Declared]:
    """Those of some datasets that are derived from others of them."""
    known = {one.key: one for one in datasets}
    return [Declared(known[one.derived.of], one, one.derived) for one in known.values() if one.derived]


def target_of(declared: Declared, source: UUID, settings: Settings) -> Target:
    """The derived dataset of a source with these settings."""
    named = declared.derivation.settings
    return Target(declared, source, {key: settings[key] for key in named if key in settings})


def changed_keys(declared: Declared, batch: Batch, source: UUID) -> set[Key]:
    """The keys that a batch changed something of, once it was appended."""
    log_, _dataset, derivation = declared
    tables = batch.changed.get((log_.key, source), ())
    return {key for table in tables for key in derived.keys_in(log_, table, derivation.by)}


class Deriver:
    """Derives rows in the turn of a batch, under its moment. Blocking; safe to repeat.

    ``check`` is called before each insert; what it raises ends the work.
    """

    def __init__(self, warehouse: Tables, datasets: Mapping[str, Dataset]) -> None:
        self._warehouse = warehouse
        self._normalisers = Normalisers(datasets)
        self._checks = {key: Normaliser(one) for key, one in datasets.items() if one.derived is not None}

    def size(self, target: Target, keys: Keys) -> int:
        """How many rows of the log there are of some keys, copies among them."""
        statement = derived.count_log(target.declared.log, keys)
        return int(self._warehouse.query(statement, {"source": target.source, **keys.parameters}).rows[0][0])

    def derive_keys(
        self, target: Target, keys: set[Key], moment: datetime, now: datetime, check: Callable[[], None]
    ) -> Derived:
        """Derive what follows from the log as of a moment for these keys."""
        found, ordered = Derived(), sorted(keys)
        for start in range(0, len(ordered), KEYS):
            named = Keys.named(target.declared.derivation, ordered[start : start + KEYS])
            found.take(self.derive(target, named, moment, now, check))
        return found

    def parts(self, target: Target, since: datetime | None) -> list[Keys]:
        """The keys that were written to since a moment, or all, in parts of some rows each."""
        derivation = target.declared.derivation
        keys = Keys(derivation) if since is None else Keys.since(derivation, since)
        parts = max(1, -(-self.size(target, keys) // ROWS))
        return [keys.part(number, parts) if parts > 1 else keys for number in range(parts)]

    def derive(
        self, target: Target, keys: Keys, moment: datetime, now: datetime, check: Callable[[], None]
    ) -> Derived:
        """Derive what follows from the log as of a moment for some keys, and withdraw what does no more."""
        log_, dataset, derivation = target.declared
        bound = {"source": target.source, "moment": microseconds(moment), **keys.parameters}
        rows = self._warehouse.table(derived.read_log(log_, keys), bound)
        stood = self._warehouse.table(derived.read_standing(dataset, keys), bound)
        made = self._make(target, derived.as_rows(log_, derivation, rows), now)
        before, after = derived.differing(dataset, stood, made.rows, made.failed)
        if not before.num_rows and not after.num_rows:
            return Derived(failure=made.failure)
        withdrawn, did = changed_activity(
            dataset, before, after, lambda row: self._activity(dataset, row, now, made)
        )
        check()
        written = self._warehouse.append(dataset, target.source, after, moment=moment, before=before)
        touched = {(dataset.key, target.source): set(written.days)}
        if withdrawn.num_rows or did.num_rows:
            check()
            changed = self._warehouse.append(
                CHANGING_ACTIVITY, target.source, did, moment=moment, before=withdrawn
            )
            touched[ACTIVITY.key, target.source] = set(changed.days)
        return Derived(touched, made.failure)

    def _activity(self, dataset: Dataset, row: Row, now: datetime, made: Made) -> list[Row]:
        """What contacts did by a row; nothing where that fails."""
        try:
            return self._normalisers.activity(dataset, row, now)
        except Exception as error:
            made.failure = made.failure or _failure(dataset, error)
            return []

    def _make(self, target: Target, log_rows: list[Row], now: datetime) -> Made:
        """The rows that follow, checked column by column; key by key where something is wrong with any."""
        dataset, by = target.declared.dataset, target.declared.derivation.by
        keys = [(key, list(rows)) for key, rows in groupby(log_rows, lambda row: tuple(row[n] for n in by))]
        with suppress(Exception):  # which is told key by key
            rows = [row for key, of_key in keys for row in _follow(target, key, of_key)]
            if not rows:
                return Made(table_of(dataset, ()))
            unread = replace(dataset, activity=None)
            given = FactColumns(dataset.key, columns_of(rows), range(len(rows)))
            checked = check_columns(unread, given, now)
            names = tuples(dataset, checked.facts, list(dataset.identity))
            if not checked.refused and len(set(names)) == len(names):
                return Made(checked.facts)
        return self._make_guarded(target, keys, now)

    def _make_guarded(self, target: Target, keys: list[tuple[Key, list[Row]]], now: datetime) -> Made:
        dataset, made, names = target.declared.dataset, list[Row](), set[tuple[Any, ...]]()
        failed, failure = set[Key](), None
        for key, rows in keys:
            try:
                found = [self._checks[dataset.key](row, now) for row in _follow(target, key, rows)]
                named = {identity_of(dataset, row) for row in found}
                if len(named) < len(found) or not named.isdisjoint(names):
                    raise Invalid(_("Two rows of {dataset} have the same identity.", dataset=dataset.label))
            except Exception as error:
                failed.add(key)
                failure = failure or _failure(dataset, error)
            else:
                names |= named
                made += found
        return Made(table_of(dataset, made), failed, failure)


def _follow(target: Target, key: Key, rows: list[Row]) -> Iterator[Row]:
    """The rows that follow from those of one key."""
    _log, _dataset, derivation = target.declared
    same = dict(zip(derivation.by, key, strict=True))
    return ({**row, **same} for row in derivation.make(rows, target.settings))


def _failure(dataset: Dataset, error: Exception) -> Message:
    if isinstance(error, BilanError):
        log.warning("Rows of %s could not be derived: %s", dataset.key, error)
        return error.message
    log.error("The plugin failed to derive rows of %s", dataset.key, exc_info=error)
    return _("The plugin failed to derive this: {error}", error=sanitise(repr(error)))
