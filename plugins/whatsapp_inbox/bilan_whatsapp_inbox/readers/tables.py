"""Any table of messages and events, or of conversations, through a mapping that a person may correct."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bilan.sdk import (
    BilanError,
    ColumnMapping,
    Conventions,
    Fact,
    ImportFile,
    Mapped,
    Message,
    Reject,
    RowFacts,
    Settings,
    TableRow,
    digest,
    open_table,
    read_rows,
    read_text,
    read_texts,
)
from bilan_whatsapp_inbox.entries import Entry
from bilan_whatsapp_inbox.textdomain import _
from bilan_whatsapp_inbox.vocabulary import LOG, Direction, Kind
from bilan_whatsapp_inbox.webhooks.inbox_events import read_event

WORDS: Mapping[str, tuple[str, ...]] = {
    "kind": ("event", "event type", "kind", "evenement", "type d evenement"),
    "occurred_at": (
        "occurred at", "timestamp", "time", "date", "sent at", "created at", "date et heure", "heure",
    ),
    "contact_phone": (
        "contact", "contact phone", "contact phone number", "phone", "phone number", "wa id", "customer",
        "client", "telephone", "numero de telephone", "telephone du contact",
    ),
    "contact_name": ("contact name", "name", "customer name", "nom", "nom du contact"),
    "conversation": ("conversation", "conversation id", "ticket", "ticket id", "id de conversation"),
    "direction": ("direction", "sens"),
    "type": ("type", "message type", "type de message"),
    "automated": ("automated", "automatic", "bot", "automatique"),
    "agent": ("agent", "agent email", "assignee", "assigned to", "e mail de l agent", "attribue a"),
    "tags": ("tags", "conversation tags", "labels", "etiquettes", "etiquettes de conversation"),
    "contact_tags": ("contact tags", "etiquettes de contact", "etiquettes du contact"),
    "rating": ("rating", "csat", "score", "note", "evaluation"),
    "opened_at": (
        "opened at", "started at", "opened", "conversation start", "ouverte le", "debut", "date de debut",
    ),
    "first_reply_at": ("first reply at", "first response at", "premiere reponse", "premiere reponse le"),
    "closed_at": ("closed at", "resolved at", "closed", "fermee le", "close le", "date de fermeture"),
    "fact_id": ("id", "event id", "message id", "uuid"),
    "message_id": ("about", "about message"),
    "status": ("status", "delivery status", "statut"),
    "number": ("number", "business number", "our number", "numero"),
    "reply_to": ("reply to", "in reply to"),
}  # fmt: skip
"""Names of columns, in English and French, by the column of the log that they are put to use for."""
FIELDS = {"kind": "event", "contact_phone": "contact", "fact_id": "id"}
"""What an event calls them, where that is something else."""
TARGETS = {word: target for target, words in WORDS.items() for word in words}
MOMENTS = ("occurred_at", "opened_at", "first_reply_at", "closed_at")


class TablesReader:
    """Implements :class:`bilan.sdk.Reader`."""

    @property
    def key(self) -> str:
        return "inbox-table"

    @property
    def label(self) -> Message:
        return _("Table of messages, events or conversations")

    def recognises(self, file: ImportFile) -> float:
        """By a column of times and one of contacts or conversations."""
        try:
            used = {_target(column) for column in open_table(file.path).columns}
        except BilanError:
            return 0.0
        return (
            0.6 if used & {"occurred_at", "opened_at"} and used & {"contact_phone", "conversation"} else 0.1
        )

    def propose(self, file: ImportFile, settings: Settings) -> ColumnMapping | None:
        """Each use goes to the first column whose name says it."""
        del settings
        table = open_table(file.path)
        rows, taken = table.sample(), set[str]()
        mapped = list[Mapped]()
        for column in table.columns:
            target = _target(column)
            target = "" if target in taken else target
            taken.add(target)
            sample = next((text for row in rows if (text := read_text(row.get(column)))), "")
            mapped.append(Mapped(column, target, sample[:100]))
        return ColumnMapping(LOG, tuple(mapped))

    def read(
        self, file: ImportFile, settings: Settings, mapping: ColumnMapping | None
    ) -> Iterator[RowFacts | Reject]:
        """What each row tells: an event, or a whole conversation."""
        table = open_table(file.path)
        mapping = mapping or self.propose(file, settings) or ColumnMapping(LOG, ())
        uses = [(one.column, one.target) for one in mapping.columns if one.target]
        conventions = Conventions(table, mapping, settings)

        def read(row: TableRow) -> Iterator[Fact]:
            item = _item(row, uses, mapping.constants, conventions)
            return (entry.fact() for entry in _entries(item, settings))

        return read_rows(table.numbered(), read)


def _item(
    row: TableRow, uses: list[tuple[str, str]], constants: Mapping[str, str], conventions: Conventions
) -> dict[str, Any]:
    item: dict[str, Any] = {FIELDS.get(target, target): value for target, value in constants.items()}
    for column, target in uses:
        cell, field = row.get(column), FIELDS.get(target, target)
        if target in MOMENTS:
            item[field] = conventions.instant(target, cell)
        elif target in ("tags", "contact_tags"):
            item[field] = _split(cell)
        elif cell not in (None, ""):
            item[field] = cell
    return item


def _entries(item: dict[str, Any], settings: Settings) -> Iterator[Entry]:
    opened_at: datetime | None = item.get("opened_at")
    if item.get("event") or opened_at is None:
        yield read_event({"event": _kind(item), **item}, settings)
        return
    ident = read_text(item.get("conversation")).strip() or digest(
        [read_text(item.get("contact")), opened_at.isoformat()]
    )
    whole = {**item, "event": Kind.UPDATED.value, "conversation": ident, "occurred_at": opened_at}
    stated = read_event({**whole, "id": f"{ident} opened"}, settings)
    replied_at = item.get("first_reply_at")
    kind = Kind.CLOSED if stated.closed_at else Kind.UPDATED
    yield replace(stated, kind=kind, first_reply_at=replied_at)
    if replied_at is not None:
        reply = {"event": Kind.MESSAGE.value, "direction": Direction.OUT.value, "id": f"{ident} replied"}
        named = {name: item.get(name) for name in ("contact", "agent", "closed_at")}
        yield read_event({**named, **reply, "conversation": ident, "occurred_at": replied_at}, settings)


def _kind(item: Mapping[str, Any]) -> str:
    """What a table without a column of events tells: messages."""
    return Kind.STATUS.value if item.get("status") and item.get("message_id") else Kind.MESSAGE.value


def _target(column: str) -> str:
    return TARGETS.get(_plain(column), "")


def _plain(name: str) -> str:
    """A column's name without case, accents and marks."""
    spaced = "".join(one if one.isalnum() else " " for one in unicodedata.normalize("NFKD", name.casefold())
                     if not unicodedata.combining(one))  # fmt: skip
    return " ".join(spaced.split())


def _split(cell: Any) -> list[str]:
    found = read_texts(cell)
    if isinstance(cell, str) and found == [cell.strip()]:
        mark = next((mark for mark in "|;," if mark in cell), None)
        found = [part.strip() for part in cell.split(mark)] if mark else found
    return [tag for tag in dict.fromkeys(found) if tag]
