"""Facts and rejects on their way to the warehouse, grouped as the warehouse wants them."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any, Protocol
from uuid import UUID

from bilan.catalog.text import sanitise
from bilan.ingest.normalise import Normalisers, identity_of
from bilan.sdk.activity import ACTIVITY
from bilan.sdk.datasets import Dataset, Fact, Keep, Reject, Row
from bilan.sdk.errors import BilanError, Invalid
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _
from bilan.warehouse import Written

log = logging.getLogger(__name__)

APPEND_ROWS = 10_000
"""The most rows that one insert carries."""


class Facts(Protocol):
    """The part of the warehouse that takes rows. Blocking; safe to repeat."""

    def append(
        self, dataset: Dataset, source: UUID, facts: Sequence[Row], *, moment: datetime
    ) -> Written: ...


@dataclass(slots=True)
class Group:
    """The rows of one dataset from one source; of copies of a fact only the one that stays."""

    dataset: Dataset
    source: UUID
    rows: dict[tuple[Any, ...], Row] = field(default_factory=dict[tuple[Any, ...], Row])

    def add(self, row: Row) -> None:
        identity = identity_of(self.dataset, row)
        if self.dataset.keep is Keep.LAST or identity not in self.rows:
            self.rows[identity] = row


@dataclass(slots=True)
class SourceCount:
    """What one source brought in this batch."""

    accepted: int = 0
    rejected: int = 0
    last_event_at: datetime | None = None


class Batch:
    """Rows of any number of datasets and sources that go to the warehouse together.

    ``now`` bounds the times that facts may have.
    """

    def __init__(self, normalisers: Normalisers, now: datetime) -> None:
        self._normalisers = normalisers
        self._now = now
        self._groups: dict[tuple[str, UUID], Group] = {}
        self.rejects: list[tuple[UUID, Reject]] = []
        self.counts: dict[UUID, SourceCount] = {}

    @property
    def rows(self) -> int:
        """How many different facts the batch holds, derived rows not counted."""
        return sum(len(g.rows) for g in self._groups.values() if g.dataset.key != ACTIVITY.key)

    def count(self, source: UUID) -> SourceCount:
        """The source's count, from nothing."""
        return self.counts.setdefault(source, SourceCount())

    def read(self, source: UUID, parse: Callable[[], Iterable[Fact | Reject]], body: bytes) -> None:
        """Take what a parser finds in a body. What it cannot read becomes a reject that holds the body."""
        number = 0
        try:
            for number, item in enumerate(parse(), start=1):
                self.add(source, number, item)
        except BilanError as error:
            self.refuse(source, error.message, body, number + 1)
        except Exception as error:
            log.exception("The plugin failed to read a post of the source %s", source)
            reason = _("The plugin failed to read this: {error}", error=sanitise(repr(error)))
            self.refuse(source, reason, body, number + 1)

    def refuse(self, source: UUID, reason: Message, body: bytes, number: int = 1) -> None:
        """Keep a whole body as a reject. Bytes that are no UTF-8 are written as escapes."""
        self._reject(source, Reject(number, reason, sanitise(body.decode("utf-8", "backslashreplace"))))

    def add(self, source: UUID, number: int, item: Fact | Reject) -> None:
        """Take one row. ``number`` counts the items of the body or file so far, from 1."""
        if isinstance(item, Reject):
            self._reject(source, item)
            return
        try:
            dataset, row, derived = self._normalisers.fact(item, self._now)
        except Invalid as error:
            self._reject(source, Reject(item.number or number, error.message, row_text(item.row)))
            return
        self._group(dataset, source).add(row)
        if derived is not None:
            self._group(ACTIVITY, source).add(derived)
        count = self.count(source)
        count.accepted += 1
        at = row[dataset.time]
        if count.last_event_at is None or at > count.last_event_at:
            count.last_event_at = at

    def append(
        self, facts: Facts, moment: datetime, check: Callable[[], None] = lambda: None
    ) -> dict[tuple[str, UUID], set[date]]:
        """Hand every row to the warehouse; blocking, and harmless to repeat.

        The answer are the days in UTC that were written to, by dataset and
        source. ``check`` is called before each insert; what it raises ends the work.
        """
        touched: dict[tuple[str, UUID], set[date]] = {}
        for key, group in self._groups.items():
            for rows in _slices(group.rows.values(), APPEND_ROWS):
                check()
                written = facts.append(group.dataset, group.source, rows, moment=moment)
                touched.setdefault(key, set()).update(written.days)
        return touched

    def _group(self, dataset: Dataset, source: UUID) -> Group:
        key = (dataset.key, source)
        if (group := self._groups.get(key)) is None:
            group = self._groups[key] = Group(dataset, source)
        return group

    def _reject(self, source: UUID, reject: Reject) -> None:
        self.rejects.append((source, reject))
        self.count(source).rejected += 1


def _slices(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    left = iter(rows)
    while part := list(islice(left, size)):
        yield part


def row_text(row: Row) -> str:
    """The row as people can read it and programs can parse it."""
    try:
        return sanitise(json.dumps(row, ensure_ascii=False, default=str))
    except (TypeError, ValueError):  # keys that are no texts, numbers that cannot be written out
        return sanitise(", ".join(sorted(map(str, row))))
