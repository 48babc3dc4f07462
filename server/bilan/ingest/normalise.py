"""A plugin's fact becomes a row the warehouse takes, or a reject with a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import Any, NoReturn

import msgspec

from bilan.ingest.values import CHECKS
from bilan.sdk.activity import ACTIVITY
from bilan.sdk.datasets import Activity, ColumnType, Dataset, Fact, Keep, Retract, Row, Same
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _
from bilan.sdk.unreadable import Unreadable
from bilan.warehouse.arrow import ArrowTable, rows_of, table_of
from bilan.warehouse.tables import CHANGING_ACTIVITY
from bilan.warehouse.types import EMPTY, empty_of

FIRST_DAY = datetime(1990, 1, 1, tzinfo=UTC)
"""Facts older than this are a clock that was never set, not history."""

Check = Callable[[Any], Any]


class Normaliser:
    """Checks the rows of one dataset. Made once for each; holds no state between rows."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self._empty = {c.name: empty_of(c) for c in dataset.columns}
        self._lists = tuple(c.name for c in dataset.columns if c.type is ColumnType.TEXTS)
        self._required = tuple(c.name for c in dataset.columns if not c.nullable and c.type not in EMPTY)

    @cached_property
    def _checks(self) -> Mapping[str, Check]:
        # Made for the first row: whoever starts has all datasets, and fills few.
        return {column.name: partial(CHECKS[column.type], column) for column in self.dataset.columns}

    def __call__(self, row: Mapping[str, Any], now: datetime) -> Row:
        """The row with every declared column, in the types of the warehouse.

        Raises ``Invalid`` with a sentence and the column's name.
        """
        normal = self._empty.copy()
        for name in self._lists:
            normal[name] = []
        for name, value in row.items():
            check = self._checks.get(name)
            if check is None:
                unknown = _("{dataset} has no column {column}.", dataset=self.dataset.key, column=name)
                raise Invalid(unknown, (name,))
            if isinstance(value, Unreadable):
                raise Invalid(value.message, (name,))
            if value is not None:
                normal[name] = check(value)
        for name in self._required:
            if normal[name] is None:
                self._missing(name)
        self._check_identity(normal)
        self._check_time(self.dataset.moment(normal), now)
        return normal

    def identity(self, given: Mapping[str, Any]) -> Row:
        """The identity that is given, in the types of the warehouse. Raises ``Invalid``."""
        for name in given:
            if name not in self.dataset.identity:
                other = _("{column} is no part of the identity of {dataset}.", column=name,
                          dataset=self.dataset.key)  # fmt: skip
                raise Invalid(other, (name,))
        normal = {name: self._empty[name] for name in self.dataset.identity}
        normal |= {name: self._checks[name](value) for name, value in given.items() if value is not None}
        for name in self._required:
            if name in normal and normal[name] is None:
                self._missing(name)
        self._check_identity(normal)
        return normal

    def _missing(self, name: str) -> NoReturn:
        column = self.dataset.by_name[name]
        raise Invalid(
            _("{column} is missing; a row of {dataset} needs it.", column=column.label,
              dataset=self.dataset.label), (name,),
        )  # fmt: skip

    def _check_identity(self, row: Row) -> None:
        if all(row[name] in (None, "") for name in self.dataset.identity):
            self._missing(self.dataset.identity[0])

    def _check_time(self, at: datetime, now: datetime) -> None:
        if at < FIRST_DAY or at > now + timedelta(days=1):
            column = self.dataset.by_name[self.dataset.time]
            raise Invalid(
                _("{column} must lie between 1990 and tomorrow: {value}.", column=column.label,
                  value=self._written(at)), (column.name,),
            )  # fmt: skip

    def _written(self, at: datetime) -> str:
        return (at.date() if self.dataset.timed_by_day else at).isoformat()


def identity_of(dataset: Dataset, row: Row) -> tuple[Any, ...]:
    """What makes two normal rows of one source the same fact."""
    return tuple(row[name] for name in dataset.identity)


def fact_name(dataset: Dataset, row: Row) -> str:
    """The identity as one text: the value itself where it is one text, else a JSON list."""
    identity = identity_of(dataset, row)
    if len(identity) == 1 and isinstance(identity[0], str):
        return identity[0]
    return msgspec.json.encode(identity).decode()


def activities(found: Activity | Iterable[Activity] | None) -> Iterator[Activity]:
    """The activities among what a projection gives: those that somebody did."""
    each = () if found is None else (found,) if isinstance(found, Activity) else found
    return (one for one in each if one.contact)


def same_of(dataset: Dataset, rows: Iterable[Row]) -> Iterator[Same]:
    """Who is one person by what rows tell."""
    same = dataset.same
    for row in rows if same is not None else ():
        found = same.tell(row) if same is not None and row[same.column] in same.values else None
        yield from () if found is None else (found,) if isinstance(found, Same) else found


class Normalisers:
    """The datasets' checks by key, and the derived rows of ``contact.activity``."""

    def __init__(self, datasets: Mapping[str, Dataset]) -> None:
        taking = {key: one for key, one in datasets.items() if key != ACTIVITY.key and one.derived is None}
        self._by_key = {key: Normaliser(one) for key, one in taking.items()}
        self._derived = {key: one.derived.of for key, one in datasets.items() if one.derived is not None}
        self._activity = Normaliser(ACTIVITY)

    @property
    def logs(self) -> frozenset[str]:
        """The keys of the datasets that others are derived from."""
        return frozenset(self._derived.values())

    def dataset(self, key: str) -> Dataset | None:
        """The dataset that takes facts under this key."""
        return self._by_key[key].dataset if key in self._by_key else None

    def never_changes(self, key: str) -> bool:
        """Whether facts of the dataset may be looked at in any order."""
        return (dataset := self.dataset(key)) is not None and dataset.keep is Keep.FIRST

    def fact(self, fact: Fact, now: datetime) -> tuple[Dataset, Row, list[Row]]:
        """The fact's dataset, its row, and its rows of ``contact.activity``.

        ``now`` only bounds the times. Raises ``Invalid``.
        """
        normaliser = self._of(fact.dataset)
        row = normaliser(fact.row, now)
        return normaliser.dataset, row, self.activity(normaliser.dataset, row, now)

    def retraction(self, retract: Retract) -> tuple[Dataset, Row]:
        """The dataset, and the identity of the fact that is gone. Raises ``Invalid``."""
        normaliser = self._of(retract.dataset)
        if normaliser.dataset.keep is not Keep.LAST:
            raise Invalid(
                _("Facts of {dataset} never change and cannot be retracted.", dataset=retract.dataset)
            )
        return normaliser.dataset, normaliser.identity(retract.identity)

    def activity(self, dataset: Dataset, row: Row, now: datetime) -> list[Row]:
        """The rows of ``contact.activity`` that follow from a fact. Raises ``Invalid``."""
        return [
            self._activity(
                {
                    **{name: value for name, value in one._asdict().items() if name != "at"},
                    "occurred_at": dataset.moment(row) if one.at is None else one.at,
                    "dataset": dataset.key,
                    "fact": fact_name(dataset, row),
                },
                now,
            )
            for one in activities(dataset.activity(row) if dataset.activity is not None else None)
        ]

    def _of(self, dataset: str) -> Normaliser:
        if (log := self._derived.get(dataset)) is not None:
            raise Invalid(
                _("Rows of {dataset} are derived from {log}; none can be added.", dataset=dataset, log=log)
            )
        if (normaliser := self._by_key.get(dataset)) is None:
            raise Invalid(_("No plugin declares the dataset {dataset}.", dataset=dataset))
        return normaliser


def changed_activity(
    dataset: Dataset, before: ArrowTable, after: ArrowTable, activity: Callable[[Row], list[Row]]
) -> tuple[ArrowTable, ArrowTable]:
    """What contacts did by facts as they were, and do as they are, as far as the two differ.

    ``activity`` gives the rows of ``contact.activity`` that follow from a fact.
    """
    if dataset.activity is None:
        return before.slice(0, 0), after.slice(0, 0)
    did, does = (
        {tuple(one.values()): one for row in rows_of(dataset, table) for one in activity(row)}
        for table in (before, after)
    )
    withdrawn = [one for values, one in did.items() if values not in does]
    new = [one for values, one in does.items() if values not in did]
    return table_of(CHANGING_ACTIVITY, withdrawn), table_of(CHANGING_ACTIVITY, new)
