"""Mailchimp's table of members: who is on which list, since when, and how they stand with it.

A member is called by their address where the table has it, else by the id
under which Mailchimp's tables of campaigns know them.
"""

from __future__ import annotations

from collections.abc import Iterator

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
    read_flag,
    read_instant,
)
from bilan_contacts.entries import ListEntry
from bilan_contacts.readers.connector import UTC, Tables, recognised
from bilan_contacts.textdomain import _
from bilan_contacts.values import cell, contact_name, needed, needed_instant
from bilan_contacts.vocabulary import Kind, Status

STATUSES = {
    "subscribed": Status.MEMBER,
    "unsubscribed": Status.UNSUBSCRIBED,
    "cleaned": Status.BLACKLISTED,
    "pending": Status.PENDING,
    "archived": Status.REMOVED,
    "transactional": "",
}
"""Mailchimp's words; who only got receipts was never on the list."""


class MailchimpMembersReader:
    """Implements :class:`bilan.sdk.Reader`."""

    @property
    def key(self) -> str:
        return "mailchimp-members"

    @property
    def label(self) -> Message:
        return _("Mailchimp table of members")

    def recognises(self, file: ImportFile) -> float:
        """By the file's name."""
        return recognised(file, ("member",), ("list",))

    def propose(self, file: ImportFile, settings: Settings) -> ColumnMapping | None:
        """Nothing is left open."""
        del file, settings
        return None

    def read(
        self, file: ImportFile, settings: Settings, mapping: ColumnMapping | None
    ) -> Iterator[RowFacts | Reject]:
        """A row of the log for each member."""
        del settings, mapping
        tables = Tables(file, ("member", "list"))
        lists = tables.lookup("list", "id", "name")

        def read(row: TableRow) -> Iterator[Fact]:
            yield _member(row, lists).fact()

        return tables.found.read(tables.name("member"), read)


def _member(row: TableRow, lists: dict[str, tuple[str, ...]]) -> ListEntry:
    written, key = needed(row, "status").lower(), needed(row, "list_id")
    if (status := STATUSES.get(written)) is None:
        raise Unreadable(
            _("“{value}” is no status of a member; there are {choices}.",
              value=written[:80], choices=", ".join(STATUSES))
        )  # fmt: skip
    signed_up_at, confirmed_at, changed_at = (
        read_instant(row.get(column), UTC) for column in ("timestamp_signup", "timestamp_opt", "last_changed")
    )
    changed_at = changed_at or confirmed_at or signed_up_at or needed_instant(row, "last_changed", UTC)
    if read_flag(row.get("_fivetran_deleted")):
        status, changed_at = Status.REMOVED, needed_instant(row, "_fivetran_synced", UTC)
    added_at = None if status in (Status.PENDING, "") else confirmed_at or signed_up_at
    return ListEntry(
        occurred_at=changed_at,
        kind=Kind.MEMBER,
        contact=contact_name(row.get("email_address")) or needed(row, "id"),
        audience=lists.get(key, (key,))[0] or key,
        status=status,
        signed_up_at=signed_up_at if signed_up_at != added_at else None,
        added_at=added_at,
        origin=cell(row, "source"),
        language=cell(row, "language"),
        country=cell(row, "country_code"),
        reason=cell(row, "unsubscribe_reason"),
    )
