"""HubSpot's tables: contacts, changes of their properties, members of lists, forms and merges.

A contact is called by their e-mail address where ``contact`` was handed over
with it, else by HubSpot's number.
"""

from __future__ import annotations

from collections.abc import Iterator
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
    digest,
    read_flag,
    read_instant,
)
from bilan_contacts.entries import Action, ListEntry
from bilan_contacts.readers.connector import UTC, Tables, recognised
from bilan_contacts.textdomain import _
from bilan_contacts.values import cell, contact_name, needed, needed_instant
from bilan_contacts.vocabulary import MERGED, Area, Kind, Status

FACTS = (
    "contact", "contact_property_history", "contact_list_member", "contact_form_submission",
    "contact_merge_audit",
)  # fmt: skip
LOOKUPS = ("contact_list", "form")
CREATED_AT = ("property_createdate", "property_created_at")


class HubSpotReader:
    """Implements :class:`bilan.sdk.Reader`."""

    @property
    def key(self) -> str:
        return "hubspot-contacts"

    @property
    def label(self) -> Message:
        return _("HubSpot tables of contacts")

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
        rows = _HubSpotRows(tables)
        reads = (rows.contact, rows.changed, rows.member, rows.submitted, rows.merged)
        parts = zip(FACTS, reads, strict=True)
        return chain.from_iterable(tables.found.read(tables.name(table), read) for table, read in parts)


class _HubSpotRows:
    """Reads the rows of each table with what the others say of them."""

    def __init__(self, tables: Tables) -> None:
        self._addresses = tables.lookup("contact", "id", "property_email")
        self._lists = tables.lookup("contact_list", "id", "name")
        self._forms = tables.lookup("form", "guid", "name")

    def contact(self, row: TableRow) -> Iterator[Fact]:
        number = needed(row, "id")
        created_at = next(
            (at for at in (read_instant(row.get(column), UTC) for column in CREATED_AT) if at is not None),
            None,
        ) or needed_instant(row, CREATED_AT[0], UTC)
        yield ListEntry(
            fact_id=digest([number, "created"]),
            occurred_at=created_at,
            kind=Kind.CREATED,
            contact=self._called(number),
            origin=cell(row, "property_hs_analytics_source"),
            language=cell(row, "property_hs_language"),
            country=cell(row, "property_country"),
        ).fact()
        if read_flag(row.get("_fivetran_deleted")):
            yield Action(
                fact_id=digest([number, "deleted"]),
                occurred_at=needed_instant(row, "_fivetran_synced", UTC),
                contact=self._called(number),
                action="deleted",
                area=Area.PROFILE,
            ).fact()

    def changed(self, row: TableRow) -> Iterator[Fact]:
        """A property that got another value."""
        number, name = needed(row, "contact_id"), needed(row, "name")
        occurred_at = needed_instant(row, "timestamp", UTC)
        value, source = cell(row, "value"), cell(row, "source")
        yield Action(
            fact_id=digest([number, name, occurred_at.isoformat(), value, source, cell(row, "source_id")]),
            occurred_at=occurred_at,
            contact=self._called(number),
            action="profile_updated",
            area=Area.PROFILE,
            object=name,
            origin=source,
            detail=f"{name}: {value} ({source})" if source else f"{name}: {value}",
        ).fact()

    def member(self, row: TableRow) -> Iterator[Fact]:
        """A member of a list; of one who was taken off it the table says when the copy noticed."""
        number, key = needed(row, "contact_id"), needed(row, "contact_list_id")
        added_at = needed_instant(row, "added_at", UTC)
        gone = read_flag(row.get("_fivetran_deleted"))
        yield ListEntry(
            fact_id=digest([number, key, added_at.isoformat(), gone]),
            occurred_at=needed_instant(row, "_fivetran_synced", UTC) if gone else added_at,
            kind=Kind.STATUS,
            contact=self._called(number),
            audience=self._lists.get(key, (key,))[0] or key,
            status=Status.REMOVED if gone else Status.MEMBER,
            added_at=added_at,
        ).fact()

    def submitted(self, row: TableRow) -> Iterator[Fact]:
        number, form = needed(row, "contact_id"), needed(row, "form_id")
        occurred_at = needed_instant(row, "timestamp", UTC)
        title = cell(row, "title") or self._forms.get(form, (form,))[0] or form
        yield Action(
            fact_id=digest([number, "form", form, cell(row, "conversion_id") or occurred_at.isoformat()]),
            occurred_at=occurred_at,
            contact=self._called(number),
            action="form_submitted",
            area=Area.PROFILE,
            object=title,
            detail=cell(row, "page_url"),
        ).fact()

    def merged(self, row: TableRow) -> Iterator[Fact]:
        """Two contacts that became one: an action of either, which names the other."""
        kept, other = needed(row, "canonical_vid"), needed(row, "vid_to_merge")
        occurred_at = needed_instant(row, "timestamp", UTC)
        for number, beside in ((kept, other), (other, kept)):
            yield Action(
                fact_id=digest([number, "merged", beside, occurred_at.isoformat()]),
                occurred_at=occurred_at,
                contact=self._called(number),
                action=MERGED,
                area=Area.PROFILE,
                detail=self._called(beside),
            ).fact()

    def _called(self, number: str) -> str:
        return contact_name(self._addresses.get(number, ("",))[0]) or number
