"""The log of a service desk: one row a change of an incident, read column by column."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from bilan.sdk import (
    BilanError,
    ColumnMapping,
    DateOrder,
    DictionaryColumn,
    FactColumns,
    ImportFile,
    Message,
    Reject,
    Settings,
    TableBatch,
    Unreadable,
    constant,
    each,
    each_text,
    open_table,
    read_instants,
    refusals,
    zone_setting,
)
from bilan_whatsapp_inbox.textdomain import _
from bilan_whatsapp_inbox.vocabulary import LOG, Direction, Kind

COLUMNS = ("number", "incident_state", "sys_mod_count", "caller_id", "opened_at", "sys_updated_at")
"""What the log of every month has."""
TIMES = ("sys_updated_at", "opened_at", "resolved_at")
WRITTEN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d\d)", re.ASCII)
MISSING = "?"
NEW = "New"


class ServiceDeskReader:
    """Implements :class:`bilan.sdk.Reader`."""

    @property
    def key(self) -> str:
        return "service-desk-log"

    @property
    def label(self) -> Message:
        return _("Log of a service desk")

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
        """One row of the log a change: a message, which also says what the desk knows of its incident."""
        del mapping
        zone = zone_setting(settings)
        for batch in open_table(file.path).batches():
            yield read_batch(batch, zone)


def read_batch(batch: TableBatch, zone: tzinfo) -> FactColumns:
    """The changes of some rows; those without an incident or a time are rejects."""

    def text(name: str) -> DictionaryColumn:
        return each(_known, each_text(batch.column(name)))

    def instant(written: DictionaryColumn) -> DictionaryColumn:
        return read_instants(written, zone, order=DateOrder.DAY_FIRST)

    number = each(_required_number, text("number"))
    told_at, opened_at, resolved_at = (each(_iso, text(name)) for name in TIMES)
    updated = instant(told_at)
    if None in updated.dictionary:
        updated = each(_required_time, updated)
    state, opened, resolved = text("incident_state"), instant(opened_at), instant(resolved_at)
    fact_id = each(_fact_id, number, text("sys_mod_count"), each(_plain, told_at), state)
    columns = {
        "fact_id": fact_id,
        "message_id": fact_id,
        "occurred_at": updated,
        "kind": constant(Kind.MESSAGE.value, len(number)),
        "direction": each(_direction, state),
        "type": state,
        "contact_phone": text("caller_id"),
        "conversation": number,
        "thread": number,
        "agent": text("resolved_by"),
        "tags": each(_tags, text("category"), text("subcategory")),
        "opened_at": opened,
        "closed_at": resolved,
    }
    return _facts(batch, columns)


def _facts(batch: TableBatch, columns: dict[str, DictionaryColumn]) -> FactColumns:
    numbers = batch.readable
    refused = refusals(*columns.values())
    rejects = [Reject(number, row.reason, row.raw) for number, row in batch.unreadable.items()]
    if refused:
        rows = batch.pick(list(refused))
        rejects += [
            Reject(numbers[place], reason, _written(row))
            for (place, reason), row in zip(refused.items(), rows, strict=True)
        ]
    kept = [place for place in range(len(numbers)) if place not in refused]
    picked = columns if not refused else {name: column.pick(kept) for name, column in columns.items()}
    rejects.sort(key=lambda one: one.number)
    return FactColumns(LOG, picked, [numbers[place] for place in kept], rejects)


def _written(row: Any) -> str:
    return json.dumps(row, ensure_ascii=False, default=str)


def _known(value: str) -> str:
    return "" if value == MISSING else value


def _iso(value: str) -> str:
    """The usual way of the log, as ISO 8601, which is read many times quicker; any other as it is."""
    written = WRITTEN.fullmatch(value)
    if written is None:
        return value
    iso = f"{written[3]}-{written[2]:0>2}-{written[1]:0>2}T{written[4]:0>2}:{written[5]}"
    try:
        datetime.fromisoformat(iso)
    except ValueError:
        return value
    return iso


def _plain(iso: str) -> str:
    """The same text whether a copy of the log writes ``2016-03-01 09:05:00`` or the usual way."""
    written = iso.replace(" ", "T")
    return written.removesuffix(":00") if written.count(":") > 1 else written


def _required_number(value: str) -> str:
    if not value:
        raise Unreadable(_("This row names no incident (“number”)."))
    return value


def _required_time(value: datetime | None) -> datetime:
    if value is None:
        raise Unreadable(_("This row does not say when the incident changed (“sys_updated_at”)."))
    return value


def _fact_id(number: str, change: str, updated: str, state: str) -> str:
    return f"{number} {change} {updated} {state}"


def _direction(state: str) -> str:
    return Direction.IN.value if state in (NEW, "") else Direction.OUT.value


def _tags(*names: str) -> list[str]:
    return [name for name in names if name]
