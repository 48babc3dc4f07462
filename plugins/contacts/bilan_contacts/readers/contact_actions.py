"""The log of contacts' actions: one row an action, read column by column."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from bilan.sdk import (
    BilanError,
    ColumnMapping,
    DictionaryColumn,
    FactColumns,
    ImportFile,
    Message,
    Reject,
    Settings,
    TableBatch,
    Unreadable,
    constant,
    digest,
    each,
    each_text,
    open_table,
    read_instants,
    refusals,
    zone_setting,
)
from bilan_contacts.textdomain import _
from bilan_contacts.values import contact_name
from bilan_contacts.vocabulary import ACTIONS, Area

COLUMNS = ("contact_id", "occurred_at", "action")
"""What every log has."""
FURTHER = ("object", "channel", "category", "subcategory", "actor", "detail")
"""What a log may have besides; taken over as it is."""


class ContactActionsReader:
    """Implements :class:`bilan.sdk.Reader`."""

    @property
    def key(self) -> str:
        return "contact-actions"

    @property
    def label(self) -> Message:
        return _("Log of contacts' actions")

    def recognises(self, file: ImportFile) -> float:
        """By its columns."""
        try:
            header = open_table(file.path).columns
        except BilanError:
            return 0.0
        return 1.0 if set(COLUMNS) <= set(header) else 0.0

    def propose(self, file: ImportFile, settings: Settings) -> ColumnMapping | None:
        """Nothing is left open."""
        del file, settings
        return None

    def read(
        self, file: ImportFile, settings: Settings, mapping: ColumnMapping | None
    ) -> Iterator[FactColumns]:
        """One action a row."""
        del mapping
        zone, area = zone_setting(settings), str(settings.get("area") or Area.INBOX)
        table = open_table(file.path)
        there = [name for name in FURTHER if name in table.columns]
        for batch in table.batches():
            yield read_batch(batch, there, zone, area)


def read_batch(batch: TableBatch, further: list[str], zone: tzinfo, area: str) -> FactColumns:
    """The actions of some rows; those without a contact, a time or an action are rejects."""
    contact, written, action = (each_text(batch.column(name)) for name in COLUMNS)
    others = {name: each_text(batch.column(name)) for name in further}
    occurred_at = read_instants(written, zone)
    if None in occurred_at.dictionary:
        occurred_at = each(_required_time, occurred_at)
    contact, action = each(_required_contact, contact), each(_required_action, action)
    told = others.get("object") or constant("", len(contact))
    columns: dict[str, DictionaryColumn] = {
        "contact": contact,
        "occurred_at": occurred_at,
        "action": action,
        "area": constant(area, len(contact)),
        "fact_id": each(_fact_id, contact, occurred_at, told, action),
        **others,
    }
    return _facts(batch, columns)


def _facts(batch: TableBatch, columns: dict[str, DictionaryColumn]) -> FactColumns:
    numbers = batch.readable
    refused = refusals(*columns.values())
    rejects = [Reject(number, row.reason, row.raw) for number, row in batch.unreadable.items()]
    if refused:
        rows = batch.pick(list(refused))
        rejects += [
            Reject(numbers[place], reason, json.dumps(row, ensure_ascii=False, default=str))
            for (place, reason), row in zip(refused.items(), rows, strict=True)
        ]
    kept = [place for place in range(len(numbers)) if place not in refused]
    picked = columns if not refused else {name: column.pick(kept) for name, column in columns.items()}
    rejects.sort(key=lambda one: one.number)
    return FactColumns(ACTIONS, picked, [numbers[place] for place in kept], rejects)


def _required_contact(value: str) -> str:
    if not value:
        raise Unreadable(_("This row names no contact (“contact_id”)."))
    return contact_name(value)


def _required_action(value: str) -> str:
    if not value:
        raise Unreadable(_("This row does not say what the contact did (“action”)."))
    return value


def _required_time(value: datetime | None) -> datetime:
    if value is None:
        raise Unreadable(_("This row does not say when it happened (“occurred_at”)."))
    return value


def _fact_id(contact: str, occurred_at: datetime, told: str, action: str) -> Any:
    return digest([contact, occurred_at.isoformat(), told, action])
