"""Intercom's tables of contacts: their versions, with the last time of each thing, and their tags.

A contact is called by the e-mail address of the version in force, else by
Intercom's own id.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from bilan.sdk import (
    ColumnMapping,
    Fact,
    ImportFile,
    Message,
    Reject,
    RowFacts,
    Settings,
    TableRow,
    Unreadable,
    UnreadableRow,
    digest,
    read_flag,
    read_instant,
)
from bilan_contacts.entries import Action, ListEntry
from bilan_contacts.readers.connector import UTC, Tables, recognised
from bilan_contacts.textdomain import _
from bilan_contacts.values import cell, contact_name, needed, needed_instant
from bilan_contacts.vocabulary import Area, Kind, Status

FACTS = ("contact_history", "contact_tag_history")
LOOKUPS = ("tag",)
LAST: tuple[tuple[str, str, Area], ...] = (
    ("signed_up_at", "signed_up", Area.PROFILE),
    ("last_contacted_at", "contacted", Area.INBOX),
    ("last_replied_at", "replied", Area.INBOX),
    ("last_email_opened_at", "opened", Area.EMAIL),
    ("last_email_clicked_at", "clicked", Area.EMAIL),
)
"""Columns of moments, with what the contact did or went through then."""


class IntercomReader:
    """Implements :class:`bilan.sdk.Reader`."""

    @property
    def key(self) -> str:
        return "intercom-contacts"

    @property
    def label(self) -> Message:
        return _("Intercom tables of contacts")

    def recognises(self, file: ImportFile) -> float:
        """By the names of the file and of those beside it."""
        return recognised(file, FACTS, LOOKUPS)

    def propose(self, file: ImportFile, settings: Settings) -> ColumnMapping | None:
        """Nothing is left open."""
        del file, settings
        return None

    def read(
        self, file: ImportFile, settings: Settings, mapping: ColumnMapping | None
    ) -> Iterator[RowFacts | Reject]:
        """The facts of the file and of those handed over with it."""
        del settings, mapping
        tables = Tables(file, (*FACTS, *LOOKUPS))
        rows = _IntercomRows(tables)
        parts = zip(FACTS, (rows.version, rows.tagged), strict=True)
        return chain.from_iterable(tables.found.read(tables.name(table), read) for table, read in parts)


class _IntercomRows:
    """Reads the rows of each table with what the others say of them."""

    def __init__(self, tables: Tables) -> None:
        self._addresses = dict[str, str]()
        self._tags = tables.lookup("tag", "id", "name")
        self._since = dict[tuple[str, str], datetime]()
        """When a contact first had a tag: each version of a contact repeats its tags."""
        self._until = dict[tuple[str, str], datetime | None]()
        """Since when a contact has a tag no more; ``None`` while they have it."""
        for row in _readable(tables, FACTS[0]):
            if read_flag(row.get("_fivetran_active")) or cell(row, "id") not in self._addresses:
                self._addresses[cell(row, "id")] = contact_name(row.get("email"))
        for row in _readable(tables, FACTS[1]):
            self._look(row)

    def version(self, row: TableRow) -> Iterator[Fact]:
        """A version of a contact: since when they are there, what they did last, and how they stand."""
        ident = needed(row, "id")
        updated_at = needed_instant(row, "updated_at", UTC)
        contact, status = self._called(ident), _status(row)
        yield ListEntry(
            fact_id=digest([ident, updated_at.isoformat(), status.value]),
            occurred_at=updated_at,
            kind=Kind.STATUS,
            contact=contact,
            status=status,
            added_at=read_instant(row.get("created_at"), UTC),
            origin=cell(row, "role"),
            language=cell(row, "language_override", "browser_language"),
            country=cell(row, "location_country"),
        ).fact()
        for column, action, area in LAST:
            if (at := read_instant(row.get(column), UTC)) is not None:
                yield Action(
                    fact_id=digest([ident, action, at.isoformat()]),
                    occurred_at=at,
                    contact=contact,
                    action=action,
                    area=area,
                ).fact()

    def tagged(self, row: TableRow) -> Iterator[Fact]:
        """A tag that a contact has, or had."""
        ident, tag = needed(row, "contact_id"), needed(row, "tag_id")
        needed_instant(row, "contact_updated_at", UTC)
        times = (("tagged", self._since[ident, tag]), ("untagged", self._until[ident, tag]))
        for action, at in times:
            if at is not None:
                yield Action(
                    fact_id=digest([ident, action, tag, at.isoformat()]),
                    occurred_at=at,
                    contact=self._called(ident),
                    action=action,
                    area=Area.PROFILE,
                    object=self._tags.get(tag, (tag,))[0] or tag,
                ).fact()

    def _look(self, row: TableRow) -> None:
        key = cell(row, "contact_id"), cell(row, "tag_id")
        try:
            at = read_instant(row.get("contact_updated_at"), UTC)
            ended_at = read_instant(row.get("_fivetran_end"), UTC) or at
        except Unreadable:
            return  # told where the row itself is read
        if at is None or ended_at is None:
            return
        self._since[key] = min(at, self._since.get(key, at))
        before = self._until.get(key, ended_at)
        gone = not read_flag(row.get("_fivetran_active")) and before is not None
        self._until[key] = max(ended_at, before or ended_at) if gone else None

    def _called(self, ident: str) -> str:
        return self._addresses.get(ident) or ident


def _readable(tables: Tables, table: str) -> Iterator[TableRow]:
    for _number, row in tables.found.rows(tables.name(table)):
        if not isinstance(row, UnreadableRow):
            yield row


def _status(row: TableRow) -> Status:
    """Whether the contact can be written to: who hard bounced cannot, whatever they chose."""
    if read_flag(row.get("has_hard_bounced")):
        return Status.BLACKLISTED
    return Status.UNSUBSCRIBED if read_flag(row.get("unsubscribed_from_emails")) else Status.MEMBER
