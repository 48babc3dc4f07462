"""A webhook and a reader that need one function of their author: what an object or a row says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

from bilan.sdk.datasets import Fact, Reject, Retract, RowFacts
from bilan.sdk.errors import BilanError
from bilan.sdk.messages import Message
from bilan.sdk.payloads import json_body, json_items, raw
from bilan.sdk.sources import ColumnMapping, ImportFile, Settings, WebhookRequest
from bilan.sdk.table_batches import TableRow, UnreadableRow
from bilan.sdk.tables import open_table
from bilan.sdk.textdomain import _
from bilan.sdk.unreadable import Unreadable
from bilan.sdk.values import JsonObject

ReadFact = Callable[[JsonObject], Fact | Retract]
"""Makes a fact or a retraction of an object or a row; what is missing or cannot be read rejects it."""
UNREADABLE = (ValueError, TypeError, AttributeError, ArithmeticError)
"""What Python raises for a value that is not what was expected, such as a null."""


@dataclass(frozen=True, slots=True)
class JsonWebhook:
    """A :class:`~bilan.sdk.Webhook` whose posts hold one JSON object or a list of them.

    ``check`` proves the sender, such as :class:`~bilan.sdk.HmacSignature`,
    and raises ``Unauthenticated`` where it does not.
    """

    check: Callable[[WebhookRequest, Settings], None]
    fact: ReadFact

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """Raise ``Unauthenticated`` unless the sender proves itself."""
        self.check(request, settings)

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Retract | Reject]:
        """One fact an object."""
        del settings
        return read_objects(self.fact, json_items(json_body(request)))


@dataclass(frozen=True, slots=True)
class TableReader:
    """A :class:`~bilan.sdk.Reader` of tables that have these columns: CSV of any maker, JSON or Parquet."""

    key: str
    label: Message
    columns: tuple[str, ...]
    fact: ReadFact

    def recognises(self, file: ImportFile) -> float:
        """By its columns."""
        try:
            header = open_table(file.path).columns
        except BilanError:
            return 0.0
        return 1.0 if set(self.columns) <= set(header) else 0.0

    def propose(self, file: ImportFile, settings: Settings) -> ColumnMapping | None:
        """Nothing is left open."""
        del file, settings
        return None

    def read(
        self, file: ImportFile, settings: Settings, mapping: ColumnMapping | None
    ) -> Iterator[Fact | Retract | Reject]:
        """One fact a row."""
        del settings, mapping
        return (
            _numbered(number, _read(self.fact, number, row))
            for number, row in open_table(file.path).numbered()
        )


def _numbered(number: int, found: Fact | Retract | Reject) -> Fact | Retract | Reject:
    """What was found, by the number of its line, also where the fact itself turns out to be wrong."""
    return found if isinstance(found, Reject) or found.number is not None else replace(found, number=number)


def read_objects(fact: ReadFact, items: Iterable[Any]) -> Iterator[Fact | Retract | Reject]:
    """A fact, or a reject, of each item of a JSON list."""
    for number, item in enumerate(items, start=1):
        if isinstance(item, dict):
            yield _read(fact, number, cast("dict[str, Any]", item))
        else:
            yield Reject(number, _("This item is no object."), raw(item))


def read_rows(
    rows: Iterable[tuple[int, TableRow | UnreadableRow]], read: Callable[[TableRow], Iterable[Fact]]
) -> Iterator[RowFacts | Reject]:
    """The facts of each row together; a row for which ``read`` raises ``Unreadable`` is a reject."""
    for number, row in rows:
        if isinstance(row, UnreadableRow):
            yield Reject(number, row.reason, row.raw)
            continue
        try:
            yield RowFacts(number, tuple(read(row)), _written(row))
        except Unreadable as error:
            yield Reject(number, error.message, _written(row))


def _written(row: TableRow) -> str:
    return json.dumps(row, ensure_ascii=False, default=str)


def _read(fact: ReadFact, number: int, row: TableRow | UnreadableRow) -> Fact | Retract | Reject:
    if isinstance(row, UnreadableRow):
        return Reject(number, row.reason, row.raw)
    try:
        return fact(row)
    except Unreadable as error:
        reason = error.message
    except KeyError as error:
        reason = _("“{field}” is missing.", field=str(error.args[0]))
    except UNREADABLE as error:
        reason = _("A value cannot be read: {error}.", error=str(error))
    return Reject(number, reason, _written(row))
