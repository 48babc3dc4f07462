"""Facts and rejects on their way to the warehouse, grouped as the warehouse wants them."""

from __future__ import annotations

import json
import logging
from array import array
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any, Protocol, TypeVar
from uuid import UUID

import pyarrow as pa

from bilan.catalog.text import sanitise
from bilan.contacts import ErasedContacts
from bilan.contacts.addresses import tellable
from bilan.contacts.erased import NOBODY
from bilan.ingest.anonymising import anonymised, personal_texts, without_mentions
from bilan.ingest.columns import check_columns
from bilan.ingest.groups import ROWS, Group
from bilan.ingest.normalise import Normalisers, changed_activity, fact_name, same_of
from bilan.ingest.unquoted import unquoted
from bilan.ingest.waiting import Unchecked, WaitingColumns, WaitingRows
from bilan.sdk.activity import ACTIVITY
from bilan.sdk.columns import FactColumns
from bilan.sdk.datasets import Dataset, Fact, Keep, Reject, Retract, Row, RowFacts
from bilan.sdk.delivery_reports import DeliveryReport
from bilan.sdk.errors import BilanError, Invalid
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _
from bilan.warehouse import Written
from bilan.warehouse.arrow import ArrowTable, rows_of
from bilan.warehouse.tables import CHANGING_ACTIVITY

log = logging.getLogger(__name__)

Waiting = TypeVar("Waiting", WaitingRows, WaitingColumns)

RAW_TOGETHER = 64 * 1024**2
"""Characters that a batch holds of what it cannot use."""
RAW_LEAST = 1_000
"""So many are held of each reject in any case."""
POST_FACTS = 200_000
"""The most facts that are read in one post: many times what a service sends at once."""
TakeReports = Callable[[Sequence[DeliveryReport]], Awaitable[None]]
"""Settles deliveries by what mail servers report, in the transaction that closes a batch; safe to repeat."""


async def no_reports(_reports: Sequence[DeliveryReport]) -> None:
    """Nobody sends anything that could come back."""


class Facts(Protocol):
    """The part of the warehouse that takes rows. Blocking; safe to repeat."""

    def append(
        self,
        dataset: Dataset,
        source: UUID,
        facts: ArrowTable,
        *,
        moment: datetime,
        before: ArrowTable | None = None,
    ) -> Written: ...


@dataclass(slots=True)
class SourceCount:
    """What one source brought in this batch."""

    accepted: int = 0
    """Rows of the file or posts that could be used."""
    known: int = 0
    """Those of them of which every fact was there already; known once the batch was appended."""
    rejected: int = 0
    last_event_at: datetime | None = None


class Batch:
    """Rows of any number of datasets and sources that go to the warehouse together.

    ``now`` bounds the times that facts may have. Facts about the ``erased`` are
    refused or anonymised, and nothing that names them is kept among the rejects.
    """

    def __init__(self, normalisers: Normalisers, now: datetime, erased: ErasedContacts = NOBODY) -> None:
        self._erased = erased
        self._normalisers = normalisers
        self._now = now
        self._groups: dict[tuple[str, UUID], Group] = {}
        self._waiting: dict[tuple[str, UUID], WaitingRows | WaitingColumns] = {}
        self._rejects: list[tuple[int, UUID, Reject]] = []
        self._raw = 0
        self._place = 0
        self._numbers = array("q")
        self._noted: list[tuple[UUID, Reject]] = []
        self.reports: list[DeliveryReport] = []
        """What mail servers say of messages, whoever sent them."""
        self.changed: dict[tuple[str, UUID], tuple[ArrowTable, ...]] = {}
        """The facts that were changed of datasets that others are derived from, as they were and as they are,
        by dataset and source, once the batch was appended."""
        self.same: dict[UUID, dict[tuple[str, str], datetime]] = {}
        """Addresses that are one person as a source tells it, and since when, once the batch was appended."""
        self.moment: datetime | None = None
        """As of which it was appended."""
        self.counts: dict[UUID, SourceCount] = {}

    @property
    def rejects(self) -> list[tuple[UUID, Reject]]:
        """What cannot be used, with its source, in the order in which it came."""
        return [(source, reject) for _place, source, reject in sorted(self._rejects, key=lambda one: one[0])]

    @property
    def noted(self) -> list[tuple[UUID, Reject]]:
        """Rows that were there already with another time, with their source, once the batch was appended."""
        return self._noted

    @property
    def items(self) -> int:
        """How many were taken: facts, rejects and retractions, each of those that came in columns."""
        return self._place

    @property
    def size(self) -> int:
        """Bytes of the facts that were checked."""
        return sum(table.nbytes for group in self._groups.values() for table in group.tables)

    def count(self, source: UUID) -> SourceCount:
        """The source's count, from nothing."""
        return self.counts.setdefault(source, SourceCount())

    def read(
        self,
        source: UUID,
        parse: Callable[[], Iterable[Fact | Retract | Reject | FactColumns | DeliveryReport]],
        body: bytes,
    ) -> None:
        """Take what a parser finds in a body. What it cannot read becomes a reject that holds the body."""
        number = 0
        try:
            for item in parse():
                if isinstance(item, DeliveryReport):
                    self.reports.append(item)
                    continue
                first, number = number + 1, number + (len(item) if isinstance(item, FactColumns) else 1)
                if number <= POST_FACTS:
                    self.add(source, first, item)
                    continue
                if isinstance(item, FactColumns):
                    self.add(source, first, item.split(POST_FACTS + 1 - first)[0])
                number = POST_FACTS + 1
                text = _("The post holds more than {most} facts; the rest is left out.", most=POST_FACTS)
                raise Invalid(text)
        except BilanError as error:
            self.refuse(source, error.message, body, number + 1)
        except Exception as error:
            log.exception("The plugin failed to read a post of the source %s", source)
            self.refuse(source, _failed(error), body, number + 1)

    def refuse(self, source: UUID, reason: Message, body: bytes, number: int = 1) -> None:
        """Keep a whole body as a reject. Bytes that are no UTF-8 are written as escapes."""
        self._place += 1
        self._reject(source, Reject(number, reason, sanitise(body.decode("utf-8", "backslashreplace"))))

    def add(self, source: UUID, number: int, item: Fact | Retract | RowFacts | Reject | FactColumns) -> None:
        """Take a row, or many. ``number`` counts the rows of the body or file so far, from 1."""
        self._place += 1
        if isinstance(item, Reject):
            self._reject(source, item)
        elif isinstance(item, FactColumns):
            self._add_columns(source, item)
        elif isinstance(item, RowFacts):
            self._add_together(source, item)
        elif isinstance(item, Fact) and self._normalisers.never_changes(item.dataset):
            self._together((item.dataset, source), WaitingRows).add(self._place, number, item)
        else:
            self._add_row(source, number, item)

    def check(self) -> None:
        """Check the facts that wait for others to be checked with."""
        for key in list(self._waiting):
            self._check(key)

    def _together(self, key: tuple[str, UUID], kind: type[Waiting]) -> Waiting:
        """What a fact waits in to be checked with others that came in the same way."""
        waiting = self._waiting.get(key)
        if not isinstance(waiting, kind) or len(waiting) >= ROWS:
            self._check(key)
            self._waiting[key] = waiting = kind(key[0])
        return waiting

    def _check(self, key: tuple[str, UUID]) -> None:
        """Check facts column by column; those in which something is wrong once more, to say what."""
        if not (waiting := self._waiting.pop(key, None)):
            return
        refused: Sequence[int] = range(len(waiting))
        with suppress(Exception):  # what fails is the plugin's ``activity``, which is told row by row
            refused = self._take(key[1], waiting.columns())
        place = self._place
        for one in waiting.alone(refused):
            self._place = one.place
            self._add_guarded(key[1], one)
        self._place = place

    def _add_guarded(self, source: UUID, one: Unchecked) -> None:
        try:
            self._add_row(source, one.number, one.fact)
        except Exception as error:
            log.exception("The plugin failed to read a fact of the source %s", source)
            self._reject(source, Reject(one.number, _failed(error), row_text(one.fact.row)))

    def _add_row(self, source: UUID, number: int, item: Fact | Retract) -> None:
        number = item.number or number
        if isinstance(item, Fact):
            self._add_together(source, RowFacts(number, (item,)))
            return
        raw = row_text(item.identity)
        try:
            dataset, identity = self._normalisers.retraction(item)
        except Invalid as error:
            self._reject(source, Reject(number, error.message, raw))
            return
        self._group(dataset, source).retract(identity, number, raw, self._row(number))

    def _add_together(self, source: UUID, item: RowFacts) -> None:
        """Take all facts of a row, or none of them."""
        try:
            facts = [self._anonymised(source, fact) for fact in item.facts]
            normal = [self._normalisers.fact(fact, self._now) for fact in facts]
        except Invalid as error:
            raw = sanitise(item.raw) if item.raw else row_text(item.facts[0].row)
            self._reject(source, Reject(item.number, error.message, raw))
            return
        taken = self._row(item.number)
        for dataset, row, derived in normal:
            self._group(dataset, source).add(row, taken)
            # What follows from facts that change is known once it is known what stood before.
            for activity in derived if dataset.keep is Keep.FIRST else ():
                self._group(ACTIVITY, source).add(activity, taken)
        self._accept(source, 1, max(dataset.moment(row) for dataset, row, _derived in normal))

    def _anonymised(self, source: UUID, fact: Fact) -> Fact:
        """The fact, without anybody who was erased. Raises ``Invalid`` where it is about one and refused."""
        dataset = self._normalisers.dataset(fact.dataset)
        if dataset is None or source not in self._erased.workspaces:
            return fact
        pseudonym = self._erased.of(source, fact.row.get(dataset.contact)) if dataset.contact else None
        if pseudonym is None:
            return replace(
                fact, row=without_mentions(dataset, fact.row, partial(self._erased.replaced, source))
            )
        if self._erased.refuses(source):
            raise Invalid(_("The row is about a contact who was erased."))
        return replace(fact, row=anonymised(dataset, fact.row, pseudonym, partial(self._opaque, source)))

    def _opaque(self, source: UUID, text: str) -> str:
        return self._erased.of(source, text) or self._erased.opaque(source, text)

    def _row(self, number: int) -> int:
        """Which of the rows taken so far the next one is, whose number in its file or post is given."""
        self._numbers.append(number)
        return len(self._numbers) - 1

    def _add_columns(self, source: UUID, given: FactColumns) -> None:
        key = (given.dataset, source)
        for place, reject in self._together(key, WaitingColumns).add(self._place, given):
            self._rejects.append((place, source, self._shortened(reject)))
        self.count(source).rejected += len(given.rejects)
        self._place += max(len(given) - 1, 0)
        if not self._normalisers.never_changes(given.dataset):
            self._check(key)

    def _take(self, source: UUID, given: FactColumns) -> Sequence[int]:
        """Take what is right; the answer are the positions of the rows in which something is wrong."""
        dataset = self._normalisers.dataset(given.dataset)
        if dataset is None:
            return range(len(given.numbers))
        if source in self._erased.workspaces and self._names_erased(source, dataset, given):
            return range(len(given.numbers))  # they are looked at one by one
        checked = check_columns(dataset, given, self._now)
        first = len(self._numbers)
        self._numbers.extend(map(given.numbers.__getitem__, checked.kept))
        if checked.facts.num_rows:
            self._group(dataset, source).add_columns(checked.facts, range(first, len(self._numbers)))
        if checked.activity.num_rows and dataset.keep is Keep.FIRST:
            rows = (first + place for place in checked.activity_of)
            self._group(ACTIVITY, source).add_columns(checked.activity, rows)
        if checked.last is not None:
            self._accept(source, checked.facts.num_rows, checked.last)
        return checked.refused

    def _names_erased(self, source: UUID, dataset: Dataset, given: FactColumns) -> bool:
        contacts = given.columns.get(dataset.contact)
        if contacts is not None and any(self._erased.of(source, one) for one in contacts.dictionary):
            return True
        texts = (given.columns[name] for name in personal_texts(dataset) if name in given.columns)
        return any(self._erased.mentioned(source, text) for one in texts for text in one.dictionary)

    def _accept(self, source: UUID, facts: int, last: datetime) -> None:
        count = self.count(source)
        count.accepted += facts
        count.last_event_at = max(last, count.last_event_at or last)

    def append(
        self, facts: Facts, moment: datetime, check: Callable[[], None] = lambda: None
    ) -> dict[tuple[str, UUID], set[date]]:
        """Hand every row to the warehouse; blocking, and harmless to repeat.

        The answer are the days in UTC that were written to, by dataset and
        source. ``check`` is called before each insert; what it raises ends the work.
        """
        self.check()
        self._noted, self.changed, self.same, self.moment = [], {}, {}, moment
        touched: dict[tuple[str, UUID], set[date]] = {}
        new = bytearray(len(self._numbers))
        moved = set[tuple[str, int, str]]()
        # What contacts did comes last: not of facts that turn out to be there at another time.
        for key, group in sorted(self._groups.items(), key=lambda one: one[0][0] == ACTIVITY.key):
            check()
            table = group.table()
            if key[0] == ACTIVITY.key and moved:
                table = table.filter(_others(table, group.taken, moved))
            written = facts.append(group.dataset, group.source, table, moment=moment)
            touched.setdefault(key, set()).update(written.days)
            if key[0] != ACTIVITY.key:
                for place in written.new:
                    new[group.taken[place]] = True
                moved.update(self._note(group, table, written.elsewhere))
            if (same := group.dataset.same) is not None and same.column in table.column_names:
                telling = [text in same.values for text in table[same.column].to_pylist()]
                self._tell(group.dataset, group.source, table.filter(pa.array(telling, pa.bool_())))
            if key[0] in self._normalisers.logs and written.new:
                self.changed[key] = _changed(table, written)
            if written.before is None or written.after is None:
                continue
            if group.retracts:
                self._count_retracts(group, group.unknown(table, written.before))
            activity = partial(self._normalisers.activity, group.dataset, now=self._now)
            before, after = changed_activity(group.dataset, written.before, written.after, activity)
            if before.num_rows or after.num_rows:
                check()
                changed = facts.append(CHANGING_ACTIVITY, group.source, after, moment=moment, before=before)
                touched.setdefault((ACTIVITY.key, group.source), set()).update(changed.days)
        self._count_known(new)
        return touched

    def _tell(self, dataset: Dataset, source: UUID, table: ArrowTable) -> None:
        """Note who is one person by what the rows tell, those that were there already among them."""
        found = self.same.setdefault(source, {}) if table.num_rows else {}
        for told in same_of(dataset, rows_of(dataset, table)):
            with suppress(Invalid):  # a name that means somebody else in another source
                one, other = sorted(map(tellable, (told.a, told.b)))
                if one != other:
                    found[one, other] = min(told.since, found.get((one, other), told.since))

    def forget_told(self, erased: ErasedContacts) -> None:
        """Believe nothing that is told of somebody who was erased."""
        for source, pairs in self.same.items():
            gone = [pair for pair in pairs if any(erased.of(source, one) for one in pair)]
            for pair in gone:
                del pairs[pair]

    def _note(
        self, group: Group, table: ArrowTable, elsewhere: Mapping[int, datetime]
    ) -> Iterator[tuple[str, int, str]]:
        """List the facts that are there at another time; the answer names them."""
        rows = rows_of(group.dataset, table.take(pa.array(elsewhere, pa.int64()))) if elsewhere else []
        for (place, at), row in zip(elsewhere.items(), rows, strict=True):
            taken = group.taken[place]
            reason = (
                _("Already there with another day: {day:date}.", day=at.date().isoformat())
                if group.dataset.timed_by_day
                else _("Already there with another time: {time:instant}.", time=at)
            )
            self._noted.append((group.source, Reject(self._numbers[taken], reason, row_text(row))))
            yield group.dataset.key, taken, fact_name(group.dataset, row)

    def _count_known(self, new: bytearray) -> None:
        """Count the rows of each source that brought nothing new."""
        known = {source: set[int]() for source in self.counts}
        for group in self._groups.values() if 0 in new else ():
            known[group.source].update(row for row in group.taken if not new[row])
        for source, count in self.counts.items():
            count.known = len(known[source])

    def _count_retracts(self, group: Group, unknown: list[Reject]) -> None:
        for reject in unknown:
            self._reject(group.source, reject)
        self.count(group.source).accepted += len(group.retracts) - len(unknown)

    def _group(self, dataset: Dataset, source: UUID) -> Group:
        key = (dataset.key, source)
        if (group := self._groups.get(key)) is None:
            group = self._groups[key] = Group(dataset, source)
        return group

    def _reject(self, source: UUID, reject: Reject) -> None:
        if self._erased.mentioned(source, reject.raw):
            reject = replace(reject, raw="", reason=unquoted(reject.reason))
        self._rejects.append((self._place, source, self._shortened(reject)))
        self.count(source).rejected += 1

    def _shortened(self, reject: Reject) -> Reject:
        """The reject with as much of what came as there is room for: a small file may hold large rows."""
        most = max(RAW_LEAST, RAW_TOGETHER - self._raw)
        self._raw += min(len(reject.raw), most)
        return reject if len(reject.raw) <= most else replace(reject, raw=reject.raw[:most])


def _others(activity: ArrowTable, taken: Sequence[int], moved: set[tuple[str, int, str]]) -> Any:
    """A mask of what contacts did, without what follows from these facts."""
    named = zip(activity["dataset"].to_pylist(), taken, activity["fact"].to_pylist(), strict=True)
    return pa.array([name not in moved for name in named], pa.bool_())


def _changed(table: ArrowTable, written: Written) -> tuple[ArrowTable, ...]:
    if written.before is not None and written.after is not None:
        return written.before, written.after
    return (table.take(pa.array(written.new, pa.int64())),)


def _failed(error: Exception) -> Message:
    return _("The plugin failed to read this: {error}", error=sanitise(repr(error)))


def row_text(row: Row) -> str:
    """The row as people can read it and programs can parse it."""
    try:
        return sanitise(json.dumps(row, ensure_ascii=False, default=str))
    except (TypeError, ValueError):  # keys that are no texts, numbers that cannot be written out
        return sanitise(", ".join(sorted(map(str, row))))
