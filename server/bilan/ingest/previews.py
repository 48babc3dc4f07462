"""What an import would take in: the first rows as they are read, counts, and totals per column. Blocking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bilan.ingest.normalise import Normalisers
from bilan.sdk.columns import FactColumns
from bilan.sdk.datasets import UNDATED, ColumnType, Dataset, Fact, Reject, Retract, Row, RowFacts
from bilan.sdk.errors import Invalid
from bilan.sdk.messages import Message
from bilan.sdk.sources import ColumnMapping, ImportFile, Reader, Settings

SHOWN = 5
"""So many rows are shown as they are read, and so many of the refused."""
READ = 20_000
"""So many rows are read for a preview; a longer file is known by its first."""


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row as it would be stored: the values it has, by their columns; or why it is refused."""

    number: int
    values: Mapping[str, Any]
    reason: Message | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a file as they would be read. ``complete``: there are no more of them.

    ``totals`` are sums of whole numbers by their columns, ``first`` and ``last``
    the ends of the facts' times (UTC), of which ``by_day`` says that they are days
    of the source's own.
    """

    rows: tuple[PreviewRow, ...]
    refused: tuple[PreviewRow, ...]
    accepted: int
    rejected: int
    totals: Mapping[str, int]
    first: datetime | None
    last: datetime | None
    complete: bool
    by_day: bool = False


class _Counted:
    """The rows that were looked at so far."""

    def __init__(self, normalisers: Normalisers, now: datetime) -> None:
        self._normalisers = normalisers
        self._now = now
        self.rows = list[PreviewRow]()
        self.refused = list[PreviewRow]()
        self.accepted = self.rejected = 0
        self.totals = dict[str, int]()
        self.by_day = False
        self.first: datetime | None = None
        self.last: datetime | None = None

    def refuse(self, number: int, reason: Message) -> None:
        self.rejected += 1
        if len(self.refused) < SHOWN:
            self.refused.append(PreviewRow(number, {}, reason))

    def take(self, number: int, facts: tuple[Fact, ...]) -> None:
        try:
            normal = [self._normalisers.fact(fact, self._now) for fact in facts]
        except Invalid as error:
            self.refuse(number, error.message)
            return
        self.accepted += 1
        dataset, row, _derived = normal[-1]
        at = dataset.moment(row)
        self.by_day = dataset.timed_by_day
        if at != UNDATED:
            self.first, self.last = min(self.first or at, at), max(self.last or at, at)
        for name, value in _figures(dataset, row):
            self.totals[name] = self.totals.get(name, 0) + value
        if len(self.rows) < SHOWN:
            said = {name: value for name, value in row.items() if value not in (None, "", [], False, UNDATED)}
            self.rows.append(PreviewRow(number, said))


def preview(
    reader: Reader,
    file: ImportFile,
    settings: Settings,
    mapping: ColumnMapping | None,
    normalisers: Normalisers,
    now: datetime,
) -> Preview:
    """Read the beginning of a file without keeping any of it. Raises ``Invalid`` where it cannot be read."""
    counted, complete = _Counted(normalisers, now), True
    for number, item in enumerate(_single(reader, file, settings, mapping), start=1):
        if counted.accepted + counted.rejected >= READ:
            complete = False
            break
        if isinstance(item, Reject):
            counted.refuse(item.number, item.reason)
        elif isinstance(item, RowFacts):
            counted.take(item.number, item.facts)
        elif isinstance(item, Fact):
            counted.take(item.number or number, (item,))
    return Preview(
        rows=tuple(counted.rows),
        refused=tuple(counted.refused),
        accepted=counted.accepted,
        rejected=counted.rejected,
        totals=counted.totals,
        first=counted.first,
        last=counted.last,
        complete=complete,
        by_day=counted.by_day,
    )


def _single(
    reader: Reader, file: ImportFile, settings: Settings, mapping: ColumnMapping | None
) -> Iterator[Fact | Retract | RowFacts | Reject]:
    for item in reader.read(file, settings, mapping):
        if isinstance(item, FactColumns):
            yield from item.items()
        else:
            yield item


def _figures(dataset: Dataset, row: Row) -> Iterator[tuple[str, int]]:
    for column in dataset.columns:
        if column.type is ColumnType.INTEGER and row[column.name] is not None:
            yield column.name, row[column.name]
