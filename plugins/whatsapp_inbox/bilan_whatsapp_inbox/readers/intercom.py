"""Intercom's conversations as a connector copies them: a table each of versions, parts, tags and contacts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bilan.sdk import (
    ColumnMapping,
    CompanionTables,
    ImportFile,
    Message,
    Reject,
    RowFacts,
    Settings,
    TableRow,
    Unreadable,
    UnreadableRow,
    in_table,
    read_instant,
    read_number,
    read_text,
    zone_setting,
)
from bilan_whatsapp_inbox.entries import Entry
from bilan_whatsapp_inbox.textdomain import _
from bilan_whatsapp_inbox.vocabulary import Direction, Kind

CONVERSATIONS = "conversation_history_data"
PARTS = "conversation_part_history_data"
TAGGINGS = "conversation_tag_history_data"
CONTACTS = "conversation_contact_history_data"
TAGS = "tag_data"
ADMINS = "admin_data"
TABLES = (CONVERSATIONS, PARTS, TAGGINGS, CONTACTS, TAGS, ADMINS)
ADMIN = "admin"
BOT = "bot"
MESSAGES = frozenset({"comment", "quick_reply", "comment_and_close"})
PARTS_AS = {
    "close": Kind.CLOSED,
    "open": Kind.OPENED,
    "assignment": Kind.ASSIGNED,
    "assign_and_reopen": Kind.ASSIGNED,
}
"""By type of part; a message where it is none of these, anything else is kept under its name."""


class IntercomReader:
    """Implements :class:`bilan.sdk.Reader`."""

    @property
    def key(self) -> str:
        return "intercom-tables"

    @property
    def label(self) -> Message:
        return _("Tables of Intercom")

    def recognises(self, file: ImportFile) -> float:
        """By the names of the tables."""
        return 1.0 if CompanionTables.of(file, TABLES[:3]).paths else 0.0

    def propose(self, file: ImportFile, settings: Settings) -> ColumnMapping | None:
        """Nothing is left open."""
        del file, settings
        return None

    def read(
        self, file: ImportFile, settings: Settings, mapping: ColumnMapping | None
    ) -> Iterator[RowFacts | Reject]:
        """The versions of conversations, their parts and their tags, as far as the tables came along."""
        del mapping
        tables = CompanionTables.of(file, TABLES)
        rows = _IntercomRows(tables, zone_setting(settings))
        yield from tables.read(CONVERSATIONS, lambda row: (one.fact() for one in rows.conversation(row)))
        yield from tables.read(PARTS, lambda row: (one.fact() for one in rows.part(row)))
        yield from rows.taggings()


@dataclass(slots=True)
class _IntercomRows:
    """Reads the rows of each table with what the others say of their ids."""

    tables: CompanionTables
    zone: ZoneInfo
    contacts: dict[str, str] = field(init=False)
    admins: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.contacts = self._lookup(CONTACTS, "conversation_id", "contact_id")
        self.admins = self._lookup(ADMINS, "id", "email")

    def conversation(self, row: TableRow) -> Iterator[Entry]:
        """A version of a conversation, and what began it."""
        ident, updated = self._ident(row, "id"), self._moment(row, "updated_at")
        created = self._instant(row, "created_at")
        rated_at, rating = (
            self._instant(row, "conversation_rating_created_at"),
            row.get("conversation_rating_value"),
        )
        ours = read_text(row.get("source_author_type")) == ADMIN
        common: dict[str, Any] = {"conversation": ident, "contact_phone": self.contacts.get(ident, "")}
        state = read_text(row.get("state"))
        yield Entry(
            fact_id=f"{ident} {updated.isoformat()}",
            occurred_at=updated,
            kind=Kind.CLOSED if state == "closed" else Kind.UPDATED,
            status=state,
            agent=self._agent(row, "assignee_id", "assignee_type"),
            opened_at=None if ours else created,
            **common,
        )
        if ours and created is not None:
            yield Entry(
                fact_id=f"{ident} began", occurred_at=created, kind=Kind.MESSAGE, direction=Direction.OUT,
                type=read_text(row.get("source_type")), message_id=f"{ident} began",
                agent=self._agent(row, "source_author_id", "source_author_type"), **common,
            )  # fmt: skip
        if (number := read_number(rating)) is not None:
            yield Entry(
                fact_id=f"{ident} rated {number:g}", occurred_at=rated_at or updated, kind=Kind.RATED,
                rating=number, **common,
            )  # fmt: skip

    def part(self, row: TableRow) -> Iterator[Entry]:
        """A part of a conversation: a message, or what was done with it."""
        ident, conversation = self._ident(row, "id"), self._ident(row, "conversation_id")
        name, author = read_text(row.get("part_type")), read_text(row.get("author_type"))
        is_message = name in MESSAGES
        agent = self._agent(row, "author_id", "author_type")
        if name.startswith("assign"):
            agent = self._agent(row, "assigned_to_id", "assigned_to_type")
        direction = (Direction.OUT if author in (ADMIN, BOT) else Direction.IN) if is_message else ""
        yield Entry(
            fact_id=ident,
            occurred_at=self._moment(row, "created_at"),
            kind=Kind.MESSAGE if is_message else PARTS_AS.get(name, Kind.OTHER),
            direction=direction,
            type=name,
            automated=is_message and author == BOT,
            contact_phone=self.contacts.get(conversation, ""),
            conversation=conversation,
            message_id=ident if is_message else "",
            agent=agent,
        )

    def taggings(self) -> Iterator[RowFacts | Reject]:
        """The tags of each version of a conversation, which stand in several rows."""
        names = self._lookup(TAGS, "id", "name")
        versions = dict[tuple[str, datetime], tuple[int, list[str], TableRow]]()
        for number, row in self.tables.rows(TAGGINGS):
            if isinstance(row, UnreadableRow):
                yield _rejected(TAGGINGS, number, row.reason, row.raw)
                continue
            try:
                key = self._ident(row, "conversation_id"), self._moment(row, "conversation_updated_at")
                tag = self._ident(row, "tag_id")
            except Unreadable as error:
                yield _rejected(TAGGINGS, number, error.message, _written(row))
                continue
            versions.setdefault(key, (number, [], row))[1].append(names.get(tag) or tag)
        for (conversation, at), (number, tags, row) in versions.items():
            entry = Entry(
                fact_id=f"{conversation} tagged {at.isoformat()}", occurred_at=at, kind=Kind.TAGGED,
                conversation=conversation, contact_phone=self.contacts.get(conversation, ""),
                tags=sorted(set(tags)),
            )  # fmt: skip
            yield RowFacts(number, (entry.fact(),), _written(row))

    def _lookup(self, name: str, key: str, value: str) -> dict[str, str]:
        return {found: texts[0].strip() for found, texts in self.tables.lookup(name, key, value).items()}

    def _agent(self, row: TableRow, ident: str, kind: str) -> str:
        found = read_text(row.get(ident)) if read_text(row.get(kind)) == ADMIN else ""
        return self.admins.get(found) or found

    def _ident(self, row: TableRow, column: str) -> str:
        if found := read_text(row.get(column)).strip():
            return found
        raise Unreadable(_("This row has nothing in the column {column}.", column=column))

    def _instant(self, row: TableRow, column: str) -> datetime | None:
        return read_instant(row.get(column), self.zone)

    def _moment(self, row: TableRow, column: str) -> datetime:
        found = self._instant(row, column)
        if found is None:
            raise Unreadable(_("This row has nothing in the column {column}.", column=column))
        return found


def _written(row: Any) -> str:
    return json.dumps(row, ensure_ascii=False, default=str)


def _rejected(table: str, number: int, reason: Message, raw: str) -> Reject:
    return Reject(number, in_table(table, reason), raw)
